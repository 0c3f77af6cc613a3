"""What a filter means, in plain Python over the rows of the tables; and random small databases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Engine, Row, select

from finews_crawler.items import Article
from finews_crawler.items import Mention as MentionItem
from pipelines.store import models
from pipelines.store.queries import Filter
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import CHART, LINK, START

Make = Callable[..., Article]

BEIJING = replace(CHART, secid="0.830799", symbol="830799.BJ", mic="BJSE")
UNSURE = replace(CHART, secid="777.ABC", symbol=None, mic=None, asset_class="unknown")
BROKER = replace(CHART, secid="1.600030", symbol="600030.SH")
WORD = "利润"
PROFIT = (
    "江苏银行周二晚间公布半年度业绩快报，上半年净利润为133.8亿元，较去年同期增长31.2%，"
    "不良贷款率为0.98%。"
)
TEXTS = ("江苏银行公布业绩。", PROFIT, "江苏银行电，" + PROFIT)


# --- random databases -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page that is read: which article, in which state, how much later than the one before."""

    number: int
    title: str
    text: str
    mentions: tuple[MentionItem, ...]
    published_hours_ago: int | None
    source: str | None
    categories: tuple[str, ...]
    body_kind: str
    forward: timedelta


def pages() -> st.SearchStrategy[list[list[Page]]]:
    """Batches of pages: new, revised, published long ago, without a time, reprints."""
    page = st.builds(
        Page,
        number=st.integers(1, 5),
        title=st.sampled_from(["甲", "乙"]),
        text=st.sampled_from(TEXTS),
        mentions=st.lists(st.sampled_from([LINK, CHART, BEIJING, UNSURE, BROKER]), max_size=3).map(
            tuple
        ),
        published_hours_ago=st.sampled_from([0, 1, 30, 24 * 400, None]),
        source=st.sampled_from(["财联社", "证券日报", None]),
        categories=st.sampled_from([("emnews",), ("Wind",), ("emnews", "Wind"), ()]),
        body_kind=st.sampled_from(["full", "full", "digest"]),
        forward=st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=7)]),
    )
    return st.lists(st.lists(page, min_size=1, max_size=4), min_size=1, max_size=5)


def article_of(page: Page, make: Make, now: datetime) -> Article:
    ago = page.published_hours_ago
    published = None if ago is None else now - timedelta(hours=ago)
    return make(
        page.number,
        title=page.title,
        body_text=page.text,
        body_html=f"<p>{page.text}</p>",
        mentions=page.mentions,
        published_at=published,
        published_precision=published and "second",
        published_quality="stated" if published else "missing",
        source=page.source,
        source_raw=page.source,
        categories=page.categories,
        body_kind=page.body_kind,
        fetched_at=now,
    )


def write(history: list[list[Page]], writer: Writer, make: Make, clock: Any) -> None:
    for batch in history:
        clock.now += batch[0].forward
        writer.write([article_of(page, make, clock.now) for page in batch])


# --- random filters -------------------------------------------------------------------------------

NAMES: dict[str, tuple[str, ...]] = {
    "symbols": ("600919.SH", "830799.BJ", "920799.BJ", "777.ABC", "600030.SH", "000001.SZ"),
    "sources": ("财联社", "证券日报", "新华社"),
    "categories": ("emnews", "Wind", "wind"),
    "kinds": ("full", "digest"),
}
SPANS = ("published", "seen")
Near = tuple[int, int]
"""The how many-th of the moments at which something happened, and microseconds beside it."""


@dataclass(frozen=True)
class Wish:
    """A filter whose moments are still to be chosen among those of a database."""

    names: dict[str, tuple[str, ...]]
    spans: dict[str, tuple[Near | None, Near | None]]
    as_of: Near | None
    with_late: bool

    def among(self, model: "Model") -> Filter:
        moments = {"published": model.published(), "seen": model.seen()}
        chosen: dict[str, Any] = dict(self.names)
        for name, ends in self.spans.items():
            found = [one and _near(moments[name], one) for one in ends]
            if None not in found:
                found.sort()
            chosen[f"{name}_from"], chosen[f"{name}_to"] = found
        as_of = self.as_of and _near(moments["seen"], self.as_of)
        return Filter(**chosen, as_of=as_of, with_late=self.with_late)


def _near(moments: list[datetime], near: Near) -> datetime:
    return moments[near[0] % len(moments)] + timedelta(microseconds=near[1])


def wishes() -> st.SearchStrategy[Wish]:
    """Any filter that asks for at most two things and perhaps a moment: more gives nothing."""
    near = st.tuples(st.integers(0, 20), st.sampled_from([0, 0, 0, 1, -1]))
    names = st.dictionaries(st.sampled_from(list(NAMES)), st.none(), max_size=2).flatmap(
        lambda asked: st.fixed_dictionaries({name: _some(NAMES[name]) for name in asked})
    )
    ends = st.tuples(st.one_of(st.none(), near), st.one_of(st.none(), near))
    return st.builds(
        Wish,
        names=names,
        spans=st.dictionaries(st.sampled_from(SPANS), ends, max_size=1),
        as_of=st.one_of(st.none(), near),
        with_late=st.sampled_from([True, True, False]),
    )


def _some(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).map(tuple)


