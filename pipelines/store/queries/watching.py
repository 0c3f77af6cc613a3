"""What an operator looks at: findings and rejects of late, and the pages that were rejected."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection, Engine, case, func, select

from pipelines.store.models import CrawlRun, Finding, Reject, RejectPage

MOST_RUNS = 2_000
"""Crawls that are looked through for those of a span."""
MOST_REJECTS = 20_000
"""The newest rejects, of which reasons are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """What a crawl found wrong."""

    run_id: int
    kind: str
    subject: str
    detail: str
    since_at: datetime | None
    until_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """How many of the newest rejects have a reason."""

    stage: str
    reason: str
    rejects: int
    open: int
    """Those whose article has not come."""
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """The begin of an answer that was rejected, as text."""

    status: int
    headers: tuple[tuple[str, str], ...]
    text: str
    size: int
    """Bytes of the whole answer."""
    is_cut: bool


def findings_since(engine: Engine, since: datetime, limit: int) -> list[FoundRow]:
    """What crawls found wrong that began since a moment, newest first."""
    columns = [getattr(Finding, name) for name in FoundRow.__dataclass_fields__]
    with engine.connect() as connection:
        first = _first_run(connection, since)
        if first is None:
            return []
        query = select(*columns).where(Finding.run_id >= first).order_by(Finding.id.desc())
        rows = connection.execute(query.limit(limit)).all()
    return [FoundRow(**row._asdict()) for row in rows]


def _first_run(connection: Connection, since: datetime) -> int | None:
    # No index knows when crawls began, but their numbers grow with it.
    query = select(CrawlRun.id, CrawlRun.started_at).order_by(CrawlRun.id.desc()).limit(MOST_RUNS)
    recent = takewhile(lambda row: row.started_at >= since, connection.execute(query))
    return min((row.id for row in recent), default=None)


def reject_reasons(engine: Engine) -> list[ReasonRow]:
    """Reasons of the newest rejects (`MOST_REJECTS` of them), those with most open ones first."""
    newest = select(func.coalesce(func.max(Reject.id), 0)).scalar_subquery()
    is_open = func.sum(case((Reject.settled_at.is_(None), 1), else_=0))
    query = (
        select(
            Reject.stage,
            Reject.reason,
            func.count().label("rejects"),
            is_open.label("open"),
            func.max(Reject.seen_at).label("last_at"),
        )
        .where(Reject.id > newest - MOST_REJECTS)
        .group_by(Reject.stage, Reject.reason)
        .order_by(is_open.desc(), func.count().desc(), Reject.stage, Reject.reason)
    )
    with engine.connect() as connection:
        return [ReasonRow(**row._asdict()) for row in connection.execute(query)]


def kept_text(engine: Engine, reject_id: int, most: int) -> KeptText | None:
    """The answer that a reject is about, `most` bytes of it; None: none is kept."""
    query = (
        select(RejectPage.__table__)
        .join(Reject, Reject.key == RejectPage.reject_key)
        .where(Reject.id == reject_id)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    # Never more than is shown: a small answer can be a very long one, compressed.
    body = zlib.decompressobj().decompress(row.body, most)
    return KeptText(
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers),
        text=body.decode("utf-8", "replace"),
        size=row.body_bytes,
        is_cut=row.body_bytes > len(body),
    )
