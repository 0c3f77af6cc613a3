"""Write the drafts of a batch: every table once, each statement for many rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from finews_crawler.items import Article
from pipelines.store.drafts import Draft
from pipelines.store.lookups import category_ids, security_ids, security_key, source_ids
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import ArticleRevision, Mention, article_category
from pipelines.store.printings import write_printings

Row = dict[str, Any]


def _execute(connection: Connection, statement: Any, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(statement, rows)


def _article_row(draft: Draft, sources: dict[str, int], now: datetime) -> Row:
    article = draft.article
    return {
        "identity": article.identity,
        "code": article.code,
        "title": article.title,
        "published_at": article.published_at,
        "published_precision": article.published_precision,
        "published_quality": article.published_quality,
        "source_id": sources.get(article.source or ""),
        "source_raw": article.source_raw,
        "digest": article.digest,
        "body_text": article.body_text,
        "body_html": article.body_html,
        "body_kind": article.body_kind,
        "tags": list(article.tags),
        "images": article.images,
        "related": article.related,
        "url": article.url,
        "share_url": article.share_url,
        "origin_url": article.origin_url,
        "page_kind": article.page_kind,
        "fetched_at": article.fetched_at,
        "first_seen_at": draft.known.first_seen_at if draft.known else now,
        "last_seen_at": now,
        "revision": draft.number,
        "content_hash": draft.content_hash,
        "extractor": article.extractor,
        "provenance": article.provenance,
    }


def _revision_rows(draft: Draft, article_id: int, now: datetime) -> Iterable[Row]:
    for revision in draft.revisions:
        article = revision.article
        yield {
            "article_id": article_id,
            "number": revision.number,
            "seen_at": now,
            "content_hash": revision.content_hash,
            "changed": list(revision.changed),
            "title": article.title,
            "published_at": article.published_at,
            "published_precision": article.published_precision,
            "published_quality": article.published_quality,
            "source": article.source,
            "source_raw": article.source_raw,
            "digest": article.digest,
            "body_text": article.body_text,
            "body_html": article.body_html,
            "body_kind": article.body_kind,
            "mentions": article.mentions,
            "url": article.url,
            "extractor": article.extractor,
        }


def _mention_rows(article: Article, article_id: int, securities: dict[str, int]) -> Iterable[Row]:
    for position, mention in enumerate(article.mentions):
        yield {
            "article_id": article_id,
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
        }


def _insert_articles(connection: Connection, drafts: Sequence[Draft], rows: list[Row]) -> None:
    new = [row for draft, row in zip(drafts, rows, strict=True) if draft.known is None]
    _execute(connection, insert(ArticleTable), new)


def _update_articles(connection: Connection, drafts: Sequence[Draft], rows: list[Row]) -> None:
    known = [
        {**row, "row_id": draft.known.id}
        for draft, row in zip(drafts, rows, strict=True)
        if draft.known is not None
    ]
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0]}
    statement = update(ArticleTable).where(ArticleTable.id == bindparam("row_id"))
    _execute(connection, statement.values(columns), known)


def _article_ids(connection: Connection, drafts: Sequence[Draft]) -> list[int]:
    identities = [draft.article.identity for draft in drafts]
    query = select(ArticleTable.identity, ArticleTable.id)
    query = query.where(ArticleTable.identity.in_(identities))
    ids = dict(connection.execute(query).all())
    return [ids[identity] for identity in identities]


def _replace_mentions(
    connection: Connection, drafts: Sequence[Draft], ids: list[int], now: datetime
) -> None:
    known = [number for draft, number in zip(drafts, ids, strict=True) if draft.known is not None]
    if known:
        connection.execute(delete(Mention).where(Mention.article_id.in_(known)))
    securities = security_ids(connection, [draft.article for draft in drafts], now)
    rows = [
        row
        for draft, number in zip(drafts, ids, strict=True)
        for row in _mention_rows(draft.article, number, securities)
    ]
    _execute(connection, insert(Mention), rows)


def _replace_categories(
    connection: Connection, drafts: Sequence[Draft], ids: list[int], now: datetime
) -> None:
    table = article_category
    connection.execute(delete(table).where(table.c.article_id.in_(ids)))
    slugs = {slug for draft in drafts for slug in draft.article.categories}
    categories = category_ids(connection, sorted(slugs), now)
    rows = [
        {"article_id": number, "category_id": categories[slug]}
        for draft, number in zip(drafts, ids, strict=True)
        for slug in draft.article.categories
    ]
    _execute(connection, insert(table), rows)


def write_changed(connection: Connection, every: Sequence[Draft], now: datetime) -> None:
    """Write the articles that are new or have changed, with all that hangs on them."""
    drafts = [draft for draft in every if draft.is_changed]
    if drafts:
        _write_rows(connection, drafts, now)
    fresh = [draft for draft in every if draft.fresh]
    if fresh:
        ids = _article_ids(connection, fresh)
        write_printings(connection, zip(ids, fresh, strict=True), now)


def _write_rows(connection: Connection, drafts: Sequence[Draft], now: datetime) -> None:
    names = {draft.article.source for draft in drafts if draft.article.source}
    sources = source_ids(connection, sorted(names), now)
    rows = [_article_row(draft, sources, now) for draft in drafts]
    _insert_articles(connection, drafts, rows)
    _update_articles(connection, drafts, rows)
    ids = _article_ids(connection, drafts)
    _replace_mentions(connection, drafts, ids, now)
    _replace_categories(connection, drafts, ids, now)
    revisions = [
        row
        for draft, number in zip(drafts, ids, strict=True)
        for row in _revision_rows(draft, number, now)
    ]
    _execute(connection, insert(ArticleRevision), revisions)


def touch(connection: Connection, drafts: Sequence[Draft], now: datetime) -> None:
    """Note that unchanged articles were seen."""
    ids = [draft.known.id for draft in drafts if draft.known is not None]
    if ids:
        seen = update(ArticleTable).where(ArticleTable.id.in_(ids))
        connection.execute(seen.values(last_seen_at=now))
