"""Fill a database with synthetic articles by the bulk: `python -m benchmarks.prefill URL=COUNT …`.

What stands in it is what the writer would have written, in batches of 200, had each batch come when
its last article was fetched. What is there already is kept.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Table,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from benchmarks.synthetic import CATEGORIES, FIRST, articles, published_at, world
from finews_crawler.items import Article
from pipelines.completion import content_hash, page_key, printing_hash
from pipelines.reprints.signature import sign
from pipelines.slugs import source_slugs
from pipelines.store import bands, words
from pipelines.store.engine import open_engine, writing
from pipelines.store.lookups import alias_rows
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import (
    ArticleCategory,
    ArticleRevision,
    Base,
    Category,
    Change,
    Clock,
    Mention,
    Printing,
    Security,
    SecurityAlias,
    Source,
)
from pipelines.store.printings import KEPT
from pipelines.store.types import to_json

Row = dict[str, Any]

BATCH = 200
"""Articles that are seen at the same moment."""
CHUNK = 10 * BATCH
"""Articles of a transaction."""
_INDEXES = {"revision_words": words, "revision_bands": bands}
_CONTENT = (
    "title",
    "published_at",
    "published_precision",
    "published_quality",
    "source_raw",
    "digest",
    "body_text",
    "body_html",
    "body_kind",
    "url",
    "extractor",
)
_ONCE = ("identity", "code", "tags", "images", "related", "share_url", "origin_url", "page_kind")


def seen_at(number: int) -> datetime:
    """When an article is stored: soon after the last one of its batch was published."""
    return published_at(number - number % BATCH + BATCH - 1) + timedelta(minutes=2)


class _Rows:
    """The finished rows of articles, by table in the order in which they can be inserted."""

    def __init__(self) -> None:
        known = world()
        self._sources = {name: number for number, name in enumerate(known.sources, 1)}
        self._categories = {slug: number for number, slug in enumerate(CATEGORIES, 1)}
        self._securities = {one.symbol: number for number, one in enumerate(known.securities, 1)}

    def names(self) -> Iterator[tuple[type[Base], list[Row]]]:
        """What articles point to."""
        seen = {"first_seen_at": FIRST}
        sources, spelt = self._sources.items(), source_slugs(self._sources)
        yield Source, [{"id": n, "name": s, "slug": spelt[s], **seen} for s, n in sources]
        slugs = self._categories.items()
        yield Category, [{"id": n, "slug": slug, "heading": None, **seen} for slug, n in slugs]
        securities = [
            {
                "id": number,
                "key": one.symbol,
                "symbol": one.symbol,
                "secid": one.secid,
                "mic": one.mic,
                "asset_class": "stock",
                **seen,
            }
            for number, one in enumerate(world().securities, 1)
        ]
        yield Security, securities
        aliases = [alias_rows(symbol, number) for symbol, number in self._securities.items()]
        yield SecurityAlias, [row for rows in aliases for row in rows]

    def of(self, first: int, chunk: Sequence[Article]) -> Iterator[tuple[type[Base], list[Row]]]:
        """What is written of articles, of which the first has this number."""
        numbered = list(enumerate(chunk, first))
        contents = [self._content(one, content_hash(one)) for one in chunk]
        pairs = list(zip(numbered, contents, strict=True))
        yield ArticleTable, [_article_row(*one, content) for one, content in pairs]
        links = [(number, slug) for number, one in numbered for slug in one.categories]
        yield ArticleCategory, [self._link(number, slug) for number, slug in links]
        yield ArticleRevision, [_revision_row(one[0], content) for one, content in pairs]
        yield Mention, [row for one in numbered for row in self._mention_rows(*one)]
        yield Change, [_change_row(number) for number, _ in numbered]
        yield Printing, [_printing_row(*one) for one in numbered]

    def _content(self, article: Article, hash_: str) -> Row:
        content = {name: getattr(article, name) for name in _CONTENT}
        source = self._sources[article.source or ""]
        return {**content, "source_id": source, "content_hash": hash_, "known_late": False}

    def _link(self, number: int, slug: str) -> Row:
        category = self._categories[slug]
        return {
            "article_id": number + 1,
            "category_id": category,
            "first_seen_at": seen_at(number),
        }

    def _mention_rows(self, number: int, article: Article) -> Iterator[Row]:
        for position, one in enumerate(article.mentions):
            yield {
                "revision_id": number + 1,
                "position": position,
                "kind": one.kind,
                "secid": one.secid,
                "symbol": one.symbol,
                "mic": one.mic,
                "asset_class": one.asset_class,
                "surface": one.surface,
                "start_offset": one.start,
                "end_offset": one.end,
                "inside_word": one.inside_word,
                "security_id": self._securities[one.symbol or ""],
                "published_at": article.published_at,
            }


def _article_row(number: int, article: Article, content: Row) -> Row:
    seen = seen_at(number)
    return {
        **content,
        **{name: getattr(article, name) for name in _ONCE},
        "id": number + 1,
        "fetched_at": article.fetched_at,
        "first_seen_at": seen,
        "last_seen_at": seen,
        "revision": 1,
        "provenance": article.provenance,
    }


def _revision_row(number: int, content: Row) -> Row:
    return {
        **content,
        "id": number + 1,
        "article_id": number + 1,
        "number": 1,
        "seen_at": seen_at(number),
        "superseded_at": None,
        "changed": [],
    }


def _change_row(number: int) -> Row:
    return {
        "seq": number + 1,
        "article_id": number + 1,
        "revision": 1,
        "kind": "new",
        "committed_at": seen_at(number),
    }


def _printing_row(number: int, article: Article) -> Row:
    kind, address = page_key(article)
    return {
        "id": number + 1,
        "article_id": number + 1,
        "page_kind": kind,
        "address": address,
        "hash": printing_hash(article),
        "content": {name: getattr(article, name) for name in KEPT},
        "seen_at": seen_at(number),
    }


# --- putting rows in -------------------------------------------------------------------------


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    names = list(rows[0])
    is_json = [isinstance(table.c[name].type, JSON) for name in names]
    columns = ", ".join(names)
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            pairs = zip(row.values(), is_json, strict=True)
            copy.write_row([to_json(value) if json else value for value, json in pairs])


def _put(connection: Connection, table: type[Base], rows: Sequence[Row]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
    else:
        _copy(connection, Base.metadata.tables[table.__tablename__], rows)


def _put_chunk(connection: Connection, rows: _Rows, first: int, chunk: Sequence[Article]) -> None:
    for table, found in rows.of(first, chunk):
        _put(connection, table, found)
    numbered = list(enumerate(chunk, first + 1))
    words.add_words(connection, [(id_, one.title, one.body_text) for id_, one in numbered])
    signed = [(id_, sign(one.body_text, one.published_at or FIRST)) for id_, one in numbered]
    bands.add_bands(connection, signed)
    last = first + len(chunk) - 1
    connection.execute(update(Clock).values(at=seen_at(last), seq=last + 1))


def _hasten(driver: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """The rows fit each other; and a fill that a power cut has broken is made anew."""
    cursor = driver.cursor()
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _index_statements() -> dict[str, str]:
    """How PostgreSQL's inverted indexes are made, by name."""
    made = [one.create_statements("postgresql")[-1] for one in _INDEXES.values()]
    return {statement.split()[2]: statement for statement in made}


