"""What the database tells a monitor: one read-only question per fact, the same on both engines.

Each is bounded, by a window of time that an index serves or by the crawls of one work, so that a
million articles make none of them slow.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, cast, extract, func, select

from pipelines.store.models import Article, Category, Listing, Source

_SECONDS_OF_DAY = 86_400.0
_PRECISE = ("second", "minute")
MOST_LISTINGS = 1_000
"""Listings of a category that are looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a source published."""

    source: str
    articles: int
    days: int
    """On how many days of UTC."""
    longest_pause: timedelta
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """Which sources publish often enough to be missed."""

    since: datetime
    until: datetime
    least_articles: int
    least_days: int


def _seconds_between(
    connection: Connection, later: ColumnElement[Any], earlier: ColumnElement[Any]
) -> ColumnElement[float]:
    if connection.dialect.name == "sqlite":
        return (func.julianday(later) - func.julianday(earlier)) * _SECONDS_OF_DAY
    return cast(extract("epoch", later - earlier), Float)


def rhythms(connection: Connection, wanted: Regular) -> list[Rhythm]:
    """How the regular sources published between two moments.

    A time that is known by its day only says nothing of a pause and does not count.
    """
    at = Article.published_at
    before = func.lag(at, type_=at.type).over(partition_by=Article.source_id, order_by=at)
    times = (
        select(Article.source_id, at.label("at"), before.label("before"))
        .where(
            at.between(wanted.since, wanted.until),
            Article.published_precision.in_(_PRECISE),
            Article.source_id.is_not(None),
        )
        .subquery()
    )
    days = func.count(func.date(times.c.at).distinct())
    query = (
        select(
            Source.name,
            func.count().label("articles"),
            days.label("days"),
            func.max(_seconds_between(connection, times.c.at, times.c.before)).label("pause"),
            func.max(times.c.at).label("last_at"),
        )
        .join(Source, Source.id == times.c.source_id)
        .group_by(Source.id, Source.name)
        .having(func.count() >= wanted.least_articles, days >= wanted.least_days)
        .order_by(Source.name)
    )
    return [
        Rhythm(
            source=row.name,
            articles=row.articles,
            days=row.days,
            longest_pause=timedelta(seconds=row.pause or 0.0),
            last_at=row.last_at,
        )
        for row in connection.execute(query)
    ]


def listed_posts(connection: Connection, run_id: int) -> dict[str, int]:
    """How many posts each category listed that a crawl has read."""
    newest = (
        select(func.max(Listing.id))
        .where(Listing.category_id == Category.id)
        .scalar_subquery()
        .correlate(Category)
    )
    query = (
        select(Category.slug, Listing.entry_count)
        .join(Listing, Listing.id == newest)
        .where(Listing.last_run_id == run_id)
    )
    return {row.slug: row.entry_count for row in connection.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How many posts a category listed before."""

    looks: int
    """So often it listed something else than at the look before."""
    least: int
    most: int


def usual_posts(
    connection: Connection, slugs: Iterable[str], since: datetime, runs: Collection[int]
) -> dict[str, Usual]:
    """How many posts categories listed in some crawls, by slug.

    Args:
        connection: where to ask.
        slugs: the categories.
        since: what was first listed before does not count.
        runs: the crawls that count.
    """
    found: dict[str, Usual] = {}
    for slug in slugs:
        query = (
            select(Listing.entry_count, Listing.first_run_id)
            .join(Category, Category.id == Listing.category_id)
            .where(Category.slug == slug, Listing.first_seen_at >= since)
            .order_by(Listing.id.desc())
            .limit(MOST_LISTINGS)
        )
        posts = [row.entry_count for row in connection.execute(query) if row.first_run_id in runs]
        if posts:
            found[slug] = Usual(looks=len(posts), least=min(posts), most=max(posts))
    return found
