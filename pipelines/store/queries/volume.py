"""How much media and categories publish, how soon it is seen here, and how long they pause.

Everything is of one span of publishing, found by the index on the time of publishing; of a span
with more articles than `MOST` the newest are taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Select,
    Subquery,
    case,
    cast,
    extract,
    func,
    select,
)

from pipelines.store.models import ArticleCategory, ArticleRevision, Category, CrawlRun, Source
from pipelines.store.queries.moments import known_until
from pipelines.store.queries.overview import Span, china_day

MOST = 50_000
"""Versions of a span that are looked at."""
_PRECISE = ("second", "minute")
_DOUBTFUL = ("future", "zone_doubtful")
"""Qualities of a time from which no delay can be told."""
_LATEST_RUNS = 50

By = Literal["source", "category"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A medium or a category."""

    id: int
    name: str
    """Name of the medium, slug of the category."""
    heading: str | None
    """What the site calls a category."""
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a medium or a category published in a span."""

    per_day: Mapping[date, int]
    """Articles by the day in China; days without one are left out."""
    last_at: datetime | None = None
    """The newest time of publishing."""
    last_seen_at: datetime | None = None
    """When the last of its articles was first seen here."""
    longest_pause: timedelta | None = None
    """Between two articles, of those whose time is known to the minute; None: fewer than two."""
    timely: int = 0
    """Articles that `median` and `p90` are of: first seen within a day, with a sure time."""
    late: int = 0
    """Articles that were first seen more than a day after publishing."""
    median: timedelta | None = None
    """From publishing to first seeing; None without a timely article."""
    p90: timedelta | None = None

    @property
    def articles(self) -> int:
        """How many it published."""
        return sum(self.per_day.values())


NOTHING = Figures(per_day={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Figures of all media or categories that published in a span, by their id."""

    by_id: Mapping[int, Figures]
    begin: datetime
    """From when on articles are counted: later than the span's begin when there are too many."""


# --- which ----------------------------------------------------------------------------------------


def sources(engine: Engine, limit: int = 1000) -> list[Named]:
    """Media, those known longest first."""
    query = select(Source.__table__).order_by(Source.id).limit(limit)
    with engine.connect() as connection:
        return [_source(row) for row in connection.execute(query)]


def source(engine: Engine, word: str) -> Named | None:
    """A medium by its name, else by its slug; of several with one slug that known longest."""
    with engine.connect() as connection:
        for column in (Source.name, Source.slug):
            query = select(Source.__table__).where(column == word).order_by(Source.id).limit(1)
            row = connection.execute(query).first()
            if row is not None:
                return _source(row)
    return None


def _source(row: Any) -> Named:
    return Named(id=row.id, name=row.name, heading=None, first_seen_at=row.first_seen_at)


def categories(engine: Engine, limit: int = 1000) -> list[Named]:
    """Categories, those known longest first."""
    query = select(Category.__table__).order_by(Category.id).limit(limit)
    with engine.connect() as connection:
        return [_category(row) for row in connection.execute(query)]


def category(engine: Engine, slug: str) -> Named | None:
    """A category by its slug."""
    query = select(Category.__table__).where(Category.slug == slug)
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else _category(row)


def _category(row: Any) -> Named:
    return Named(id=row.id, name=row.slug, heading=row.heading, first_seen_at=row.first_seen_at)


# --- when -----------------------------------------------------------------------------------------


def newest_published(engine: Engine) -> datetime | None:
    """The newest time of publishing that is none of the future."""
    at = ArticleRevision.published_at
    query = select(at).where(at <= known_until(engine)).order_by(at.desc()).limit(1)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


def last_look(engine: Engine) -> datetime:
    """Until when crawls looked: the last sign of life of the latest ones."""
    told = func.coalesce(CrawlRun.finished_at, CrawlRun.alive_at, CrawlRun.started_at)
    latest = select(told.label("at")).order_by(CrawlRun.id.desc()).limit(_LATEST_RUNS).subquery()
    with engine.connect() as connection:
        found = connection.execute(select(func.max(latest.c.at))).scalar_one()
    return max(found, known_until(engine)) if found else known_until(engine)


# --- how much -------------------------------------------------------------------------------------


def volume(engine: Engine, by: By, span: Span, only: int | None = None) -> Volume:
    """Figures of media or categories in a span.

    Args:
        engine: the database.
        by: of which of the two.
        span: of publishing; its `as_of` is not looked at.
        only: the id of one; None: all.
    """
    newest = _newest(engine, span, only if by == "source" else None)
    counted = select(func.count(), func.min(newest.c.published_at))
    query = _by_day(_judged(_keyed(newest, by, only)))
    days: dict[int, list[Any]] = {}
    with engine.connect() as connection:
        number, begin = connection.execute(counted).one()
        for row in connection.execute(query):
            days.setdefault(row.key, []).append(row)
    by_id = {key: _added_up(rows) for key, rows in days.items()}
    return Volume(by_id=by_id, begin=begin if number == MOST else span.begin)


