"""`scrapy` and `finews` in processes of their own, which have imported all before they begin.

Most of what a short crawl costs is its imports. A nursery, `python -m tests.processes`, does them
once; for each order it forks, and the child becomes the program that was ordered. To its user it is
like any other: it has a number, it can be killed, and it ends with a code.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

REPOSITORY = Path(__file__).resolve().parent.parent
# What is imported only when a crawl begins, beside what Scrapy's own settings name.
LATE = (
    "itemadapter",
    "pypinyin",
    "scrapy.cmdline",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
)
# Its values come from the environment, of which each child has its own.
SETTINGS = "finews_crawler.settings"


# --- the side of the tests ------------------------------------------------------------------------


class Program:
    """A program that runs; of `subprocess.Popen` it has what tests use.

    Its standard output goes to `output`, which is a file's number, or nowhere.
    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        output: int | None = None,
    ) -> None:
        self.returncode: int | None = None
        told, telling = os.pipe()
        self.stderr: TextIO = os.fdopen(told, encoding="utf-8")
        order = {"argv": [name, *words], "cwd": str(cwd), "environment": dict(environment)}
        self._line = nursery().order(json.dumps(order), output, telling)
        os.close(telling)
        self.pid = _heard(self._line)

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = _heard(self._line)
            self._line.close()
        return self.returncode

    def communicate(self) -> tuple[None, str]:
        """All that it tells on standard error until its end."""
        with self.stderr:
            told = self.stderr.read()
        self.wait()
        return None, told

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.stderr.close()
        self.wait()


def finished(
    name: str, words: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; what it printed, too."""
    with TemporaryFile("w+", encoding="utf-8") as output:
        program = Program(name, words, cwd, environment, output.fileno())
        _, told = program.communicate()
        output.seek(0)
        printed = output.read()
    return subprocess.CompletedProcess([name, *words], program.wait(), printed, told)


class Nursery:
    """The process that has imported all, and the line on which it takes orders."""

    def __init__(self) -> None:
        self._line, its = socket.socketpair()
        with its:
            command = [sys.executable, "-m", "tests.processes", str(its.fileno())]
            self._process = subprocess.Popen(command, cwd=REPOSITORY, pass_fds=[its.fileno()])

    def order(self, text: str, output: int | None, error: int) -> socket.socket:
        """Order a program; gives the line on which its number is told, and how it ended."""
        mine, its = socket.socketpair()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with its:
            socket.send_fds(self._line, [b"+"], [its.fileno()])
        socket.send_fds(mine, [b"+"], [nowhere if output is None else output, error])
        os.close(nowhere)
        mine.sendall(text.encode() + b"\n")
        return mine

    def close(self) -> None:
        """All its children have been waited for."""
        self._line.close()
        self._process.wait()


@cache
def nursery() -> Nursery:
    """One for all tests of a process."""
    made = Nursery()
    atexit.register(made.close)
    return made


# --- the nursery's side ---------------------------------------------------------------------------


def _tell(line: socket.socket, number: int) -> None:
    line.sendall(number.to_bytes(4, "big", signed=True))


def _heard(line: socket.socket) -> int:
    told = line.recv(4, socket.MSG_WAITALL)
    assert told, "the nursery has ended"
    return int.from_bytes(told, "big", signed=True)


def modules() -> Iterator[str]:
    """What a program would import."""
    for name in ("finews_crawler", "pipelines", "finews", "scrapy.commands"):
        package = importlib.import_module(name)
        found = pkgutil.walk_packages(package.__path__, f"{name}.", onerror=lambda _: None)
        yield from (one.name for one in found if ".migrations." not in one.name)
    for value in vars(importlib.import_module("scrapy.settings.default_settings")).values():
        named = [*value, *value.values()] if isinstance(value, dict) else [value]
        classes = [one for one in named if isinstance(one, str) and one.startswith("scrapy.")]
        yield from (one.rpartition(".")[0] for one in classes)
    yield from LATE


def asked(line: socket.socket) -> socket.socket | None:
    """Fork for each order; gives a child the line to its user, and nothing when all is over."""
    while ends := socket.recv_fds(line, 1, 1)[1]:
        theirs = socket.socket(fileno=ends[0])
        if os.fork() == 0:
            line.close()
            return theirs
        theirs.close()
        _reap()
    _reap()
    return None


def _reap() -> None:
    """Wait for those that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def kept(line: socket.socket) -> Callable[[], None] | None:
    """Fork again: the child gets what it shall do; its parent tells its number and its end."""
    outputs = socket.recv_fds(line, 1, 2)[1]
    order = json.loads(line.makefile().readline())
    child = os.fork()
    if child == 0:
        line.close()
        return lambda: become(outputs, **order)
    for one in outputs:
        os.close(one)
    with suppress(BrokenPipeError):  # nobody wants to know any more
        _tell(line, child)
        _tell(line, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    return None


def become(
    outputs: Sequence[int], argv: list[str], cwd: str, environment: Mapping[str, str]
) -> None:
    """Run a program as if it had been started like this."""
    for place, one in enumerate(outputs, start=1):
        os.dup2(one, place)
        os.close(one)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = argv
    {"scrapy": _scrapy, "finews": _finews}[argv[0]]()


def _scrapy() -> None:
    importlib.import_module("scrapy.cmdline").execute()


def _finews() -> None:
    importlib.import_module("finews.cli").main(prog_name="finews")


def main() -> None:
    """Import all, then serve."""
    for name in modules():
        # What cannot be imported, a program that needs it tells itself.
        with suppress(Exception):
            importlib.import_module(name)
    sys.modules.pop(SETTINGS, None)
    # Else each child would copy all memory when it collects its garbage, at its end at the latest.
    gc.freeze()
    assert "twisted.internet.reactor" not in sys.modules, "each program installs its own"
    line = asked(socket.socket(fileno=int(sys.argv[1])))
    program = kept(line) if line else None
    if program:
        program()


if __name__ == "__main__":
    main()
