"""Small tables that articles point to: find the ids of names, making rows that are missing."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from finews_crawler.items import Article, Mention
from pipelines.code_changes import dated_symbols
from pipelines.slugs import source_slugs
from pipelines.store.models import Base, Category, Security, SecurityAlias, Source

Row = dict[str, object]


def _ids(
    connection: Connection,
    table: type[Base],
    key: InstrumentedAttribute[str],
    names: Collection[str],
    rows_of: Callable[[Sequence[str]], list[Row]],
) -> dict[str, int]:
    """Map each key to its row's id, making rows of those that are missing."""
    if not names:
        return {}
    wanted = select(key, table.__table__.c.id).where(key.in_(names))
    found: dict[str, int] = dict(connection.execute(wanted).all())
    missing = [name for name in names if name not in found]
    if missing:
        connection.execute(insert(table), rows_of(missing))
        found = dict(connection.execute(wanted).all())
    return found


def source_ids(connection: Connection, names: Iterable[str], now: datetime) -> dict[str, int]:
    """The ids of sources by name."""

    def rows_of(new: Sequence[str]) -> list[Row]:
        slugs = source_slugs(new)
        return [{"name": name, "slug": slugs[name], "first_seen_at": now} for name in new]

    return _ids(connection, Source, Source.name, list(dict.fromkeys(names)), rows_of)


def category_ids(connection: Connection, slugs: Iterable[str], now: datetime) -> dict[str, int]:
    """The ids of categories by slug."""

    def rows_of(new: Sequence[str]) -> list[Row]:
        return [{"slug": slug, "heading": None, "first_seen_at": now} for slug in new]

    return _ids(connection, Category, Category.slug, list(dict.fromkeys(slugs)), rows_of)


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
    first: dict[str, Mention] = {}
    for article in articles:
        for mention in article.mentions:
            first.setdefault(security_key(mention.symbol, mention.secid), mention)

    made: list[Row] = []

    def rows_of(new: Sequence[str]) -> list[Row]:
        made.extend(_security_row(key, first[key], now) for key in new)
        return made

    found = _ids(connection, Security, Security.key, list(first), rows_of)
    _write_aliases(connection, [(row, found[str(row["key"])]) for row in made])
    return found


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
