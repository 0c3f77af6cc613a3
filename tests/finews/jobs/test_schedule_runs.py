"""What a scheduler starts, and how it ends."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from apscheduler.schedulers.background import (  # type: ignore[import-untyped]  # has no types
    BackgroundScheduler,
)

from finews.jobs import schedule as schedule_module
from finews.jobs.planning import LATE
from finews.jobs.runner import RunEnd, Runner
from finews.jobs.runs import Runs as Executor
from finews.jobs.schedule import Schedule
from finews_crawler.errors import StorageError
from tests.finews.jobs import scheduling
from tests.finews.jobs.conftest import NOW, PATIENCE
from tests.finews.jobs.making import a_job
from tests.finews.jobs.scheduling import MINUTE, MIRROR, Runs, next_at

path = scheduling.path
engine = scheduling.engine
runs = scheduling.runs
told = scheduling.told
runner = scheduling.runner


# --- runs ------------------------------------------------------------------------------------


@pytest.fixture
def running(path: Path, runner: Runner, runs: Runs) -> Iterator[Any]:
    """Start a scheduler with a file, in a thread; it is stopped afterwards."""
    started: list[tuple[Schedule, Thread]] = []

    def run(text: str, **given: Any) -> Schedule:
        path.write_text(text)
        schedule = Schedule(path, replace(runner, now=lambda: datetime.now(UTC)), **given)
        thread = Thread(target=schedule.run)
        thread.start()
        started.append((schedule, thread))
        return schedule

    yield run
    for schedule, thread in started:
        schedule.orders.put("stop")
        thread.join()


def test_a_run_that_is_due_is_started_and_told(
    running: Any, runs: Runs, told: list[str], runner: Runner
) -> None:
    ends: SimpleQueue[RunEnd] = SimpleQueue()
    began = datetime.now(UTC)
    running(MIRROR, on_end=ends.put)
    job, inbox, due_at = runs.next()
    assert (job.name, began <= due_at <= datetime.now(UTC)) == ("mirror", True)
    inbox.put("ended")
    assert ends.get(timeout=PATIENCE).exit_code == 0
    assert told[1:] == ["mirror: ok after 0 s (exit code 0)."]
    planned = next_at(runner)["mirror"]
    assert planned == pytest.approx((began - NOW) / MINUTE + 20, abs=1)


def test_the_earliest_start_that_counts_is_the_moment_without_jitter(
    running: Any, runs: Runs
) -> None:
    began = datetime.now(UTC)
    running('[jobs.mirror]\nspider = "category"\nevery = "1h"\njitter = "1s"\n')
    _, inbox, due_at = runs.next()
    assert timedelta(seconds=-1) <= due_at - began <= timedelta(seconds=30)
    inbox.put("ended")


def test_one_run_at_a_time(running: Any, runs: Runs, told: list[str]) -> None:
    running('[jobs.mirror]\nspider = "category"\nevery = "1s"\n')
    _, inbox, _ = runs.next()
    skipped = "mirror: its last run is still going on; this one is skipped."
    while told.count(skipped) < 2:
        time.sleep(0.01)
    assert runs.begun.empty()
    inbox.put("ended")
    runs.next()[1].put("ended")


def test_one_run_waits_where_it_may(running: Any, runs: Runs, told: list[str]) -> None:
    running('[jobs.mirror]\nspider = "category"\nevery = "1s"\noverlap = "wait"\n')
    first, second = runs.next(), runs.next()
    while "mirror: one run waits already; this one is skipped." not in told:
        time.sleep(0.01)
    assert runs.begun.empty()
    first[1].put("ended")
    second[1].put("ended")


def test_the_clock_is_looked_at(running: Any, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is put forward by hours makes a job due that APScheduler still sleeps for."""
    looks: SimpleQueue[None] = SimpleQueue()
    wakeup = BackgroundScheduler.wakeup

    def look(scheduler: BackgroundScheduler) -> None:
        looks.put(None)
        wakeup(scheduler)

    monkeypatch.setattr(schedule_module, "LOOK", 0.01)
    monkeypatch.setattr(BackgroundScheduler, "wakeup", look)
    running('[jobs.mirror]\nspider = "category"\ncron = "0 0 1 1 *"\n')
    for _ in range(5):  # more often than adding a job and starting need it
        looks.get(timeout=PATIENCE)
    assert runs.begun.empty()


