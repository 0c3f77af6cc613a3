"""Categories: what each lists now, how much comes in it, which have fallen silent."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from finews.web.pages.addresses import category_url, with_query
from finews.web.pages.figures import DAYS, AskedDays, of_one, overview
from finews.web.pages.listing import listing
from finews.web.pages.showing import CleanAddress, TheView
from finews.web.problems import WebError
from pipelines.store.queries import Filter, coverage, volume

router = APIRouter(route_class=CleanAddress)
ENTRIES = 100


@router.get("/categories")
def categories(view: TheView, days: AskedDays = DAYS) -> Response:
    """All categories."""
    found = overview(view, "category", volume.categories(view.engine), days)
    newest = coverage.newest_listings(view.engine)
    found["listings"] = {one.category_id: one for one in newest}
    return view.shown("categories.html", "categories", found)


@router.get("/category/{slug:path}")
def category(
    view: TheView,
    slug: str,
    days: AskedDays = DAYS,
    after: Annotated[str, Query(description="Where the page before ended.")] = "",
) -> Response:
    """A category by its slug."""
    named = volume.category(view.engine, slug)
    if named is None:
        raise WebError(404, view.say("no_category_called", name=slug))
    page = listing(view, Filter(categories=(slug,)), after)
    address, chosen = category_url(slug), days if days != DAYS else ""
    listed = coverage.newest_listing(view.engine, named.id)
    context = of_one(view, "category", named, days) | {
        "groups": page.days,
        "older": with_query(address, days=chosen, after=page.after) if page.after else None,
        "first": with_query(address, days=chosen) if after else None,
        "listed": listed,
        "entries": coverage.entries(view.engine, listed.id, ENTRIES) if listed else [],
    }
    return view.shown("category.html", "categories", context)
