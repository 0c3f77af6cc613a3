"""What came in hour by hour, and when each category was looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from finews_crawler.items import SHANGHAI
from pipelines.store.models import (
    Article,
    ArticleCategory,
    ArticleRevision,
    Category,
    Change,
    Clock,
    Listing,
)

MOST_CHANGES = 100_000
"""Changes that are looked at; of a span with more, the newest."""
MOST_LISTINGS = 1_200
"""Listings of a category that are looked at: more than a week of one each ten minutes."""
_MOST_CATEGORIES = 500

Stood = tuple[datetime, datetime]
"""When a listing was first and last seen as it was: so long nothing came, or it was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How many articles were first seen in each hour, by category."""

    by_hour: dict[int, dict[datetime, int]]
    """By the category's id; hours begin in China time, those without an article are left out."""
    begin: datetime
    """From when on they are counted: later than was asked when there are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRow:
    """What a category lists."""

    id: int
    category_id: int
    url: str
    entry_count: int
    first_seen_at: datetime
    """When it was first seen so."""
    last_seen_at: datetime
    """When it was last looked at."""
    last_run_id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a listing, and the title if the article is stored."""

    identity: str
    title: str | None
    published_at: datetime | None


def china_hour(engine: Engine, moment: Any) -> ColumnElement[str]:
    """The hour in China of an instant: `2022-06-14 09`."""
    if engine.dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H", moment, "+8 hours")
    return func.to_char(func.timezone("Asia/Shanghai", moment), "YYYY-MM-DD HH24")


def hour_of(text: str) -> datetime:
    """The instant at which an hour in China begins."""
    return datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=SHANGHAI)


def arrived(engine: Engine, since: datetime) -> Arrived:
    """How many articles became known since a moment, by category and hour.

    An article counts in each of the categories that it is in.
    """
    hour = china_hour(engine, Change.committed_at)
    with engine.connect() as connection:
        first, begin = _first_change(connection, since)
        query = (
            select(ArticleCategory.category_id, hour.label("hour"), func.count().label("number"))
            .join(ArticleCategory, ArticleCategory.article_id == Change.article_id)
            .where(Change.seq >= first, Change.kind == "new")
            .group_by(ArticleCategory.category_id, hour)
        )
        found: dict[int, dict[datetime, int]] = {}
        for row in connection.execute(query):
            found.setdefault(row.category_id, {})[hour_of(row.hour)] = row.number
    return Arrived(by_hour=found, begin=begin)


def _first_change(connection: Connection, since: datetime) -> tuple[int, datetime]:
    """The number from which on changes are looked at, and its time."""
    newest = connection.execute(select(Clock.seq)).scalar_one()
    # A revision has the number of the change that made it.
    by_time = select(ArticleRevision.id).where(ArticleRevision.seen_at >= since)
    by_time = by_time.order_by(ArticleRevision.seen_at, ArticleRevision.id).limit(1)
    first = connection.execute(by_time).scalar_one_or_none()
    if first is None:
        return newest + 1, since
    if newest - first < MOST_CHANGES:
        return first, since
    cut = select(Change.seq, Change.committed_at).where(Change.seq > newest - MOST_CHANGES)
    row = connection.execute(cut.order_by(Change.seq).limit(1)).one()
    return row.seq, row.committed_at


# --- listings -------------------------------------------------------------------------------------


def newest_listings(engine: Engine) -> list[ListingRow]:
    """What each category lists, those known longest first."""
    newest = select(func.max(Listing.id)).where(Listing.category_id == Category.id)
    columns = [getattr(Listing, name) for name in ListingRow.__dataclass_fields__]
    query = select(*columns).join(Category, Category.id == Listing.category_id)
    query = query.where(Listing.id == newest.correlate(Category).scalar_subquery())
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(Category.id).limit(_MOST_CATEGORIES)).all()
    return [ListingRow(**row._asdict()) for row in rows]


def newest_listing(engine: Engine, category_id: int) -> ListingRow | None:
    """What a category lists; None: it was never looked at."""
    columns = [getattr(Listing, name) for name in ListingRow.__dataclass_fields__]
    query = select(*columns).where(Listing.category_id == category_id)
    with engine.connect() as connection:
        row = connection.execute(query.order_by(Listing.id.desc()).limit(1)).first()
    return None if row is None else ListingRow(**row._asdict())


def entries(engine: Engine, listing_id: int, limit: int) -> list[Entry]:
    """The first lines of a listing, newest first."""
    with engine.connect() as connection:
        query = select(Listing.entries).where(Listing.id == listing_id)
        found: list[str] = connection.execute(query).scalar_one()[:limit]
        columns = (Article.code, Article.title, Article.published_at)
        rows = connection.execute(select(*columns).where(Article.code.in_(found))).all()
    known = {row.code: Entry(row.code or "", row.title, row.published_at) for row in rows}
    return [known.get(one, Entry(one, None, None)) for one in found]


def stood(
    engine: Engine, category_ids: Sequence[int], since: datetime
) -> dict[int, tuple[Stood, ...]]:
    """From when to when the listings of categories stood as they were, newest first.

    Between two of them nobody looked.
    """
    with engine.connect() as connection:
        return {one: tuple(_stood(connection, one, since)) for one in category_ids}


def _stood(connection: Connection, category_id: int, since: datetime) -> Iterator[Stood]:
    columns = (Listing.first_seen_at, Listing.last_seen_at)
    query = select(*columns).where(Listing.category_id == category_id)
    rows = connection.execute(query.order_by(Listing.id.desc()).limit(MOST_LISTINGS))
    for row in takewhile(lambda one: one.last_seen_at >= since, rows):
        yield row.first_seen_at, row.last_seen_at
