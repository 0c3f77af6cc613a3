"""A command under watch, with real processes: told to end, killed, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest

from finews.jobs.process import Cause, Child, Ending, Event, Inbox, Limits, supervise

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=0.2)
# Each says in a file that it is ready for signals.
ENDS_WHEN_TOLD = """
import pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
pathlib.Path(sys.argv[1]).write_text("ready")
signal.pause()
"""
ENDS_NEVER = """
import pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: pathlib.Path(sys.argv[1] + ".told").touch())
pathlib.Path(sys.argv[1]).write_text("ready")
while True:
    signal.pause()
"""
# Starts one that would live for ever, and says its number.
PARENT = """
import sys, time
from queue import SimpleQueue
from finews.jobs.process import Child
child = Child([sys.executable, "-c", *sys.argv[1:]], {}, SimpleQueue())
time.sleep(3600)
"""
NUMBER = """
import os, pathlib, sys, time
path = pathlib.Path(sys.argv[1])
path.with_suffix(".new").write_text(str(os.getpid()))
path.with_suffix(".new").rename(path)
time.sleep(3600)
"""
Start = Callable[..., Child]


def wait_for(path: Path) -> str:
    """The content of a file that a process writes."""
    while not (path.exists() and (told := path.read_text())):
        time.sleep(0.01)
    return told


def is_alive(number: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


@pytest.fixture
def inbox() -> Inbox:
    return SimpleQueue()


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    return tmp_path / "ready"


@pytest.fixture
def start(inbox: Inbox, ready: Path) -> Start:
    def run(program: str) -> Child:
        return Child([sys.executable, "-c", program, str(ready)], os.environ, inbox)

    return run


def watched(child: Child, inbox: Inbox, limits: Limits) -> tuple[Ending, list[str]]:
    told: list[str] = []
    return supervise(child, limits, inbox, told.append), told


# --- by itself -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("", 0),
        ("import sys; sys.exit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 143),
    ],
)
def test_an_exit_code_is_passed_on(start: Start, inbox: Inbox, program: str, code: int) -> None:
    assert watched(start(program), inbox, Limits(HOUR, HOUR)) == (Ending(code), [])


def test_a_command_without_a_limit(start: Start, inbox: Inbox) -> None:
    assert watched(start(""), inbox, Limits(None, HOUR)) == (Ending(0), [])


def test_what_it_prints_goes_where_it_is_told(tmp_path: Path, inbox: Inbox) -> None:
    program = "import sys; print('一'); print('二', file=sys.stderr)"
    with (tmp_path / "out").open("w+b") as output:
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        child = Child([sys.executable, "-uc", program], environment, inbox, output)
        watched(child, inbox, Limits(HOUR, HOUR))
        output.seek(0)
        assert output.read().decode().split() == ["一", "二"]


def test_it_reads_nothing_and_has_the_environment_that_it_is_given(
    tmp_path: Path, inbox: Inbox
) -> None:
    program = "import os, sys; print(sys.stdin.read(), sorted(os.environ), os.environ['A'])"
    with (tmp_path / "out").open("w+b") as output:
        child = Child([sys.executable, "-c", program], {"A": "1"}, inbox, output)
        watched(child, inbox, Limits(HOUR, HOUR))
        output.seek(0)
        told = output.read().decode()
    assert (told.startswith(" ["), told.endswith(" 1\n"), "HOME" in told) == (True, True, False)


# --- told to end -----------------------------------------------------------------------------


@pytest.mark.parametrize("cause", ["stop", "lost"])
def test_it_ends_when_it_is_told(start: Start, inbox: Inbox, ready: Path, cause: Event) -> None:
    child = start(ENDS_WHEN_TOLD)
    wait_for(ready)
    inbox.put(cause)
    ending, told = watched(child, inbox, Limits(HOUR, HOUR))
    assert (ending.exit_code, ending.cause, ending.killed, told) == (3, cause, False, [cause])


def test_it_is_told_to_end_when_its_time_is_over(start: Start, inbox: Inbox, ready: Path) -> None:
    child = start(ENDS_WHEN_TOLD)
    wait_for(ready)
    ending = watched(child, inbox, Limits(SOON, HOUR))
    assert ending == (Ending(3, "timeout"), ["timeout"])


@pytest.mark.parametrize(("orders", "cause"), [([], "timeout"), (["stop"], "stop")])
def test_it_is_killed_when_it_does_not_end(
    start: Start, inbox: Inbox, ready: Path, orders: list[Event], cause: Cause
) -> None:
    child = start(ENDS_NEVER)
    wait_for(ready)
    for order in orders:
        inbox.put(order)
    ending = watched(child, inbox, Limits(None if orders else SOON, SOON))
    assert ending == (Ending(137, cause, killed=True), [cause, "killed"])
    assert ready.with_suffix(".told").exists()


def test_it_is_killed_at_once_when_it_is_told_twice(
    start: Start, inbox: Inbox, ready: Path
) -> None:
    child = start(ENDS_NEVER)
    wait_for(ready)
    for _ in range(3):
        inbox.put("stop")
    ending = watched(child, inbox, Limits(HOUR, HOUR))
    assert ending == (Ending(137, "stop", killed=True), ["stop", "killed"])


def test_what_it_has_started_ends_with_it(start: Start, inbox: Inbox, ready: Path) -> None:
    program = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {NUMBER!r}, sys.argv[1]])"
    )
    child = start(program)
    number = int(wait_for(ready))
    inbox.put("stop")
    ending, _ = watched(child, inbox, Limits(HOUR, HOUR))
    assert ending.exit_code == 143
    while is_alive(number):
        time.sleep(0.01)


def test_a_signal_to_one_that_has_ended_is_nothing(start: Start, inbox: Inbox) -> None:
    child = start("")
    watched(child, inbox, Limits(HOUR, HOUR))
    child.send(signal.SIGTERM)
    assert child.exit_code == 0


# --- its parent ------------------------------------------------------------------------------


def test_ctrl_c_on_a_terminal_reaches_only_the_parent(start: Start, inbox: Inbox) -> None:
    """A terminal sends it to its process group; Scrapy would take it for the second of two."""
    child = start("import os, sys; sys.exit(os.getpgrp() == os.getpid())")
    assert watched(child, inbox, Limits(HOUR, HOUR))[0].exit_code == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child with its parent")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "number"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, NUMBER, str(path)])
    child = int(wait_for(path))
    assert is_alive(child)
    parent.send_signal(number)
    parent.wait()
    while is_alive(child):
        time.sleep(0.01)


def test_it_does_not_begin_when_its_parent_is_gone(tmp_path: Path) -> None:
    """Its parent may end before Linux has been asked to tell of it."""
    path = tmp_path / "number"
    gone = subprocess.run(
        [
            sys.executable,
            "-m",
            "finews.jobs.child",
            "999999999",
            sys.executable,
            "-c",
            NUMBER,
            str(path),
        ],
        check=False,
    )
    assert (gone.returncode, path.exists()) == (-signal.SIGKILL, False)
