"""A worker: a process that runs units until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from threading import Event as Flag
from threading import Lock, Thread

import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from finews.messages import text
from finews.queue.app import UnitTask, make_app
from finews.queue.lease import Lease
from finews.queue.policy import MOST_DEATHS
from finews.queue.settings import QUEUE
from finews.queue.store import Reaped, UnitStore, one_line, opened
from finews.queue.terms import Terms
from finews.queue.timekeeping import Timekeeper
from finews.queue.workshop import Workshop
from finews_crawler.errors import StorageError

# Between two looks for units, jobs and dead workers, in seconds; a new unit is told at once.
_LOOK = 5.0
# Before the worker begins anew after the database was away, in seconds.
_AGAIN = 1.0
_ROUNDS_BETWEEN_TIDYING = 720
_Say = Callable[[str], None]


class _OneLine(logging.Handler):
    """Tells of procrastinate's troubles in one line each, without tracebacks."""

    def __init__(self, say: _Say) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Leave out how units ended: that is told already."""
        if not getattr(record, "action", "").startswith("job_"):
            self._say(text("worker_fault", error=" ".join(record.getMessage().split())[:300]))


class Reach:
    """Tells once that the database is away, whoever notices it, and once that it is back."""

    def __init__(self, say: _Say) -> None:
        self._say = say
        self._guard = Lock()
        self._without: set[str] = set()

    def is_lost(self, part: str, error: str) -> None:
        """A part of the worker has no answer."""
        with self._guard:
            is_new = not self._without
            self._without.add(part)
        if is_new:
            self._say(text("worker_away", error=error))

    def is_there(self, part: str) -> None:
        """A part of the worker has an answer."""
        with self._guard:
            is_back = self._without == {part}
            self._without.discard(part)
        if is_back:
            self._say(text("worker_back"))


class Housekeeper:
    """Takes back what dead workers had, queues what is due, forgets what is old.

    In a thread of its own in every worker, so that it is done while all slots of all workers are
    taken; a periodic task of procrastinate would wait for one.
    """

    def __init__(self, terms: Terms, engine: Engine, say: _Say, reach: Reach) -> None:
        """Read the jobs file.

        Raises:
            ConfigurationError: it has a fault.
        """
        self._terms = terms
        self._say = say
        self._reach = reach
        self._timekeeper = Timekeeper(terms, engine, say)
        self._fault = ""
        self._is_over = Flag()
        self._reloads = Flag()
        self._thread = Thread(target=self._work, name="keeps house", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def reload(self) -> None:
        """Have the jobs file read again."""
        self._reloads.set()

    def close(self) -> None:
        """Stop, when the round is done."""
        self._is_over.set()
        self._thread.join()

    def _work(self) -> None:
        pause = min(_LOOK, self._terms.beat.total_seconds())
        rounds = 0
        while not self._is_over.is_set():
            if self._reloads.is_set():
                self._reloads.clear()
                self._timekeeper.reload()
            self._round(is_tidying=rounds % _ROUNDS_BETWEEN_TIDYING == 0)
            rounds += 1
            self._is_over.wait(pause)

    def _round(self, *, is_tidying: bool) -> None:
        try:
            with opened(self._terms.url, f"finews housekeeper {self._terms.name}") as store:
                self._keep(store, is_tidying=is_tidying)
        except (StorageError, DBAPIError) as error:
            told = error.orig if isinstance(error, DBAPIError) else error
            self._reach.is_lost("house", " ".join(str(told).split()))
        except Exception as error:  # noqa: BLE001 - without it no dead worker would be noticed
            named = f"{type(error).__name__}: {error}"
            if named != self._fault:
                self._fault = named
                self._say(text("worker_fault", error=named))
        else:
            self._reach.is_there("house")

    def _keep(self, store: UnitStore, *, is_tidying: bool) -> None:
        for one in store.reap(self._terms.silence, MOST_DEATHS):
            self._say(text("unit_lost" if one.is_lost else "unit_reaped", **_told(one)))
        self._timekeeper.look(store)
        if is_tidying:
            store.tidy()


def _told(one: Reaped) -> dict[str, str]:
    return {"unit": f"{one.id} {one.name}", "worker": one.worker or text("somebody")}


class WorkerProcess:
    """Everything that a worker is."""

    def __init__(self, terms: Terms, engine: Engine, say: _Say) -> None:
        """Prepare; nothing is begun.

        Raises:
            ConfigurationError: the jobs file has a fault, or the database is no PostgreSQL.
        """
        self._terms = terms
        self._say = say
        self._workshop = Workshop(terms, say)
        self._lease = Lease(terms, self._lost)
        self._task = UnitTask(self._workshop, terms, say)
        self._reach = Reach(say)
        self._housekeeper = Housekeeper(terms, engine, say, self._reach)
        self._worker: Worker | None = None
        self._stops = asyncio.Event()

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C; a second one kills what is under way."""
        _quieten(self._say)
        self._lease.start()
        self._housekeeper.start()
        try:
            asyncio.run(self._serve())
        finally:
            self._housekeeper.close()
            self._lease.close()
            self._task.close()

    # --- orders ----------------------------------------------------------------------------------

    def _stop(self) -> None:
        if not self._stops.is_set():
            self._say(text("worker_stops"))
        self._stops.set()
        self._stop_fetching()
        self._workshop.stop()

    def _lost(self) -> None:
        """Called by the lease: what this worker has is another's now."""
        self._say(text("worker_dead"))
        self._workshop.abandon()
        self._stop_fetching()

    def _stop_fetching(self) -> None:
        worker = self._worker
        if worker is not None:
            worker.stop()  # type: ignore[no-untyped-call]

    # --- work ------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._housekeeper.reload)
        told = {"worker": self._terms.shown, "count": self._terms.concurrency}
        self._say(text("worker_starts", **told))
        while not self._stops.is_set():
            self._workshop.open()
            try:
                await self._work()
            except (ConnectorException, psycopg.Error) as error:
                self._reach.is_lost("work", _cause(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stops.wait(), _AGAIN)
        self._say(text("worker_stopped"))

    async def _work(self) -> None:
        """Run units as one worker of procrastinate, as long as the database takes it for one."""
        app = make_app(self._terms, self._lease, self._task)
        async with app.open_async():
            self._reach.is_there("work")
            self._worker = Worker(
                app,
                queues=[QUEUE],
                name=self._terms.name,
                concurrency=self._terms.concurrency,
                fetch_job_polling_interval=min(_LOOK, self._terms.beat.total_seconds()),
                install_signal_handlers=False,
            )
            try:
                if not self._stops.is_set():
                    await self._worker.run()  # type: ignore[no-untyped-call]
            finally:
                self._worker = None
                self._lease.end()


def _cause(error: BaseException) -> str:
    cause = error.__cause__ or error
    return one_line(cause) if isinstance(cause, psycopg.Error) else " ".join(str(cause).split())


def _quieten(say: _Say) -> None:
    """What procrastinate logs of units is told by us, in the reader's language."""
    logger = logging.getLogger("procrastinate")
    logger.addHandler(_OneLine(say))
    logger.propagate = False
    # Each failed attempt to connect; that the database is away is told once.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
