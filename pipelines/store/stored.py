"""Stored articles, read back as the items they were written from."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from finews_crawler.items import Article, Image, Link, Provenance
from finews_crawler.items import Mention as MentionItem
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import ArticleCategory, ArticleRevision, Category, Mention, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with what the database knows of it."""

    id: int
    article: Article
    revision: int
    content_hash: str
    first_seen_at: datetime
    last_seen_at: datetime


def mention_item(row: Row[Any]) -> MentionItem:
    """Make a mention of its row."""
    return MentionItem(
        secid=row.secid,
        symbol=row.symbol,
        mic=row.mic,
        asset_class=row.asset_class,
        kind=row.kind,
        surface=row.surface,
        start=row.start_offset,
        end=row.end_offset,
        inside_word=row.inside_word,
    )


def _mentions(connection: Connection, ids: Collection[int]) -> dict[int, list[MentionItem]]:
    query = (
        select(Mention.__table__, ArticleRevision.article_id)
        .join(ArticleRevision, ArticleRevision.id == Mention.revision_id)
        .where(ArticleRevision.article_id.in_(ids), ArticleRevision.superseded_at.is_(None))
        .order_by(ArticleRevision.article_id, Mention.position)
    )
    found: dict[int, list[MentionItem]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.article_id].append(mention_item(row))
    return found


def _categories(connection: Connection, ids: Collection[int]) -> dict[int, list[str]]:
    query = (
        select(ArticleCategory.article_id, Category.slug)
        .join(Category, Category.id == ArticleCategory.category_id)
        .where(ArticleCategory.article_id.in_(ids))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for article_id, slug in connection.execute(query):
        found[article_id].append(slug)
    return found


def _article(row: Row[Any], categories: list[str], mentions: list[MentionItem]) -> Article:
    return Article(
        code=row.code,
        title=row.title,
        published_at=row.published_at,
        published_precision=row.published_precision,
        published_quality=row.published_quality,
        source=row.source_name,
        source_raw=row.source_raw,
        digest=row.digest,
        body_text=row.body_text,
        body_html=row.body_html,
        body_kind=row.body_kind,
        categories=tuple(sorted(categories)),
        tags=tuple(row.tags),
        mentions=tuple(mentions),
        images=tuple(Image(**image) for image in row.images),
        related=tuple(Link(**link) for link in row.related),
        url=row.url,
        share_url=row.share_url,
        origin_url=row.origin_url,
        fetched_at=row.fetched_at,
        extractor=row.extractor,
        identity=row.identity,
        page_kind=row.page_kind,
        provenance={name: Provenance(**found) for name, found in row.provenance.items()},
    )


def load_articles(connection: Connection, condition: ColumnElement[bool]) -> list[StoredArticle]:
    """Read the articles that meet a condition, in three queries."""
    query = (
        select(
            ArticleTable.__table__,
            Source.name.label("source_name"),
            Source.slug.label("source_slug"),
        )
        .outerjoin(Source, Source.id == ArticleTable.source_id)
        .where(condition)
    )
    rows: Sequence[Row[Any]] = connection.execute(query).all()
    ids = [row.id for row in rows]
    mentions = _mentions(connection, ids)
    categories = _categories(connection, ids)
    return [
        StoredArticle(
            id=row.id,
            article=_article(row, categories[row.id], mentions[row.id]),
            revision=row.revision,
            content_hash=row.content_hash,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
        )
        for row in rows
    ]
