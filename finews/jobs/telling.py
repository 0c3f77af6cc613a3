"""What is told of runs by those who started them: what a crawl cannot tell of itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from scrapy.settings import Settings
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from finews.jobs.definition import Job
from finews.jobs.runner import RunEnd
from finews_crawler.commands.crawl import EXIT_NOT_STARTED, tell
from finews_crawler.errors import ConfigurationError, FinewsError, one_line
from finews_crawler.options import check_options
from finews_crawler.outcome import NOT_STARTED, EndedRun, Verdict
from pipelines.metrics import MetricsServer, recorded_run, serve_metrics
from pipelines.notify import after_run

KILLED = 128
"""From this exit code on a signal ended the crawl, which could then tell nobody itself."""


def teller(
    engine: Engine, settings: Settings, server: MetricsServer | None, say: Callable[[str], None]
) -> Callable[[RunEnd], None]:
    """A hook for the end of each run; it raises nothing that a database or a receiver causes."""

    def told(end: RunEnd) -> None:
        if end.run_id is None:
            return
        try:
            ended = recorded_run(engine, end.run_id, end.exit_code)
        except SQLAlchemyError as error:
            line = one_line(error)
            say(f"{end.job.name}: {line}")
            return
        if ended is not None and server is not None:
            server.record(ended)
        if ended is not None and end.exit_code >= KILLED:
            after_run(ended, settings)

    return told


@contextmanager
def told_if_not_started(job: Job, settings: Settings) -> Iterator[None]:
    """Tell whoever the settings name that a run could not be started, as its crawl would have."""
    began = datetime.now(UTC)
    try:
        yield
    except FinewsError as error:
        with suppress(ConfigurationError):  # may be the very reason; the default stands then
            check_options(settings)
        run = EndedRun(
            spider=job.spider,
            arguments=job.arguments,
            job=job.name,
            verdict=Verdict(False, str(error), NOT_STARTED),
            exit_code=EXIT_NOT_STARTED,
            started_at=began,
            finished_at=datetime.now(UTC),
        )
        tell(run, settings)
        raise


@contextmanager
def metrics_at(port: int | None, address: str) -> Iterator[MetricsServer | None]:
    """Serve metrics for as long as the scheduler runs; without a port not at all.

    Raises:
        ConfigurationError: nothing can listen there.
    """
    if port is None:
        yield None
        return
    server = serve_metrics(port, address)
    try:
        yield server
    finally:
        server.close()
