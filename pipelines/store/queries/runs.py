"""What crawls did, and how much there is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from pipelines.store.findings import Finding, load_findings
from pipelines.store.models import Article, ArticleRevision, CrawlRun, Mention, Reject, Source
from pipelines.store.runs import LOST_AFTER


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
    """A crawl, as table `crawl_run` has it."""

    id: int
    spider: str
    arguments: dict[str, Any]
    job: str | None
    host: str | None
    pid: int | None
    started_at: datetime
    alive_at: datetime | None
    finished_at: datetime | None
    outcome: str | None
    reason: str | None
    message: str | None
    counts: dict[str, int]
    received_bytes: int | None
    peak_memory_bytes: int | None
    latency_p50_ms: int | None
    latency_p95_ms: int | None

    def state(self, now: datetime) -> str:
        """`ok`, `degraded`, `failed`; `running`; or `lost`: its process died without a word."""
        if self.outcome is not None:
            return self.outcome
        is_alive = self.alive_at is not None and now - self.alive_at < LOST_AFTER
        return "running" if is_alive else "lost"


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
    retried_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectFilter:
    """Which rejects are wanted; None: any."""

    ids: tuple[int, ...] | None = None
    stage: str | None = None
    reason: str | None = None
    code: str | None = None
    """The 18 digits of the article."""
    since: datetime | None = None
    run_id: int | None = None
    before: int | None = None
    """Only those with a lower number."""
    open_only: bool = False
    """Leave out those whose article came later."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        equal = {
            Reject.stage: self.stage,
            Reject.reason: self.reason,
            Reject.code: self.code,
            Reject.run_id: self.run_id,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.ids is not None:
            found.append(Reject.id.in_(self.ids))
        if self.since is not None:
            found.append(Reject.seen_at >= self.since)
        if self.before is not None:
            found.append(Reject.id < self.before)
        if self.open_only:
            found.append(Reject.settled_at.is_(None))
        return found


def counts(engine: Engine) -> Counts:
    """Count the rows of the main tables."""
    tables = (Article, ArticleRevision, Mention, Source, Reject)
    with engine.connect() as connection:
        numbers = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]
    return Counts(*numbers)


def _run_rows(engine: Engine, limit: int, *conditions: ColumnElement[bool]) -> list[RunRow]:
    query = select(CrawlRun.__table__).where(*conditions).order_by(CrawlRun.id.desc())
    with engine.connect() as connection:
        rows = connection.execute(query.limit(limit)).all()
    names = RunRow.__dataclass_fields__
    return [RunRow(**{name: getattr(row, name) for name in names}) for row in rows]


def runs(engine: Engine, limit: int, before: int | None = None) -> list[RunRow]:
    """List the latest crawls, newest first; of those before a number when one is given."""
    older = () if before is None else (CrawlRun.id < before,)
    return _run_rows(engine, limit, *older)


def run(engine: Engine, run_id: int) -> RunRow | None:
    """One crawl by its number."""
    return next(iter(_run_rows(engine, 1, CrawlRun.id == run_id)), None)


def findings(engine: Engine, run_id: int) -> list[Finding]:
    """What a crawl found wrong."""
    with engine.connect() as connection:
        return load_findings(connection, run_id)


def rejects(engine: Engine, limit: int, wanted: RejectFilter | None = None) -> list[RejectRow]:
    """List rejects, newest first."""
    conditions = (wanted or RejectFilter()).conditions()
    query = select(Reject.__table__).where(*conditions).order_by(Reject.id.desc()).limit(limit)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    names = RejectRow.__dataclass_fields__
    return [RejectRow(**{name: getattr(row, name) for name in names}) for row in rows]
