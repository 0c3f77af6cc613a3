"""The daemon: starts each job when it is due, until it is told to stop."""

import logging
import random
from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from socket import gethostname
from typing import Any, Literal

from apscheduler.events import (  # type: ignore[import-untyped]  # has no types
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_SUBMITTED,
)
from apscheduler.schedulers.background import (  # type: ignore[import-untyped]  # has no types
    BackgroundScheduler,
)
from sqlalchemy.exc import SQLAlchemyError

from finews.jobs.definition import Job, read_jobs
from finews.jobs.planning import JobTrigger, Plan, plan
from finews.jobs.runner import Runner
from finews.jobs.runs import OnEnd, Runs
from finews.messages import text
from finews.show import moment
from finews_crawler.errors import ConfigurationError, one_line
from pipelines.store.job_states import JobStateRow, job_states, unplan_jobs

Order = Literal["stop", "reload", "ended"]
"""Stop the scheduler; read the jobs file again; a run has ended."""

LOOK = 30.0
"""Seconds between two looks at the clock."""


class Schedule:
    """The jobs of a file, started when they are due."""

    def __init__(self, path: Path, runner: Runner, on_end: OnEnd = lambda _end: None) -> None:
        """Read the file; nothing runs before `run`.

        Args:
            path: the jobs file.
            runner: runs a job.
            on_end: called with the end of each run.

        Raises:
            ConfigurationError: the file has a fault.
        """
        self._path = path
        self._runner = runner
        self._say = runner.say
        self._jobs = read_jobs(path)
        self._plans: dict[str, Plan] = {}
        self.orders: SimpleQueue[Order] = SimpleQueue()
        """Where signals say what to do."""
        self._runs = Runs(runner, on_end, lambda: self.orders.put("ended"))
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_executor(self._runs)
        self._scheduler.add_listener(self._was_due, EVENT_JOB_SUBMITTED | EVENT_JOB_MAX_INSTANCES)

    def run(self) -> None:
        """Start jobs until an order to stop; then tell the runs to end, and wait until they have.

        A second order to stop kills them.
        """
        # What it tells of skipped runs is told here, in the reader's language.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self.plan_jobs({})
        self._scheduler.start()
        while (order := self._next_order()) != "stop":
            if order == "reload":
                self.reload()
        self._scheduler.shutdown()
        self._end_runs()
        self._say(text("schedule_ended"))

    def next_starts(self) -> dict[str, datetime]:
        """When each job starts next, with its jitter."""
        return {job.id: job.next_run_time for job in self._scheduler.get_jobs()}

    def _next_order(self) -> Order:
        """Wait for an order, and have the clock looked at meanwhile.

        APScheduler sleeps until the next moment by a clock that stands still while a machine
        sleeps, and that does not hear of a clock that was put right.
        """
        while True:
            try:
                return self.orders.get(timeout=LOOK)
            except Empty:
                self._scheduler.wakeup()

    # --- planning --------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the file again; one with a fault changes nothing."""
        try:
            jobs = read_jobs(self._path)
        except ConfigurationError as error:
            self._say(text("schedule_kept", error=error))
            return
        before, self._jobs = self._jobs, jobs
        self._say(text("schedule_read", path=self._path))
        self.plan_jobs(before)

    def plan_jobs(self, before: Mapping[str, Job]) -> None:
        """Plan the jobs that are not what they were before; a run that goes on is not touched."""
        timed = {name for name, job in self._jobs.items() if job.is_timed}
        gone = self._plans.keys() - timed
        for name in gone:
            del self._plans[name]
            self._scheduler.remove_job(name)
        states = self._states(gone, timed)
        for name, job in self._jobs.items():
            former = before.get(name)
            if job == former:
                continue
            if not job.is_timed:
                self._say(text("job_on_demand", job=name))
            elif name in self._plans and former and former.same_times(job.definition):
                self._change(job)
            else:
                self._plan(job, states.get(name))

    def _states(self, gone: Set[str], timed: Set[str]) -> dict[str, JobStateRow]:
        """What is known of the jobs.

        Those that this machine ran and plans no more are noted as such; others may be planned by
        another scheduler from a file of its own.
        """
        engine = self._runner.engine
        try:
            states = job_states(engine)
            ours = {name for name, state in states.items() if state.host == gethostname()}
            unplan_jobs(engine, (gone | ours) - timed, self._runner.now())
        except SQLAlchemyError as error:
            self._say(text("job_notes_wait", error=one_line(error)))
            return {}
        return states

    def _plan(self, job: Job, state: JobStateRow | None) -> None:
        made = plan(job, state, self._runner.now())
        if made.missed is not None:
            self._say(text("job_missed", job=job.name, since=moment(made.missed)))
        self._plans[job.name] = made
        self._add(job, made, made.first + _jitter(job))
        self._say(text("job_due", job=job.name, at=moment(made.first)))
        self._runner.notebook.note(job, next_at=made.first)

    def _change(self, job: Job) -> None:
        """What runs next is another; when stays."""
        starts_at = self._scheduler.get_job(job.name).next_run_time
        self._add(job, self._plans[job.name], starts_at)
        self._runner.notebook.note(job)

    def _add(self, job: Job, made: Plan, starts_at: datetime) -> None:
        self._scheduler.add_job(
            _done_by_the_executor,
            JobTrigger(made.timetable, lambda: _jitter(job)),
            args=[job],
            id=job.name,
            next_run_time=starts_at,
            # One that waits for the one before is going on, too.
            max_instances=2 if job.overlap == "wait" else 1,
            coalesce=True,
            misfire_grace_time=None,
            replace_existing=True,
        )

    # --- when a job was due ----------------------------------------------------------------------

    def _was_due(self, event: Any) -> None:
        """Note when it is due next: what was due and is skipped is not missed."""
        job, made = self._jobs.get(event.job_id), self._plans.get(event.job_id)
        if job is None or made is None:
            return
        self._runner.notebook.note(job, next_at=made.timetable.after(self._runner.now()))
        if event.code == EVENT_JOB_MAX_INSTANCES:
            key = "job_one_waits" if job.overlap == "wait" else "job_runs_here"
            self._say(text(key, job=job.name))

    def _end_runs(self) -> None:
        self._say(text("schedule_ends", count=len(self._runs.active)))
        self._runs.stop()
        while self._runs.active:
            if self.orders.get() == "stop":
                self._runs.stop()


def _jitter(job: Job) -> timedelta:
    return job.jitter * random.random()  # noqa: S311 - no secret


def _done_by_the_executor(_job: Job) -> None:
    """What APScheduler asks for; `Runs` looks at its argument only."""
