"""The database's clock: never backwards, and one order for all writers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, select

from finews_crawler.items import Article, Precision
from pipelines.store.clock import STEP, database_now, is_known_late, tick
from pipelines.store.engine import writing
from pipelines.store.models import Change, Clock
from pipelines.store.queries import articles
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock as TestClock

Make = Callable[..., Article]
NOON = datetime(2022, 6, 14, 4, 0, tzinfo=UTC)


def moments(engine: Engine) -> list[datetime]:
    with engine.connect() as connection:
        return list(connection.scalars(select(Change.committed_at).order_by(Change.seq)))


def test_a_clock_that_is_set_back_does_not_take_the_database_back(
    writer: Writer, engine: Engine, make_article: Make, clock: "TestClock"
) -> None:
    start = clock()
    writer.write([make_article(1)])
    clock.forward(hours=-5)
    writer.write([make_article(2)])
    clock.forward(hours=5)
    writer.write([make_article(3)])
    assert moments(engine) == [start, start + STEP, start + 2 * STEP]


def test_all_of_a_transaction_is_of_one_moment(
    writer: Writer, engine: Engine, make_article: Make, clock: "TestClock"
) -> None:
    writer.write([make_article(1), make_article(2), make_article(1, title="改了")])
    assert set(moments(engine)) == {clock()}


def test_without_a_clock_of_the_test_it_is_the_databases(
    engine: Engine, make_article: Make
) -> None:
    run = start_run(engine, "category", {}, NOON)
    with engine.connect() as connection:
        before = database_now(connection)
    Writer(engine, run, timedelta(days=1)).write([make_article()])
    with engine.connect() as connection:
        after = database_now(connection)
    (row,) = articles(engine, 1)
    assert before <= row.first_seen_at <= after


def test_a_tick_that_is_not_saved_leaves_no_trace(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        moment = tick(connection)
        assert [moment.next_seq(), moment.next_seq()] == [1, 2]
    with engine.connect() as connection:
        assert connection.execute(select(Clock.seq)).scalar_one() == 0


@pytest.mark.parametrize(
    ("precision", "delay", "is_late"),
    [
        ("second", timedelta(hours=24), False),
        ("second", timedelta(hours=24, seconds=1), True),
        ("minute", timedelta(hours=25), True),
        ("day", timedelta(hours=48), False),
        ("day", timedelta(hours=49), True),
        ("second", timedelta(days=-1), False),
    ],
)
def test_known_late(precision: Precision, delay: timedelta, is_late: bool) -> None:
    assert is_known_late(NOON, precision, NOON + delay) is is_late


def test_without_a_time_nobody_knows_whether_it_is_late() -> None:
    assert is_known_late(None, None, NOON) is None
