"""The one task of procrastinate: what it raises, and what it tells the manager."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from procrastinate import JobContext
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job

from finews.queue import app as app_module
from finews.queue.app import AsJudged, TryEndedError, UnitTask
from finews.queue.policy import Fate, Verdict
from finews.queue.terms import Terms
from finews.queue.workshop import Try, Workshop
from tests.end_to_end.scheduling import eventually
from tests.finews.queue.making import a_unit

TERMS = Terms(url="postgresql+psycopg://finews@127.0.0.1:1/news")
JOB = Job(id=7, queue="units", lock=None, queueing_lock=None, task_name="finews.crawl", attempts=2)
CONTEXT = JobContext(
    app=None,  # type: ignore[arg-type]  # not asked for
    job=JOB,
    start_timestamp=0,
    abort_reason=lambda: None,
)


class Shop(Workshop):
    """Stands where units are run: one ends as it is told to, or when it is told to end."""

    def __init__(self, verdict: Verdict | None) -> None:
        super().__init__(TERMS, lambda _: None)
        self.tries: list[Try] = []
        self._verdict = verdict

    def run(self, current: Try) -> Verdict:
        self.tries.append(current)
        if self._verdict is not None:
            return self._verdict
        assert current.inbox.get(timeout=120) == "stop"
        return Verdict("given_back", 143)


def run(shop: Shop, given: dict[str, Any], told: list[str]) -> UnitTask:
    task = UnitTask(shop, TERMS, told.append)
    try:
        asyncio.run(task.run(CONTEXT, **given))
    finally:
        task.close()
    return task


def test_a_unit_that_is_done() -> None:
    shop = Shop(Verdict("done", 3))
    task = run(shop, a_unit().as_arguments(), [])
    (current,) = shop.tries
    assert (current.number, current.unit, current.failures) == (7, a_unit(), 2)
    assert [task.verdict_of(7), task.verdict_of(7)] == [Verdict("done", 3), None]


@pytest.mark.parametrize("fate", ["failed", "again", "given_back"])
def test_a_unit_that_is_not_done(fate: Fate) -> None:
    verdict = Verdict(fate, 1, timedelta(minutes=1))
    with pytest.raises(TryEndedError) as raised:
        run(Shop(verdict), a_unit().as_arguments(), [])
    assert raised.value.verdict == verdict
    decision = AsJudged().get_retry_decision(exception=raised.value, job=JOB)
    assert (decision is None) == (fate == "failed")


def test_what_is_no_end_of_a_try_is_not_tried_again() -> None:
    assert AsJudged().get_retry_decision(exception=KeyError(), job=JOB) is None


def test_a_unit_that_cannot_be_read() -> None:
    told: list[str] = []
    shop = Shop(Verdict("done", 0))
    with pytest.raises(TryEndedError, match="failed"):
        run(shop, {**a_unit().as_arguments(), "spider": "gone"}, told)
    assert shop.tries == []
    assert told[0].startswith("Unit 7: no spider gone; known: archive, ")


def test_a_unit_that_is_called_off() -> None:
    """Procrastinate cancels the task; the crawl is told to end, and its end is waited for."""
    shop = Shop(None)
    task = UnitTask(shop, TERMS, lambda _: None)

    async def main() -> None:
        under_way = asyncio.create_task(task.run(CONTEXT, **a_unit().as_arguments()))
        await asyncio.to_thread(eventually, lambda: shop.tries)
        under_way.cancel()
        with pytest.raises(JobAborted):
            await under_way

    asyncio.run(main())
    task.close()
    assert task.verdict_of(7) == Verdict("given_back", 143)


def test_the_connections_say_whose_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def connector(*, conninfo: str, **_: int) -> object:
        made.append(conninfo)
        raise StopIteration

    monkeypatch.setattr(app_module, "PsycopgConnector", connector)
    with pytest.raises(StopIteration):
        app_module.make_app(TERMS, None, None)  # type: ignore[arg-type]
    assert "application_name='finews worker worker'" in made[0]
