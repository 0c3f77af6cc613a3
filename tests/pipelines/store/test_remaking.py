"""Making an index anew: what it locks, what it replaces, and what it tells."""

import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, inspect, select, text

from finews_crawler.items import Article
from pipelines.store import bands, derived, remaking, words
from pipelines.store.clock import WRITERS_LOCK
from pipelines.store.engine import writing
from pipelines.store.models import ArticleRevision
from pipelines.store.queries import articles, search
from pipelines.store.remaking import pages
from pipelines.store.writer import Writer

Make = Callable[..., Article]
QUERY = select(ArticleRevision.id, ArticleRevision.title)

on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def connection(engine: Engine, writer: Writer, make_article: Make) -> Iterator[Connection]:
    """A transaction of a database with seven articles."""
    writer.write([make_article(number) for number in range(1, 8)])
    with writing(engine).connect() as connection:
        yield connection


@pytest.mark.parametrize(("size", "sizes"), [(3, [3, 3, 1]), (7, [7]), (100, [7])])
def test_pages_are_all_rows_in_order(connection: Connection, size: int, sizes: list[int]) -> None:
    found = list(pages(connection, QUERY, size, "texts"))
    ids = [row.id for page in found for row in page]
    assert [len(page) for page in found] == sizes
    assert ids == sorted(connection.scalars(select(ArticleRevision.id)))


def test_the_log_tells_how_far_a_long_rebuild_is(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="pipelines.store.remaking")
    words.rebuild(connection, 3)
    assert caplog.messages == []
    monkeypatch.setattr(remaking, "TELL_SECONDS", 0)
    monkeypatch.setattr(remaking, "MANY", 7)
    words.rebuild(connection, 3)
    assert caplog.messages[:3] == [
        f"revision_words: {count} of 7 revisions are read" for count in (3, 6, 7)
    ]
    assert caplog.messages[3:] == (
        ["revision_words: the index of 7 revisions is made now"]
        if connection.dialect.name == "postgresql"
        else []
    )


@pytest.mark.parametrize("index", [words, bands])
def test_a_table_of_another_form_is_replaced(connection: Connection, index: object) -> None:
    name = index.NAME  # type: ignore[attr-defined]
    before = inspect(connection).get_columns(name)
    connection.execute(text(f"DROP TABLE {name}"))
    connection.execute(text(f"CREATE TABLE {name} (word TEXT, revision_id INTEGER)"))
    assert index.rebuild(connection) == 7  # type: ignore[attr-defined]
    after = inspect(connection).get_columns(name)
    assert [one["name"] for one in after] == [one["name"] for one in before]


@on_postgres
@pytest.mark.parametrize("part", ["words", "stories"])
def test_articles_are_read_while_an_index_is_made(
    engine: Engine, connection: Connection, part: str
) -> None:
    derived.rebuild(connection, [part])
    with engine.connect() as reader:
        reader.execute(text("SET lock_timeout = '20s'"))
        assert len(reader.execute(QUERY).all()) == 7
    assert len(articles(engine, 10)) == 7
    connection.commit()
    assert len(search(engine, "江苏银行", 10)) == 7


@on_postgres
def test_no_writer_is_in_the_middle_of_its_work(engine: Engine, connection: Connection) -> None:
    derived.rebuild(connection, [])
    locked = text(f"SELECT pg_try_advisory_xact_lock_shared({WRITERS_LOCK})")
    with engine.connect() as other:
        assert other.scalar(locked) is True
        other.rollback()
        derived.rebuild(connection, ["words"])
        assert other.scalar(locked) is False
