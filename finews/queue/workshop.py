"""Units under way: each a crawl in a process of its own, under the locks of the hosts it reads."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import Literal

from finews.crawling import crawl_command, crawl_environment
from finews.jobs.locks import AT_ONCE, HOLDS_SITES, site_locks, waited_for, watched
from finews.jobs.process import Cause, Child, Ending, Inbox, Limits, supervise
from finews.jobs.table import outcome_text
from finews.messages import text
from finews.queue.policy import Verdict, judged
from finews.queue.terms import Terms
from finews.queue.units import Unit
from finews_crawler.commands.crawl import EXIT_NOT_STARTED
from finews_crawler.errors import StorageError
from pipelines.store.job_lock import JobLock

_TOLD: Mapping[Cause | Literal["killed"], str] = {
    "stop": "unit_told_to_end",
    "lost": "unit_taken",
    "timeout": "unit_timed_out",
    "killed": "unit_killed",
}


@dataclass(slots=True)
class Try:
    """A unit under way."""

    number: int
    """Of the unit in the queue."""
    unit: Unit
    failures: int
    """Tries of it that failed."""
    inbox: Inbox = field(default_factory=SimpleQueue)

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{self.number} {self.unit.name}"


class Workshop:
    """Runs units, each in the thread that asks for it: that thread is the parent of its crawl."""

    def __init__(self, terms: Terms, say: Callable[[str], None]) -> None:
        self._terms = terms
        self._say = say
        self._guard = Lock()
        self._tries: list[Try] = []
        self._is_shut = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is under way."""
        with self._guard:
            return not self._tries

    def open(self) -> None:
        """Take units (again)."""
        with self._guard:
            self._is_shut = False

    def stop(self, number: int | None = None) -> None:
        """Tell the crawl of a unit, or all, to end; whoever is told twice is killed."""
        for one in self._chosen(number):
            one.inbox.put("stop")

    def abandon(self) -> None:
        """Kill all crawls at once: what they read is another worker's now."""
        for one in self._chosen(None):
            one.inbox.put("lost")
            one.inbox.put("lost")

    def run(self, current: Try) -> Verdict:
        """Crawl, when nobody else reads the hosts of a unit.

        The hosts are locked by connections of this process. Where the process is only stopped for a
        while, its crawl goes on; another worker that was given the unit then waits here.
        """
        with self._guard:
            if self._is_shut:
                return Verdict("given_back", None)
            self._tries.append(current)
        try:
            return self._run(current)
        finally:
            with self._guard:
                self._tries.remove(current)

    def _chosen(self, number: int | None) -> list[Try]:
        """A unit, or all: then also one that was fetched and comes a moment later."""
        with self._guard:
            self._is_shut = self._is_shut or number is None
            return [one for one in self._tries if number in {None, one.number}]

    def _run(self, current: Try) -> Verdict:
        locks = site_locks(self._terms.url, current.unit.locks)
        try:
            refused = self._refusal(current, locks)
            return refused or self._crawled(current, locks)
        except StorageError as error:
            self._say(text("unit_waits", unit=current.name, error=error))
            return Verdict("given_back", None, self._terms.beat)
        except OSError as error:  # this machine can start no process
            self._say(text("unit_waits", unit=current.name, error=error))
            return Verdict("given_back", None, self._terms.silence)
        except Exception as error:  # noqa: BLE001 - the edge of a unit: the others go on
            named = f"{type(error).__name__}: {error}"
            self._say(text("unit_unreadable", unit=current.name, error=named))
            return Verdict("failed", None)
        finally:
            for lock in locks.values():
                lock.release()

    def _refusal(self, current: Try, locks: Mapping[str, JobLock]) -> Verdict | None:
        """Take the locks, one after the other; a verdict when that cannot be."""
        for site, lock in locks.items():
            line = text("site_is_read", unit=current.name, site=site)
            tell = partial(self._say, line)
            seconds = self._terms.silence.total_seconds()
            taken = waited_for(lock.take, current.inbox, tell, seconds)
            if not taken:
                return Verdict("given_back", None, None if taken is None else self._terms.silence)
        return None

    def _crawled(self, current: Try, locks: Mapping[str, JobLock]) -> Verdict:
        self._say(text("unit_started", unit=current.name, number=current.failures + 1))
        began = time.monotonic()
        beat = self._terms.beat.total_seconds()
        with watched(locks.values(), current.inbox, beat, AT_ONCE):
            ending = self._ending(current)
        verdict = judged(ending, current.failures, self._terms.first_pause)
        is_away = any(lock.check() != "held" for lock in locks.values())
        if ending.exit_code == EXIT_NOT_STARTED and verdict.fate == "failed" and is_away:
            # It may not have been started because the database was away.
            verdict = Verdict("given_back", ending.exit_code, self._terms.beat)
        self._tell(current, verdict, time.monotonic() - began)
        return verdict

    def _ending(self, current: Try) -> Ending:
        unit = current.unit
        own = {"FINEWS_DATABASE_URL": self._terms.url, "FINEWS_PROGRESS": "0"}
        own |= {"FINEWS_JOB": unit.job or "", HOLDS_SITES: "1"}
        command = crawl_command(unit.spider, unit.arguments, unit.settings)
        child = Child(command, crawl_environment(**own), current.inbox)

        def told(cause: Cause | Literal["killed"]) -> None:
            self._say(text(_TOLD[cause], unit=current.name, timeout=unit.timeout))

        return supervise(child, Limits(unit.timeout, unit.grace), current.inbox, told)

    def _tell(self, current: Try, verdict: Verdict, seconds: float) -> None:
        pause = timedelta() if verdict.pause is None else verdict.pause
        told = {
            "unit": current.name,
            "outcome": outcome_text(verdict.exit_code),
            "seconds": round(seconds),
            "pause": round(pause.total_seconds()),
        }
        self._say(text(f"unit_{verdict.fate}", **told))
