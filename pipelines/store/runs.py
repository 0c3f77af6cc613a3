"""The record of a crawl: begun before its first request, finished with counts and a verdict."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from finews_crawler.outcome import Verdict
from pipelines.store.engine import writing
from pipelines.store.models import CrawlRun

_COUNTED = ("finews/", "downloader/response", "downloader/request_count", "retry/")


def start_run(engine: Engine, spider: str, arguments: Mapping[str, str], now: datetime) -> int:
    """Note that a crawl has begun; gives the run's id."""
    row = {"spider": spider, "arguments": dict(arguments), "started_at": now, "counts": {}}
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
        if key.startswith(_COUNTED) and isinstance(value, int)
    }


def finish_run(
    engine: Engine, run_id: int, verdict: Verdict, stats: Mapping[str, object], now: datetime
) -> None:
    """Note how a crawl ended."""
    values = {
        "finished_at": now,
        "reason": verdict.reason,
        "outcome": "ok" if verdict.ok else "failed",
        "message": verdict.message,
        "counts": counted(stats),
    }
    with writing(engine).begin() as connection:
        connection.execute(update(CrawlRun).where(CrawlRun.id == run_id).values(values))
