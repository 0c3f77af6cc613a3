"""Notes what becomes of jobs, in a thread of its own: no run waits for a database that is away."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Condition, Thread
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from finews.jobs.definition import Job
from finews.messages import text
from finews_crawler.errors import one_line


class Write(Protocol):
    """Writes what has changed of a job."""

    def __call__(self, job: Job, now: datetime, changed: Mapping[str, object], /) -> None:
        """Do it.

        Raises:
            SQLAlchemyError: the database does not take it.
        """


class Notebook:
    """Keeps what the database does not take until it does; the newest value of a column counts."""

    def __init__(
        self,
        write: Write,
        say: Callable[[str], None],
        now: Callable[[], datetime],
        pause: float = 5.0,
    ) -> None:
        self._write = write
        self._say = say
        self._now = now
        self._pause = pause
        self._waiting: dict[str, tuple[Job, dict[str, object]]] = {}
        self._changed = Condition()
        self._is_closed = False
        self._is_away = False
        self._thread = Thread(target=self._work, name="notes of jobs", daemon=True)
        self._thread.start()

    def note(self, job: Job, **changed: object) -> None:
        """Write it soon; returns at once."""
        with self._changed:
            _, waiting = self._waiting.get(job.name, (job, {}))
            self._waiting[job.name] = (job, {**waiting, **changed})
            self._changed.notify()

    def close(self, seconds: float) -> list[str]:
        """Write what waits; gives the names of the jobs for which there was no time."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(seconds)
        with self._changed:
            left = sorted(self._waiting)
            self._waiting.clear()
            return left

    def _work(self) -> None:
        while self._wait_for_work():
            with self._changed:
                waiting = dict(self._waiting)
            for job, changed in waiting.values():
                if not self._written(job, changed):
                    self._rest()
                    break

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            return bool(self._waiting)

    def _written(self, job: Job, changed: Mapping[str, object]) -> bool:
        try:
            self._write(job, self._now(), changed)
        except SQLAlchemyError as error:
            if not self._is_away:
                self._is_away = True
                self._say(text("job_notes_wait", error=one_line(error)))
            return False
        self._forget(job.name, changed)
        if self._is_away:
            self._is_away = False
            self._say(text("job_notes_go_on"))
        return True

    def _forget(self, name: str, written: Mapping[str, object]) -> None:
        """What was noted meanwhile stays."""
        with self._changed:
            if name not in self._waiting:
                return
            job, changed = self._waiting.pop(name)
            left = {
                key: value
                for key, value in changed.items()
                if key not in written or written[key] != value
            }
            if left:
                self._waiting[name] = (job, left)

    def _rest(self) -> None:
        """A closed notebook tries on, for as long as `close` waits."""
        with self._changed:
            if self._is_closed:
                self._changed.wait(0.2)
            else:
                self._changed.wait_for(lambda: self._is_closed, self._pause)
