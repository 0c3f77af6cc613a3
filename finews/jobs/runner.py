"""One run of a job: its lock, its crawl under watch, and what is noted of it."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty
from socket import gethostname
from threading import Event as Flag
from threading import Thread
from typing import IO, Literal, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from finews.crawling import crawl_command, crawl_environment
from finews.jobs.definition import Job
from finews.jobs.notebook import Notebook
from finews.jobs.process import Cause, Child, Inbox, Limits, supervise
from finews.messages import text
from finews.show import moment
from finews_crawler.commands.crawl import EXIT_NOT_STARTED
from finews_crawler.errors import StorageError
from pipelines.store.faults import fault_of
from pipelines.store.job_lock import JobLock, job_lock
from pipelines.store.job_states import JobStateRow, job_states, note_job, run_of_job

Answer = TypeVar("Answer")
Outcome = Literal["ran", "running", "ran_already", "stopped", "not_started"]
"""It ran, however it ended; another run was going on; another scheduler had done it; it was told
to stop while it waited; it could not be started."""
_TOLD: Mapping[Cause | Literal["killed"], str] = {
    "stop": "job_told_to_end",
    "lost": "job_lock_lost",
    "timeout": "job_timed_out",
    "killed": "job_killed",
}
# How often a waiting run asks again, in seconds.
_AGAIN = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """What came of a run; given to whoever wants to know of each."""

    job: Job
    outcome: Outcome
    exit_code: int
    """Of the crawl; 0 where nothing had to be done."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    run_id: int | None = None
    """The row in `crawl_run`; None when the crawl made none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What all runs share."""

    url: str
    engine: Engine
    notebook: Notebook
    say: Callable[[str], None]
    patience: float
    """Seconds for which a run waits for a database that is out of reach."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    heartbeat: float = 5.0
    """Seconds between two looks at the lock."""
    only_failures: bool = False
    """Whether a good crawl's output is dropped."""
    is_one_of_many: bool = False
    """Whether runs share their output: then each start is told, and no crawl draws a bar."""

    def run(self, job: Job, inbox: Inbox, due_at: datetime | None = None) -> RunEnd:
        """Run a job, unless that is not to be.

        Args:
            job: the job.
            inbox: where this run can be told to stop.
            due_at: the earliest start that counts as this run; None: none does.

        Raises:
            StorageError: the lock cannot be asked for.
        """
        lock = job_lock(self.url, job.name)
        try:
            refused = self._refusal(job, lock, inbox, due_at)
            return refused or self._run(job, lock, inbox)
        finally:
            lock.release()

    # --- before ----------------------------------------------------------------------------------

    def _refusal(
        self, job: Job, lock: JobLock, inbox: Inbox, due_at: datetime | None
    ) -> RunEnd | None:
        """Take the lock; an end when there will be no run."""
        is_told = False

        def waits(error: StorageError) -> None:
            self.say(text("job_waits_for_database", job=job.name, error=error))

        while not (taken := patiently(lock.take, inbox, self.patience, waits)):
            if taken is None:
                return _stopped(job)
            is_skipped = job.overlap == "skip"
            if is_skipped or not is_told:
                self._tell_of_other(job, is_skipped=is_skipped)
                is_told = True
            if is_skipped:
                return RunEnd(job=job, outcome="running", exit_code=0)
            if told_to_stop(inbox, _AGAIN):
                return _stopped(job)
        state = self._state(job)
        if due_at is None or state is None or not state.has_started_since(due_at):
            return None
        self.say(text("job_ran_already", job=job.name, **_since(state)))
        return RunEnd(job=job, outcome="ran_already", exit_code=0)

    def _tell_of_other(self, job: Job, *, is_skipped: bool) -> None:
        """Tell since when another run has the lock; it notes that a moment after it has it."""
        state = self._state(job)
        if state is None or not state.is_open:
            key = "job_just_begun" if is_skipped else "job_waits_for_new_run"
            self.say(text(key, job=job.name))
        else:
            key = "job_still_running" if is_skipped else "job_waits_for_run"
            self.say(text(key, job=job.name, **_since(state)))

    def _state(self, job: Job) -> JobStateRow | None:
        try:
            return job_states(self.engine).get(job.name)
        except SQLAlchemyError:
            return None

    # --- the run ---------------------------------------------------------------------------------

    def _run(self, job: Job, lock: JobLock, inbox: Inbox) -> RunEnd:
        began = self.now()
        if self.is_one_of_many:
            self.say(text("job_started", job=job.name))
        self.notebook.note(job, last_started_at=began, host=gethostname()[:255])
        with self._output() as output, watched(lock, inbox, self.heartbeat):
            code = self._crawl(job, inbox, output)
            if output is not None and code != 0:
                output.seek(0)
                shutil.copyfileobj(output, sys.stderr.buffer)
        ended, run_id = self.now(), self._run_id(job, began)
        self.notebook.note(job, last_finished_at=ended, last_exit_code=code, last_run_id=run_id)
        return RunEnd(
            job=job,
            outcome="ran",
            exit_code=code,
            started_at=began,
            finished_at=ended,
            run_id=run_id,
        )

    def _crawl(self, job: Job, inbox: Inbox, output: IO[bytes] | None) -> int:
        command = crawl_command(job.spider, job.arguments, job.settings)
        own = {"FINEWS_DATABASE_URL": self.url, "FINEWS_JOB": job.name}
        if self.is_one_of_many:
            own["FINEWS_PROGRESS"] = "0"
        environment = crawl_environment(**own)
        child = Child(command, environment, inbox, output)

        def told(cause: Cause | Literal["killed"]) -> None:
            self.say(text(_TOLD[cause], job=job.name, timeout=job.timeout))

        return supervise(child, Limits(job.timeout, job.grace), inbox, told).exit_code

    def _output(self) -> AbstractContextManager[IO[bytes] | None]:
        return tempfile.TemporaryFile() if self.only_failures else nullcontext()

    def _run_id(self, job: Job, began: datetime) -> int | None:
        with suppress(SQLAlchemyError):
            return run_of_job(self.engine, job.name, began)
        return None


