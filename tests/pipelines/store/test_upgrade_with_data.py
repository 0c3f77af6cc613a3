"""From the first released schema with rows in it to the newest, and one step back."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, select, text

from pipelines.search.bigrams import parse
from pipelines.store.engine import (
    alembic_config,
    connect,
    open_engine,
    schema_version,
    writing,
)
from pipelines.store.maintenance import check
from pipelines.store.models import SecurityAlias
from pipelines.store.queries import Filter, articles, changes, revisions
from pipelines.store.words import matches

FIRST, SECOND = "202206143000000001", "202206143000000002"
TEN = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
ELEVEN = datetime(2022, 6, 14, 11, 0, tzinfo=UTC)
BODY = "北交所艾融软件公布业绩。"
LINK = {
    "secid": "0.830799",
    "symbol": "830799.BJ",
    "mic": "BJSE",
    "asset_class": "stock",
    "kind": "link",
    "surface": "艾融软件",
    "start": 3,
    "end": 7,
    "inside_word": False,
}


def at(moment: datetime, connection: Connection) -> Any:
    if connection.dialect.name == "postgresql":
        return moment
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def insert_row(connection: Connection, table: str, **values: Any) -> None:
    found = {
        name: at(value, connection) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
    names = ", ".join(found)
    places = ", ".join(f":{name}" for name in found)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), found)


def content(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "published_at": TEN,
        "published_precision": "second",
        "published_quality": "stated",
        "body_text": BODY,
        "body_html": f"<p>{BODY}</p>",
        "body_kind": "full",
        "url": "http://127.0.0.1/a.html",
        "content_hash": "0" * 64,
        "extractor": "post/1",
    }


def article(connection: Connection, number: int, code: str, **changed: Any) -> None:
    empty = dict.fromkeys(("tags", "images", "related"), "[]")
    values: dict[str, Any] = {
        **content("新题"),
        **empty,
        "id": number,
        "identity": code,
        "code": code,
        "source_id": 1,
        "page_kind": "post",
        "fetched_at": TEN,
        "first_seen_at": TEN,
        "last_seen_at": ELEVEN,
        "revision": 1,
        "provenance": "{}",
    }
    insert_row(connection, "article", **{**values, **changed})


def revision(connection: Connection, **values: Any) -> None:
    same = {**content("新题"), "source": "财联社", "changed": "[]"}
    insert_row(connection, "article_revision", **{**same, "mentions": json.dumps([LINK]), **values})


def fill(connection: Connection) -> None:
    """Two articles; the first has two revisions, written around the only one of the second."""
    insert_row(connection, "source", id=1, name="财联社", slug="cailianshe", first_seen_at=TEN)
    insert_row(connection, "category", id=1, slug="emnews", first_seen_at=TEN)
    names = {"secid": "0.830799", "mic": "BJSE", "asset_class": "stock"}
    for number, symbol in ((1, "830799.BJ"), (2, "920799.BJ")):
        same = {"id": number, "key": symbol, "symbol": symbol, "first_seen_at": TEN}
        insert_row(connection, "security", **same, **names)
    article(connection, 7, FIRST, revision=2)
    article(connection, 9, SECOND, title="另一则", first_seen_at=ELEVEN)
    revision(connection, id=21, article_id=7, number=1, seen_at=TEN, title="旧题")
    revision(connection, id=22, article_id=9, number=1, seen_at=ELEVEN, title="另一则")
    revision(connection, id=25, article_id=7, number=2, seen_at=ELEVEN, changed='["title"]')
    for number in (7, 9):
        insert_row(connection, "article_category", article_id=number, category_id=1)
        placed = {"start_offset": 3, "end_offset": 7, "position": 0, "security_id": number // 7}
        mention = {name: LINK[name] for name in LINK if name not in {"start", "end"}}
        insert_row(connection, "mention", article_id=number, **mention, **placed)


def migrate(engine: Engine, to: str) -> None:
    config = alembic_config()
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        move = command.downgrade if schema_version(connection) else command.upgrade
        move(config, to)


@pytest.fixture
def upgraded(empty_url: str) -> Any:
    """The rows of the first schema, in the newest one."""
    make(empty_url, "0001", fill)
    newest = open_engine(empty_url)
    yield newest
    newest.dispose()


def make(url: str, schema: str, fill: Callable[[Connection], None]) -> None:
    """A database as an older program left it."""
    engine = connect(url) if url.startswith("postgres") else open_empty(url)
    migrate(engine, schema)
    with writing(engine).begin() as connection:
        fill(connection)
    engine.dispose()


def open_empty(url: str) -> Engine:
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    return engine


def test_revisions_stand_in_the_order_in_which_they_were_seen(upgraded: Engine) -> None:
    found = [(row.revision_id, row.title, row.seen_at) for row in revisions(upgraded, FIRST)]
    assert found == [(1, "旧题", TEN), (3, "新题", ELEVEN)]
    told = [(row.seq, row.identity, row.revision, row.kind) for row in changes(upgraded, 0, 10)]
    assert told[:3] == [(1, FIRST, 1, "new"), (2, SECOND, 1, "new"), (3, FIRST, 2, "revised")]


def test_the_past_can_be_read(upgraded: Engine) -> None:
    (row,) = articles(upgraded, 10, Filter(as_of=TEN))
    assert (row.title, row.known_late, row.source, row.symbols) == (
        "旧题",
        False,
        "财联社",
        ("830799.BJ",),
    )


def test_an_old_code_and_a_new_one_are_one_security(upgraded: Engine) -> None:
    for symbol in ("830799.BJ", "920799.BJ"):
        found = articles(upgraded, 10, Filter(symbols=(symbol,)))
        assert {row.identity for row in found} == {FIRST, SECOND}
    with upgraded.connect() as connection:
        query = select(SecurityAlias.symbol, SecurityAlias.since, SecurityAlias.until)
        changed = date(2025, 5, 6)
        assert set(map(tuple, connection.execute(query))) == {
            ("830799.BJ", None, changed),
            ("920799.BJ", changed, None),
        }


def test_what_was_stored_is_indexed_and_grouped(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        found = matches(connection.dialect.name, parse("艾融"))
        assert set(connection.scalars(select(found.c.revision_id))) == {1, 2, 3}
    for row in articles(upgraded, 10):
        assert [other.identity for other in row.reprints] == [
            SECOND if row.identity == FIRST else FIRST
        ]


def test_nothing_is_broken(upgraded: Engine) -> None:
    assert check(upgraded) == []


def test_one_step_back_keeps_articles_revisions_and_the_newest_mentions(upgraded: Engine) -> None:
    migrate(upgraded, "0001")
    with upgraded.connect() as connection:
        query = (
            "SELECT article_id, number, title, source, mentions FROM article_revision ORDER BY 1, 2"
        )
        rows = connection.execute(text(query)).all()
        assert [tuple(row[:4]) for row in rows] == [
            (7, 1, "旧题", "财联社"),
            (7, 2, "新题", "财联社"),
            (9, 1, "另一则", "财联社"),
        ]
        listed = rows[0].mentions
        assert (json.loads(listed) if isinstance(listed, str) else listed) == [LINK]
        mentions = connection.execute(text("SELECT article_id, surface FROM mention ORDER BY 1"))
        assert list(map(tuple, mentions)) == [(7, "艾融软件"), (9, "艾融软件")]


def test_back_and_forth_loses_nothing(upgraded: Engine, empty_url: str) -> None:
    before = [revisions(upgraded, code) for code in (FIRST, SECOND)]
    migrate(upgraded, "0001")
    again = open_engine(empty_url)
    after = [revisions(again, code) for code in (FIRST, SECOND)]
    again.dispose()
    texts = [[(row.title, row.seen_at, row.mentions) for row in found] for found in before]
    assert [[(row.title, row.seen_at, row.mentions) for row in found] for found in after] == texts
