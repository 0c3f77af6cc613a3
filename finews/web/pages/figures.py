"""What the pages of media and of categories share: a span of days, and a judgement of silences."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Engine

from finews.web.pages.durations import duration
from finews.web.pages.security import Chart
from finews.web.pages.showing import View
from finews_crawler.errors import QueryError
from finews_crawler.items import SHANGHAI
from finews_crawler.reference import load_table
from pipelines.store.queries import known_until
from pipelines.store.queries.overview import Span
from pipelines.store.queries.volume import (
    NOTHING,
    By,
    Figures,
    Named,
    Volume,
    last_look,
    newest_published,
    volume,
)

SPANS = (7, 30, 90)
_KEPT_SECONDS = 60.0
DAYS = 30
AskedDays = Annotated[int, Query(description="Length of the span.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days in China that figures are of; they end with the newest article of all."""

    number: int
    end: date
    """The last day."""
    looked_at: datetime
    """Until when crawls looked: silences are measured up to it."""

    @property
    def begin(self) -> date:
        """The first day."""
        return self.end - timedelta(days=self.number - 1)

    @property
    def span(self) -> Span:
        """From the first midnight to the last."""
        return Span(_midnight(self.begin), _midnight(self.end + timedelta(days=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A medium or a category with its figures."""

    named: Named
    figures: Figures
    silence: timedelta | None
    """Since its newest article; None: it has none in the span."""
    is_silent: bool
    """It publishes regularly, and has paused for longer than it ever does."""
    bars: tuple[int, ...]
    """Articles of each day."""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def days_asked(engine: Engine, number: int) -> Days:
    """The days that a page is about.

    Raises:
        QueryError: it is none of the lengths that are offered.
    """
    if number not in SPANS:
        raise QueryError(f"days: {number} is none of {', '.join(map(str, SPANS))}")
    newest = newest_published(engine) or known_until(engine)
    last = newest.astimezone(SHANGHAI).date()
    return Days(number=number, end=last, looked_at=last_look(engine))


def is_silent(found: Figures, silence: timedelta) -> bool:
    """Whether who publishes regularly has paused for longer than it ever does.

    By the thresholds of the monitor `silent_source`, as they ship.
    """
    known = load_table("monitors")["silent_source"]
    if found.articles < known["least_articles"] or len(found.per_day) < known["least_days"]:
        return False
    usual = (found.longest_pause or timedelta()) * float(known["factor"])
    return silence > max(usual, timedelta(hours=float(known["least_hours"])))


def line(named: Named, found: Figures, days: Days) -> Line:
    """A medium or a category as its row shows it."""
    silence = None if found.last_at is None else days.looked_at - found.last_at
    each = (days.begin + timedelta(days=place) for place in range(days.number))
    return Line(
        named=named,
        figures=found,
        silence=silence,
        is_silent=silence is not None and is_silent(found, silence),
        bars=tuple(found.per_day.get(day, 0) for day in each),
    )


def lines(names: Sequence[Named], found: Volume, days: Days) -> list[Line]:
    """Those that published in the span, the most first."""
    known = {one.id: one for one in names}
    told = [
        line(known[key], one, days)
        for key, one in found.by_id.items()
        if key in known and one.articles
    ]
    return sorted(told, key=lambda one: (-one.figures.articles, one.named.name))


def chart(per_day: Mapping[date, int], days: Days) -> Chart | None:
    """The chart of articles a day; None where there are none."""
    if not per_day:
        return None
    return Chart(days=days.number, begin=days.begin, end=days.end, per_day=dict(per_day))


def total(found: Volume) -> dict[date, int]:
    """Articles a day of all together, in the order of days."""
    each = [one.per_day for one in found.by_id.values()]
    every_day = sorted({day for per_day in each for day in per_day})
    return {day: sum(one.get(day, 0) for one in each) for day in every_day}


def shared(view: View, found: Volume, days: Days) -> dict[str, Any]:
    """What the templates need whatever they show."""
    return {
        "days": days,
        "spans": SPANS,
        "usual_days": DAYS,
        "counted_from": found.begin if found.begin > days.span.begin else None,
        "duration": partial(duration, view),
    }


def overview(view: View, by: By, names: Sequence[Named], number: int) -> dict[str, Any]:
    """All media or categories of a span of so many days."""
    days, found = _all(view, by, number)
    told = lines(names, found, days)
    published = {one.named.id for one in told}
    return {
        **shared(view, found, days),
        "lines": told,
        "others": [one for one in names if one.id not in published],
        "per_day": total(found),
    }


def _all(view: View, by: By, number: int) -> tuple[Days, Volume]:
    """The figures of all; may lag by a minute: they cost more than what they tell changes."""
    state, now = view.request.app.state, time.monotonic()
    kept: dict[tuple[By, int], tuple[float, Days, Volume]] = getattr(state, "figures", {})
    at, days, found = kept.get((by, number), (None, None, None))
    if at is None or days is None or found is None or now - at > _KEPT_SECONDS:
        days = days_asked(view.engine, number)
        found = volume(view.engine, by, days.span)
        state.figures = {**kept, (by, number): (now, days, found)}
    return days, found


def of_one(view: View, by: By, named: Named, number: int) -> dict[str, Any]:
    """One medium or category in a span of so many days."""
    days = days_asked(view.engine, number)
    found = volume(view.engine, by, days.span, named.id)
    figures = found.by_id.get(named.id, NOTHING)
    told = line(named, figures, days)
    return {
        **shared(view, found, days),
        "named": named,
        "line": told,
        "chart": chart(figures.per_day, days),
        "facts": list(_facts(view, told)),
    }


def _facts(view: View, told: Line) -> Iterator[tuple[str, str]]:
    """Figures under the names of their texts."""
    figures = told.figures
    yield "articles", f"{figures.articles:,}"
    if figures.median is not None and figures.p90 is not None:
        yield "delay_median", duration(view, figures.median)
        yield "delay_p90", duration(view, figures.p90)
        yield "timely", f"{figures.timely:,}"
    yield "backfilled", f"{figures.late:,}"
    if told.silence is not None:
        yield "silence", duration(view, told.silence)
    if figures.longest_pause is not None:
        yield "longest_pause", duration(view, figures.longest_pause)
