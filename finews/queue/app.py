"""The application of procrastinate: one task, which runs a unit."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job

from finews.messages import text
from finews.queue.lease import Lease
from finews.queue.manager import FencedManager
from finews.queue.policy import Verdict
from finews.queue.settings import QUEUE, TASK, conninfo
from finews.queue.terms import Terms
from finews.queue.units import read_unit
from finews.queue.workshop import Try, Workshop
from finews_crawler.errors import ConfigurationError, FinewsError

_CONNECTIONS = 4


class TryEndedError(FinewsError):
    """A try of a unit has ended without success; procrastinate is told so by an exception."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.fate)
        self.verdict = verdict


class AsJudged(BaseRetryStrategy):
    """Has a unit tried again when its verdict says so."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """What was raised tells; when and how is the manager's."""
        del job
        is_again = isinstance(exception, TryEndedError) and exception.verdict.fate != "failed"
        return RetryDecision() if is_again else None


class UnitTask:
    """Runs units in threads, for a loop that waits for them."""

    def __init__(self, workshop: Workshop, terms: Terms, say: Callable[[str], None]) -> None:
        self._workshop = workshop
        self._threads = ThreadPoolExecutor(terms.concurrency, "runs a unit")
        self._say = say
        self._verdicts: dict[int, Verdict] = {}

    def verdict_of(self, number: int) -> Verdict | None:
        """What was judged of a try; asked for once."""
        return self._verdicts.pop(number, None)

    def close(self) -> None:
        """End the threads, which have nothing to do any more."""
        self._threads.shutdown()

    async def run(self, context: JobContext, /, **given: Any) -> None:
        """Run a unit as the queue keeps it.

        Raises:
            TryEndedError: it did not succeed.
            JobAborted: it was called off.
        """
        number = context.job.id or 0
        try:
            current = Try(number, read_unit(given), context.job.attempts)
        except ConfigurationError as error:
            self._say(text("unit_unreadable", unit=number, error=error))
            raise TryEndedError(Verdict("failed", None)) from error
        under_way = asyncio.get_running_loop().run_in_executor(
            self._threads, self._workshop.run, current
        )
        try:
            verdict = await asyncio.shield(under_way)
        except asyncio.CancelledError:
            current.inbox.put("stop")
            verdict = await under_way
            self._verdicts[number] = verdict
            if verdict.fate != "done":
                raise JobAborted from None
        self._verdicts[number] = verdict
        if verdict.fate != "done":
            raise TryEndedError(verdict)


def make_app(terms: Terms, lease: Lease, task: UnitTask) -> App:
    """The application of a worker; not open yet.

    Raises:
        ConfigurationError: the database is no PostgreSQL.
    """
    connector = PsycopgConnector(
        conninfo=conninfo(terms.url, f"finews worker {terms.name}"),
        min_size=1,
        max_size=_CONNECTIONS,
    )
    app = App(connector=connector)
    app.job_manager = FencedManager(connector, terms, lease, task.verdict_of)
    app.task(name=TASK, queue=QUEUE, pass_context=True, retry=AsJudged())(task.run)
    return app
