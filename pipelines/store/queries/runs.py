"""What crawls did, and how much there is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select

from pipelines.store.models import Article, ArticleRevision, CrawlRun, Mention, Reject, Source


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows the database holds."""

    articles: int
    revisions: int
    mentions: int
    sources: int
    rejects: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A crawl as a list shows it."""

    id: int
    spider: str
    arguments: dict[str, Any]
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    reason: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class RejectRow:
    """A reject as a list shows it."""

    id: int
    run_id: int
    stage: str
    reason: str
    detail: str
    url: str
    code: str | None
    seen_at: datetime


def counts(engine: Engine) -> Counts:
    """Count the rows of the main tables."""
    tables = (Article, ArticleRevision, Mention, Source, Reject)
    with engine.connect() as connection:
        numbers = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]
    return Counts(*numbers)


def runs(engine: Engine, limit: int) -> list[RunRow]:
    """List the latest crawls, newest first."""
    query = select(CrawlRun.__table__).order_by(CrawlRun.id.desc()).limit(limit)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    names = RunRow.__dataclass_fields__
    return [RunRow(**{name: getattr(row, name) for name in names}) for row in rows]


def rejects(engine: Engine, limit: int) -> list[RejectRow]:
    """List the latest rejects, newest first."""
    query = select(Reject.__table__).order_by(Reject.id.desc()).limit(limit)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    names = RejectRow.__dataclass_fields__
    return [RejectRow(**{name: getattr(row, name) for name in names}) for row in rows]
