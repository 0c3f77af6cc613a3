"""Locks of a crawl: waited for, of a database that may be away, and looked at while it runs."""

import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from finews.jobs import locks as locks_module
from finews.jobs.locks import (
    AT_ONCE,
    IN_TIME,
    patiently,
    site_locks,
    waited_for,
    watched,
    will_pass,
)
from finews.jobs.process import Event, Inbox
from finews_crawler.errors import StorageError
from pipelines.store.job_lock import JobLock, LockState, job_lock
from tests.finews.jobs.conftest import PATIENCE, on_sqlite

# --- waiting ---------------------------------------------------------------------------------


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks_module, "_AGAIN", 0)


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(
    ("answers", "seconds", "taken", "told"),
    [
        ([True], 0, True, 0),
        ([False], 0, False, 1),
        ([False, False, True], PATIENCE, True, 1),
        ([False, None], PATIENCE, None, 1),
    ],
)
def test_a_lock_is_waited_for(
    inbox: Inbox,
    *,
    answers: list[bool | None],
    seconds: float,
    taken: bool | None,
    told: int,
) -> None:
    lines: list[str] = []
    found = waited_for(lambda: answers.pop(0), inbox, lambda: lines.append("taken"), seconds)
    assert (found, len(lines), answers) == (taken, told, [])


def test_who_waits_for_a_lock_can_be_stopped(inbox: Inbox) -> None:
    inbox.put("stop")
    assert waited_for(lambda: False, inbox, lambda: None, PATIENCE) is None


def test_sites_are_locked_in_one_order_for_all(database_url: str) -> None:
    made = site_locks(database_url, ["b.test:8000", "a.test", "a.test"])
    assert list(made) == ["a.test", "b.test:8000"]
    assert all(lock.take() for lock in made.values())
    assert job_lock(database_url, "site b.test:8000").is_taken()
    for lock in made.values():
        lock.release()


# --- a database that is away -----------------------------------------------------------------


def away(count: int) -> Callable[[], str]:
    """A question that the database answers at last."""
    left = [OperationalError("SELECT", {}, Exception("refused"))] * count

    def ask() -> str:
        if left:
            raise StorageError("the database does not answer") from left.pop()
        return "answer"

    return ask


@pytest.mark.usefixtures("no_pause")
def test_a_question_is_asked_until_it_is_answered(inbox: Inbox) -> None:
    waits: list[StorageError] = []
    assert patiently(away(5), inbox, PATIENCE, waits.append) == "answer"
    assert [str(error) for error in waits] == ["the database does not answer"]


@pytest.mark.usefixtures("no_pause")
def test_patience_ends(inbox: Inbox) -> None:
    with pytest.raises(StorageError, match="the database does not answer"):
        patiently(away(5), inbox, 0, print)


def test_who_waits_can_be_stopped(inbox: Inbox) -> None:
    inbox.put("stop")
    assert patiently(away(5), inbox, PATIENCE, lambda _error: None) is None


def test_what_waiting_cannot_mend_is_not_waited_for(inbox: Inbox) -> None:
    def ask() -> None:
        raise StorageError("no lock")

    with pytest.raises(StorageError, match="no lock"):
        patiently(ask, inbox, PATIENCE, print)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (OperationalError("SELECT", {}, Exception("refused")), True),
        (ProgrammingError("SELECT", {}, Exception("no table")), False),
        (OSError("no file"), False),
        (None, False),
    ],
)
def test_what_will_pass(cause: BaseException | None, expected: bool) -> None:
    error = StorageError("away")
    error.__cause__ = cause
    assert will_pass(error) is expected


# --- a look now and then ---------------------------------------------------------------------


@on_sqlite
def test_a_lock_is_looked_at_until_the_run_is_over(inbox: Inbox, held: JobLock) -> None:
    looks = SimpleQueue[None]()

    class Lock:
        @staticmethod
        def check() -> LockState:
            looks.put(None)
            return held.check()

    with watched([Lock], inbox, 0.001):  # type: ignore[list-item]  # only this is asked
        for _ in range(3):
            looks.get(timeout=PATIENCE)
    number = looks.qsize()
    time.sleep(0.01)
    assert (looks.qsize(), inbox.empty()) == (number, True)


@pytest.mark.parametrize("orders", [IN_TIME, AT_ONCE])
def test_a_lock_that_another_has_ends_the_crawl(inbox: Inbox, orders: Sequence[Event]) -> None:
    states: list[LockState] = ["held", "away", "taken"]

    class Lock:
        check = staticmethod(lambda: states.pop(0))

    with watched([Lock], inbox, 0.001, orders):  # type: ignore[list-item]  # only this is asked
        heard = [inbox.get(timeout=PATIENCE) for _ in orders]
    assert (heard, states, inbox.empty()) == (orders, [], True)