def _stopped(job: Job) -> RunEnd:
    return RunEnd(job=job, outcome="stopped", exit_code=EXIT_NOT_STARTED)


def _since(state: JobStateRow) -> dict[str, str]:
    """When a job began last, and where."""
    return {"since": moment(state.last_started_at), "host": state.host or text("unknown_time")}


def patiently(
    ask: Callable[[], Answer],
    inbox: Inbox,
    seconds: float,
    waits: Callable[[StorageError], None],
) -> Answer | None:
    """Ask until the database answers; None when the inbox said stop meanwhile.

    Args:
        ask: the question.
        inbox: where stopping is told.
        seconds: how long to go on.
        waits: called once, with the first error.

    Raises:
        StorageError: it did not answer in time, or waiting cannot help.
    """
    ends_at = time.monotonic() + seconds
    is_told = False
    while True:
        try:
            return ask()
        except StorageError as error:
            if not will_pass(error) or time.monotonic() >= ends_at:
                raise
            if not is_told:
                waits(error)
                is_told = True
        if told_to_stop(inbox, _AGAIN):
            return None


def told_to_stop(inbox: Inbox, seconds: float) -> bool:
    """Wait so long, or until the inbox says that this run must end."""
    with suppress(Empty):
        inbox.get(timeout=seconds)
        return True
    return False


def will_pass(error: StorageError) -> bool:
    """Whether it may help to wait."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and fault_of(cause) == "passing"


@contextmanager
def watched(lock: JobLock, inbox: Inbox, seconds: float) -> Iterator[None]:
    """Look at a lock now and then; where another run has it, this one must end.

    A lock is lost with its connection. While the server is away nobody can take it; when it is back
    it is taken again, and only where another was faster two runs may overlap, for so many seconds.
    """
    is_over = Flag()

    def look() -> None:
        while not is_over.wait(seconds):
            if lock.check() == "taken":
                inbox.put("lost")
                return

    thread = Thread(target=look, name="looks at a lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def note_in(engine: Engine) -> Callable[[Job, datetime, Mapping[str, object]], None]:
    """What a notebook needs to write into a database."""

    def write(job: Job, now: datetime, changed: Mapping[str, object]) -> None:
        note_job(engine, job.name, now, job.definition, changed)

    return write
