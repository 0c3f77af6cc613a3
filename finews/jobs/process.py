"""A command under watch: told to end when it must, killed when it does not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Literal

Event = Literal["ended", "stop", "lost"]
"""The command has ended; it must end; it must end because its lock is another's."""
Inbox = SimpleQueue[Event]
Cause = Literal["stop", "lost", "timeout"]
"""Why a command was told to end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a command may run, and how long it may take to end when it is told to."""

    timeout: timedelta | None
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended."""

    exit_code: int
    """Its own; 128 + N when signal N ended it, as a shell has it."""
    cause: Cause | None = None
    """Why it was told to end; None when it ended by itself."""
    killed: bool = False
    """Whether it had to be killed."""


class Child:
    """A command in a process group of its own: Ctrl-C on a terminal reaches only its parent."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        inbox: Inbox,
        output: IO[bytes] | None = None,
    ) -> None:
        guarded = (sys.executable, "-P", "-m", "finews.jobs.child", str(os.getpid()), *command)
        self._process = subprocess.Popen(  # noqa: S603 - the words are the job's own
            guarded,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            start_new_session=True,
        )
        self._inbox = inbox
        self._waiter = Thread(target=self._wait, name="waits for a crawl", daemon=True)
        self._waiter.start()

    @property
    def exit_code(self) -> int:
        """How it ended; only when it has."""
        code = self._process.wait()
        self._waiter.join()
        return code if code >= 0 else 128 - code

    def send(self, number: signal.Signals) -> None:
        """Send a signal to its group; one that has ended gets none."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _wait(self) -> None:
        self._process.wait()
        self._inbox.put("ended")


class _Watch:
    """What has been asked of a child so far."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self._child = child
        self._grace = limits.grace
        self.cause: Cause | None = None
        self.killed = False
        self.acts_at = _from_now(limits.timeout) if limits.timeout else None

    def end(self, cause: Cause) -> None:
        """Tell it to end; whoever is told twice is killed, as is one that takes too long."""
        if self.cause is None:
            self.cause = cause
            self._child.send(signal.SIGTERM)
            self.acts_at = _from_now(self._grace)
        else:
            self._child.send(signal.SIGKILL)
            self.killed = True
            self.acts_at = None

    def seconds_left(self) -> float | None:
        """Until time itself is a reason to act; None: never."""
        return None if self.acts_at is None else max(0.0, self.acts_at - time.monotonic())


def _from_now(span: timedelta) -> float:
    return time.monotonic() + span.total_seconds()


def _next(inbox: Inbox, seconds: float | None) -> Event | Literal["timeout"]:
    try:
        return inbox.get(timeout=seconds)
    except Empty:
        return "timeout"


def supervise(
    child: Child, limits: Limits, inbox: Inbox, told: Callable[[Cause | Literal["killed"]], None]
) -> Ending:
    """Wait until a child has ended, and see to it that it does.

    Args:
        child: the command that runs.
        limits: its time.
        inbox: where it is told that the child has ended or must end.
        told: called when the child is told to end, and when it is killed.
    """
    watch = _Watch(child, limits)
    while (event := _next(inbox, watch.seconds_left())) != "ended":
        was_killed = watch.killed
        watch.end(event)
        if not was_killed:
            told("killed" if watch.killed else event)
    return Ending(child.exit_code, watch.cause, watch.killed)
