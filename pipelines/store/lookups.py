"""Small tables that articles point to: find the ids of names, making rows that are missing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from finews_crawler.items import Article, Mention
from pipelines.code_changes import dated_symbols
from pipelines.slugs import source_slug
from pipelines.store.models import Base, Category, Security, SecurityAlias, Source

Row = dict[str, object]


def _ids(
    connection: Connection,
    table: type[Base],
    key: InstrumentedAttribute[str],
    rows: Mapping[str, Row],
    follow: Callable[[Connection, Iterable[tuple[Row, int]]], None] | None = None,
) -> dict[str, int]:
    """Map each key to its row's id, making missing rows; `follow` writes what hangs on those."""
    if not rows:
        return {}
    wanted = select(key, table.__table__.c.id).where(key.in_(list(rows)))
    found: dict[str, int] = dict(connection.execute(wanted).all())
    missing = [row for name, row in rows.items() if name not in found]
    if missing:
        connection.execute(insert(table), missing)
        found = dict(connection.execute(wanted).all())
        if follow is not None:
            follow(connection, [(row, found[str(row[key.key])]) for row in missing])
    return found


def source_ids(connection: Connection, names: Iterable[str], now: datetime) -> dict[str, int]:
    """The ids of sources by name."""
    rows: dict[str, Row] = {
        name: {"name": name, "slug": source_slug(name), "first_seen_at": now} for name in names
    }
    return _ids(connection, Source, Source.name, rows)


def category_ids(connection: Connection, slugs: Iterable[str], now: datetime) -> dict[str, int]:
    """The ids of categories by slug."""
    rows: dict[str, Row] = {
        slug: {"slug": slug, "heading": None, "first_seen_at": now} for slug in slugs
    }
    return _ids(connection, Category, Category.slug, rows)


def security_key(symbol: str | None, secid: str) -> str:
    """What a security is known by: its newest canonical symbol, else the secid as printed."""
    return dated_symbols(symbol)[-1].symbol if symbol else secid


def _security_row(key: str, mention: Mention, now: datetime) -> Row:
    return {
        "key": key,
        "symbol": key if mention.symbol else None,
        "secid": mention.secid,
        "mic": mention.mic,
        "asset_class": mention.asset_class,
        "first_seen_at": now,
    }


def security_ids(
    connection: Connection, articles: Iterable[Article], now: datetime
) -> dict[str, int]:
    """The ids of the securities that articles mention, by key."""
    rows: dict[str, Row] = {}
    for article in articles:
        for mention in article.mentions:
            key = security_key(mention.symbol, mention.secid)
            if key not in rows:
                rows[key] = _security_row(key, mention, now)
    return _ids(connection, Security, Security.key, rows, _write_aliases)


def alias_rows(symbol: str, security_id: int) -> list[Row]:
    """The rows of all symbols that a security has had."""
    return [
        {"symbol": one.symbol, "security_id": security_id, "since": one.since, "until": one.until}
        for one in dated_symbols(symbol)
    ]


def _write_aliases(connection: Connection, made: Iterable[tuple[Row, int]]) -> None:
    rows = [
        row
        for security, number in made
        if security["symbol"]
        for row in alias_rows(str(security["symbol"]), number)
    ]
    if rows:
        connection.execute(insert(SecurityAlias), rows)
