"""The queue as a table: units are put in, looked at, tried again, called off, and taken back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import psycopg
from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job as Row
from procrastinate.manager import JobManager
from procrastinate.sql import queries
from psycopg.rows import DictRow, dict_row

from finews.queue import statements as say
from finews.queue.schema import Done, prepare
from finews.queue.settings import QUEUE, TASK, conninfo
from finews.queue.units import Unit
from finews_crawler.errors import StorageError
from pipelines.store.engine import shown_url

KEPT = {"succeeded": timedelta(days=7), "failed": timedelta(days=30)}
"""How long units that have ended are kept; those that were called off as long as failed ones."""
_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Added:
    """What was put into the queue."""

    ids: list[int]
    waiting: int
    """Units that waited there already."""


@dataclass(frozen=True, slots=True)
class Reaped:
    """A unit that was taken back from a worker that died."""

    id: int
    name: str
    worker: str
    """Name and machine; empty when that is not known any more."""
    is_lost: bool
    """Whether too many workers have died with it."""


class UnitStore:
    """The queue, over one connection."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self._connection = connection
        self._manager = JobManager(SyncPsycopgConnector())

    # --- putting in ------------------------------------------------------------------------------

    def add(self, units: Iterable[Unit]) -> Added:
        """Queue units, all or none; what waits there already is not queued again."""
        ids: list[int] = []
        waiting = 0
        with self._connection.transaction():
            for unit in units:
                number = self._add(unit)
                if number is None:
                    waiting += 1
                else:
                    ids.append(number)
        return Added(ids, waiting)

    def _add(self, unit: Unit) -> int | None:
        row = Row(
            queue=QUEUE,
            task_name=TASK,
            task_kwargs=unit.as_arguments(),
            lock=unit.site,
            queueing_lock=unit.key,
            priority=unit.priority,
        )
        try:
            with self._connection.transaction():
                return self._manager.defer_job(row, self._connection).id
        except AlreadyEnqueued:
            return None

    # --- looking ---------------------------------------------------------------------------------

    def rows(self, statuses: Sequence[str], limit: int) -> list[DictRow]:
        """Units in some of procrastinate's states, the newest first."""
        return self._all(say.LIST, statuses=list(statuses), limit=limit)

    def counts(self) -> dict[str, int]:
        """How many units are in each of procrastinate's states."""
        return {row["status"]: row["count"] for row in self._all(say.COUNTS)}

    def status(self, number: int) -> str | None:
        """The state of a unit; None when there is none of this number."""
        return next((row["status"] for row in self._all(say.STATUS, job_id=number)), None)

    def unfinished(self, job: str) -> int:
        """How many units of a job wait or run."""
        return int(self._all(say.UNFINISHED, job=job)[0]["count"])

    def ends(self, job: str, since: datetime) -> list[int]:
        """The last exit code of each unit of a job that was queued since; 1 where there is none."""
        found = self._all(say.ENDS, job=job, since=since)
        return [1 if row["exit_code"] is None else row["exit_code"] for row in found]

    def now(self) -> datetime:
        """The server's clock, the same for all workers."""
        return cast("datetime", self._all("SELECT clock_timestamp() AS now")[0]["now"])

    # --- changing --------------------------------------------------------------------------------

    def failed(self) -> list[int]:
        """The failed units that were not queued again since."""
        return [row["id"] for row in self._all(say.FAILED)]

    def retry(self, number: int) -> bool:
        """Have a unit that has ended without success done again; False when that cannot be."""
        return bool(self._patiently(lambda: self._all(say.RETRY, job_id=number)))

    def cancel(self, number: int) -> bool:
        """Call a unit off: it is not begun, or told to end; False when it has ended."""
        done = self._all(queries["cancel_job"], job_id=number, abort=True, delete_job=False)
        return done[0]["id"] is not None

    def reap(self, silence: timedelta, most_deaths: int) -> list[Reaped]:
        """Take back what workers have that did not say a word for so long."""
        given = {"silence": silence, "most_deaths": most_deaths}
        rows = self._patiently(lambda: self._all(say.REAP, **given))
        return [
            Reaped(row["id"], name_of(row["args"]), row["worker"], row["status"] == "failed")
            for row in rows
        ]

    def tidy(self) -> None:
        """Forget what ended long ago."""
        kept = {"succeeded": ["succeeded"], "failed": ["failed", "cancelled", "aborted"]}
        for word, statuses in kept.items():
            hours = KEPT[word] // timedelta(hours=1)
            self._run(queries["delete_old_jobs"], nb_hours=hours, queue=QUEUE, statuses=statuses)

    # --- speaking --------------------------------------------------------------------------------

    def _run(self, statement: str, **given: object) -> psycopg.Cursor[DictRow]:
        return self._connection.execute(statement, given)

    def _all(self, statement: str, **given: object) -> list[DictRow]:
        return self._run(statement, **given).fetchall()

    @staticmethod
    def _patiently(ask: Callable[[], list[DictRow]]) -> list[DictRow]:
        """Ask again when the same unit was queued at the same moment."""
        for _ in range(_AGAIN):
            try:
                return ask()
            except psycopg.errors.UniqueViolation:
                continue
        return ask()


def name_of(arguments: Mapping[str, Any]) -> str:
    """What a person calls a unit, from what the queue keeps of it."""
    whole = arguments.get("job") or arguments.get("spider") or "?"
    part = arguments.get("part")
    return f"{whole} ({part})" if part else str(whole)


@contextmanager
def opened(url: str, name: str = "finews jobs") -> Iterator[UnitStore]:
    """The queue of a database, for as long as it is needed; without any check.

    Raises:
        ConfigurationError: the database is no PostgreSQL.
        StorageError: it does not answer; the message is one line and holds no password.
    """
    known = conninfo(url, name)
    with clear_faults(url):
        connection = psycopg.connect(known, autocommit=True, row_factory=dict_row)
        with connection:
            yield UnitStore(connection)


def prepared(url: str) -> Done:
    """Make the queue in a database where it is missing, or bring it up to date.

    Raises:
        ConfigurationError: the database is no PostgreSQL, or its queue is newer than this program.
        StorageError: the database does not answer, or does not let us.
    """
    with clear_faults(url), psycopg.connect(conninfo(url, "finews jobs"), autocommit=True) as made:
        return prepare(made)


@contextmanager
def clear_faults(url: str) -> Iterator[None]:
    """Turn psycopg's errors into one line."""
    try:
        yield
    except psycopg.errors.UndefinedTable as error:
        raise StorageError(f"{shown_url(url)} has no queue: finews jobs init") from error
    except psycopg.Error as error:
        raise StorageError(f"the queue in {shown_url(url)}: {one_line(error)}") from error


def one_line(error: psycopg.Error) -> str:
    """An error of the database as an operator reads it: values of a row are left out."""
    return error.diag.message_primary or " ".join(str(error).split())
