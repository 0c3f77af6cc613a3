"""The change feed: every change once and in order, for a consumer that keeps one number."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from finews_crawler.items import Article
from pipelines.store.batch import Batch
from pipelines.store.engine import open_engine, writing
from pipelines.store.queries import ChangeRow, changes
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]


class Consumer:
    """Keeps one number and asks for what comes after it, a few at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seen: list[ChangeRow] = []

    def poll(self) -> list[ChangeRow]:
        after = self.seen[-1].seq if self.seen else 0
        found: list[ChangeRow] = []
        while page := changes(self._engine, after, 3):
            found += page
            after = page[-1].seq
        self.seen += found
        return found


@pytest.fixture
def consumer(engine: Engine) -> Consumer:
    return Consumer(engine)


def kinds(rows: list[ChangeRow]) -> list[tuple[str, int, str]]:
    return [(row.identity[-1], row.revision, row.kind) for row in rows]


def test_what_happens_to_articles_is_told_in_order(
    writer: Writer, consumer: Consumer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1), make_article(2)])
    assert kinds(consumer.poll()) == [("1", 1, "new"), ("2", 1, "new")]
    clock.forward(hours=1)
    writer.write([make_article(2, title="改了"), make_article(1, categories=("Wind",))])
    assert kinds(consumer.poll()) == [("2", 2, "revised"), ("1", 1, "completed")]
    writer.write([make_article(2, title="改了")])
    assert consumer.poll() == []


def test_another_page_completes_with_a_revision(
    writer: Writer, consumer: Consumer, make_article: Make
) -> None:
    writer.write([make_article(1, digest=None)])
    share = make_article(1, page_kind="share_json", url="http://127.0.0.1/x", digest="摘要")
    writer.write([share])
    assert kinds(consumer.poll()) == [("1", 1, "new"), ("1", 2, "completed")]


def test_a_batch_that_is_rolled_back_tells_nothing(
    engine: Engine, writer: Writer, consumer: Consumer, make_article: Make, clock: "Clock"
) -> None:
    run = start_run(engine, "category", {}, clock())
    connection = writing(engine).connect()
    transaction = connection.begin()
    Batch(connection, run, timedelta(days=1), clock).write([make_article(1)])
    transaction.rollback()
    connection.close()
    writer.write([make_article(2)])
    assert [(row.seq, row.identity[-1]) for row in consumer.poll()] == [(1, "2")]


class Held:
    """A writer that has written its batch and does not commit until it is told."""

    def __init__(self, engine: Engine, run_id: int, article: Article, clock: "Clock") -> None:
        self.has_written, self.may_commit = threading.Event(), threading.Event()
        self._work = (engine, run_id, article, clock)
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        engine, run_id, article, clock = self._work
        with writing(engine).begin() as connection:
            Batch(connection, run_id, timedelta(days=1), clock).write([article])
            self.has_written.set()
            self.may_commit.wait()

    def commit(self) -> None:
        self.may_commit.set()
        self._thread.join()


def test_a_writer_that_commits_late_is_not_missed(
    engine: Engine, consumer: Consumer, make_article: Make, clock: "Clock"
) -> None:
    """The trap of a plain sequence: 1 is taken, 2 is taken and committed, then 1 is committed."""
    run = start_run(engine, "category", {}, clock())
    first = Held(engine, run, make_article(1), clock)
    first.has_written.wait()
    second = Held(engine, run, make_article(2), clock)
    second.may_commit.set()
    # The second cannot overtake: it waits for the first, which holds the clock.
    assert not second.has_written.wait(0.3)
    assert consumer.poll() == []
    first.commit()
    second.commit()
    assert [(row.seq, row.identity[-1]) for row in consumer.poll()] == [(1, "1"), (2, "2")]


@pytest.fixture
def engines(database_url: str) -> Iterator[list[Engine]]:
    """One engine for each writer, as in processes of their own."""
    made = [open_engine(database_url) for _ in range(4)]
    yield made
    for engine in made:
        engine.dispose()


def test_many_writers_at_once_and_a_consumer_that_polls_all_the_time(
    engines: list[Engine], consumer: Consumer, make_article: Make, clock: "Clock"
) -> None:
    """Each writer brings articles of its own, revises them, and completes one that all share."""
    run = start_run(engines[0], "category", {}, clock())

    def write(number: int) -> None:
        writer = Writer(engines[number], run, timedelta(days=1))
        for step in range(10):
            own = make_article(100 * (number + 1) + step)
            shared = make_article(9, categories=(f"c{number}-{step}",))
            writer.write([own, shared])
            writer.write([make_article(100 * (number + 1) + step, title="改了")])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(engines))]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        consumer.poll()
    consumer.poll()
    numbers = [row.seq for row in consumer.seen]
    assert numbers == sorted(set(numbers))
    every = Consumer(engines[0]).poll()
    assert consumer.seen == every
    own = [row for row in every if row.identity != make_article(9).identity]
    assert sorted(row.kind for row in own) == ["new"] * 40 + ["revised"] * 40
    shared = [row.kind for row in every if row.identity == make_article(9).identity]
    assert shared == ["new"] + ["completed"] * 39
    committed = [row.committed_at for row in every]
    assert committed == sorted(committed)
