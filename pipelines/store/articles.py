"""Write the drafts of a batch: every table once, each statement for many rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    TextClause,
    bindparam,
    delete,
    insert,
    select,
    text,
    tuple_,
    update,
)

from finews_crawler.items import Article
from pipelines.store.clock import Tick, is_known_late
from pipelines.store.drafts import Change, Draft, Revision
from pipelines.store.lookups import category_ids, security_ids, security_key, source_ids
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import ArticleCategory, ArticleRevision, Base, Mention
from pipelines.store.models import Change as ChangeTable
from pipelines.store.types import to_json

Row = dict[str, Any]


def insert_rows(connection: Connection, table: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows that have the same columns, in one statement.

    Raises:
        ValueError: a time has no zone, or something has no JSON form.
    """
    if rows and connection.dialect.name == "postgresql":
        connection.execute(_from_json(table.__tablename__, tuple(rows[0])), _as_json(rows))
    elif rows:
        connection.execute(insert(table), rows)


@cache
def _from_json(table: str, columns: tuple[str, ...]) -> TextClause:
    """Rows as one text cost PostgreSQL and its driver a third of what they cost one by one."""
    names = ", ".join(columns)
    read = f"json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
    return text(f"INSERT INTO {table} ({names}) SELECT {names} FROM {read}")  # noqa: S608


def _as_json(rows: Sequence[Row]) -> dict[str, str]:
    for row in rows:
        for value in row.values():
            if isinstance(value, datetime) and value.tzinfo is None:
                raise ValueError(f"naive time {value!r}: times are stored with their zone known")
    return {"rows": to_json(rows)}


def first_seen_at(draft: Draft, now: datetime) -> datetime:
    """When the database first knew an article: for a new one that is now."""
    return draft.known.first_seen_at if draft.known else now


def _content(article: Article, sources: dict[str, int], first_seen_at: datetime) -> Row:
    """What an article's row and its revision's have in common."""
    return {
        "title": article.title,
        "published_at": article.published_at,
        "published_precision": article.published_precision,
        "published_quality": article.published_quality,
        "known_late": is_known_late(
            article.published_at, article.published_precision, first_seen_at
        ),
        "source_id": sources.get(article.source or ""),
        "source_raw": article.source_raw,
        "digest": article.digest,
        "body_text": article.body_text,
        "body_html": article.body_html,
        "body_kind": article.body_kind,
        "url": article.url,
        "extractor": article.extractor,
    }


def _article_row(draft: Draft, sources: dict[str, int], now: datetime) -> Row:
    article = draft.article
    seen = first_seen_at(draft, now)
    return {
        **_content(article, sources, seen),
        "id": draft.id,
        "identity": article.identity,
        "code": article.code,
        "tags": list(article.tags),
        "images": article.images,
        "related": article.related,
        "share_url": article.share_url,
        "origin_url": article.origin_url,
        "page_kind": article.page_kind,
        "fetched_at": article.fetched_at,
        "first_seen_at": seen,
        "last_seen_at": now,
        "revision": draft.number,
        "content_hash": draft.content_hash,
        "provenance": article.provenance,
    }


@dataclass(frozen=True, slots=True)
class Written:
    """A revision that a batch has made."""

    draft: Draft
    change: Change
    revision: Revision
    superseded_at: datetime | None
    """Set when the same batch brought a newer one, or it is of the past: nobody has read it."""


def _written(drafts: Iterable[Draft], now: datetime) -> Iterable[Written]:
    for draft in drafts:
        for change in draft.changes:
            if change.revision:
                is_newest = not change.revision.is_past and change.number == draft.number
                yield Written(draft, change, change.revision, None if is_newest else now)


def _revision_row(one: Written, sources: dict[str, int], now: datetime) -> Row:
    article = one.revision.article
    return {
        **_content(article, sources, first_seen_at(one.draft, now)),
        "id": one.change.seq,
        "article_id": one.draft.id,
        "number": one.change.number,
        "kind": one.revision.kind,
        "archived_at": article.archived_at,
        "seen_at": now,
        "superseded_at": one.superseded_at,
        "content_hash": one.revision.content_hash,
        "changed": list(one.revision.changed),
    }


