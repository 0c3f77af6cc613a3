"""A worker's right to its units: renewed while the database answers, lost when it does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Flag

import pytest

from finews.queue.lease import Lease, awake_seconds
from finews.queue.terms import Terms
from tests.end_to_end.scheduling import eventually
from tests.finews.queue.conftest import Line, begin_worker, on_postgres

SILENCE = timedelta(seconds=0.6)
NOWHERE = "postgresql+psycopg://finews@127.0.0.1:1/news"
GUARD = 120


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def leased(url: str, clock: Clock) -> Iterator[tuple[Lease, Flag]]:
    lost = Flag()
    lease = Lease(Terms(url=url, silence=SILENCE), lost.set, clock)
    lease.start()
    try:
        yield lease, lost
    finally:
        lease.close()


def beats(line: Line) -> float:
    row = line.execute(
        "SELECT extract(epoch FROM last_heartbeat)::float AS at FROM procrastinate_workers"
    ).fetchone()
    assert row is not None
    return float(row["at"])


@pytest.mark.postgres
@on_postgres
def test_it_says_that_the_worker_lives(queue_url: str, line: Line) -> None:
    worker = begin_worker(line, silent_for=50)
    before = beats(line)
    clock = Clock()
    with leased(queue_url, clock) as (lease, lost):
        lease.begin(worker)
        eventually(lambda: beats(line) > before + 49)
        # Each answer counts from the moment of its question.
        for _ in range(20):
            clock.now += 0.1
            seen = beats(line)
            eventually(lambda: beats(line) > seen)  # noqa: B023 - asked here
        assert (lease.is_held, lost.is_set()) == (True, False)


@pytest.mark.postgres
@on_postgres
def test_a_worker_that_was_taken_for_dead_is_told(queue_url: str, line: Line) -> None:
    with leased(queue_url, Clock()) as (lease, lost):
        lease.begin(begin_worker(line))
        line.execute("DELETE FROM procrastinate_workers")
        assert lost.wait(GUARD)
        assert not lease.is_held


def test_silence_is_noticed_without_an_answer() -> None:
    clock = Clock()
    with leased(NOWHERE, clock) as (lease, lost):
        lease.begin(1)
        clock.now += SILENCE.total_seconds() / 2
        assert not lost.wait(0.3)
        clock.now += 0.01
        assert lost.wait(GUARD)
        assert not lease.is_held


def test_a_worker_that_has_ended_loses_nothing() -> None:
    clock = Clock()
    with leased(NOWHERE, clock) as (lease, lost):
        lease.begin(1)
        lease.end()
        clock.now += 1000
        lease.lose()
        assert not lost.wait(0.3)


def test_what_another_worker_lost_is_not_ours() -> None:
    with leased(NOWHERE, Clock()) as (lease, lost):
        lease.begin(2)
        lease.lose(1)
        assert (lease.is_held, lost.is_set()) == (True, False)
        lease.lose(2)
        assert (lease.is_held, lost.is_set()) == (False, True)


def test_a_worker_gives_itself_up_before_others_do() -> None:
    terms = Terms(url=NOWHERE)
    assert 2 * terms.beat < terms.gives_up_after < terms.silence - terms.beat


def test_the_clock_goes_on() -> None:
    assert awake_seconds() <= awake_seconds()
