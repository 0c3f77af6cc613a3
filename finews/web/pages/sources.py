"""Media: how much each publishes, how soon it is seen here, which have fallen silent."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from finews.web.pages.addresses import source_url, with_query
from finews.web.pages.figures import DAYS, AskedDays, chart, of_one, overview
from finews.web.pages.listing import listing
from finews.web.pages.showing import CleanAddress, TheView
from finews.web.problems import WebError
from pipelines.store.queries import Filter, volume

router = APIRouter(route_class=CleanAddress)


@router.get("/sources")
def sources(view: TheView, days: AskedDays = DAYS) -> Response:
    """All media."""
    found = overview(view, "source", volume.sources(view.engine), days)
    found["chart"] = chart(found.pop("per_day"), found["days"])
    return view.shown("sources.html", "sources", found)


@router.get("/source/{name:path}")
def source(
    view: TheView,
    name: str,
    days: AskedDays = DAYS,
    after: Annotated[str, Query(description="Where the page before ended.")] = "",
) -> Response:
    """A medium by its name or its slug."""
    named = volume.source(view.engine, name)
    if named is None:
        raise WebError(404, view.say("no_source_called", name=name))
    page = listing(view, Filter(sources=(named.name,)), after)
    address, chosen = source_url(named.name), days if days != DAYS else ""
    context = of_one(view, "source", named, days) | {
        "groups": page.days,
        "older": with_query(address, days=chosen, after=page.after) if page.after else None,
        "first": with_query(address, days=chosen) if after else None,
    }
    return view.shown("source.html", "sources", context)