def _mention_rows(one: Written, securities: dict[str, int]) -> Iterable[Row]:
    article = one.revision.article
    for position, mention in enumerate(article.mentions):
        yield {
            "revision_id": one.change.seq,
            "position": position,
            "kind": mention.kind,
            "secid": mention.secid,
            "symbol": mention.symbol,
            "mic": mention.mic,
            "asset_class": mention.asset_class,
            "surface": mention.surface,
            "start_offset": mention.start,
            "end_offset": mention.end,
            "inside_word": mention.inside_word,
            "security_id": securities[security_key(mention.symbol, mention.secid)],
            "published_at": article.published_at,
        }


def _write_articles(connection: Connection, drafts: Sequence[Draft], rows: list[Row]) -> None:
    pairs = list(zip(drafts, rows, strict=True))
    insert_rows(connection, ArticleTable, [row for draft, row in pairs if not draft.known])
    known = [{**row, "row_id": row["id"]} for draft, row in pairs if draft.known]
    if known:
        columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "id"}
        statement = update(ArticleTable).where(ArticleTable.id == bindparam("row_id"))
        connection.execute(statement.values(columns), known)


def _supersede(connection: Connection, drafts: Iterable[Draft], now: datetime) -> None:
    """Close the revisions after which the batch brings newer ones."""
    ids = [one.known.id for one in drafts if one.known and one.number > one.known.revision]
    if ids:
        table = ArticleRevision
        newest = update(table).where(table.article_id.in_(ids), table.superseded_at.is_(None))
        connection.execute(newest.values(superseded_at=now))


def _write_categories(connection: Connection, drafts: Sequence[Draft], now: datetime) -> None:
    table = ArticleCategory
    slugs = {slug for draft in drafts for slug in draft.article.categories}
    ids = category_ids(connection, sorted(slugs), now)
    told = {(draft.id, ids[slug]) for draft in drafts for slug in draft.article.categories}
    known = [draft.id for draft in drafts if draft.known]
    query = select(table.article_id, table.category_id).where(table.article_id.in_(known))
    stored = set(map(tuple, connection.execute(query))) if known else set()
    if gone := stored - told:
        key = tuple_(table.article_id, table.category_id)
        connection.execute(delete(table).where(key.in_(sorted(gone))))
    rows = [
        {"article_id": article, "category_id": category, "first_seen_at": now}
        for article, category in sorted(told - stored)
    ]
    insert_rows(connection, table, rows)


def write_changed(connection: Connection, drafts: Sequence[Draft], moment: Tick) -> list[Written]:
    """Write articles that are new or have changed, with all that hangs on them; gives revisions."""
    for draft in drafts:
        for change in draft.changes:
            change.seq = moment.next_seq()
    now = moment.at
    written = list(_written(drafts, now))
    names = {draft.article.source for draft in drafts if draft.is_changed}
    names |= {one.revision.article.source for one in written}
    sources = source_ids(connection, sorted(name for name in names if name), now)
    changed = [draft for draft in drafts if draft.is_changed]
    _write_articles(connection, changed, [_article_row(draft, sources, now) for draft in changed])
    _write_categories(connection, changed, now)
    _supersede(connection, drafts, now)
    revisions = [_revision_row(one, sources, now) for one in written]
    insert_rows(connection, ArticleRevision, revisions)
    securities = security_ids(connection, [one.revision.article for one in written], now)
    mentions = [row for one in written for row in _mention_rows(one, securities)]
    insert_rows(connection, Mention, mentions)
    _write_changes(connection, drafts, now)
    return written


def _write_changes(connection: Connection, drafts: Iterable[Draft], now: datetime) -> None:
    rows = [
        {
            "seq": change.seq,
            "article_id": draft.id,
            "revision": change.number,
            "kind": change.kind,
            "committed_at": now,
        }
        for draft in drafts
        for change in draft.changes
    ]
    insert_rows(connection, ChangeTable, rows)


def touch(connection: Connection, drafts: Sequence[Draft], now: datetime) -> None:
    """Note that unchanged articles were seen."""
    ids = [draft.known.id for draft in drafts if draft.known is not None]
    if ids:
        seen = update(ArticleTable).where(ArticleTable.id.in_(ids))
        connection.execute(seen.values(last_seen_at=now))
