"""Workers in processes of their own, and what their queue tells."""

import json
import os
import signal
from pathlib import Path
from typing import Any

from finews.queue.statements import OPEN_UNITS
from tests.end_to_end.scheduling import Command, Machine


class Worker(Command):
    """A worker that runs, and the lines that it has printed."""

    def kill(self) -> None:
        """As when its machine loses power."""
        self.send(signal.SIGKILL)
        self.ended()


class Yard(Machine):
    """A machine on which workers run."""

    def worker(self, *words: str, lease: str = "12s", url: str | None = None) -> Worker:
        """Start a worker."""
        more = {} if url is None else {"FINEWS_DATABASE_URL": url}
        environment = {**self.environment, **more}
        given = ["worker", "--lease", lease, "--pause", "1s", *words]
        self.started.append(made := Worker(given, self.folder, environment))
        return made

    def units(self) -> list[dict[str, Any]]:
        """All units, the oldest first."""
        states = ("waiting", "running", "done", "failed", "cancelled")
        chosen = [word for state in states for word in ("--status", state)]
        lines = self.output("jobs", "list", "--json", "--limit", "1000", *chosen).splitlines()
        return [json.loads(line) for line in reversed(lines)]

    def states(self) -> dict[int, str]:  # type: ignore[override]  # of units, not of jobs
        return {one["id"]: one["state"] for one in self.units()}

    def open_units(self) -> int:
        """How many units wait or run."""
        return int(self.rows(str(OPEN_UNITS))[0][0])


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for one in listed for word in one.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
