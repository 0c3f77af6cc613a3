"""When a scheduler that starts runs a job first, and when then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]  # has no types

from finews.jobs.definition import Job
from finews.jobs.timing import Every, Timetable
from finews_crawler.errors import ConfigurationError
from pipelines.store.job_states import JobStateRow

LATE = timedelta(minutes=1)
"""A run that starts no later than this is on time: a restart takes a moment."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When a job is due."""

    first: datetime
    """The moment at which it runs first; a missed run has that of the start."""
    timetable: Timetable
    missed: datetime | None = None
    """The moment of a missed run that is skipped."""


def _due(job: Job, state: JobStateRow | None, now: datetime) -> datetime:
    """The moment of the first run that has not been, in the past where it was missed."""
    noted = state.next_at if state is not None and job.same_times(state.definition) else None
    if job.every is not None:
        # A noted moment may be of another definition.
        soon = now + job.every
        if noted is not None:
            return min(noted, soon)
        started = None if state is None else state.last_started_at
        return now if started is None else min(started + job.every, soon)
    if job.cron is None:
        raise ConfigurationError(f"job {job.name} has neither every nor cron")
    return noted if noted is not None and noted <= now else job.cron.after(now)


def plan(job: Job, state: JobStateRow | None, now: datetime) -> Plan:
    """Plan a job from what is remembered of it.

    A job that comes every so often and never ran is due at once. Its moments stay where they were
    over a restart, so that two schedulers have the same.

    Raises:
        ConfigurationError: the job has no times.
    """
    due = _due(job, state, now)
    timetable = job.cron or Every(job.every or timedelta(), due)
    if job.missed == "skip" and now - due > LATE:
        return Plan(timetable.after(now), timetable, missed=due)
    return Plan(max(due, now), timetable)


class JobTrigger(BaseTrigger):  # type: ignore[misc]  # it has no types
    """Moments of a timetable, each with a jitter of its own.

    APScheduler's own interval adds each jitter to the one before, so that its moments wander.
    A jitter is shorter than the time between two moments (`definition` sees to it): the first
    moment after a run that was late by it is the next one.
    """

    def __init__(self, timetable: Timetable, jitter: Callable[[], timedelta]) -> None:
        self._timetable = timetable
        self._jitter = jitter

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The start of the run after the previous one."""
        return self._timetable.after(previous or now) + self._jitter()
