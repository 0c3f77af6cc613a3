"""Small tables that articles point to: find the ids of names, making rows that are missing."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from finews_crawler.items import Article
from pipelines.slugs import source_slug
from pipelines.store.models import Base, Category, Security, Source

Row = dict[str, object]


def _ids(
    connection: Connection,
    table: type[Base],
    key: InstrumentedAttribute[str],
    identifier: InstrumentedAttribute[int],
    rows: Mapping[str, Row],
) -> dict[str, int]:
    """Map each key to its row's id; two queries, three when rows are missing."""
    if not rows:
        return {}
    wanted = select(key, identifier).where(key.in_(list(rows)))
    found = dict(connection.execute(wanted).all())
    missing = [row for name, row in rows.items() if name not in found]
    if missing:
        connection.execute(insert(table), missing)
        found = dict(connection.execute(wanted).all())
    return found


def source_ids(connection: Connection, names: Iterable[str], now: datetime) -> dict[str, int]:
    """The ids of sources by name."""
    rows: dict[str, Row] = {
        name: {"name": name, "slug": source_slug(name), "first_seen_at": now} for name in names
    }
    return _ids(connection, Source, Source.name, Source.id, rows)


def category_ids(connection: Connection, slugs: Iterable[str], now: datetime) -> dict[str, int]:
    """The ids of categories by slug."""
    rows: dict[str, Row] = {
        slug: {"slug": slug, "heading": None, "first_seen_at": now} for slug in slugs
    }
    return _ids(connection, Category, Category.slug, Category.id, rows)


def security_key(symbol: str | None, secid: str) -> str:
    """What a security is known by: its canonical symbol, else the secid as printed."""
    return symbol or secid


def security_ids(
    connection: Connection, articles: Iterable[Article], now: datetime
) -> dict[str, int]:
    """The ids of the securities that articles mention, by key."""
    rows: dict[str, Row] = {
        security_key(mention.symbol, mention.secid): {
            "key": security_key(mention.symbol, mention.secid),
            "symbol": mention.symbol,
            "secid": mention.secid,
            "mic": mention.mic,
            "asset_class": mention.asset_class,
            "first_seen_at": now,
        }
        for article in articles
        for mention in article.mentions
    }
    return _ids(connection, Security, Security.key, Security.id, rows)
