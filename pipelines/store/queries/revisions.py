"""Every version of the articles."""

from collections.abc import Iterator

from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from pipelines.store.models import Article, ArticleRevision
from pipelines.store.queries.articles import CHUNK
from pipelines.store.queries.filter import Filter, at_one_moment, choose
from pipelines.store.queries.moments import settle
from pipelines.store.queries.rows import ArticleRow, article_rows, readable


def revisions(engine: Engine, code: str) -> list[ArticleRow]:
    """All versions of an article, the oldest first; each with its mentions."""
    with engine.connect() as connection:
        query = readable().where(Article.code == code).order_by(ArticleRevision.number)
        return article_rows(connection, connection.execute(query).all(), None)


def known_revisions(
    engine: Engine, limit: int, wanted: Filter, after: int = 0, identity: str | None = None
) -> list[ArticleRow]:
    """List the versions that meet a filter and were known as of its moment, as they became known.

    `after` is the `revision_id` at which the page before ended; `identity` asks for those of one
    article.

    Raises:
        QueryError: the filter says no moment, or one that lies ahead of the database.
    """
    if wanted.as_of is None:
        raise QueryError("versions are listed as of a moment")
    settle(engine, wanted.as_of)
    revision = ArticleRevision
    with engine.connect() as connection:
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return []
        query = readable().where(revision.id > after, revision.seen_at <= wanted.as_of)
        query = query.where(*chosen.of_revisions(), *chosen.naming())
        if identity is not None:
            query = query.where(Article.identity == identity)
        rows = connection.execute(query.order_by(revision.id).limit(limit)).all()
        return article_rows(connection, rows, wanted.as_of)


def stream_revisions(
    engine: Engine, wanted: Filter | None = None, size: int = CHUNK, identity: str | None = None
) -> Iterator[ArticleRow]:
    """Give every version in the order in which they became known, `size` in memory at a time.

    `identity` asks for those of one article.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted, after = at_one_moment(engine, wanted or Filter()), 0
    while rows := known_revisions(engine, size, wanted, after, identity):
        yield from rows
        after = rows[-1].revision_id