# --- the model ------------------------------------------------------------------------------------


class Model:
    """The tables, read whole, and what a filter asks of their rows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.sources = {row.id: row.name for row in self._rows(models.Source)}
        self.articles = {row.id: row for row in self._rows(models.Article)}
        self.revisions = sorted(self._rows(models.ArticleRevision), key=lambda row: row.id)
        self.mentions = sorted(
            self._rows(models.Mention), key=lambda row: (row.revision_id, row.position)
        )
        self.changes = sorted(self._rows(models.Change), key=lambda row: row.seq)
        self.members = self._rows(models.StoryMember)
        self._slugs = {row.id: row.slug for row in self._rows(models.Category)}
        self._listed = self._rows(models.ArticleCategory)
        self._names = {row.id: {row.key} for row in self._rows(models.Security)}
        for row in self._rows(models.SecurityAlias):
            self._names[row.security_id].add(row.symbol)

    def _rows(self, table: type[models.Base]) -> list[Row[Any]]:
        with self._engine.connect() as connection:
            return list(connection.execute(select(table.__table__)).all())

    def published(self) -> list[datetime]:
        """The times that articles claim, and one before them all."""
        claimed = {row.published_at for row in self.revisions if row.published_at is not None}
        return [START - timedelta(days=9999), *sorted(claimed)]

    def seen(self) -> list[datetime]:
        """The moments at which something became known, and one before them all."""
        moments = {row.committed_at for row in self.changes}
        return [START - timedelta(days=9999), *sorted(moments)]

    def names(self, mention: Row[Any], wanted: Filter) -> bool:
        """Whether a mention is of a security that is asked for."""
        known = self._names[mention.security_id]
        return not wanted.symbols or not known.isdisjoint(wanted.symbols)

    def _categories(self, article_id: int, as_of: datetime | None) -> set[str]:
        return {
            self._slugs[row.category_id]
            for row in self._listed
            if row.article_id == article_id and (as_of is None or row.first_seen_at <= as_of)
        }

    def meets(self, row: Row[Any], wanted: Filter) -> bool:
        """Whether a version is asked for, whenever it could be read."""
        named = [one for one in self.mentions if one.revision_id == row.id]
        first_seen = self.articles[row.article_id].first_seen_at
        categories = self._categories(row.article_id, wanted.as_of)
        return (
            (not wanted.symbols or any(self.names(one, wanted) for one in named))
            and (not wanted.sources or self.sources.get(row.source_id) in wanted.sources)
            and (not wanted.categories or not categories.isdisjoint(wanted.categories))
            and (not wanted.kinds or row.body_kind in wanted.kinds)
            and _within(row.published_at, wanted.published_from, wanted.published_to)
            and _within(first_seen, wanted.seen_from, wanted.seen_to)
            and (wanted.with_late or row.known_late is not True)
        )

    def readable(self, wanted: Filter) -> list[Row[Any]]:
        """The versions that are asked for and could be read, as they became known."""
        return [
            row
            for row in self.revisions
            if _spans_over(row.seen_at, row.superseded_at, wanted.as_of) and self.meets(row, wanted)
        ]

    def newest_first(self, wanted: Filter) -> list[int]:
        rows = [(row.published_at, row.id) for row in self.readable(wanted)]
        dated = sorted((row for row in rows if row[0] is not None), reverse=True)
        undated = sorted((row for row in rows if row[0] is None), reverse=True)
        return [number for _, number in [*dated, *undated]]

    def ever_known(self, wanted: Filter) -> list[int]:
        """Every version, as of a moment."""
        known = (row for row in self.revisions if row.seen_at <= wanted.as_of)
        return [row.id for row in known if self.meets(row, wanted)]

    def mentioned(self, wanted: Filter) -> list[tuple[int, int]]:
        read = {row.id for row in self.readable(wanted)}
        return [
            (row.revision_id, row.position)
            for row in self.mentions
            if row.revision_id in read and self.names(row, wanted)
        ]

    def feed(self, wanted: Filter) -> list[int]:
        left = {(row.article_id, row.number): row for row in self.revisions}
        return [
            row.seq
            for row in self.changes
            if (wanted.as_of is None or row.committed_at <= wanted.as_of)
            and self.meets(left[row.article_id, row.revision], wanted)
        ]

    def stories(self, wanted: Filter) -> dict[int, list[int]]:
        """The members of each story that has one that is asked for, the first seen first."""
        found: dict[int, list[int]] = {}
        for row in self.members:
            if _spans_over(row.seen_at, row.left_at, wanted.as_of):
                found.setdefault(row.story_id, []).append(row.article_id)
        asked = {row.article_id for row in self.readable(wanted)}
        return {
            story: sorted(ids, key=lambda one: (self.articles[one].first_seen_at, one))
            for story, ids in sorted(found.items())
            if not asked.isdisjoint(ids)
        }


def _within(moment: datetime | None, begin: datetime | None, end: datetime | None) -> bool:
    if moment is None:
        return begin is None and end is None
    return (begin is None or begin <= moment) and (end is None or moment < end)


def _spans_over(begin: datetime, end: datetime | None, moment: datetime | None) -> bool:
    if moment is None:
        return end is None
    return begin <= moment and (end is None or moment < end)
