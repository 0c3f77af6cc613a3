"""Articles as they can be read now or could be read at a moment."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, select

from finews_crawler.items import Mention as MentionItem
from pipelines.store.models import (
    Article,
    ArticleCategory,
    ArticleRevision,
    Category,
    Mention,
    Security,
    SecurityAlias,
    Source,
)
from pipelines.store.queries.moments import is_readable, settle
from pipelines.store.queries.stories import Reprint, reprints
from pipelines.store.stored import StoredArticle, load_articles, mention_item


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which articles are asked for; what is None does not matter."""

    symbol: str | None = None
    """Any symbol that the security has had, or the secid of one without a symbol."""
    source: str | None = None
    category: str | None = None
    since: datetime | None = None
    """Published at this moment or later."""
    until: datetime | None = None
    """Published before this moment."""
    as_of: datetime | None = None
    """As it could be read at this moment; None is now."""
    with_late: bool = True
    """With articles that this database came to know when they were no news any more."""


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
    digest: str | None
    body_text: str
    body_kind: str
    url: str
    """Where it stands now, whatever the moment that was asked for."""
    first_seen_at: datetime
    seen_at: datetime
    content_hash: str
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
    "digest",
    "body_text",
    "body_kind",
    "seen_at",
    "content_hash",
)


def readable() -> Select[*tuple[Any, ...]]:
    """Select the columns that make an `ArticleRow`, of all revisions."""
    revision = ArticleRevision
    columns = [getattr(revision, name) for name in _REVISION]
    named = (revision.id.label("revision_id"), revision.number.label("revision"))
    article = (Article.id, Article.identity, Article.code, Article.url, Article.first_seen_at)
    query: Select[*tuple[Any, ...]] = select(
        *article, *named, *columns, Source.name.label("source")
    )
    return query.join(Article, Article.id == revision.article_id).outerjoin(
        Source, Source.id == revision.source_id
    )


def security_id(connection: Connection, symbol: str) -> int | None:
    """The security that has or had a symbol; looked up first, so that one index gives its rows."""
    alias = select(SecurityAlias.security_id).where(SecurityAlias.symbol == symbol)
    key = select(Security.id).where(Security.key == symbol)
    found = connection.execute(alias).scalar_one_or_none()
    return found or connection.execute(key).scalar_one_or_none()


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a filter asks of a revision; the symbol is left to the caller, who knows the way."""
    revision = ArticleRevision
    asked = [is_readable(wanted.as_of)]
    if wanted.source is not None:
        chosen = select(Source.id).where(Source.name == wanted.source).scalar_subquery()
        asked.append(revision.source_id == chosen)
    if wanted.category is not None:
        asked.append(revision.article_id.in_(_in_category(wanted)))
    if wanted.since is not None:
        asked.append(revision.published_at >= wanted.since)
    if wanted.until is not None:
        asked.append(revision.published_at < wanted.until)
    if not wanted.with_late:
        asked.append(revision.known_late.is_not(True))
    return asked


def _in_category(wanted: Filter) -> Select[int]:
    link = ArticleCategory
    query = select(link.article_id).join(Category, Category.id == link.category_id)
    query = query.where(Category.slug == wanted.category)
    return query if wanted.as_of is None else query.where(link.first_seen_at <= wanted.as_of)


def articles(engine: Engine, limit: int, wanted: Filter | None = None) -> list[ArticleRow]:
    """List articles, the newest by the time that they claim first; those without a time come last.

    Raises:
        QueryError: `as_of` has no zone or lies ahead of the database.
    """
    wanted = wanted or Filter()
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        security = None
        if wanted.symbol is not None:
            security = security_id(connection, wanted.symbol)
            if security is None:
                return []
        rows = list(connection.execute(_dated(wanted, security, limit)))
        if len(rows) < limit and wanted.since is None and wanted.until is None:
            rows += connection.execute(_undated(wanted, security, limit - len(rows)))
        return article_rows(connection, rows, wanted.as_of)


def _dated(wanted: Filter, security: int | None, limit: int) -> Select[*tuple[Any, ...]]:
    """By one index from its end: a plain `ORDER BY … NULLS LAST` would sort every row first."""
    revision = ArticleRevision
    if security is None:
        query = readable().where(*conditions(wanted), revision.published_at.is_not(None))
        return query.order_by(revision.published_at.desc(), revision.id.desc()).limit(limit)
    key = (Mention.published_at, Mention.revision_id)
    named = select(Mention.revision_id).join(revision, revision.id == Mention.revision_id)
    named = named.where(Mention.security_id == security, Mention.published_at.is_not(None))
    newest = named.where(*conditions(wanted)).group_by(*key).order_by(*(one.desc() for one in key))
    query = readable().where(revision.id.in_(newest.limit(limit)))
    return query.order_by(revision.published_at.desc(), revision.id.desc())


def _undated(wanted: Filter, security: int | None, limit: int) -> Select[*tuple[Any, ...]]:
    revision = ArticleRevision
    query = readable().where(*conditions(wanted), revision.published_at.is_(None))
    if security is not None:
        named = (Mention.security_id == security, Mention.published_at.is_(None))
        query = query.where(revision.id.in_(select(Mention.revision_id).where(*named)))
    return query.order_by(revision.id.desc()).limit(limit)


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
            mentions=tuple(mentions[row.revision_id]),
            categories=tuple(sorted(categories[row.id])),
            reprints=others.get(row.id, ()),
        )
        for row in rows
    ]


_PLAIN = tuple(
    name
    for name in ArticleRow.__dataclass_fields__
    if name not in {"mentions", "categories", "reprints"}
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


def article_by_code(engine: Engine, code: str) -> StoredArticle | None:
    """Find an article by its 18 digits, as the item that it was written from."""
    with engine.connect() as connection:
        found = load_articles(connection, Article.code == code)
    return found[0] if found else None


def revisions(engine: Engine, code: str) -> list[ArticleRow]:
    """All versions of an article, the oldest first; each with its mentions."""
    with engine.connect() as connection:
        query = readable().where(Article.code == code).order_by(ArticleRevision.number)
        return article_rows(connection, connection.execute(query).all(), None)
