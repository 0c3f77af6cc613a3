"""When a scheduler that starts runs a job first: new, as it was, missed, or changed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews.jobs.definition import Job, read_jobs
from finews.jobs.planning import LATE, JobTrigger, plan
from finews.jobs.timing import Every
from finews_crawler.errors import ConfigurationError
from pipelines.store.job_states import JobStateRow

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # noon in Shanghai
MINUTE = timedelta(minutes=1)


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """The job `mirror` with these lines."""

    def job(lines: str) -> Job:
        path = tmp_path / "jobs.toml"
        path.write_text(f'[jobs.mirror]\nspider = "category"\n{lines}')
        return read_jobs(path)["mirror"]

    return job


def state(definition: Mapping[str, Any], **known: datetime) -> JobStateRow:
    empty = dict.fromkeys(JobStateRow.__dataclass_fields__)
    own = {"name": "mirror", "definition": definition, "updated_at": NOW}
    return JobStateRow(**{**empty, **own, **known})  # type: ignore[arg-type]


EVERY = 'every = "20m"'
CRON = 'cron = "0 9,13 * * *"'


def test_a_new_job_that_comes_every_so_often_is_due_at_once(make: Any) -> None:
    made = plan(make(EVERY), None, NOW)
    assert (made.first, made.timetable.after(NOW)) == (NOW, NOW + 20 * MINUTE)


def test_a_new_job_of_a_crontab_waits_for_its_moment(make: Any) -> None:
    assert plan(make(CRON), None, NOW).first == NOW + 60 * MINUTE


@pytest.mark.parametrize("missed", ["once", "skip"])
@pytest.mark.parametrize("lines", [EVERY, CRON])
def test_a_restart_changes_nothing(make: Any, lines: str, missed: str) -> None:
    job = make(f'{lines}\nmissed = "{missed}"')
    left = state(job.definition, next_at=NOW + 7 * MINUTE, last_started_at=NOW - 13 * MINUTE)
    expected = NOW + (7 * MINUTE if lines == EVERY else 60 * MINUTE)
    assert plan(job, left, NOW).first == expected


def test_missed_runs_are_made_up_for_once(make: Any) -> None:
    job = make(EVERY)
    left = state(job.definition, next_at=NOW - 130 * MINUTE)
    made = plan(job, left, NOW)
    assert (made.first, made.missed) == (NOW, None)
    assert made.timetable.after(NOW) == NOW + 10 * MINUTE  # where it would be without a gap


def test_missed_runs_are_skipped(make: Any) -> None:
    job = make(f'{EVERY}\nmissed = "skip"')
    left = state(job.definition, next_at=NOW - 130 * MINUTE)
    made = plan(job, left, NOW)
    assert (made.first, made.missed) == (NOW + 10 * MINUTE, NOW - 130 * MINUTE)


def test_a_missed_run_of_a_crontab(make: Any) -> None:
    nine = NOW - 180 * MINUTE
    once, skip = make(CRON), make(f'{CRON}\nmissed = "skip"')
    made = plan(once, state(once.definition, next_at=nine), NOW)
    assert (made.first, made.timetable.after(NOW)) == (NOW, NOW + 60 * MINUTE)
    made = plan(skip, state(skip.definition, next_at=nine), NOW)
    assert (made.first, made.missed) == (NOW + 60 * MINUTE, nine)


@pytest.mark.parametrize("lines", [EVERY, CRON])
def test_a_restart_in_the_moment_of_a_run_does_not_miss_it(make: Any, lines: str) -> None:
    job = make(f'{lines}\nmissed = "skip"')
    left = state(job.definition, next_at=NOW - LATE)
    assert plan(job, left, NOW).first == NOW


def test_another_span_counts_from_the_last_run(make: Any) -> None:
    left = state(make('every = "1d"').definition, next_at=NOW + 600 * MINUTE)
    assert plan(make(EVERY), left, NOW).first == NOW
    begun = state(left.definition, next_at=left.next_at, last_started_at=NOW - 5 * MINUTE)  # type: ignore[arg-type]
    assert plan(make(EVERY), begun, NOW).first == NOW + 15 * MINUTE
    long_ago = state(left.definition, last_started_at=NOW - 50 * MINUTE)
    assert plan(make(EVERY), long_ago, NOW).first == NOW


def test_another_crontab_has_missed_nothing(make: Any) -> None:
    left = state(make('cron = "0 11 * * *"').definition, next_at=NOW - 60 * MINUTE)
    assert plan(make(CRON), left, NOW).first == NOW + 60 * MINUTE


def test_a_moment_that_was_noted_for_another_definition_is_not_waited_for(make: Any) -> None:
    """`finews jobs run` notes a new definition, but not when it is due."""
    job = make(EVERY)
    assert plan(job, state(job.definition, next_at=NOW + 600 * MINUTE), NOW).first == (
        NOW + 20 * MINUTE
    )
    job = make(CRON)
    assert plan(job, state(job.definition, next_at=NOW + 600 * MINUTE), NOW).first == (
        NOW + 60 * MINUTE
    )


def test_two_schedulers_have_the_same_moments(make: Any) -> None:
    job = make(EVERY)
    first = plan(job, None, NOW)
    noted = first.timetable.after(NOW + MINUTE)
    other = plan(job, state(job.definition, next_at=noted, last_started_at=NOW), NOW + 9 * MINUTE)
    later = NOW + 500 * MINUTE
    assert (other.first, other.timetable.after(later)) == (noted, first.timetable.after(later))


def test_a_job_without_times_has_no_plan(make: Any) -> None:
    with pytest.raises(ConfigurationError, match="job mirror has neither every nor cron"):
        plan(make(""), None, NOW)


# --- jitter ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(jitters=st.lists(st.integers(0, 1199), min_size=1, max_size=30))
def test_jitters_do_not_add_up(jitters: list[int]) -> None:
    """Each run starts after its moment by its own jitter, and no moment is left out."""
    left = iter(jitters)
    every = Every(20 * MINUTE, NOW)
    trigger = JobTrigger(every, lambda: timedelta(seconds=next(left)))
    start: datetime | None = None
    for number, jitter in enumerate(jitters, start=1):
        start = trigger.get_next_fire_time(start, NOW)
        assert start == NOW + number * 20 * MINUTE + timedelta(seconds=jitter)
