"""What each page prints of an article: kept whole, so that an article can be made anew from all.

An article is a function of the set of its printings (`pipelines.completion.unite`); keeping only
the result would let the order in which pages were read decide.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_

from finews_crawler.items import Article, Image, Link, Mention, Provenance
from pipelines.completion import PageKey
from pipelines.store.articles import insert_rows
from pipelines.store.drafts import Draft, Known
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import Printing

_TIMES = ("published_at", "fetched_at", "archived_at")
_TUPLES = ("categories", "tags")
_OF_THE_ITEM = {"printings", "earlier"}
KEPT = tuple(one.name for one in fields(Article) if one.name not in _OF_THE_ITEM)


def from_json(content: Mapping[str, Any]) -> Article:
    """Read back what the column `content` holds of a printing."""
    values = dict(content)
    for name in _TIMES:  # what an older program has written does not name them all
        told = values.get(name)
        values[name] = told and datetime.fromisoformat(told)
    for name in _TUPLES:
        values[name] = tuple(values[name])
    values["mentions"] = tuple(Mention(**one) for one in values["mentions"])
    values["related"] = tuple(Link(**one) for one in values["related"])
    values["images"] = tuple(Image(**one) for one in values["images"])
    values["provenance"] = {
        name: Provenance(**found) for name, found in values["provenance"].items()
    }
    return Article(**values)


def load_known(connection: Connection, identities: Collection[str]) -> dict[str, Known]:
    """Read what the database knows of articles, by identity, and lock them for this transaction.

    Two writers that bring two printings of one article would else each unite only its own.
    """
    if not identities:
        return {}
    table = ArticleTable
    columns = (table.id, table.identity, table.revision, table.content_hash)
    query = select(*columns, table.first_seen_at, table.last_seen_at)
    wanted = query.where(table.identity.in_(identities)).order_by(table.id)
    rows = connection.execute(wanted.with_for_update()).all()
    hashes = _hashes(connection, [row.id for row in rows])
    return {
        row.identity: Known(
            id=row.id,
            revision=row.revision,
            content_hash=row.content_hash,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            hashes=hashes[row.id],
        )
        for row in rows
    }


def _hashes(connection: Connection, ids: Collection[int]) -> dict[int, dict[PageKey, str]]:
    columns = (Printing.article_id, Printing.page_kind, Printing.address, Printing.hash)
    found: dict[int, dict[PageKey, str]] = defaultdict(dict)
    for row in connection.execute(select(*columns).where(Printing.article_id.in_(ids))):
        found[row.article_id][row.page_kind, row.address] = row.hash
    return found


def load_printings(
    connection: Connection, ids: Collection[int]
) -> dict[int, dict[PageKey, Article]]:
    """Read all printings of articles, by the article's row."""
    found: dict[int, dict[PageKey, Article]] = defaultdict(dict)
    if ids:
        columns = (Printing.article_id, Printing.page_kind, Printing.address, Printing.content)
        for row in connection.execute(select(*columns).where(Printing.article_id.in_(ids))):
            found[row.article_id][row.page_kind, row.address] = from_json(row.content)
    return found


def write_printings(connection: Connection, drafts: Collection[Draft], now: datetime) -> None:
    """Write the fresh printings of drafts, whose articles are written."""
    rows = [
        {
            "article_id": draft.id,
            "page_kind": key[0],
            "address": key[1],
            "hash": draft.hashes[key],
            "content": {name: getattr(printing, name) for name in KEPT},
            "seen_at": now,
        }
        for draft in drafts
        for key, printing in draft.fresh.items()
    ]
    _delete_known(connection, drafts)
    insert_rows(connection, Printing, rows)


def _delete_known(connection: Connection, drafts: Iterable[Draft]) -> None:
    """What is read again replaces its row."""
    keys = [
        (draft.id, *key)
        for draft in drafts
        if draft.known is not None
        for key in draft.fresh
        if key in draft.known.hashes
    ]
    if keys:
        page = tuple_(Printing.article_id, Printing.page_kind, Printing.address)
        connection.execute(delete(Printing).where(page.in_(keys)))
