"""A writer that hangs with the clock in its hand: the others go on, and it writes nothing half."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from pipelines.store.engine import IDLE_MINUTES
from pipelines.store.maintenance import check
from tests.databases import Pool
from tests.end_to_end.writing import batch, opened, state, writer_of
from tests.processes import REPOSITORY

pytestmark = pytest.mark.postgres
A_SECOND = 1 / 60  # in minutes
Hanging = Callable[[float, float], subprocess.Popen[str]]


@pytest.fixture
def engine(postgres_pool: Pool) -> Iterator[Engine]:
    """Only a server has a clock that a hanging writer can hold from others for long."""
    with postgres_pool.lent() as url, opened(url) as engine:
        yield engine


@pytest.fixture
def hanging(engine: Engine) -> Iterator[Hanging]:
    """A writer that has stopped with the clock in its hand; the server bears it for minutes."""
    url = engine.url.render_as_string(hide_password=False)
    begun: list[subprocess.Popen[str]] = []

    def begin(minutes: float, patience: float) -> subprocess.Popen[str]:
        order = ["tests.end_to_end.writing", "hang", url, str(minutes), str(patience)]
        process = subprocess.Popen(
            [sys.executable, "-m", *order], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )
        begun.append(process)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        return process

    yield begin
    for process in begun:
        if process.returncode is None:
            process.kill()
            process.communicate()


def ended(process: subprocess.Popen[str]) -> str:
    """Let it go on, and hear what came of its batch."""
    process.send_signal(signal.SIGCONT)
    told, _ = process.communicate()
    assert process.returncode == 0
    return told


def wait_for_one_who_waits(engine: Engine) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with engine.connect() as connection:
        while not connection.execute(waiting).scalar_one():
            connection.rollback()
            time.sleep(0.01)


def test_others_wait_for_a_writer_that_stands_still_and_both_are_written(
    engine: Engine, hanging: Hanging
) -> None:
    process, outcomes = hanging(IDLE_MINUTES, 0), list[str]()
    writer = writer_of(engine)
    thread = threading.Thread(target=lambda: outcomes.extend(writer.write(batch(1, 0))))
    thread.start()
    wait_for_one_who_waits(engine)
    assert state(engine).feed == []
    told = ended(process)
    thread.join()
    assert (set(told.split()), set(outcomes)) == ({"new", "reject"}, {"new", "unchanged", "reject"})
    assert check(engine) == []


def test_when_the_server_ends_it_others_go_on_and_it_says_so_and_has_written_nothing(
    engine: Engine, hanging: Hanging
) -> None:
    process = hanging(A_SECOND, 0)
    assert set(writer_of(engine).write(batch(1, 0))) == {"new", "reject"}
    before = state(engine)
    expected = (
        "the database cannot be written: terminating connection due to idle-in-transaction timeout"
    )
    told = ended(process)
    assert (told[: len(expected)], len(told.splitlines())) == (expected, 1)
    assert state(engine) == before
    assert check(engine) == []


def test_with_patience_it_writes_its_batch_again_after_the_others(
    engine: Engine, hanging: Hanging
) -> None:
    process = hanging(A_SECOND, 600)
    assert set(writer_of(engine).write(batch(1, 0))) == {"new", "reject"}
    before = state(engine)
    assert set(ended(process).split()) == {"new", "unchanged", "reject"}
    after = state(engine)
    assert after.feed[: len(before.feed)] == before.feed
    assert len(after.articles) == 2 * len(before.articles) - 1
    assert check(engine) == []
