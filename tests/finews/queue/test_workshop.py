"""A unit under way: its hosts are locked, its crawl is watched, its end is judged."""

import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest

from finews.jobs import locks as locks_module
from finews.jobs.process import Inbox
from finews.queue import workshop as workshop_module
from finews.queue.policy import Verdict
from finews.queue.terms import Terms
from finews.queue.workshop import Try, Workshop
from finews_crawler.errors import StorageError
from pipelines.store.job_lock import JobLock, job_lock
from tests.end_to_end.scheduling import eventually
from tests.finews.queue.making import a_unit

SILENCE = timedelta(seconds=30)


class Crawl:
    """Stands where a crawl would: ends when it is let, or told to."""

    made: list["Crawl"]
    code = 0
    lets_go = True
    is_deaf = False
    """Whether it ends only when it is killed."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], inbox: Inbox) -> None:
        self.command, self.environment, self.inbox = list(command), environment, inbox
        self.signals: list[signal.Signals] = []
        self.exit_code = self.code
        self.made.append(self)
        if self.lets_go:
            inbox.put("ended")

    def send(self, number: signal.Signals) -> None:
        self.signals.append(number)
        self.exit_code = 128 + number
        if number == signal.SIGKILL or not self.is_deaf:
            self.inbox.put("ended")


@pytest.fixture
def crawl(monkeypatch: pytest.MonkeyPatch) -> type[Crawl]:
    made = type("Crawl", (Crawl,), {"made": []})
    monkeypatch.setattr(workshop_module, "Child", made)
    monkeypatch.setattr(locks_module, "_AGAIN", 0.01)
    return made


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def url(tmp_path: Any) -> str:
    """The locks of a SQLite database are files, and work in the same way."""
    return f"sqlite:///{tmp_path / 'finews.db'}"


@pytest.fixture
def workshop(crawl: type[Crawl], url: str, told: list[str]) -> Workshop:
    assert crawl.made == []
    return Workshop(Terms(url=url, silence=SILENCE), told.append)


@pytest.fixture
def held(url: str) -> Iterator[JobLock]:
    """The lock of the site, held by another."""
    lock = job_lock(url, "site site.test")
    assert lock.take()
    yield lock
    lock.release()


class Running:
    """A unit that runs in a thread."""

    def __init__(self, workshop: Workshop, current: Try) -> None:
        self.current = current
        self._verdicts: list[Verdict] = []
        self._thread = Thread(target=lambda: self._verdicts.append(workshop.run(current)))
        self._thread.start()

    def verdict(self) -> Verdict:
        self._thread.join()
        return self._verdicts[0]


@pytest.fixture
def begin(crawl: type[Crawl], workshop: Workshop) -> Callable[[], Running]:
    """A crawl that goes on until it is told to end."""
    crawl.lets_go = False

    def begun() -> Running:
        running = Running(workshop, Try(7, a_unit(), 0))
        eventually(lambda: crawl.made)
        return running

    return begun


def test_a_crawl_is_told_what_the_unit_says(
    workshop: Workshop, crawl: type[Crawl], url: str, told: list[str]
) -> None:
    unit = a_unit(settings={"LOG_LEVEL": "ERROR"})
    assert workshop.run(Try(7, unit, 2)) == Verdict("done", 0)
    (made,) = crawl.made
    assert made.command[-5:] == ["category", "-a", "categories=k1", "-s", "LOG_LEVEL=ERROR"]
    own = ("FINEWS_DATABASE_URL", "FINEWS_JOB", "FINEWS_PROGRESS")
    assert [made.environment[name] for name in own] == [url, "mirror", "0"]
    assert told == ["7 mirror (k1): started, try 3.", "7 mirror (k1): ok after 0 s."]
    assert workshop.is_empty


def test_a_unit_of_no_job_names_none(workshop: Workshop, crawl: type[Crawl]) -> None:
    workshop.run(Try(7, a_unit(job=None), 0))
    assert crawl.made[0].environment["FINEWS_JOB"] == ""


@pytest.mark.parametrize(
    ("code", "verdict", "line"),
    [
        (3, Verdict("done", 3), "degraded after 0 s."),
        (1, Verdict("again", 1, timedelta(minutes=1)), "failed after 0 s; tried again in 60 s."),
        (2, Verdict("failed", 2), "not started after 0 s; not tried again: finews jobs retry."),
    ],
)
def test_an_end_is_judged_and_told(
    workshop: Workshop,
    crawl: type[Crawl],
    told: list[str],
    *,
    code: int,
    verdict: Verdict,
    line: str,
) -> None:
    crawl.code = code
    assert workshop.run(Try(7, a_unit(), 0)) == verdict
    assert told[-1] == f"7 mirror (k1): {line}"


def test_all_hosts_of_a_unit_are_locked(
    workshop: Workshop, begin: Callable[[], Running], url: str
) -> None:
    running = begin()
    lock = job_lock(url, "site site.test")
    assert lock.is_taken()
    workshop.stop()
    running.verdict()
    assert not lock.is_taken()


def test_a_unit_waits_for_a_site(
    workshop: Workshop, crawl: type[Crawl], held: JobLock, told: list[str]
) -> None:
    running = Running(workshop, Try(7, a_unit(hosts=("a.test",)), 0))
    eventually(lambda: told)
    assert told == ["7 mirror (k1): waits until nobody else reads site.test."]
    assert crawl.made == []
    held.release()
    assert running.verdict() == Verdict("done", 0)


def test_it_does_not_wait_for_ever(crawl: type[Crawl], url: str, held: JobLock) -> None:
    """Its slot is for others meanwhile."""
    workshop = Workshop(Terms(url=url, silence=timedelta()), lambda _: None)
    assert workshop.run(Try(7, a_unit(), 0)) == Verdict("given_back", None, timedelta())
    assert (crawl.made, held.check()) == ([], "held")


def test_one_that_waits_can_be_stopped(workshop: Workshop, held: JobLock, told: list[str]) -> None:
    running = Running(workshop, Try(7, a_unit(), 0))
    eventually(lambda: told)
    workshop.stop()
    assert running.verdict() == Verdict("given_back", None)
    assert held.check() == "held"


@pytest.mark.parametrize("end", [Workshop.stop, Workshop.abandon])
def test_a_unit_that_was_fetched_at_the_last_moment_is_not_begun(
    workshop: Workshop, crawl: type[Crawl], end: Callable[[Workshop], None]
) -> None:
    end(workshop)
    assert workshop.run(Try(7, a_unit(), 0)) == Verdict("given_back", None)
    assert (crawl.made, workshop.is_empty) == ([], True)
    workshop.open()
    assert workshop.run(Try(7, a_unit(), 0)) == Verdict("done", 0)


@pytest.mark.parametrize("number", [None, 7])
def test_a_crawl_is_told_to_end(
    workshop: Workshop, begin: Callable[[], Running], crawl: type[Crawl], number: int | None
) -> None:
    running = begin()
    workshop.stop(8)
    workshop.stop(number)
    assert running.verdict() == Verdict("given_back", 128 + signal.SIGTERM)
    assert crawl.made[0].signals == [signal.SIGTERM]


def test_whoever_is_told_twice_is_killed(
    workshop: Workshop, begin: Callable[[], Running], crawl: type[Crawl], told: list[str]
) -> None:
    crawl.is_deaf = True
    running = begin()
    workshop.stop()
    workshop.stop()
    assert running.verdict() == Verdict("given_back", 128 + signal.SIGKILL)
    assert [line.partition(": ")[2] for line in told[1:3]] == [
        "told to end.",
        "did not end; killed.",
    ]


def test_a_worker_without_a_right_kills_at_once(
    workshop: Workshop, begin: Callable[[], Running], crawl: type[Crawl], told: list[str]
) -> None:
    crawl.is_deaf = True
    running = begin()
    workshop.abandon()
    assert running.verdict() == Verdict("given_back", 128 + signal.SIGKILL)
    assert crawl.made[0].signals == [signal.SIGTERM, signal.SIGKILL]
    assert told[1] == "7 mirror (k1): another worker may have it; killed."


def test_a_lost_lock_kills_the_crawl(
    crawl: type[Crawl], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    crawl.lets_go, crawl.is_deaf = False, True
    lock = job_lock(url, "site site.test")
    is_taken = Flag()
    monkeypatch.setattr(lock, "check", lambda: "taken" if is_taken.is_set() else "held")
    monkeypatch.setattr(locks_module, "job_lock", lambda *_: lock)
    workshop = Workshop(Terms(url=url, silence=timedelta(seconds=0.1)), lambda _: None)
    running = Running(workshop, Try(7, a_unit(), 0))
    eventually(lambda: crawl.made)
    is_taken.set()
    assert running.verdict() == Verdict("given_back", 128 + signal.SIGKILL)


def test_a_crawl_that_could_not_begin_without_the_database_is_no_fault(
    workshop: Workshop, crawl: type[Crawl], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    crawl.code = 2
    lock = job_lock(url, "site site.test")
    monkeypatch.setattr(lock, "check", lambda: "away")
    monkeypatch.setattr(locks_module, "job_lock", lambda *_: lock)
    assert workshop.run(Try(7, a_unit(), 0)) == Verdict("given_back", 2, SILENCE / 6)


@pytest.mark.parametrize(
    ("error", "verdict", "line"),
    [
        (StorageError("no answer"), Verdict("given_back", None, SILENCE / 6), "no answer; given"),
        (OSError("no memory"), Verdict("given_back", None, SILENCE), "no memory; given back"),
        (KeyError("x"), Verdict("failed", None), "KeyError: 'x'"),
    ],
)
def test_what_goes_wrong_before_the_crawl(
    crawl: type[Crawl],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    *,
    error: Exception,
    verdict: Verdict,
    line: str,
) -> None:
    told: list[str] = []
    workshop = Workshop(Terms(url=url, silence=SILENCE), told.append)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(crawl, "__init__", fail)
    assert workshop.run(Try(7, a_unit(), 0)) == verdict
    assert line in told[-1]
    assert workshop.is_empty
