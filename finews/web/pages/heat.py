"""Coverage as a table: what came in, by category and hour, and where nobody looked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil, sqrt
from typing import Literal

from finews_crawler.items import SHANGHAI
from pipelines.store.queries.coverage import Stood
from pipelines.store.queries.volume import Named
from pipelines.store.queries.watching import FoundRow

DEEPEST = 5

State = Literal["looked", "unseen", "gap", "uncounted"]
"""Whether it was looked at; `gap`: articles may have been missed; `uncounted`: there are too many.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The hours of a table, parted in steps of some hours."""

    begin: datetime
    steps: int
    hours: int
    """Of a step."""

    @property
    def times(self) -> list[datetime]:
        """When each step begins."""
        step = timedelta(hours=self.hours)
        return [self.begin + place * step for place in range(self.steps)]

    def end_of(self, time: datetime) -> datetime:
        """When a step ends."""
        return time + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the hours."""

    by_hour: Mapping[int, Mapping[datetime, int]]
    counted_from: datetime
    stood: Mapping[int, Sequence[Stood]]
    gaps: Sequence[FoundRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A category in one step."""

    articles: int
    state: State
    depth: int
    """Of its colour, 0 to `DEEPEST`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A category."""

    named: Named
    cells: tuple[Cell, ...]

    @property
    def articles(self) -> int:
        """In all steps together."""
        return sum(one.articles for one in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The table."""

    times: tuple[datetime, ...]
    """In China."""
    days: tuple[tuple[date, int], ...]
    """Each day with how many columns it has."""
    rows: tuple[Row, ...]
    hours: int


def last_hours(now: datetime, steps: int, hours: int) -> Span:
    """So many steps up to a moment; each begins at a full hour in China that its length divides."""
    here = now.astimezone(SHANGHAI)
    last = here.replace(hour=here.hour // hours * hours, minute=0, second=0, microsecond=0)
    return Span(begin=last - timedelta(hours=hours * (steps - 1)), steps=steps, hours=hours)


def heat(span: Span, names: Sequence[Named], facts: Facts) -> Heat:
    """Make the table of the categories that listed something or got an article."""
    shown = [one for one in names if facts.by_hour.get(one.id) or facts.stood.get(one.id)]
    counts = {one.id: list(_counts(span, facts.by_hour.get(one.id, {}))) for one in shown}
    top = max((number for each in counts.values() for number in each), default=0)
    times = tuple(span.times)
    days = groupby(times, key=lambda one: one.date())
    return Heat(
        times=times,
        days=tuple((day, len(list(each))) for day, each in days),
        rows=tuple(
            Row(named=one, cells=tuple(_cells(span, one, counts[one.id], top, facts)))
            for one in shown
        ),
        hours=span.hours,
    )


def _counts(span: Span, by_hour: Mapping[datetime, int]) -> Iterator[int]:
    for time in span.times:
        hours = (time + timedelta(hours=place) for place in range(span.hours))
        yield sum(by_hour.get(hour, 0) for hour in hours)


def _cells(
    span: Span, named: Named, counts: Sequence[int], top: int, facts: Facts
) -> Iterator[Cell]:
    stood = facts.stood.get(named.id, ())
    gaps = [
        (one.since_at, one.until_at)
        for one in facts.gaps
        if one.subject == named.name and one.since_at and one.until_at
    ]
    for time, number in zip(span.times, counts, strict=True):
        end = span.end_of(time)
        if time < facts.counted_from:
            state: State = "uncounted"
        elif any(begin < end and time < over for begin, over in gaps):
            state = "gap"
        elif any(begin < end and time <= over for begin, over in stood):
            state = "looked"
        else:
            state = "unseen"
        yield Cell(articles=number, state=state, depth=depth(number, top))


def depth(number: int, top: int) -> int:
    """How deep the colour of a number is: by its root, so that a flood does not pale the rest."""
    return ceil(DEEPEST * sqrt(number / top)) if number else 0
