"""The locks of a crawl: asked for, waited for, and looked at while it runs."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty
from threading import Event as Flag
from threading import Thread
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from finews.jobs.process import Event, Inbox
from finews_crawler.errors import StorageError
from pipelines.store.faults import fault_of
from pipelines.store.job_lock import JobLock, job_lock

Answer = TypeVar("Answer")
HOLDS_SITES = "FINEWS_HOLDS_SITES"
"""In the environment of a crawl whose parent holds the locks of its sites."""
# How often whoever waits asks again, in seconds.
_AGAIN = 1.0
IN_TIME: Sequence[Event] = ["lost"]
AT_ONCE: Sequence[Event] = ["lost", "lost"]
"""What a crawl is told that has lost a lock: to end, or, told twice, to die."""


def site_locks(url: str, sites: Iterable[str]) -> dict[str, JobLock]:
    """The locks of sites, the same for jobs and workers, in the order in which they are taken.

    It is the same for all crawls, so that no two of them wait for each other.

    Raises:
        StorageError: the database is of a kind that has no locks.
    """
    return {site: job_lock(url, f"site {site}") for site in sorted(set(sites))}


# --- before a crawl -------------------------------------------------------------------------------


def waited_for(
    take: Callable[[], bool | None], inbox: Inbox, tell: Callable[[], None], seconds: float
) -> bool | None:
    """Ask for a lock until it is free.

    Args:
        take: asks once; gives None when it was told to stop.
        inbox: where stopping is told.
        tell: called once, when the lock is not free.
        seconds: how long to go on.

    Returns:
        Whether it was taken; None when the inbox said stop meanwhile.
    """
    ends_at = time.monotonic() + seconds
    is_told = False
    while not (taken := take()):
        if taken is None:
            return None
        if not is_told:
            tell()
            is_told = True
        if time.monotonic() >= ends_at:
            return False
        if told_to_stop(inbox, _AGAIN):
            return None
    return True


def patiently(
    ask: Callable[[], Answer],
    inbox: Inbox,
    seconds: float,
    waits: Callable[[StorageError], None],
) -> Answer | None:
    """Ask until the database answers; None when the inbox said stop meanwhile.

    Args:
        ask: the question.
        inbox: where stopping is told.
        seconds: how long to go on.
        waits: called once, with the first error.

    Raises:
        StorageError: it did not answer in time, or waiting cannot help.
    """
    ends_at = time.monotonic() + seconds
    is_told = False
    while True:
        try:
            return ask()
        except StorageError as error:
            if not will_pass(error) or time.monotonic() >= ends_at:
                raise
            if not is_told:
                waits(error)
                is_told = True
        if told_to_stop(inbox, _AGAIN):
            return None


def told_to_stop(inbox: Inbox, seconds: float) -> bool:
    """Wait so long, or until the inbox says that this run must end."""
    with suppress(Empty):
        inbox.get(timeout=seconds)
        return True
    return False


def will_pass(error: StorageError) -> bool:
    """Whether it may help to wait."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and fault_of(cause) == "passing"


# --- during a crawl -------------------------------------------------------------------------------


@contextmanager
def watched(
    locks: Iterable[JobLock], inbox: Inbox, seconds: float, orders: Sequence[Event] = IN_TIME
) -> Iterator[None]:
    """Look at locks now and then; where another crawl has one, this one must end.

    A lock is lost with its connection. While the server is away nobody can take it; when it is back
    it is taken again, and only where another was faster two crawls may overlap, for so many
    seconds.

    Args:
        locks: those that the crawl holds.
        inbox: its own.
        seconds: between two looks.
        orders: what is put into the inbox when a lock is another's.
    """
    is_over = Flag()
    held = list(locks)

    def look() -> None:
        while not is_over.wait(seconds):
            if any(lock.check() == "taken" for lock in held):
                for order in orders:
                    inbox.put(order)
                return

    thread = Thread(target=look, name="looks at locks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
