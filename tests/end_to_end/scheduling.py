"""`finews jobs …` and `finews schedule` in processes of their own, as cron calls them."""

import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import Any, TypeVar

from sqlalchemy import NullPool, create_engine, text

from tests.processes import REPOSITORY, Program, finished

Answer = TypeVar("Answer")


def eventually(ask: Callable[[], Answer | None]) -> Answer:
    """The answer, when there is one."""
    while not (found := ask()):
        time.sleep(0.02)
    return found


class Command:
    """A command that runs, and the lines that it has printed on standard error."""

    def __init__(self, words: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.process = Program("finews", words, folder, environment)
        self.lines: list[str] = []
        self._more = Condition()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            with self._more:
                self.lines.append(line.rstrip("\n"))
                self._more.notify_all()

    def wait_for(self, words: str, count: int = 1) -> str:
        """The line in which these words stand, the `count`-th one."""

        def found() -> list[str]:
            return [line for line in self.lines if words in line]

        with self._more:
            assert self._more.wait_for(lambda: len(found()) >= count, timeout=120), self.lines
            return found()[count - 1]

    def ended(self) -> int:
        """Wait for its end; gives its exit code."""
        code = self.process.wait()
        self._reader.join()
        self.process.stderr.close()
        return code

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.ended()


@dataclass
class Machine:
    """A folder with a jobs file, and a database that several may share."""

    folder: Path
    url: str
    started: list[Command] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        own = {"FINEWS_DATABASE_URL": self.url, "FINEWS_LANGUAGE": "en"}
        return {**os.environ, **own, "PYTHONPATH": str(REPOSITORY)}

    def write(self, **jobs: Mapping[str, object]) -> Path:
        """Write the jobs file."""
        lines: list[str] = []
        for name, job in jobs.items():
            lines.append(f"[jobs.{name}]")
            lines += [f"{key} = {_toml(value)}" for key, value in job.items()]
        path = self.folder / "jobs.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    def start(self, *words: str) -> Command:
        self.started.append(Command(list(words), self.folder, self.environment))
        return self.started[-1]

    def run(self, *words: str) -> tuple[int, list[str]]:
        """The exit code of a command, and what it printed."""
        command = self.start(*words)
        return command.ended(), command.lines

    def end_all(self) -> None:
        for command in self.started:
            if command.process.poll() is None:
                command.send(signal.SIGKILL)
                command.ended()

    def rows(self, query: str) -> list[Any]:
        with create_engine(self.url, poolclass=NullPool).connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def runs(self) -> list[Any]:
        """The crawls so far: job, reason, outcome."""
        return self.rows("SELECT job, reason, outcome FROM crawl_run ORDER BY id")

    def output(self, *words: str) -> str:
        """What a command that succeeds prints on standard output."""
        done = finished("finews", words, self.folder, {**self.environment, "COLUMNS": "200"})
        done.check_returncode()
        return done.stdout

    def states(self) -> dict[str, dict[str, Any]]:
        rows = [json.loads(line) for line in self.output("jobs", "times", "--json").splitlines()]
        return {row["name"]: row for row in rows}


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)
