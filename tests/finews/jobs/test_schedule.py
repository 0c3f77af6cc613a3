"""What a scheduler plans, and what it does with its file."""

import time
from collections.abc import Callable
from pathlib import Path
from socket import gethostname

import pytest
from sqlalchemy import Engine

from finews.jobs.runner import Runner
from finews.jobs.schedule import Schedule
from pipelines.store.job_states import job_states, note_job
from tests.finews.jobs import scheduling
from tests.finews.jobs.conftest import NOW, PATIENCE
from tests.finews.jobs.scheduling import MINUTE, MIRROR, next_at

path = scheduling.path
engine = scheduling.engine
runs = scheduling.runs
told = scheduling.told
runner = scheduling.runner
SHARE = '[jobs.share]\nspider = "share"\narguments = { codes = "NW1" }\ncron = "0 13 * * *"\n'


@pytest.fixture
def make(path: Path, runner: Runner) -> Callable[..., Schedule]:
    """A scheduler that has planned a file, and starts nothing."""

    def schedule(text: str) -> Schedule:
        path.write_text(text)
        made = Schedule(path, runner)
        made.plan_jobs({})
        return made

    return schedule


def starts(schedule: Schedule) -> dict[str, float]:
    """Minutes until each job starts."""
    return {name: (at - NOW) / MINUTE for name, at in schedule.next_starts().items()}


# --- planning --------------------------------------------------------------------------------


def test_jobs_are_planned_noted_and_told(
    make: Callable[..., Schedule], runner: Runner, told: list[str]
) -> None:
    schedule = make(MIRROR + SHARE + '[jobs.old]\nspider = "category"\n')
    assert starts(schedule) == {"mirror": 0, "share": 60}
    assert next_at(runner) == {"mirror": 0, "share": 60}
    assert told == [
        "mirror: due at 2026-11-25 12:00:00.",
        "share: due at 2026-11-25 13:00:00.",
        "old: only runs when it is told to.",
    ]


def test_a_jitter_moves_the_start_but_not_the_moment(
    make: Callable[..., Schedule], runner: Runner
) -> None:
    schedule = make(f'{MIRROR}jitter = "10m"\n')
    assert 0 <= starts(schedule)["mirror"] <= 10
    assert next_at(runner) == {"mirror": 0}


def test_what_the_database_remembers_counts(
    make: Callable[..., Schedule], runner: Runner, told: list[str]
) -> None:
    known = {"spider": "category", "every": "20m", "missed": "skip"}
    note_job(runner.engine, "mirror", NOW, known, {"next_at": NOW - 5 * MINUTE})
    schedule = make(f'{MIRROR}missed = "skip"\n')
    assert starts(schedule) == {"mirror": 15}
    assert told == [
        "mirror: the run of 2026-11-25 11:55:00 was missed and is skipped.",
        "mirror: due at 2026-11-25 12:15:00.",
    ]


def test_nobody_plans_the_jobs_that_this_machine_had_before(
    make: Callable[..., Schedule], runner: Runner
) -> None:
    for name, host in (("old", gethostname()), ("theirs", "there")):
        note_job(runner.engine, name, NOW, {}, {"next_at": NOW, "host": host})
    make(MIRROR)
    assert next_at(runner) == {"mirror": 0, "old": None, "theirs": 0}


def test_a_database_that_is_away_stops_no_planning(
    make: Callable[..., Schedule], runner: Runner, engine: Engine, told: list[str]
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE job_state RENAME TO gone")
    schedule = make(MIRROR)
    assert starts(schedule) == {"mirror": 0}
    assert told[0] == (
        "What becomes of jobs is not noted, the database does not answer: no such table: job_state"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO job_state")
    assert next_at(runner) == {"mirror": 0}


# --- reading the file again ------------------------------------------------------------------


def test_a_file_that_has_changed(
    make: Callable[..., Schedule], path: Path, runner: Runner, told: list[str]
) -> None:
    schedule = make(MIRROR + SHARE)
    told.clear()
    path.write_text('[jobs.mirror]\nspider = "category"\ncron = "30 12 * * *"\n')
    schedule.reload()
    assert starts(schedule) == {"mirror": 30}
    assert told == [f"{path}: read again.", "mirror: due at 2026-11-25 12:30:00."]
    assert next_at(runner)["mirror"] == 30


def test_a_job_that_is_gone_is_planned_no_more(
    make: Callable[..., Schedule], path: Path, runner: Runner
) -> None:
    schedule = make(MIRROR + SHARE)
    path.write_text(SHARE + '[jobs.mirror]\nspider = "category"\n')
    while set(job_states(runner.engine)) != {"mirror", "share"}:
        time.sleep(0.01)
    schedule.reload()
    assert starts(schedule) == {"share": 60}
    assert next_at(runner) == {"mirror": None, "share": 60}


def test_a_job_with_the_same_moments_keeps_its_next_start(
    make: Callable[..., Schedule], path: Path, runner: Runner, told: list[str]
) -> None:
    schedule = make(f'{MIRROR}jitter = "10m"\n')
    before = starts(schedule)
    path.write_text(f'{MIRROR}jitter = "10m"\ntimeout = "1h"\noverlap = "wait"\n')
    told.clear()
    schedule.reload()
    assert (starts(schedule), told) == (before, [f"{path}: read again."])
    assert runner.notebook.close(PATIENCE) == []
    assert job_states(runner.engine)["mirror"].definition["timeout"] == "1h"


@pytest.mark.parametrize("text", ['[jobs.mirror]\nspider = "categry"\n', "[jobs", ""])
def test_a_file_with_a_fault_changes_nothing(
    make: Callable[..., Schedule], path: Path, told: list[str], text: str
) -> None:
    schedule = make(MIRROR + SHARE)
    before = starts(schedule)
    told.clear()
    path.write_text(text)
    schedule.reload()
    (line,) = told
    assert starts(schedule) == before
    assert line.startswith(f"{path}: ")
    assert line.endswith("\nThe jobs stay as they were.")
