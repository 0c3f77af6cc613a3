"""One security: its articles, how often it is named, and what is named beside it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Engine

from finews.asking import symbol_of
from finews.web.pages.addresses import exact, security_url, with_query
from finews.web.pages.article import AsOf, moment_asked
from finews.web.pages.listing import listing
from finews.web.pages.showing import CleanAddress, TheView
from finews.web.problems import WebError
from finews_crawler.errors import QueryError
from finews_crawler.items import SHANGHAI
from pipelines.store.queries import Filter, known_until, overview
from pipelines.store.queries.securities import security as security_called

router = APIRouter(route_class=CleanAddress)
SPANS = (30, 90, 365)
_SPAN = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """How many articles named it on each day of a span in China."""

    days: int
    begin: date
    end: date
    """The last day."""
    per_day: dict[date, int]

    @property
    def total(self) -> int:
        """In the whole span."""
        return sum(self.per_day.values())

    @property
    def top(self) -> int:
        """On the day with most."""
        return max(self.per_day.values())

    @property
    def top_day(self) -> date:
        """The first day with most."""
        return min(day for day, number in self.per_day.items() if number == self.top)


@router.get("/security/{symbol}")
def security(
    view: TheView,
    symbol: str,
    as_of: AsOf = "",
    after: Annotated[str, Query(description="Where the page before ended.")] = "",
    days: Annotated[int, Query(description="Length of the chart.")] = _SPAN,
) -> Response:
    """A security by any symbol that it has had, or by its secid."""
    when, name = moment_asked(as_of), symbol_of(symbol)
    if days not in SPANS:
        raise QueryError(f"days: {days} is none of {', '.join(map(str, SPANS))}")
    facts = security_called(view.engine, name)
    if facts is None:
        raise WebError(404, view.say("no_security", symbol=name))
    page = listing(view, Filter(symbols=(name,), as_of=when), after)
    address = security_url(facts.key)
    words = {"as_of": exact(when), "days": days if days != _SPAN else ""}
    context = {
        "facts": facts,
        "groups": page.days,
        "older": with_query(address, **words, after=page.after) if page.after else None,
        "first": with_query(address, **words) if after else None,
        "as_of": when,
        "as_of_word": exact(when),
        "spans": SPANS,
        "latest": overview.LATEST_NAMING,
    }
    return view.shown("security.html", "", context | _figures(view.engine, name, when, days))


def _figures(engine: Engine, symbol: str, as_of: datetime | None, days: int) -> dict[str, Any]:
    """The chart and what is named beside it, of the days that end with the newest mention."""
    ids = overview.security_ids(engine, symbol)
    newest = overview.newest_mention(engine, ids, as_of or known_until(engine), as_of)
    if newest is None:
        return {"chart": None, "beside": []}
    last = newest.astimezone(SHANGHAI).date()
    first = last - timedelta(days=days - 1)
    span = overview.Span(_midnight(first), _midnight(last + timedelta(days=1)), as_of)
    per_day = overview.mentions_per_day(engine, ids, span)
    chart = Chart(days=days, begin=first, end=last, per_day=per_day)
    return {"chart": chart, "beside": overview.named_beside(engine, ids, span)}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
