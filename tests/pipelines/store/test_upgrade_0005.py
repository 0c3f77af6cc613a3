"""Versions of the past, from schema 0004 to 0005 and back: what is read stays as it was."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from finews_crawler.items import Article, Reextracted
from pipelines.store.engine import open_engine, writing
from pipelines.store.maintenance import check
from pipelines.store.queries import articles, changes, revisions
from pipelines.store.writer import Writer
from tests.pipelines.store.test_past import CODE, history, version
from tests.pipelines.store.test_upgrade_with_data import migrate

Make = Callable[..., Article]


def rows(engine: Engine, columns: str, table: str) -> list[tuple[Any, ...]]:
    query = f"SELECT {columns} FROM {table} ORDER BY 1"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_the_past_goes_and_what_is_read_stays(
    engine: Engine, writer: Writer, make_article: Make, database_url: str
) -> None:
    writer.write([history(make_article, "甲", "乙", "丙")])
    writer.write([Reextracted(article=version(make_article, "读得更好", 2))])
    before = articles(engine, 9)
    migrate(engine, "0004")
    assert rows(engine, "number, title", "article_revision") == [(1, "丙"), (2, "读得更好")]
    assert rows(engine, "seq, kind", "change") == [(1, "new"), (4, "revised")]
    assert rows(engine, "DISTINCT revision_id", "mention") == [(1,), (4,)]
    again = open_engine(database_url)
    shown = [(one.revision, one.title, one.seen_at) for one in articles(again, 9)]
    assert shown == [(one.revision, one.title, one.seen_at) for one in before]
    assert {(one.revision_kind, one.archived_at) for one in revisions(again, CODE)} == {
        ("read", None)
    }
    assert writer.write([history(make_article, "甲", "乙")]) == ["backfilled"]
    assert [one.kind for one in changes(again, 4, 9)] == ["backfilled", "backfilled"]
    assert check(again) == []
    again.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE article_revision SET kind = 'guessed'",
        "UPDATE article_revision SET number = 0",
        "UPDATE article_revision SET kind = 'backfill'",
        "UPDATE change SET kind = 'guessed'",
    ],
)
@pytest.mark.parametrize("is_old", [False, True], ids=["made new", "migrated"])
def test_the_checks_are_those_of_the_models(
    engine: Engine,
    writer: Writer,
    make_article: Make,
    database_url: str,
    statement: str,
    is_old: bool,
) -> None:
    writer.write([make_article()])
    if is_old:
        migrate(engine, "0004")
        open_engine(database_url).dispose()
    with pytest.raises(IntegrityError), writing(engine).begin() as connection:
        connection.execute(text(statement))
