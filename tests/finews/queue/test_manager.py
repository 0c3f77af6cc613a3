"""A try is ended by the worker that has the unit, and by nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate import PsycopgConnector
from procrastinate.jobs import Job, Status

from finews.queue.lease import Lease
from finews.queue.manager import FencedManager
from finews.queue.policy import MOST_DEATHS, Verdict
from finews.queue.settings import conninfo
from finews.queue.store import UnitStore
from finews.queue.terms import Terms
from tests.finews.queue.conftest import Line, on_postgres
from tests.finews.queue.making import a_unit

pytestmark = [pytest.mark.postgres, on_postgres]
MINUTE = timedelta(minutes=1)
Work = Callable[[FencedManager, int], Awaitable[Any]]


class Worker:
    """A manager in the hands of a worker."""

    def __init__(self, url: str) -> None:
        self.lost = 0
        self.terms = Terms(url=url, name="w", host="here")
        self.lease = Lease(self.terms, self._lose)
        self.verdict: Verdict | None = None

    def _lose(self) -> None:
        self.lost += 1

    def do(self, work: Work) -> Any:
        """Register, and do something as that worker."""

        async def main() -> Any:
            connector = PsycopgConnector(conninfo=conninfo(self.terms.url, "finews test"))
            manager = FencedManager(connector, self.terms, self.lease, lambda _: self.verdict)
            await connector.open_async()
            try:
                return await work(manager, await manager.register_worker())
            finally:
                await connector.close_async()

        return asyncio.run(main())


@pytest.fixture
def worker(queue_url: str) -> Iterator[Worker]:
    made = Worker(queue_url)
    yield made
    made.lease.end()


async def fetched(manager: FencedManager, worker_id: int) -> Job:
    job = await manager.fetch_job(["units"], worker_id)
    assert job is not None
    return job


def one(queue: UnitStore) -> dict[str, Any]:
    (row,) = queue.rows(["todo", "doing", "succeeded", "failed", "aborted"], 10)
    return row


def test_a_worker_is_known_by_name_and_machine(
    queue: UnitStore, worker: Worker, line: Line
) -> None:
    queue.add([a_unit()])

    async def work(manager: FencedManager, worker_id: int) -> None:
        await fetched(manager, worker_id)
        assert worker.lease.is_held
        assert one(queue)["worker"] == "w@here"
        await manager.update_heartbeat(worker_id)
        assert await manager.prune_stalled_workers(0) == []
        await manager.unregister_worker(worker_id)
        assert not worker.lease.is_held

    worker.do(work)
    assert line.execute("SELECT * FROM finews_worker").fetchall() == []


@pytest.mark.parametrize(
    ("status", "fate"),
    [(Status.SUCCEEDED, "done"), (Status.FAILED, "failed"), (Status.ABORTED, "cancelled")],
)
def test_a_unit_is_ended(queue: UnitStore, worker: Worker, status: Status, fate: str) -> None:
    queue.add([a_unit()])
    worker.verdict = Verdict("done", 3)

    async def work(manager: FencedManager, worker_id: int) -> None:
        await manager.finish_job(await fetched(manager, worker_id), status, delete_job=False)

    worker.do(work)
    row = one(queue)
    assert (row["status"], row["fate"], row["exit_code"]) == (status.value, fate, 3)
    assert (row["tries"], row["last_worker"]) == (1, "w@here")


@pytest.mark.parametrize(
    ("verdict", "pause", "counted"),
    [
        (Verdict("again", 1, 2 * MINUTE), 2 * MINUTE, 1),
        (Verdict("given_back", 1), None, 0),
        (Verdict("given_back", None, MINUTE), MINUTE, 0),
        (None, None, 0),
    ],
)
def test_a_unit_is_given_back(
    queue: UnitStore,
    worker: Worker,
    line: Line,
    *,
    verdict: Verdict | None,
    pause: timedelta | None,
    counted: int,
) -> None:
    """One that failed lets the others of its site go first while it waits."""
    queue.add([a_unit()])
    worker.verdict = verdict

    async def work(manager: FencedManager, worker_id: int) -> None:
        await manager.retry_job(await fetched(manager, worker_id))

    before = datetime.now(UTC)
    worker.do(work)
    row = one(queue)
    assert (row["status"], row["priority"]) == ("todo", -counted)
    assert line.execute("SELECT attempts, worker_id FROM procrastinate_jobs").fetchone() == {
        "attempts": counted,
        "worker_id": None,
    }
    if pause is None:
        assert row["scheduled_at"] is None
    else:
        assert abs(row["scheduled_at"] - before - pause) < MINUTE / 2


def test_a_unit_that_waits_again_already_is_dropped(queue: UnitStore, worker: Worker) -> None:
    queue.add([a_unit()])

    async def work(manager: FencedManager, worker_id: int) -> None:
        job = await fetched(manager, worker_id)
        queue.add([a_unit()])
        await manager.retry_job(job)

    worker.do(work)
    assert queue.counts() == {"aborted": 1, "todo": 1}


def test_a_worker_that_was_taken_for_dead_has_no_word(
    queue: UnitStore, worker: Worker, line: Line
) -> None:
    """Its unit is another's, and so is the end of it."""
    queue.add([a_unit()])
    other = Worker(worker.terms.url)

    async def late(manager: FencedManager, worker_id: int) -> None:
        job = await fetched(manager, worker_id)
        line.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '61 s'")
        assert [one.id for one in queue.reap(MINUTE, MOST_DEATHS)] == [1]
        await asyncio.to_thread(other.do, fetched)
        for said in (Status.SUCCEEDED, Status.FAILED):
            await manager.finish_job(job, said, delete_job=False)
        await manager.retry_job(job)

    worker.do(late)
    other.lease.end()
    assert (one(queue)["status"], one(queue)["tries"]) == ("doing", 1)


def test_the_word_waits_for_the_database(queue: UnitStore, worker: Worker, line: Line) -> None:
    queue.add([a_unit()])

    async def work(manager: FencedManager, worker_id: int) -> None:
        job = await fetched(manager, worker_id)
        line.execute("ALTER TABLE finews_try RENAME TO away")
        told = asyncio.create_task(manager.finish_job(job, Status.SUCCEEDED, delete_job=False))
        done, _ = await asyncio.wait({told}, timeout=0.3)
        assert not done
        line.execute("ALTER TABLE away RENAME TO finews_try")
        await told

    worker.do(work)
    assert one(queue)["status"] == "succeeded"


def test_a_word_that_nobody_hears_is_given_up(queue: UnitStore, worker: Worker, line: Line) -> None:
    """The worker begins anew under another number, and the unit is taken back."""
    queue.add([a_unit()])
    worker.terms = Terms(url=worker.terms.url, silence=timedelta(seconds=-60))

    async def work(manager: FencedManager, worker_id: int) -> None:
        job = await fetched(manager, worker_id)
        line.execute("ALTER TABLE finews_try RENAME TO away")
        await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
        line.execute("ALTER TABLE away RENAME TO finews_try")

    worker.do(work)
    assert (worker.lost, one(queue)["status"]) == (1, "doing")
