"""What a page of one article needs: the version that could be read, its history, its neighbours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, select

from pipelines.store.models import Article, ArticleRevision, Source
from pipelines.store.queries.moments import is_readable, settle
from pipelines.store.queries.rows import ArticleRow, article_rows, readable
from pipelines.store.stored import StoredArticle, load_articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article, without its text."""

    number: int
    kind: str
    """`read`, `re-extracted` or `backfill`: see the table `article_revision`."""
    archived_at: datetime | None
    seen_at: datetime
    superseded_at: datetime | None
    changed: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """An article as a line of a list shows it."""

    article_id: int
    identity: str
    code: str | None
    title: str
    source: str | None
    published_at: datetime | None
    published_precision: str | None


def _named(key: str | int) -> ColumnElement[bool]:
    """The article with a number of this database, or with an identity (the 18 digits, a URL)."""
    return Article.id == key if isinstance(key, int) else Article.identity == key


def article_at(engine: Engine, key: str | int, as_of: datetime | None = None) -> ArticleRow | None:
    """One article as it can be read, or could be at a moment; None: it could not.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    settle(engine, as_of)
    with engine.connect() as connection:
        query = readable().where(_named(key), is_readable(as_of))
        found = article_rows(connection, connection.execute(query).all(), as_of)
    return found[0] if found else None


def article_version(engine: Engine, key: str | int, number: int) -> ArticleRow | None:
    """One version of an article, with all that hangs on it now."""
    with engine.connect() as connection:
        query = readable().where(_named(key), ArticleRevision.number == number)
        found = article_rows(connection, connection.execute(query).all(), None)
    return found[0] if found else None


def stored_article(engine: Engine, key: str | int) -> StoredArticle | None:
    """An article as it is now, with where each field's value is from."""
    with engine.connect() as connection:
        found = load_articles(connection, _named(key))
    return found[0] if found else None


def versions(engine: Engine, article_id: int, as_of: datetime | None = None) -> list[Version]:
    """The versions that are known, or were at a moment; the oldest first."""
    revision = ArticleRevision
    columns = (revision.number, revision.kind, revision.archived_at, revision.changed)
    times = (revision.seen_at, revision.superseded_at)
    query = select(*columns, *times, revision.title).where(revision.article_id == article_id)
    if as_of is not None:
        query = query.where(revision.seen_at <= as_of)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(revision.number)).all()
    return [Version(**{**row._asdict(), "changed": tuple(row.changed)}) for row in rows]


def headlines(
    engine: Engine, identities: Collection[str], as_of: datetime | None = None
) -> dict[str, Headline]:
    """The lines of those articles that can be read, or could be at a moment, by identity."""
    revision = ArticleRevision
    columns = (Article.id.label("article_id"), Article.identity, Article.code, revision.title)
    times = (revision.published_at, revision.published_precision)
    query = select(*columns, *times, Source.name.label("source"))
    query = query.join(revision, revision.article_id == Article.id)
    query = query.outerjoin(Source, Source.id == revision.source_id)
    query = query.where(Article.identity.in_(identities), is_readable(as_of))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return {row.identity: Headline(**row._asdict()) for row in rows}
