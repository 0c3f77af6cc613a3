"""One run of a job: its locks, its crawl under watch, and what is noted of it.

It holds the lock of the job, and then that of each site that it reads. Who has the first and waits
for the others goes on, for whoever asks whether the job does; `overlap` says what becomes of the
next run. A run that another crawl keeps from its site is not skipped: it reads what that one does
not, and one that always comes at the same moment as another would never run.
"""

import math
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from socket import gethostname
from typing import IO, Literal

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from finews.crawling import crawl_command, crawl_environment
from finews.jobs.definition import Job
from finews.jobs.locks import HOLDS_SITES, patiently, site_locks, waited_for, watched
from finews.jobs.notebook import Notebook
from finews.jobs.process import Cause, Child, Inbox, Limits, supervise
from finews.jobs.sites import sites_of
from finews.messages import text
from finews.show import moment
from finews_crawler.commands.crawl import EXIT_NOT_STARTED
from finews_crawler.errors import FinewsError, StorageError
from pipelines.store.job_lock import JobLock, job_lock
from pipelines.store.job_states import JobStateRow, job_states, note_job, run_of_job

Outcome = Literal["ran", "running", "ran_already", "stopped", "not_started"]
"""It ran, however it ended; another run was going on; another scheduler had done it; it was told
to stop while it waited; it could not be started."""
_TOLD: Mapping[Cause | Literal["killed"], str] = {
    "stop": "job_told_to_end",
    "lost": "job_lock_lost",
    "timeout": "job_timed_out",
    "killed": "job_killed",
}


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
        sites = site_locks(self.url, _sites(job))
        try:
            return (
                self._refusal(job, lock, inbox, due_at)
                or self._kept_from(job, sites, inbox)
                or self._run(job, [lock, *sites.values()], inbox)
            )
        finally:
            for one in (lock, *sites.values()):
                one.release()

    # --- before ----------------------------------------------------------------------------------

    def _refusal(
        self, job: Job, lock: JobLock, inbox: Inbox, due_at: datetime | None
    ) -> RunEnd | None:
        """Take the lock; an end when there will be no run."""
        skips = job.overlap == "skip"
        taken = waited_for(
            self._asking(job, lock, inbox),
            inbox,
            lambda: self._tell_of_other(job, is_skipped=skips),
            0 if skips else math.inf,
        )
        if not taken:
            return _stopped(job) if taken is None else _overlapping(job)
        state = self._state(job)
        if due_at is None or state is None or not state.has_started_since(due_at):
            return None
        self.say(text("job_ran_already", job=job.name, **_since(state)))
        return RunEnd(job=job, outcome="ran_already", exit_code=0)

    def _kept_from(self, job: Job, sites: Mapping[str, JobLock], inbox: Inbox) -> RunEnd | None:
        """Take the locks of the sites, for as long as it takes; an end when it is told to stop."""
        for site, lock in sites.items():
            tell = partial(self._waits_for, job, site)
            if not waited_for(self._asking(job, lock, inbox), inbox, tell, math.inf):
                ended = {"last_finished_at": self.now(), "last_exit_code": EXIT_NOT_STARTED}
                self.notebook.note(job, **ended)
                return _stopped(job)
        return None

    def _waits_for(self, job: Job, site: str) -> None:
        """Tell it, also to those who ask since when this run goes on."""
        self.say(text("job_waits_for_site", job=job.name, site=site))
        self._note_start(job)

    def _asking(self, job: Job, lock: JobLock, inbox: Inbox) -> Callable[[], bool | None]:
        """Ask for a lock once, of a database that may be away."""

        def waits(error: StorageError) -> None:
            self.say(text("job_waits_for_database", job=job.name, error=error))

        return partial(patiently, lock.take, inbox, self.patience, waits)

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

    def _run(self, job: Job, locks: Iterable[JobLock], inbox: Inbox) -> RunEnd:
        began = self.now()
        if self.is_one_of_many:
            self.say(text("job_started", job=job.name))
        self._note_start(job, began)
        with self._output() as output, watched(locks, inbox, self.heartbeat):
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

    def _note_start(self, job: Job, at: datetime | None = None) -> None:
        self.notebook.note(job, last_started_at=at or self.now(), host=gethostname()[:255])

    def _crawl(self, job: Job, inbox: Inbox, output: IO[bytes] | None) -> int:
        command = crawl_command(job.spider, job.arguments, job.settings)
        own = {"FINEWS_DATABASE_URL": self.url, "FINEWS_JOB": job.name, HOLDS_SITES: "1"}
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


def _overlapping(job: Job) -> RunEnd:
    return RunEnd(job=job, outcome="running", exit_code=0)


def _sites(job: Job) -> tuple[str, ...]:
    """The sites of a job; a crawl that cannot be begun says so itself, and reads none."""
    try:
        return sites_of(job.spider, job.arguments, job.settings)
    except FinewsError:
        return ()


def _since(state: JobStateRow) -> dict[str, str]:
    """When a job began last, and where."""
    return {"since": moment(state.last_started_at), "host": state.host or text("unknown_time")}


def note_in(engine: Engine) -> Callable[[Job, datetime, Mapping[str, object]], None]:
    """What a notebook needs to write into a database."""

    def write(job: Job, now: datetime, changed: Mapping[str, object]) -> None:
        note_job(engine, job.name, now, job.definition, changed)

    return write
