"""Rows as crawls leave them: sources with their articles, runs, listings."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from scrapy.settings import Settings
from sqlalchemy import Engine, func, insert, select, update

from finews_crawler.options import check_options, option_values
from pipelines.store.engine import writing
from pipelines.store.models import Article, Category, CrawlRun, Listing, Source
from pipelines.store.runs import start_run

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SITE = "https://finews.withounder.com/"


def settings_of(**given: object) -> Settings:
    """The settings of a crawl."""
    settings = Settings({**option_values({}), **given}, priority="project")
    check_options(settings)
    return settings


def article_row(number: int, source_id: int | None, at: datetime, precision: str) -> dict[str, Any]:
    return {
        "id": number,
        "identity": f"202606{number:012}",
        "code": f"202606{number:012}",
        "title": f"第{number}条",
        "published_at": at,
        "published_precision": precision,
        "published_quality": "stated",
        "source_id": source_id,
        "body_text": "正文",
        "body_html": "<p>正文</p>",
        "body_kind": "full",
        "tags": [],
        "images": [],
        "related": [],
        "url": f"{SITE}emnews/{number}.html",
        "page_kind": "post",
        "fetched_at": at,
        "first_seen_at": at,
        "last_seen_at": at,
        "revision": 1,
        "content_hash": "0" * 64,
        "extractor": "post/1",
        "provenance": {},
    }


def publish(
    engine: Engine, source: str, times: Iterable[datetime], precision: str = "second"
) -> None:
    """Articles of a source at these times."""
    with writing(engine).begin() as connection:
        known = connection.execute(select(Source.id).where(Source.name == source)).scalar()
        if known is None:
            row = {"name": source, "slug": "a", "first_seen_at": NOW}
            (known,) = connection.execute(insert(Source).values(row)).inserted_primary_key or (0,)
        last = connection.execute(select(func.max(Article.id))).scalar() or 0
        rows = [
            article_row(number, known, at, precision) for number, at in zip(count(last + 1), times)
        ]
        connection.execute(insert(Article), rows)


def every(span: timedelta, until: datetime, days: int = 21) -> list[datetime]:
    """Moments a span apart, the last one at `until`."""
    number = int(timedelta(days=days) / span)
    return [until - span * back for back in range(number, -1, -1)]


def begin(
    engine: Engine,
    at: datetime,
    *,
    spider: str = "category",
    arguments: Mapping[str, str] | None = None,
    job: str | None = None,
) -> int:
    """A run that has begun."""
    return start_run(engine, spider, arguments or {}, at, job)


def change(engine: Engine, run_id: int, **columns: object) -> None:
    with writing(engine).begin() as connection:
        connection.execute(update(CrawlRun).where(CrawlRun.id == run_id).values(columns))


def end(
    engine: Engine,
    run_id: int,
    at: datetime,
    outcome: str = "ok",
    counts: Mapping[str, int] | None = None,
) -> int:
    """The same run at its end."""
    change(engine, run_id, finished_at=at, alive_at=at, outcome=outcome, counts=dict(counts or {}))
    return run_id


def good(
    engine: Engine, at: datetime, counts: Mapping[str, int] | None = None, **given: Any
) -> int:
    """A run that has begun and ended well."""
    return end(engine, begin(engine, at, **given), at + timedelta(minutes=1), "ok", counts)


def listing(engine: Engine, slug: str, posts: int, run_id: int) -> None:
    """A category page as a run has read it."""
    with writing(engine).begin() as connection:
        known = connection.execute(select(Category.id).where(Category.slug == slug)).scalar()
        if known is None:
            row = {"slug": slug, "first_seen_at": NOW}
            (known,) = connection.execute(insert(Category).values(row)).inserted_primary_key or (0,)
        page: dict[str, object] = {
            "category_id": known,
            "url": f"{SITE}category/{slug}.html",
            "entry_count": posts,
            "entries": [],
            "first_seen_at": NOW,
            "last_seen_at": NOW,
            "first_run_id": run_id,
            "last_run_id": run_id,
        }
        connection.execute(insert(Listing).values(page))
