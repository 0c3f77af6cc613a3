"""The right of a worker to the units that it has: renewed every few seconds, lost in silence.

Another worker takes the units of one that was silent for `Terms.silence`. So that no unit ever runs
twice at a time, the silent one must have ended its crawls before that. It may be silent because its
network is gone, and then no answer of the database will tell it: a clock does.

procrastinate has a heartbeat of its own, which ends when the worker is told to stop, while its last
jobs still run (https://github.com/procrastinate-org/procrastinate/pull/1585).
"""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread

import psycopg

from finews.queue.settings import conninfo
from finews.queue.statements import BEAT
from finews.queue.terms import Terms


def awake_seconds() -> float:
    """A clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """Says that a worker lives, in threads of its own."""

    def __init__(
        self,
        terms: Terms,
        on_lost: Callable[[], None],
        clock: Callable[[], float] = awake_seconds,
    ) -> None:
        """Start nothing yet.

        Args:
            terms: the worker's.
            on_lost: called once when the right is lost, in one of the threads.
            clock: seconds.
        """
        beat = terms.beat.total_seconds()
        # A question must not hang for longer than a beat.
        patience = {"connect_timeout": max(2, int(beat)), "tcp_user_timeout": int(beat * 1000)}
        self._conninfo = conninfo(terms.url, f"finews lease {terms.name}", **patience)
        self._beat = beat
        self._limit = terms.gives_up_after.total_seconds()
        self._on_lost = on_lost
        self._clock = clock
        self._changed = Condition()
        self._worker_id: int | None = None
        self._renewed_at = 0.0
        self._is_closed = False
        self._connection: psycopg.Connection | None = None
        self._threads = [
            Thread(target=self._renew, name="renews a lease", daemon=True),
            Thread(target=self._watch, name="watches a lease", daemon=True),
        ]

    @property
    def is_held(self) -> bool:
        """Whether there is a right to lose."""
        return self._worker_id is not None

    def start(self) -> None:
        """Begin to renew and to watch."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End both threads."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._disconnect()

    def begin(self, worker_id: int) -> None:
        """The database knows the worker from now on, by this number."""
        with self._changed:
            self._worker_id, self._renewed_at = worker_id, self._clock()

    def end(self) -> None:
        """The worker has nothing any more."""
        with self._changed:
            self._worker_id = None

    def lose(self, worker_id: int | None = None) -> None:
        """Take the worker of this number, or any, for dead."""
        with self._changed:
            if self._worker_id is None or worker_id not in {None, self._worker_id}:
                return
            self._worker_id = None
        self._on_lost()

    # --- threads ---------------------------------------------------------------------------------

    def _rests(self, seconds: float) -> bool:
        """Wait; False when it is closed."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._is_closed, seconds)

    def _renew(self) -> None:
        while self._rests(self._beat):
            worker_id = self._worker_id
            if worker_id is None:
                continue
            asked_at = self._clock()
            is_known = self._said(worker_id)
            if is_known is False:
                self.lose(worker_id)
            elif is_known:
                with self._changed:
                    if self._worker_id == worker_id:
                        self._renewed_at = asked_at

    def _watch(self) -> None:
        while self._rests(min(1.0, self._beat / 2)):
            with self._changed:
                worker_id, silent_for = self._worker_id, self._clock() - self._renewed_at
            if worker_id is not None and silent_for > self._limit:
                self.lose(worker_id)

    def _said(self, worker_id: int) -> bool | None:
        """Say that the worker lives: whether the database knows it; None: no answer."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._conninfo, autocommit=True)
            answer = self._connection.execute(BEAT, {"worker_id": worker_id})
            return answer.fetchone() is not None
        except psycopg.Error:
            self._disconnect()
            return None

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()
