"""Three ways to bring the same articles into a database: ours, nothing but inserts, the peers'."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    MetaData,
    Table,
    create_engine,
    event,
    insert,
    select,
)

from finews_crawler.items import Article
from pipelines.store.drafts import Outcome
from pipelines.store.engine import open_engine
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import Base, Mention
from pipelines.store.runs import start_run
from pipelines.store.types import to_json
from pipelines.store.writer import Writer

BATCH = 200
"""Articles of a transaction, as in a crawl."""
_WHOLE = ("source", "category", "security", "security_alias")
# What a row belongs to: the number of the change that has made it. In an empty database that is
# also the article's.
_KEYS: Mapping[str, str] = {
    "article": "id",
    "article_category": "article_id",
    "article_revision": "id",
    "mention": "revision_id",
    "change": "seq",
    "printing": "article_id",
    "revision_words": "revision_id",
    "revision_bands": "revision_id",
}

Statements = list[tuple[str, Any]]


@dataclass(slots=True)
class Finished:
    """What a load has left behind: the rows of each transaction, ready to be loaded again."""

    sqlite: list[Statements] = field(default_factory=list)
    """Of each transaction its INSERT statements, each with all its parameters."""
    postgres: list[list[tuple[str, bytes]]] = field(default_factory=list)
    """Of each transaction the COPY data of each table."""
    articles: list[dict[str, Any]] = field(default_factory=list)
    mentions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By the article's id."""


def batches(items: Sequence[Article]) -> Iterator[Sequence[Article]]:
    """Items by the transaction."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def write(engine: Engine, items: Sequence[Article]) -> tuple[float, dict[Outcome, int]]:
    """Write items as a crawl does; gives the rate a second, and how many had which outcome."""
    run = start_run(engine, "archive", {}, datetime.now(UTC))
    writer = Writer(engine, run, timedelta(days=1))
    counts: dict[Outcome, int] = {}
    start = time.perf_counter()
    for batch in batches(items):
        for outcome in writer.write(batch):
            counts[outcome] = counts.get(outcome, 0) + 1
    return len(items) / (time.perf_counter() - start), counts


def revised(items: Sequence[Article]) -> list[Article]:
    """The same items an hour later, every hundredth with another title."""
    later = timedelta(hours=1)
    return [
        replace(one, fetched_at=one.fetched_at + later, title=f"{one.title}（更新）")
        if place % 100 == 0
        else one
        for place, one in enumerate(items)
    ]


# --- nothing but inserts ---------------------------------------------------------------------


@contextmanager
def noted(engine: Engine, finished: Finished) -> Iterator[None]:
    """Note what is inserted meanwhile (SQLite, whose index of words cannot be read back)."""
    statements: Statements = []

    def note(_: Connection, __: Any, sql: str, given: Any, ___: Any, many: bool) -> None:
        if sql.startswith("INSERT"):
            statements.append((sql, given if many else [given]))

    def end(_: Connection) -> None:
        finished.sqlite.append(statements[:])
        statements.clear()

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", end)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", end)


def read_back(engine: Engine, count: int, finished: Finished) -> None:
    """Read what a database holds that has these articles and nothing else."""
    with engine.connect() as connection:
        columns = select(ArticleTable.__table__).order_by(ArticleTable.id)
        finished.articles = [dict(row) for row in connection.execute(columns).mappings()]
        for row in connection.execute(select(Mention.__table__)).mappings():
            finished.mentions.setdefault(row["revision_id"], []).append(dict(row))
        if engine.dialect.name == "postgresql":
            firsts = range(1, count + 1, BATCH)
            finished.postgres = [_copied(connection, first) for first in firsts]


def _copied(connection: Connection, first: int) -> list[tuple[str, bytes]]:
    whole = [(name, name) for name in _WHOLE if first == 1]
    span = f"BETWEEN {first} AND {first + BATCH - 1}"
    parts = [
        (name, f"(SELECT * FROM {name} WHERE {key} {span} ORDER BY {key})")  # noqa: S608
        for name, key in _KEYS.items()
    ]
    cursor = _driver(connection).cursor()
    found = []
    for name, rows in whole + parts:
        with cursor.copy(f"COPY {rows} TO STDOUT") as copy:
            found.append((name, b"".join(map(bytes, copy))))
    return found


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def load_plainly(url: str, finished: Finished, count: int) -> float:
    """Put finished rows into an empty database by nothing but inserts; the rate a second."""
    engine = open_engine(url)
    with engine.connect() as connection:
        driver = _driver(connection)
        start = time.perf_counter()
        if engine.dialect.name == "sqlite":
            _insert_all(driver, finished.sqlite)
        else:
            _copy_all(driver, finished.postgres)
        seconds = time.perf_counter() - start
    engine.dispose()
    return count / seconds


def _insert_all(driver: Any, transactions: list[Statements]) -> None:
    for statements in transactions:
        driver.execute("BEGIN IMMEDIATE")
        for sql, rows in statements:
            driver.executemany(sql, rows)
        driver.execute("COMMIT")


def _copy_all(driver: Any, transactions: list[list[tuple[str, bytes]]]) -> None:
    for tables in transactions:
        with driver.transaction(), driver.cursor() as cursor:
            for name, rows in tables:
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    copy.write(rows)


# --- the peers' way --------------------------------------------------------------------------


def load_like_peers(url: str, finished: Finished, limit: int) -> float:
    """SELECT, INSERT and COMMIT for each article, on an engine as SQLAlchemy gives it.

    The database is empty; two tables of its own stand for the peers': no revisions, no feed, no
    search. Gives the rate a second.
    """
    engine = create_engine(url, json_serializer=to_json)
    peers = MetaData()
    article, mention = (_peer_table(peers, name) for name in ("article", "mention"))
    peers.create_all(engine)
    start = time.perf_counter()
    for row in finished.articles[:limit]:
        with engine.begin() as connection:
            query = select(article.c.id).where(article.c.identity == row["identity"])
            if connection.execute(query).first() is None:
                connection.execute(insert(article).values(row))
                connection.execute(insert(mention), finished.mentions[row["id"]])
    seconds = time.perf_counter() - start
    engine.dispose()
    return min(limit, len(finished.articles)) / seconds


def _peer_table(peers: MetaData, name: str) -> Table:
    """A table with our columns and indexes, that points to no other and checks nothing."""
    ours = Base.metadata.tables[name]
    columns = [
        Column(one.name, one.type, primary_key=one.primary_key, unique=one.unique, index=False)
        for one in ours.columns
    ]
    table = Table(f"peer_{name}", peers, *columns)
    for index in ours.indexes:
        Index(f"peer_{index.name}", *(table.c[column.name] for column in index.columns))
    return table
