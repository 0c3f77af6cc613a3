"""Which earlier crawls did the same work, and what became of them.

The same work: the same scheduled job, or without one the same spider with the same arguments.
Arguments whose names begin with `_` are a scheduler's own and differ each time.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from finews_crawler.outcome import count_of
from pipelines.store.memory import GOOD_ENDS
from pipelines.store.models import CrawlRun, Finding
from pipelines.store.runs import LOST_AFTER

STRATEGIES = "finews/extract/"
QUALITY = "finews/normalise/published_at/"
"""Before the quality of a time: how many articles have it. Each article has one."""
_NO_STRATEGIES = ("widget",)
MOST_LOOKS = 2_000
"""Crawls that are looked through: two weeks of one each ten minutes."""
Strategies = Mapping[str, Counter[str]]
"""By field: how many of its values each strategy found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a crawl is for."""

    spider: str
    arguments: Mapping[str, str]
    job: str | None

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for crawls that do the same work."""
        if self.job:
            return (self.job, self.spider)
        given = own_arguments(self.arguments)
        return ("", self.spider, *(f"{name}={given[name]}" for name in sorted(given)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A crawl that is about to end."""

    id: int
    work: Work
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRun:
    """A crawl whose process ended without a word."""

    id: int
    host: str | None
    pid: int | None
    started_at: datetime
    alive_at: datetime


def own_arguments(arguments: Mapping[str, str]) -> dict[str, str]:
    """The arguments that a person gave."""
    return {name: value for name, value in arguments.items() if not name.startswith("_")}


def load_run(connection: Connection, run_id: int) -> RunFacts:
    """What the database knows of a crawl."""
    columns = (CrawlRun.spider, CrawlRun.arguments, CrawlRun.job, CrawlRun.started_at)
    row = connection.execute(select(*columns).where(CrawlRun.id == run_id)).one()
    work = Work(spider=row.spider, arguments=row.arguments, job=row.job)
    return RunFacts(id=run_id, work=work, started_at=row.started_at)


def same_work(
    connection: Connection, work: Work, query: Select[Any], most: int
) -> Iterator[Row[Any]]:
    """Rows of crawls that did the same work, newest first.

    Args:
        connection: where to ask.
        work: the work.
        query: chooses from `crawl_run`; with the column `arguments`.
        most: so many crawls of the same spider are looked through at most.
    """
    # In Python: PostgreSQL has no equality for JSON.
    same = (CrawlRun.spider == work.spider, _same_job(work.job))
    for row in connection.execute(query.where(*same).order_by(CrawlRun.id.desc()).limit(most)):
        found = Work(spider=work.spider, arguments=row.arguments, job=work.job)
        if found.key == work.key:
            yield row


def _same_job(job: str | None) -> ColumnElement[bool]:
    return CrawlRun.job == job if job else or_(CrawlRun.job.is_(None), CrawlRun.job == "")


def dead_runs(connection: Connection, run: RunFacts, now: datetime) -> list[DeadRun]:
    """Earlier crawls of the same work that have no end, and that no crawl has told of.

    A crawl is known to be dead when it has been silent for `LOST_AFTER`; the first of the same work
    to end after that moment tells of it.
    """
    columns = (
        CrawlRun.id,
        CrawlRun.arguments,
        CrawlRun.host,
        CrawlRun.pid,
        CrawlRun.started_at,
        CrawlRun.alive_at,
        CrawlRun.finished_at,
    )
    query = select(*columns).where(CrawlRun.id < run.id)
    names = DeadRun.__dataclass_fields__
    dead: list[DeadRun] = []
    told_at = datetime.min.replace(tzinfo=UTC)
    for row in same_work(connection, run.work, query, most=200):
        if row.finished_at is not None:
            told_at = max(told_at, row.finished_at)
        elif row.alive_at is not None and told_at < row.alive_at + LOST_AFTER < now:
            dead.append(DeadRun(**{name: getattr(row, name) for name in names}))
    return dead


def strategies_of(stats: Mapping[str, object]) -> dict[str, Counter[str]]:
    """How often each strategy found a field, from a crawl's statistics."""
    found: dict[str, Counter[str]] = {}
    for key in stats:
        field, _, strategy = key.removeprefix(STRATEGIES).partition("/")
        if key.startswith(STRATEGIES) and strategy and field not in _NO_STRATEGIES:
            found.setdefault(field, Counter())[strategy] += count_of(stats, key)
    return found


def articles_of(stats: Mapping[str, object]) -> int:
    """How many articles a crawl has read."""
    return sum(count_of(stats, key) for key in stats if key.startswith(QUALITY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What good crawls of the same work did."""

    runs: int
    articles: int
    strategies: Strategies


def good_runs(connection: Connection, run: RunFacts, since: datetime, most: int) -> Before:
    """Add up the last good crawls of the same work.

    Args:
        connection: where to ask.
        run: the crawl that ends now.
        since: crawls that began before do not count.
        most: so many at most.
    """
    query = select(CrawlRun.arguments, CrawlRun.counts).where(
        CrawlRun.id < run.id, CrawlRun.outcome == "ok", CrawlRun.started_at >= since
    )
    total: dict[str, Counter[str]] = {}
    runs = articles = 0
    for row in same_work(connection, run.work, query, most=10 * most):
        for field, counts in strategies_of(row.counts).items():
            total.setdefault(field, Counter()).update(counts)
        runs, articles = runs + 1, articles + articles_of(row.counts)
        if runs == most:
            break
    return Before(runs=runs, articles=articles, strategies=total)


def sound_runs(connection: Connection, run: RunFacts, since: datetime) -> set[int]:
    """Earlier crawls of the same work that did not fail and found no list out of its usual."""
    odd = select(Finding.id).where(Finding.run_id == CrawlRun.id, Finding.kind == "out_of_range")
    query = select(CrawlRun.id, CrawlRun.arguments).where(
        CrawlRun.id < run.id,
        CrawlRun.outcome.in_(GOOD_ENDS),
        CrawlRun.started_at >= since,
        ~odd.exists(),
    )
    return {row.id for row in same_work(connection, run.work, query, most=MOST_LOOKS)}


def good_ends(connection: Connection, spiders: Collection[str], since: datetime) -> list[datetime]:
    """When the crawls of these spiders ended that began since then and did not fail, in order."""
    query = (
        select(CrawlRun.started_at, CrawlRun.finished_at)
        .where(CrawlRun.spider.in_(spiders), CrawlRun.outcome.in_(GOOD_ENDS))
        .order_by(CrawlRun.id.desc())
        .execution_options(yield_per=500)
    )
    # No index knows when crawls began, but their numbers grow with it.
    with connection.execute(query) as rows:
        recent = takewhile(lambda row: row.started_at >= since, rows)
        return sorted(row.finished_at for row in recent)
