"""Writers that are killed at any moment, and writers that share a file: nothing lost or twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import pytest
from sqlalchemy import Engine, text

from finews_crawler.items import Reject
from pipelines.store.batch import article_of
from pipelines.store.maintenance import check
from tests.end_to_end.writing import FOREVER, State, Told, batch, feed, opened, state, writer_of
from tests.processes import REPOSITORY
from tests.rounds import rounds

pytestmark = pytest.mark.drill
ROUNDS = rounds(12)


@dataclass
class Killed:
    """What a writer said before it was killed."""

    opened: bool = False
    reported: list[int] = field(default_factory=list)
    ended: bool = False


class Writers:
    """A process that starts writers; each is ended, or ends, before the next."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.writing", "serve"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._pid = 0
        self._opening: list[float] = []
        self._batch: list[float] = []

    def order(self, url: str, seed: int, first: int, last: int = FOREVER) -> None:
        assert self._process.stdin is not None
        print(url, seed, first, last, file=self._process.stdin, flush=True)
        _, pid = self._line().split()
        self._pid = int(pid)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the writers' process has ended"
        return line.strip()

    def kill_after(self, lines: int, fraction: float) -> Killed:
        """Kill it so many lines after its start, and a part of what the next one takes."""
        told = Killed()
        for number in range(lines):
            before = time.monotonic()
            self._hear(told, self._line())
            (self._batch if number else self._opening).append(time.monotonic() - before)
        usual = self._batch if lines else self._opening
        time.sleep(fraction * (median(usual) if usual else 0.05))
        os.kill(self._pid, signal.SIGKILL)
        return self.heard(told)

    def heard(self, told: Killed | None = None) -> Killed:
        """All that it said until its end."""
        told = told or Killed()
        while (line := self._line()) != "gone":
            self._hear(told, line)
        return told

    def _hear(self, told: Killed, line: str) -> None:
        match line:
            case "opened":
                told.opened = True
            case "ended":
                told.ended = True
            case _:
                told.reported.append(int(line))

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def writers() -> Iterator[Writers]:
    made = Writers()
    yield made
    made.close()


class Undisturbed:
    """The same batches, written by a process that nobody kills; gives the state after each."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine, self._seed = engine, seed
        self._writer = writer_of(engine)
        self._states = {-1: state(engine)}

    def after(self, number: int) -> State:
        while number not in self._states:
            following = max(self._states) + 1
            self._writer.write(batch(self._seed, following))
            self._states[following] = state(self._engine)
        return self._states[number]


@pytest.fixture
def undisturbed(tmp_path: Path) -> Iterator[Undisturbed]:
    with opened(f"sqlite:///{tmp_path / 'undisturbed.db'}") as engine:
        yield Undisturbed(engine, 1)


def wait_until_alone(engine: Engine) -> None:
    """A server goes on with a statement whose client is dead, until it would answer."""
    if engine.dialect.name != "postgresql":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        while connection.execute(others).scalar_one():
            connection.rollback()  # within a transaction the activity stands still
            time.sleep(0.01)


class Consumer:
    """Keeps the last number of the feed, and all that came after it, once."""

    def __init__(self) -> None:
        self.seen: list[Told] = []

    def poll(self, engine: Engine) -> None:
        self.seen += feed(engine, after=self.seen[-1][0] if self.seen else 0)


def test_what_a_killed_writer_has_reported_is_there_once_and_a_batch_is_there_or_not(
    empty_url: str, writers: Writers, undisturbed: Undisturbed
) -> None:
    dice, consumer, reported = Random(20220614), Consumer(), -1
    for _ in range(ROUNDS):
        with opened(empty_url) as engine:
            writers.order(empty_url, 1, max(reported, 0))
            killed = writers.kill_after(dice.randrange(6), dice.random())
            consumer.poll(engine)
            wait_until_alone(engine)
            reported = max([reported, *killed.reported])
            found = state(engine)
            assert found in (undisturbed.after(reported), undisturbed.after(reported + 1))
            assert check(engine) == []
            consumer.poll(engine)
            assert consumer.seen == found.feed
    assert reported > ROUNDS
    written = undisturbed.after(reported)
    assert len(written.rejects) > ROUNDS // 2
    assert {kind for *_, kind in written.feed} == {"new", "revised", "story"}


def test_a_database_that_was_killed_while_it_was_made_is_made_by_the_next(
    empty_url: str, writers: Writers, undisturbed: Undisturbed
) -> None:
    dice = Random(4)
    for _ in range(rounds(6)):
        writers.order(empty_url, 1, 0)
        writers.kill_after(0, 8 * dice.random())
    with opened(empty_url) as engine:
        wait_until_alone(engine)
        assert check(engine) == []
    writers.order(empty_url, 1, 0, last=3)
    assert writers.heard() == Killed(opened=True, reported=[0, 1, 2, 3], ended=True)
    with opened(empty_url) as engine:
        assert state(engine) == undisturbed.after(3)


def test_two_writers_of_one_database_lose_nothing_and_write_nothing_twice(
    empty_url: str, writers: Writers
) -> None:
    other, last = Writers(), 15
    writers.order(empty_url, 1, 0, last)
    other.order(empty_url, 2, 0, last)
    whole = Killed(opened=True, reported=list(range(last + 1)), ended=True)
    assert [writers.heard(), other.heard()] == [whole, whole]
    other.close()
    items = [item for seed in (1, 2) for number in range(last + 1) for item in batch(seed, number)]
    with opened(empty_url) as engine:
        found = state(engine)
        assert check(engine) == []
    articles = sorted(filter(None, map(article_of, items)), key=lambda one: one.fetched_at)
    newest = {one.identity: one.title for one in articles}
    assert {identity: title for identity, title, _ in found.articles} == newest
    assert found.rejects == sorted(str(item.key) for item in items if isinstance(item, Reject))
    numbers = [(one, n) for one, _, many in found.articles for n in range(1, many + 1)]
    assert [(identity, number) for identity, number, *_ in found.revisions] == sorted(numbers)
    assert [one[:2] for one in found.revisions] == sorted(
        (identity, number) for _, identity, number, kind in found.feed if kind != "story"
    )
