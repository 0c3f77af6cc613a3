"""An article in one version, with all that hangs on it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from finews_crawler.items import Mention as MentionItem
from pipelines.store.models import (
    Article,
    ArticleCategory,
    ArticleRevision,
    Category,
    Mention,
    RevisionKind,
    Source,
)
from pipelines.store.queries.stories import Reprint, reprints
from pipelines.store.stored import mention_item

__all__ = ["ArticleRow", "RevisionKind", "article_rows", "readable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article in the version that is or was readable."""

    id: int
    identity: str
    code: str | None
    revision_id: int
    revision: int
    title: str
    published_at: datetime | None
    published_precision: str | None
    published_quality: str
    known_late: bool | None
    source: str | None
    source_raw: str | None
    """The medium as printed."""
    digest: str | None
    body_text: str
    body_html: str
    """Clean HTML of the same text."""
    body_kind: str
    url: str
    """Where it stands now, whatever the moment that was asked for."""
    first_seen_at: datetime
    seen_at: datetime
    content_hash: str
    changed: tuple[str, ...]
    """What differs from the version before; empty for the first."""
    revision_kind: RevisionKind
    """See the table `article_revision`."""
    archived_at: datetime | None
    """When an archive knew this version; None: it is from the page itself."""
    mentions: tuple[MentionItem, ...]
    categories: tuple[str, ...]
    reprints: tuple[Reprint, ...]
    """The other members of its story, the first seen first."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """What it mentions, each once, in reading order; the secid where the symbol is unsure."""
        return tuple(dict.fromkeys(one.symbol or one.secid for one in self.mentions))


_REVISION = (
    "title",
    "published_at",
    "published_precision",
    "published_quality",
    "known_late",
    "source_raw",
    "digest",
    "body_text",
    "body_html",
    "body_kind",
    "seen_at",
    "content_hash",
    "changed",
    "archived_at",
)


def readable() -> Select[*tuple[Any, ...]]:
    """Select the columns that make an `ArticleRow`, of all revisions."""
    revision = ArticleRevision
    columns = [getattr(revision, name) for name in _REVISION]
    named = (
        revision.id.label("revision_id"),
        revision.number.label("revision"),
        revision.kind.label("revision_kind"),
    )
    article = (Article.id, Article.identity, Article.code, Article.url, Article.first_seen_at)
    query: Select[*tuple[Any, ...]] = select(
        *article, *named, *columns, Source.name.label("source")
    )
    return query.join(Article, Article.id == revision.article_id).outerjoin(
        Source, Source.id == revision.source_id
    )


def article_rows(
    connection: Connection, rows: Sequence[Row[Any]], as_of: datetime | None
) -> list[ArticleRow]:
    """Make articles of the rows of `readable`, with all that hangs on them; three more queries."""
    ids = [row.id for row in rows]
    mentions = _mentions(connection, [row.revision_id for row in rows])
    categories = _categories(connection, ids, as_of)
    others = reprints(connection, ids, as_of)
    return [
        ArticleRow(
            **{name: getattr(row, name) for name in _PLAIN},
            changed=tuple(row.changed),
            mentions=tuple(mentions[row.revision_id]),
            categories=tuple(sorted(categories[row.id])),
            reprints=others.get(row.id, ()),
        )
        for row in rows
    ]


_PLAIN = tuple(
    name
    for name in ArticleRow.__dataclass_fields__
    if name not in {"changed", "mentions", "categories", "reprints"}
)


def _mentions(connection: Connection, ids: Collection[int]) -> dict[int, list[MentionItem]]:
    query = select(Mention.__table__).where(Mention.revision_id.in_(ids))
    found: dict[int, list[MentionItem]] = defaultdict(list)
    for row in connection.execute(query.order_by(Mention.revision_id, Mention.position)):
        found[row.revision_id].append(mention_item(row))
    return found


def _categories(
    connection: Connection, ids: Collection[int], as_of: datetime | None
) -> dict[int, list[str]]:
    link = ArticleCategory
    query = select(link.article_id, Category.slug).join(Category, Category.id == link.category_id)
    query = query.where(link.article_id.in_(ids))
    if as_of is not None:
        query = query.where(link.first_seen_at <= as_of)
    found: dict[int, list[str]] = defaultdict(list)
    for article_id, slug in connection.execute(query):
        found[article_id].append(slug)
    return found
