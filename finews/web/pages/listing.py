"""Articles of a list as its page shows them: by day, each with its chips."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from finews.web.pages import places
from finews.web.pages.showing import View
from finews_crawler.items import SHANGHAI, Mention
from pipelines.normalise.text import PARAGRAPH_BREAK
from pipelines.search.snippets import Piece
from pipelines.store.queries import ArticleRow, Filter, Hit, Place, articles, known_until

LENGTH = 40
_LEAD = 180


@dataclass(frozen=True, slots=True)
class Chip:
    """A security that an article names."""

    key: str
    name: str | None
    is_doubtful: bool
    """All its mentions stand inside longer words."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list."""

    row: ArticleRow
    when: str
    title: tuple[Piece, ...]
    lead: tuple[Piece, ...]
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The articles of one day in China; None: those without a time."""

    day: date | None
    heading: str
    entries: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, and where the next one begins."""

    days: tuple[Day, ...]
    as_of: datetime
    after: str | None


def chips(mentions: Iterable[Mention]) -> tuple[Chip, ...]:
    """Each security once, in reading order."""
    found: dict[str, list[Mention]] = {}
    for one in mentions:
        found.setdefault(one.symbol or one.secid, []).append(one)
    return tuple(
        Chip(
            key=key,
            name=next((one.surface for one in named if one.surface), None),
            is_doubtful=all(one.inside_word for one in named),
        )
        for key, named in found.items()
    )


def day_of(row: ArticleRow) -> date | None:
    """The day in China; None without a time."""
    return None if row.published_at is None else row.published_at.astimezone(SHANGHAI).date()


def _when(row: ArticleRow, view: View, *, with_day: bool) -> str:
    if row.published_at is None:
        return view.say("no_time")
    moment = row.published_at.astimezone(SHANGHAI)
    if row.published_precision == "day":
        return moment.strftime("%Y-%m-%d") if with_day else view.say("whole_day")
    return moment.strftime("%Y-%m-%d %H:%M" if with_day else "%H:%M")


def _lead(row: ArticleRow) -> str:
    """The digest, else how the text begins."""
    text = row.digest or row.body_text.split(PARAGRAPH_BREAK, 1)[0]
    if text == row.title:
        return ""
    return text if len(text) <= _LEAD else f"{text[:_LEAD]}…"


def item(row: ArticleRow, view: View) -> Item:
    """A line of a list that is parted by days."""
    title = (Piece(row.title, is_hit=False),) if row.title else ()
    lead = (Piece(_lead(row), is_hit=False),) if _lead(row) else ()
    return Item(row, _when(row, view, with_day=False), title, lead, chips(row.mentions))


def hit_item(hit: Hit, view: View) -> Item:
    """A line of what a search found."""
    row = hit.article
    when = _when(row, view, with_day=True)
    return Item(row, when, hit.title, hit.snippet, chips(row.mentions))


def _heading(view: View, day: date | None) -> str:
    if day is None:
        return ""
    return view.say("day_heading", year=day.year, month=day.month, day=day.day)


def by_day(rows: Sequence[ArticleRow], view: View) -> tuple[Day, ...]:
    """Part rows, which are in the order of time, by days."""
    return tuple(
        Day(
            day=day,
            heading=_heading(view, day),
            entries=tuple(item(row, view) for row in group),
        )
        for day, group in groupby(rows, key=day_of)
    )


def listing(view: View, wanted: Filter, after: str, length: int = LENGTH) -> Listing:
    """A page of the articles that meet a filter, as of its moment, the place's, or now.

    Raises:
        QueryError: `after` is no place, or `as_of` lies ahead of the database.
    """
    cursor = places.read(after) if after else None
    moment = wanted.as_of or (cursor.as_of if cursor else known_until(view.engine))
    place = cursor.place if cursor else None
    rows = articles(view.engine, length + 1, replace(wanted, as_of=moment), after=place)
    shown, word = rows[:length], None
    if len(rows) > length:
        last = Place(shown[-1].published_at, shown[-1].revision_id)
        word = places.written(places.Cursor(moment, last))
    return Listing(by_day(shown, view), moment, word)
