"""The record of a crawl: begun before its first request, told that it lives, and finished."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, select, update

from finews_crawler.outcome import Verdict
from pipelines.store.engine import writing
from pipelines.store.models import CrawlRun

_COUNTED = ("finews/", "downloader/", "retry/", "offsite/")
_MEASURED = ("finews/latency/", "finews/peak_memory_bytes")
"""Not counts; they have columns of their own."""
BEAT = timedelta(seconds=30)
"""How often a run says that it lives."""
LOST_AFTER = timedelta(minutes=5)
"""A run that was silent for so long and has no end is dead: its process was killed."""


def start_run(
    engine: Engine,
    spider: str,
    arguments: Mapping[str, str],
    now: datetime,
    job: str | None = None,
) -> int:
    """Note that a crawl of this process has begun; gives the run's id."""
    row = {
        "spider": spider,
        "arguments": dict(arguments),
        "job": job,
        "host": socket.gethostname()[:255],
        "pid": os.getpid(),
        "started_at": now,
        "alive_at": now,
        "counts": {},
    }
    with writing(engine).begin() as connection:
        result = connection.execute(insert(CrawlRun).values(row))
        (number,) = result.inserted_primary_key or (0,)
        return int(number)


def has_run(engine: Engine, run_id: int) -> bool:
    """Whether the database knows a crawl."""
    with engine.connect() as connection:
        query = select(CrawlRun.id).where(CrawlRun.id == run_id)
        return connection.execute(query).scalar_one_or_none() is not None


def counted(stats: Mapping[str, object]) -> dict[str, int]:
    """Those of a crawl's statistics that tell what it did."""
    return {
        key: value
        for key, value in sorted(stats.items())
        if key.startswith(_COUNTED) and not key.startswith(_MEASURED) and isinstance(value, int)
    }


def tell_alive(engine: Engine, run_id: int, stats: Mapping[str, object], now: datetime) -> None:
    """Note that a crawl lives, and what it has done so far; one that has ended stays as it is."""
    statement = update(CrawlRun).where(CrawlRun.id == run_id, CrawlRun.finished_at.is_(None))
    with writing(engine).begin() as connection:
        connection.execute(statement.values(alive_at=now, counts=counted(stats)))


def finish_run(
    engine: Engine, run_id: int, verdict: Verdict, stats: Mapping[str, object], now: datetime
) -> None:
    """Note how a crawl ended."""
    values = {
        "alive_at": now,
        "finished_at": now,
        "reason": verdict.reason,
        "outcome": verdict.outcome,
        "message": verdict.message,
        "counts": counted(stats),
        "received_bytes": stats.get("downloader/response_bytes", 0),
        "peak_memory_bytes": stats.get("finews/peak_memory_bytes"),
        "latency_p50_ms": stats.get("finews/latency/p50_ms"),
        "latency_p95_ms": stats.get("finews/latency/p95_ms"),
    }
    with writing(engine).begin() as connection:
        connection.execute(update(CrawlRun).where(CrawlRun.id == run_id).values(values))
