"""One worker against two: the same two sites, from one queue, into one PostgreSQL database.

Of one site only one unit runs at a time whatever the number of workers, so there are two sites: the
same server under two addresses of this machine.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from sqlalchemy import Engine, func, select

from benchmarks.databases import postgres_databases
from benchmarks.pages import CATEGORIES, make_site, served
from finews.queue.statements import OPEN_UNITS
from pipelines.store.engine import open_engine
from pipelines.store.models import Article, CrawlRun

HOSTS = ("127.0.0.1", "127.0.0.2")
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Spread:
    """What some workers did."""

    articles: int
    seconds: float
    """From the begin of the first unit's crawl to the end of the last one's."""

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds


def _finews(url: str, *words: str) -> list[str]:
    return [sys.executable, "-c", "from finews.cli import main; main()", *words, "--database", url]


@contextmanager
def _worker(url: str, number: int, folder: Path) -> Iterator[None]:
    log = folder / f"worker-{number}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            _finews(url, "worker", "--name", f"bench-{number}"),
            stdout=out,
            stderr=out,
            env={**os.environ, "FINEWS_PROGRESS": "0"},
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def _open_units(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(OPEN_UNITS).scalar_one())


def _measured(engine: Engine) -> Spread:
    with engine.connect() as connection:
        articles = connection.execute(select(func.count()).select_from(Article)).scalar_one()
        span = select(func.min(CrawlRun.started_at), func.max(CrawlRun.finished_at))
        first, last = connection.execute(span).one()
    if last is None:
        raise RuntimeError("no crawl has ended")
    return Spread(articles, (last - first).total_seconds())


def spread(sites: Sequence[str], workers: int, url: str, folder: Path) -> Spread:
    """Queue a crawl of each site, let workers do them, and measure.

    Raises:
        CalledProcessError: a unit could not be queued.
    """
    for site in sites:
        given = ("-a", f"site={site}", "-a", f"categories={','.join(CATEGORIES)}")
        command = _finews(url, "jobs", "add", "--spider", "category", *given)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    engine = open_engine(url)
    try:
        with ExitStack() as stack:
            for number in range(workers):
                stack.enter_context(_worker(url, number, folder))
            while _open_units(engine):
                sleep(_LOOK_SECONDS)
        return _measured(engine)
    finally:
        engine.dispose()


def one_and_two(posts: int, folder: Path) -> tuple[Spread, Spread]:
    """The same work by one worker and by two.

    Raises:
        RuntimeError: an article is missing.
    """
    make_site(folder / "one", posts)
    make_site(folder / "two", posts, first=posts)
    with (
        postgres_databases() as databases,
        served(folder / "one", HOSTS[0]) as one,
        served(folder / "two", HOSTS[1]) as two,
    ):
        found = []
        for workers in (1, 2):
            with databases.fresh() as url:
                found.append(spread((one, two), workers, url, folder))
            if found[-1].articles != 2 * posts:
                raise RuntimeError(f"{found[-1].articles} of {2 * posts} articles")
    return found[0], found[1]
