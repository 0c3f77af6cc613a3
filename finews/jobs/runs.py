"""The runs that a scheduler has started: a thread for each, and an end for all."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from apscheduler.executors.base import BaseExecutor  # type: ignore[import-untyped]  # has no types

from finews.jobs.definition import Job
from finews.jobs.planning import LATE
from finews.jobs.process import Inbox
from finews.jobs.runner import RunEnd, Runner
from finews.jobs.table import outcome_of
from finews.messages import text
from finews.show import moment
from finews_crawler.commands.crawl import EXIT_NOT_STARTED
from finews_crawler.errors import FinewsError

OnEnd = Callable[[RunEnd], None]
"""Called with the end of each run, in the thread of that run."""


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """A run that is going on."""

    job: Job
    inbox: Inbox


class Runs(BaseExecutor):  # type: ignore[misc]  # it has no types
    """Gives every run a thread, which is the parent of its crawl and must outlive it."""

    def __init__(self, runner: Runner, on_end: OnEnd, has_ended: Callable[[], None]) -> None:
        """Take what runs need.

        Args:
            runner: runs a job.
            on_end: a hook.
            has_ended: called when a run has left `active`.
        """
        super().__init__()
        self._runner = runner
        self._on_end = on_end
        self._has_ended = has_ended
        self._guard = Lock()
        self._active: list[ActiveRun] = []
        self._is_closed = False

    @property
    def active(self) -> list[ActiveRun]:
        """The runs that are going on."""
        with self._guard:
            return list(self._active)

    def stop(self) -> None:
        """Begin no more runs, and tell those that are going on to end; twice: at once."""
        with self._guard:
            self._is_closed = True
            for run in self._active:
                run.inbox.put("stop")

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        given = (job.id, job.args[0], run_times[-1])
        Thread(target=self._work, args=given, name=f"job {job.id}").start()

    def _work(self, name: str, job: Job, at: datetime) -> None:
        run = ActiveRun(job, SimpleQueue())
        with self._guard:
            if self._is_closed:
                return
            self._active.append(run)
        try:
            self._run(run, at)
        finally:
            with self._guard:
                self._active.remove(run)
            self._run_job_success(name, [])
            self._has_ended()

    def _run(self, run: ActiveRun, at: datetime) -> None:
        """Run a job whose moment was `at`, unless it is too late for it."""
        job, say = run.job, self._runner.say
        if job.missed == "skip" and self._runner.now() - at > LATE:
            say(text("job_missed", job=job.name, since=moment(at)))
            return
        end = self._ended(run, at)
        if end.started_at is not None and end.finished_at is not None:
            seconds = round((end.finished_at - end.started_at).total_seconds())
            outcome = outcome_of(end.exit_code)
            told = {"outcome": outcome, "seconds": seconds, "code": end.exit_code}
            say(text("job_ended", job=job.name, **told))
        try:
            self._on_end(end)
        except Exception as error:  # noqa: BLE001 - another's code: a run was good without it
            say(text("job_hook_failed", job=job.name, error=error))

    def _ended(self, run: ActiveRun, at: datetime) -> RunEnd:
        """A job that may not miss a run waits for the database as long as it takes."""
        job, runner = run.job, self._runner
        if job.missed == "once":
            runner = replace(runner, patience=math.inf)
        try:
            return runner.run(job, run.inbox, at - job.jitter)
        except FinewsError as error:
            runner.say(text("job_not_started", job=job.name, error=error))
        except Exception as error:  # noqa: BLE001 - the edge of a run: the others go on
            named = f"{type(error).__name__}: {error}"
            runner.say(text("job_not_started", job=job.name, error=named))
        return RunEnd(job=job, outcome="not_started", exit_code=EXIT_NOT_STARTED)
