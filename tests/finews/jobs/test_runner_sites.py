"""A run reads its sites alone: it waits for whoever reads them, and others wait for it."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Literal

import pytest

from finews.jobs import locks as locks_module
from finews.jobs.process import Inbox
from finews.jobs.runner import RunEnd, Runner
from pipelines.store.job_lock import JobLock, job_lock
from pipelines.store.job_states import job_states
from tests.end_to_end.scheduling import eventually
from tests.finews.jobs.conftest import PATIENCE, Crawl, on_sqlite
from tests.finews.jobs.making import a_job

SITE = {"site": "http://site.test/", "full": "1", "endpoint": "http://texts.test/"}
both_rules = pytest.mark.parametrize("overlap", ["skip", "wait"])
WAITS = "mirror: waits until nobody else reads site.test: finews runs tells who does."


@pytest.fixture
def read(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobLock]:
    """The site, read by a worker or another job."""
    monkeypatch.setattr(locks_module, "_AGAIN", 0.01)
    lock = job_lock(database_url, "site site.test")
    assert lock.take()
    yield lock
    lock.release()


class Running:
    """A run in a thread."""

    def __init__(self, runner: Runner, overlap: Literal["skip", "wait"] = "skip") -> None:
        self.inbox: Inbox = SimpleQueue()
        self._ends: list[RunEnd] = []
        job = a_job(arguments=SITE, overlap=overlap)
        self._thread = Thread(target=lambda: self._ends.append(runner.run(job, self.inbox)))
        self._thread.start()

    def end(self) -> RunEnd:
        self._thread.join()
        return self._ends[0]


def test_all_sites_of_a_job_are_locked_while_it_runs(
    runner: Runner, crawl: type[Crawl], database_url: str
) -> None:
    crawl.lets_go = False
    running = Running(runner)
    assert crawl.begun.wait(PATIENCE)
    locks = [job_lock(database_url, f"site {name}") for name in ("site.test", "texts.test")]
    assert [one.is_taken() for one in locks] == [True, True]
    assert crawl.made[0].environment["FINEWS_HOLDS_SITES"] == "1"
    running.inbox.put("stop")
    running.end()
    assert [one.is_taken() for one in locks] == [False, False]


@both_rules
def test_a_run_waits_for_its_site_whatever_its_overlap(
    runner: Runner,
    crawl: type[Crawl],
    told: list[str],
    read: JobLock,
    overlap: Literal["skip", "wait"],
) -> None:
    running = Running(runner, overlap)
    eventually(lambda: told)
    assert (told, crawl.made) == ([WAITS], [])
    read.release()
    assert (running.end().outcome, told) == ("ran", [WAITS])


def test_a_run_that_waits_goes_on_for_the_next(
    runner: Runner, told: list[str], read: JobLock, inbox: Inbox
) -> None:
    """So at most one run of a job waits, and `finews jobs times` shows since when."""
    running = Running(runner)
    eventually(lambda: job_states(runner.engine).get("mirror"))
    assert runner.run(a_job(arguments=SITE), inbox).outcome == "running"
    assert told[0] == WAITS
    assert told[1].startswith("mirror: still running since 2026-11-25 12:00:00 on ")
    read.release()
    assert running.end().outcome == "ran"


def test_a_run_that_waits_for_its_site_can_be_stopped(
    runner: Runner, crawl: type[Crawl], read: JobLock
) -> None:
    running = Running(runner)
    running.inbox.put("stop")
    end = running.end()
    assert (end.outcome, end.exit_code, crawl.made) == ("stopped", 2, [])
    assert runner.notebook.close(PATIENCE) == []
    noted = job_states(runner.engine)["mirror"]
    assert (noted.is_open, noted.last_exit_code, read.check()) == (False, 2, "held")


@on_sqlite
def test_what_cannot_be_understood_is_left_to_the_crawl(
    runner: Runner, crawl: type[Crawl], inbox: Inbox
) -> None:
    """It ends with 2 before its first request, and tells whoever is to be told."""
    crawl.code = 2
    end = runner.run(a_job(spider="share", arguments={"file": "/nowhere"}), inbox)
    assert (end.outcome, end.exit_code, len(crawl.made)) == ("ran", 2, 1)
