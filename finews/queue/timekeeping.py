"""Jobs of a jobs file, queued when they are due.

procrastinate's own periodic tasks know cron lines in UTC, without `every`, jitter, `missed` and
`overlap`. Here the times are those of `finews schedule`, with the same memory (`job_state`): what
is due is planned by `finews.jobs.planning`. All workers look; a lock lets one of them do it, and
who comes next sees that it is done. The server's clock counts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import Engine

from finews.jobs.definition import Job, read_jobs
from finews.jobs.planning import plan
from finews.jobs.table import outcome_text
from finews.messages import text
from finews.queue.policy import worst
from finews.queue.splitting import listings_in, split
from finews.queue.store import UnitStore
from finews.queue.terms import Terms
from finews.show import moment
from finews_crawler.commands.crawl import EXIT_NOT_STARTED
from finews_crawler.errors import ConfigurationError
from pipelines.store.job_lock import job_lock
from pipelines.store.job_states import JobStateRow, job_states, note_job


def offset(job: Job, due: datetime) -> timedelta:
    """The jitter of a run: the same for all workers."""
    digest = blake2b(f"{job.name} {due.timestamp()}".encode(), digest_size=4).digest()
    return job.jitter * (int.from_bytes(digest, "big") / 2**32)


class Timekeeper:
    """Queues what is due."""

    def __init__(self, terms: Terms, engine: Engine, say: Callable[[str], None]) -> None:
        """Read the jobs file, if there is one.

        Raises:
            ConfigurationError: the file has a fault.
        """
        self._terms = terms
        self._engine = engine
        self._say = say
        self._jobs = read_jobs(terms.jobs) if terms.jobs else {}

    def reload(self) -> None:
        """Read the file again; one with a fault changes nothing."""
        path = self._terms.jobs
        if path is None:
            return
        try:
            self._jobs = read_jobs(path)
        except ConfigurationError as error:
            self._say(text("schedule_kept", error=error))
        else:
            self._say(text("schedule_read", path=path))

    def look(self, store: UnitStore) -> None:
        """Queue what is due, unless another worker is about to.

        Raises:
            StorageError: the lock cannot be asked for.
            SQLAlchemyError: the database does not answer.
        """
        if self._terms.jobs is None:
            return
        lock = job_lock(self._terms.url, "workers' times")
        try:
            if lock.take():
                states = job_states(self._engine)
                for state in filter(_is_handed_out, states.values()):
                    self._close(state, store)
                for job in filter(lambda one: one.is_timed, self._jobs.values()):
                    self._look_at(job, states.get(job.name), store)
        finally:
            lock.release()

    def _look_at(self, job: Job, state: JobStateRow | None, store: UnitStore) -> None:
        now = store.now()
        made = plan(job, state, now)
        noted = state.next_at if state and job.same_times(state.definition) else None
        if made.missed is not None:
            self._say(text("job_missed", job=job.name, since=moment(made.missed)))
        if made.missed is not None or made.first > now:
            if noted != made.first:
                self._note(job, now, next_at=made.first)
            return
        due = noted or made.first
        if due + offset(job, due) <= now:
            self._hand_out(job, store, now, made.timetable.after(now))
        elif noted is None:
            self._note(job, now, next_at=due)

    def _hand_out(self, job: Job, store: UnitStore, now: datetime, after: datetime) -> None:
        """Queue the units of a job; when this is cut off, it is done again, and nothing twice."""
        unfinished = store.unfinished(job.name) if job.overlap == "skip" else 0
        if unfinished:
            self._say(text("job_unfinished", job=job.name, count=unfinished))
            self._note(job, now, next_at=after)
            return
        run = {"last_started_at": now, "last_finished_at": now, "last_run_id": None}
        host = self._terms.host
        try:
            added = store.add(split(job, listings_in(self._engine)))
        except ConfigurationError as error:
            self._say(text("job_not_split", job=job.name, error=error))
            self._note(job, now, next_at=after, last_exit_code=EXIT_NOT_STARTED, host=host, **run)
            return
        told = {"added": len(added.ids), "waiting": added.waiting}
        self._say(text("job_queued", job=job.name, **told))
        self._note(job, now, next_at=after, last_exit_code=None, host=host, **run)

    def _close(self, state: JobStateRow, store: UnitStore) -> None:
        """Note how the units of a run ended, when they all have."""
        if state.last_started_at is None or store.unfinished(state.name):
            return
        code = worst(store.ends(state.name, state.last_started_at))
        self._say(text("job_units_ended", job=state.name, outcome=outcome_text(code)))
        now = store.now()
        ended = {"last_finished_at": now, "last_exit_code": code}
        note_job(self._engine, state.name, now, state.definition, ended)

    def _note(self, job: Job, now: datetime, **changed: object) -> None:
        note_job(self._engine, job.name, now, job.definition, changed)


def _is_handed_out(state: JobStateRow) -> bool:
    """Whether units of a job were queued and it was not yet noted how they ended.

    Such a run has an end from the first moment on: `finews jobs times` takes one without an end and
    without a lock for one that was cut off.
    """
    is_begun = state.last_started_at is not None and state.last_exit_code is None
    return is_begun and state.last_finished_at == state.last_started_at