def test_two_jobs_run_side_by_side(running: Any, runs: Runs) -> None:
    running(MIRROR + MIRROR.replace("mirror", "other"))
    both = [runs.next(), runs.next()]
    assert {job.name for job, _, _ in both} == {"mirror", "other"}
    for _, inbox, _ in both:
        inbox.put("ended")


@pytest.mark.parametrize("error", [StorageError("no lock"), RuntimeError("a bug")])
def test_a_run_that_cannot_start_ends_nothing(
    running: Any, runs: Runs, told: list[str], error: Exception
) -> None:
    ends: SimpleQueue[RunEnd] = SimpleQueue()
    runs.error = error
    running('[jobs.mirror]\nspider = "category"\nevery = "1s"\n', on_end=ends.put)
    for _ in range(2):
        end = ends.get(timeout=PATIENCE)
        assert (end.outcome, end.exit_code, end.started_at) == ("not_started", 2, None)
    assert "mirror: not started: " in "\n".join(told)
    assert str(error) in "\n".join(told)


def test_a_hook_that_fails_ends_nothing(running: Any, runs: Runs, told: list[str]) -> None:
    def hook(_end: RunEnd) -> None:
        raise RuntimeError("no endpoint")

    running('[jobs.mirror]\nspider = "category"\nevery = "1s"\n', on_end=hook)
    for _ in range(2):
        runs.next()[1].put("ended")
    while "mirror: what wanted to know of its end failed: no endpoint" not in told:
        time.sleep(0.01)


@pytest.mark.parametrize(("late", "is_run"), [(LATE, True), (2 * LATE, False)])
def test_a_run_that_is_too_late_is_skipped_where_it_may_be(
    runner: Runner, runs: Runs, told: list[str], late: timedelta, is_run: bool
) -> None:
    """As when a machine was asleep."""
    ended: SimpleQueue[None] = SimpleQueue()
    executor = Executor(runner, lambda _end: None, lambda: ended.put(None))
    executor.start(BackgroundScheduler(timezone=UTC), "runs")
    given = SimpleNamespace(id="mirror", args=[a_job(missed="skip")], max_instances=1)
    executor.submit_job(given, [NOW - 3 * LATE, NOW - late])
    if is_run:
        runs.next()[1].put("ended")
    ended.get(timeout=PATIENCE)
    missed = "mirror: the run of 2026-11-25 11:58:00 was missed and is skipped."
    assert (missed in told, runs.begun.empty(), executor.active) == (not is_run, True, [])


# --- the end ---------------------------------------------------------------------------------


def test_runs_are_told_to_end_and_waited_for(running: Any, runs: Runs, told: list[str]) -> None:
    schedule = running(MIRROR)
    runs.next()
    schedule.orders.put("stop")
    while "Stopped." not in told:
        time.sleep(0.01)
    assert told[-3:] == [
        "Stopping; 1 runs are told to end.",
        "mirror: failed after 0 s (exit code 1).",
        "Stopped.",
    ]


def test_a_second_order_to_stop_kills(running: Any, runs: Runs, told: list[str]) -> None:
    runs.is_stubborn = True
    schedule = running(MIRROR)
    runs.next()
    schedule.orders.put("stop")
    schedule.orders.put("reload")  # comes too late
    schedule.orders.put("stop")
    while "Stopped." not in told:
        time.sleep(0.01)
    assert told[-2:] == ["mirror: failed after 0 s (exit code 1).", "Stopped."]


def test_nothing_runs_without_jobs_to_run(running: Any, told: list[str]) -> None:
    schedule = running('[jobs.old]\nspider = "category"\n')
    schedule.orders.put("reload")
    schedule.orders.put("stop")
    while "Stopped." not in told:
        time.sleep(0.01)
    assert "Stopping; 0 runs are told to end." in told
