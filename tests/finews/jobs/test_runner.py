"""One run: its lock, its crawl, its notes; on both engines, without a crawl of its own."""

import os
import signal
from dataclasses import replace
from datetime import timedelta
from queue import SimpleQueue
from socket import gethostname
from threading import Thread
from typing import Any

import pytest

from finews.jobs import runner as runner_module
from finews.jobs.process import Inbox
from finews.jobs.runner import RunEnd, Runner
from pipelines.store.job_lock import LockState, job_lock
from pipelines.store.job_states import JobStateRow, job_states
from pipelines.store.runs import start_run
from tests.finews.jobs.conftest import NOW, PATIENCE, Crawl, on_sqlite
from tests.finews.jobs.making import a_job


def noted(runner: Runner) -> JobStateRow:
    assert runner.notebook.close(PATIENCE) == []
    return job_states(runner.engine)["mirror"]


# --- a run -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 3])
def test_a_run(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, told: list[str], code: int
) -> None:
    crawl.code = code
    job = a_job(arguments={"full": "1"}, settings={"LOG_LEVEL": "ERROR"})
    end = runner.run(job, inbox)
    assert end == RunEnd(
        job=job, outcome="ran", exit_code=code, started_at=NOW, finished_at=NOW, run_id=None
    )
    assert noted(runner) == JobStateRow(
        name="mirror",
        definition=job.definition,
        last_started_at=NOW,
        last_finished_at=NOW,
        last_exit_code=code,
        last_run_id=None,
        next_at=None,
        host=gethostname(),
        updated_at=NOW,
    )
    assert told == []


@on_sqlite
def test_a_crawl_is_started_with_all_that_the_job_says(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINEWS_DATABASE_URL", "sqlite:////elsewhere.db")
    monkeypatch.delenv("SCRAPY_SETTINGS_MODULE", raising=False)
    runner.run(a_job(arguments={"full": "1"}, settings={"LOG_LEVEL": "ERROR"}), inbox)
    (one,) = crawl.made
    words = one.command[one.command.index("scrapy") :]
    assert words == ["scrapy", "crawl", "category", "-a", "full=1", "-s", "LOG_LEVEL=ERROR"]
    assert one.environment["FINEWS_JOB"] == "mirror"
    assert one.environment["FINEWS_DATABASE_URL"] == runner.url
    assert one.environment["SCRAPY_SETTINGS_MODULE"] == "finews_crawler.settings"
    assert set(os.environ) <= set(one.environment)


def test_the_record_of_the_crawl_is_found(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(self: Crawl, *given: Any) -> None:
        Crawl.__init__(self, *given)
        start_run(runner.engine, "category", {}, NOW, self.environment["FINEWS_JOB"])

    start_run(runner.engine, "category", {}, NOW - timedelta(seconds=1), "mirror")
    monkeypatch.setattr(crawl, "__init__", begin)
    end = runner.run(a_job(), inbox)
    assert end.run_id == 2
    assert noted(runner).last_run_id == 2


def test_the_lock_is_held_during_the_run_only(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, database_url: str
) -> None:
    crawl.lets_go = False
    thread = Thread(target=runner.run, args=(a_job(), inbox))
    thread.start()
    assert crawl.begun.wait(PATIENCE)
    lock = job_lock(database_url, "mirror")
    assert lock.is_taken()
    inbox.put("stop")
    thread.join()
    assert lock.take()
    lock.release()


@on_sqlite
@pytest.mark.parametrize("is_one", [False, True])
def test_runs_that_share_their_output_tell_of_their_start_and_draw_no_bars(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, told: list[str], is_one: bool
) -> None:
    replace(runner, is_one_of_many=is_one).run(a_job(), inbox)
    shown = crawl.made[0].environment.get("FINEWS_PROGRESS")
    assert (shown, told) == (("0", ["mirror: started."]) if is_one else (None, []))


@on_sqlite
@pytest.mark.parametrize("code", [0, 1])
def test_only_a_failure_is_printed(
    runner: Runner, crawl: type[Crawl], capfdbinary: pytest.CaptureFixture[bytes], code: int
) -> None:
    crawl.code, crawl.output = code, "一行\n".encode()
    replace(runner, only_failures=True).run(a_job(), SimpleQueue())
    assert capfdbinary.readouterr().err == (crawl.output if code else b"")


# --- told to end -----------------------------------------------------------------------------


@on_sqlite
def test_a_run_is_told_to_end(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, told: list[str]
) -> None:
    crawl.lets_go = False
    inbox.put("stop")
    assert runner.run(a_job(), inbox).exit_code == 1
    assert ([one.signals for one in crawl.made], told) == (
        [[signal.SIGTERM]],
        ["mirror: told to end."],
    )


@on_sqlite
def test_a_run_that_takes_too_long_is_told_to_end(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, told: list[str]
) -> None:
    crawl.lets_go = False
    assert runner.run(a_job(timeout=timedelta(seconds=0.05)), inbox).exit_code == 1
    assert told == ["mirror: has run for 0:00:00.050000, which is its limit; told to end."]


@on_sqlite
def test_a_run_whose_lock_is_lost_is_told_to_end(
    runner: Runner,
    crawl: type[Crawl],
    inbox: Inbox,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crawl.lets_go = False
    states: list[LockState] = ["held", "away", "held", "taken"]

    class Lock:
        check = staticmethod(lambda: states.pop(0))
        take = staticmethod(lambda: True)
        release = staticmethod(lambda: None)

    monkeypatch.setattr(runner_module, "job_lock", lambda *_: Lock)
    assert runner.run(a_job(), inbox).exit_code == 1
    assert (states, told) == (
        [],
        ["mirror: lost its lock, and another run has it; told to end."],
    )