def _added_up(rows: Sequence[Any]) -> Figures:
    """The days of one; each percentile stands in one of them."""

    def most(name: str) -> Any:
        return max(
            (value for row in rows if (value := getattr(row, name)) is not None), default=None
        )

    def span(name: str) -> timedelta | None:
        seconds = most(name)
        return None if seconds is None else timedelta(seconds=seconds)

    return Figures(
        per_day={date.fromisoformat(str(row.day)): row.articles for row in rows if row.articles},
        last_at=most("last_at"),
        last_seen_at=most("last_seen_at"),
        longest_pause=span("pause"),
        timely=sum(row.timely for row in rows),
        late=sum(row.late for row in rows),
        median=span("median"),
        p90=span("p90"),
    )


_COLUMNS = (
    "article_id",
    "number",
    "seen_at",
    "superseded_at",
    "published_at",
    "published_precision",
    "published_quality",
    "known_late",
    "source_id",
)


def _newest(engine: Engine, span: Span, source_id: int | None) -> Subquery:
    """The newest versions of the span, by the index."""
    table = ArticleRevision
    query = select(
        *(getattr(table, name) for name in _COLUMNS),
        # Here, where each is computed once: what stands above a limit is not merged with it.
        china_day(engine, table.published_at).label("day"),
        _seconds(engine, table.published_at).label("at"),
        _seconds(engine, table.seen_at).label("seen"),
    )
    query = query.where(table.published_at >= span.begin, table.published_at < span.end)
    if source_id is not None:
        query = query.where(table.source_id == source_id)
    return query.order_by(table.published_at.desc(), table.id.desc()).limit(MOST).subquery()


def _keyed(newest: Subquery, by: By, only: int | None) -> Subquery:
    """The same with the id of what they are counted for."""
    if by == "source":
        of_source = select(newest.c.source_id.label("key"), newest)
        return of_source.where(newest.c.source_id.is_not(None)).subquery()
    query = select(ArticleCategory.category_id.label("key"), newest)
    query = query.join(ArticleCategory, ArticleCategory.article_id == newest.c.article_id)
    return (query if only is None else query.where(ArticleCategory.category_id == only)).subquery()


def _seconds(engine: Engine, moment: Any) -> ColumnElement[int]:
    """Whole seconds since 1970."""
    if engine.dialect.name == "sqlite":
        return cast(func.strftime("%s", moment), BigInteger)
    return cast(func.floor(extract("epoch", moment)), BigInteger)


def _judged(rows: Subquery) -> Subquery:
    """Each version with its pause and its delay, and the place of the delay among all."""
    row, delay = rows.c, rows.c.seen - rows.c.at
    is_current, is_first = row.superseded_at.is_(None), row.number == 1
    is_precise = row.published_precision.in_(_PRECISE)
    is_told, is_sure = is_current & is_precise, row.published_quality.not_in(_DOUBTFUL)
    is_timely = is_first & row.known_late.is_(False) & is_precise & is_sure
    before = func.lag(row.at).over(partition_by=(row.key, is_told), order_by=row.at)
    alike = (row.key, is_timely)
    return select(
        row.key,
        row.day,
        case((is_current, row.published_at)).label("at"),
        case((is_first, row.seen_at)).label("seen_at"),
        case((is_first & row.known_late.is_(True), 1), else_=0).label("late"),
        case((is_told, row.at - before)).label("pause"),
        case((is_timely, delay)).label("delay"),
        func.row_number().over(partition_by=alike, order_by=delay).label("place"),
        func.count().over(partition_by=alike).label("number"),
    ).subquery()


def _by_day(judged: Subquery) -> Select[*tuple[Any, ...]]:
    """Percentiles by the nearest rank: the value below or at which so many of a hundred lie."""
    row = judged.c

    def at_rank(rank: ColumnElement[int]) -> ColumnElement[int]:
        return func.max(case((row.place == rank, row.delay)))

    query: Select[*tuple[Any, ...]] = select(
        row.key,
        row.day,
        func.count(row.at).label("articles"),
        func.max(row.at).label("last_at"),
        func.max(row.seen_at).label("last_seen_at"),
        func.sum(row.late).label("late"),
        func.max(row.pause).label("pause"),
        func.count(row.delay).label("timely"),
        at_rank((row.number + 1) // 2).label("median"),
        at_rank((9 * row.number + 9) // 10).label("p90"),
    )
    return query.group_by(row.key, row.day).order_by(row.day)