def _drop_indexes(engine: Engine) -> None:
    with engine.begin() as connection:
        for name in _index_statements():
            connection.execute(text(f"DROP INDEX IF EXISTS {name}"))


def _set_sequences(connection: Connection) -> None:
    """The writer's next rows get the ids after ours."""
    for name in ("source", "category", "security", "printing"):
        sequence = f"pg_get_serial_sequence('{name}', 'id')"
        connection.execute(text(f"SELECT setval({sequence}, max(id)) FROM {name}"))  # noqa: S608


def _finish(engine: Engine) -> None:
    """Make what is cheaper to make at the end, and the planner's statistics."""
    if engine.dialect.name == "sqlite":
        with writing(engine).begin() as connection:
            connection.execute(text("ANALYZE"))
        return
    found = [one["name"] for table in _INDEXES for one in inspect(engine).get_indexes(table)]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name, statement in _index_statements().items():
            if name not in found:
                connection.execute(text(statement))
        _set_sequences(connection)
        connection.execute(text("VACUUM (ANALYZE)"))


def stored(engine: Engine) -> int:
    """How many articles there are: the number of the next one."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(ArticleTable)).scalar_one()


def fill(url: str, count: int, tell: float = 30) -> None:
    """Bring a database to a number of articles, and tell every so many seconds how far it is.

    Raises:
        StorageError: it cannot be opened.
    """
    engine = open_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _hasten)
        start = stored(engine)
        if start < count:
            if engine.dialect.name == "postgresql" and count - start > start:
                _drop_indexes(engine)
            _fill(engine, start, count, tell)
        _finish(engine)
    finally:
        engine.dispose()


def _fill(engine: Engine, start: int, count: int, tell: float) -> None:
    rows = _Rows()
    began = told = time.monotonic()
    for first in range(start, count, CHUNK):
        chunk = list(articles(min(CHUNK, count - first), first))
        with writing(engine).begin() as connection:
            if engine.dialect.name == "postgresql":  # a superuser may
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            if first == 0:
                for table, found in rows.names():
                    _put(connection, table, found)
            _put_chunk(connection, rows, first, chunk)
        if time.monotonic() - told > tell:
            told = time.monotonic()
            done = first + len(chunk)
            rate = (done - start) / (told - began)
            print(f"{engine.dialect.name}: {done:,} articles, {rate:,.0f} a second", flush=True)


def main() -> None:
    """Fill the databases that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="+", metavar="URL=COUNT")
    for database in parser.parse_args().databases:
        url, _, count = database.rpartition("=")
        fill(url, int(count))


if __name__ == "__main__":
    main()
