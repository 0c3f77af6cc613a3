"""Units in the queue: put in once, given to one, taken back from the dead, tried again."""

from datetime import timedelta

import pytest

from finews.queue.policy import MOST_DEATHS
from finews.queue.store import Added, Reaped, UnitStore
from finews.queue.units import LAST
from tests.finews.queue.conftest import Line, begin_worker, fetch, on_postgres
from tests.finews.queue.making import a_unit

pytestmark = [pytest.mark.postgres, on_postgres]
MINUTE = timedelta(minutes=1)


def set_status(line: Line, number: int, status: str) -> None:
    line.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, number])


# --- putting in ------------------------------------------------------------------------------


def test_a_unit_that_waits_is_not_queued_again(queue: UnitStore) -> None:
    assert queue.add([a_unit(1), a_unit(2)]) == Added([1, 2], 0)
    added = queue.add([a_unit(2), a_unit(3)])
    assert (len(added.ids), added.waiting) == (1, 1)
    assert queue.counts() == {"todo": 3}


def test_a_unit_that_runs_may_be_queued_once_more(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit()])
    assert fetch(line, begin_worker(line)) == 1
    assert [len(queue.add([a_unit()]).ids) for _ in range(2)] == [1, 0]


def test_units_are_queued_all_or_none(queue: UnitStore) -> None:
    with pytest.raises(TypeError):
        queue.add([a_unit(1), a_unit(2, arguments={"site": object()})])
    assert queue.counts() == {}


# --- whose turn it is ------------------------------------------------------------------------


def test_of_the_units_of_a_site_one_runs_at_a_time(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit(1), a_unit(2), a_unit(3, site="other.test")])
    one, other = begin_worker(line), begin_worker(line)
    assert [fetch(line, one), fetch(line, other), fetch(line, one)] == [1, 3, None]
    set_status(line, 1, "succeeded")
    assert fetch(line, other) == 2


def test_the_last_unit_of_a_job_comes_when_all_others_are_done(
    queue: UnitStore, line: Line
) -> None:
    queue.add([a_unit(1, priority=LAST), a_unit(2), a_unit(3)])
    worker = begin_worker(line)
    order = []
    while (number := fetch(line, worker)) is not None:
        order.append(number)
        set_status(line, number, "succeeded")
    assert order == [2, 3, 1]


# --- the reaper ------------------------------------------------------------------------------


def test_the_units_of_a_silent_worker_are_taken_back(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit(1), a_unit(2, site="b.test"), a_unit(3, site="c.test")])
    dead, alive = begin_worker(line, "dead", silent_for=61), begin_worker(line, silent_for=59)
    assert [fetch(line, dead), fetch(line, alive)] == [1, 2]
    expected = [Reaped(1, "mirror (k1)", "dead@here", is_lost=False)]
    assert queue.reap(MINUTE, MOST_DEATHS) == expected
    assert queue.reap(MINUTE, MOST_DEATHS) == []
    assert [queue.status(number) for number in (1, 2, 3)] == ["todo", "doing", "todo"]
    assert fetch(line, alive) == 1
    (row,) = (row for row in queue.rows(["doing"], 10) if row["id"] == 1)
    assert (row["tries"], row["failures"], row["fate"]) == (1, 0, "lost")


def test_a_worker_that_was_taken_for_dead_is_none_any_more(queue: UnitStore, line: Line) -> None:
    dead = begin_worker(line, silent_for=61)
    queue.reap(MINUTE, MOST_DEATHS)
    assert line.execute("SELECT id FROM procrastinate_workers").fetchall() == []
    assert line.execute("SELECT worker_id FROM finews_worker").fetchall() == []
    assert dead > 0


def test_a_unit_whose_worker_is_forgotten_is_taken_back(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit()])
    fetch(line, begin_worker(line))
    line.execute("DELETE FROM procrastinate_workers")
    assert queue.reap(MINUTE, MOST_DEATHS) == [Reaped(1, "mirror (k1)", "", is_lost=False)]


def test_a_unit_that_takes_its_workers_with_it_is_failed_at_last(
    queue: UnitStore, line: Line
) -> None:
    queue.add([a_unit()])
    lost = []
    for _ in range(3):
        fetch(line, begin_worker(line, silent_for=61))
        lost += [one.is_lost for one in queue.reap(MINUTE, 3)]
    assert (lost, queue.status(1)) == ([False, False, True], "failed")


def test_a_unit_that_waits_again_already_is_not_taken_back(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit()])
    fetch(line, begin_worker(line, silent_for=61))
    queue.add([a_unit()])
    queue.reap(MINUTE, MOST_DEATHS)
    assert queue.counts() == {"aborted": 1, "todo": 1}


def test_a_unit_that_was_called_off_stays_so(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit()])
    fetch(line, begin_worker(line, silent_for=61))
    assert queue.cancel(1)
    queue.reap(MINUTE, MOST_DEATHS)
    assert queue.status(1) == "aborted"


# --- by hand ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["failed", "cancelled", "aborted"])
def test_what_ended_without_success_can_be_tried_again(
    queue: UnitStore, line: Line, status: str
) -> None:
    queue.add([a_unit(priority=LAST)])
    line.execute("UPDATE procrastinate_jobs SET attempts = 6, priority = -106")
    set_status(line, 1, status)
    assert queue.retry(1)
    (row,) = queue.rows(["todo"], 10)
    assert row["priority"] == LAST
    assert line.execute("SELECT attempts FROM procrastinate_jobs").fetchone() == {"attempts": 0}


@pytest.mark.parametrize("status", ["todo", "doing", "succeeded"])
def test_what_waits_runs_or_is_done_cannot(queue: UnitStore, line: Line, status: str) -> None:
    queue.add([a_unit()])
    set_status(line, 1, status)
    assert (queue.retry(1), queue.retry(7)) == (False, False)


def test_what_was_called_off_can_be_tried_again(queue: UnitStore) -> None:
    queue.add([a_unit()])
    assert [queue.cancel(1), queue.retry(1), queue.retry(1)] == [True, True, False]


def test_a_twin_that_waits_makes_a_retry_needless(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit()])
    set_status(line, 1, "failed")
    assert queue.failed() == [1]
    queue.add([a_unit()])
    assert (queue.retry(1), queue.failed()) == (False, [])


def test_what_is_unknown_cannot_be_called_off(queue: UnitStore) -> None:
    assert (queue.cancel(7), queue.status(7)) == (False, None)


def test_how_the_units_of_a_job_ended(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit(1), a_unit(2)])
    since = queue.now()
    queue.add([a_unit(3), a_unit(4), a_unit(5, job="other")])
    tried = "INSERT INTO finews_try (job_id, fate, exit_code, worker) VALUES (3, %s, %s, 'w')"
    line.execute(tried, ["again", 1])
    line.execute(tried, ["done", 3])
    assert sorted(queue.ends("mirror", since)) == [1, 3]
    set_status(line, 3, "succeeded")
    assert queue.unfinished("mirror") == 3


def test_old_units_are_forgotten(queue: UnitStore, line: Line) -> None:
    queue.add([a_unit(number) for number in range(4)])
    for number, status in ((1, "succeeded"), (2, "failed"), (3, "cancelled")):
        set_status(line, number, status)
    for days, left in ((6, {1, 2, 3, 4}), (8, {2, 3, 4}), (31, {4})):
        line.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(days => %s)", [days]
        )
        queue.tidy()
        assert {row["id"] for row in queue.rows(list(queue.counts()), 10)} == left
