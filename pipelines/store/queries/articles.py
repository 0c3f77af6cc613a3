"""Lists of articles, newest first, and all of them in the order in which they became known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    literal,
    select,
    tuple_,
    union_all,
)

from pipelines.store.models import Article, ArticleRevision, Mention
from pipelines.store.queries.filter import Chosen, Filter, at_one_moment, choose
from pipelines.store.queries.moments import newest_known, settle
from pipelines.store.queries.rows import ArticleRow, article_rows, readable
from pipelines.store.stored import StoredArticle, load_articles
from pipelines.store.types import UtcDateTime

CHUNK = 500
# So many securities are each looked up by the index of mentions; of more the newest articles name
# some anyway, and SQLite takes no more than 500 parts of a union.
MANY = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ended: the last row's time and revision."""

    published_at: datetime | None
    revision_id: int


def articles(
    engine: Engine, limit: int, wanted: Filter | None = None, after: Place | None = None
) -> list[ArticleRow]:
    """List articles, the newest by the time that they claim first; those without a time come last.

    `after` is where the page before ended. Pages fit together when all are asked for as of one
    moment.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted = wanted or Filter()
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return []
        rows = _newest(connection, chosen, limit, after)
        return article_rows(connection, rows, wanted.as_of)


def _newest(
    connection: Connection, chosen: Chosen, limit: int, after: Place | None
) -> list[Row[Any]]:
    rows: list[Row[Any]] = []
    has_time = chosen.wanted.published_from is not None or chosen.wanted.published_to is not None
    if after is None or after.published_at is not None:
        rows += connection.execute(_dated(chosen, limit, after))
        after = None
    if len(rows) < limit and not has_time:
        rows += connection.execute(_undated(chosen, limit - len(rows), after))
    return rows


def _behind(time: Any, revision_id: Any, after: Place | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    place = tuple_(literal(after.published_at, UtcDateTime()), literal(after.revision_id))
    return [tuple_(time, revision_id) < place]


def _known(revision_id: Any, as_of: datetime | None) -> list[ColumnElement[bool]]:
    return [] if as_of is None else [revision_id <= newest_known(as_of)]


def _dated(chosen: Chosen, limit: int, after: Place | None) -> Select[*tuple[Any, ...]]:
    """By one index from its end: a plain `ORDER BY … NULLS LAST` would sort every row first."""
    revision = ArticleRevision
    query = readable().order_by(revision.published_at.desc(), revision.id.desc()).limit(limit)
    if chosen.securities is None or len(chosen.securities) > MANY:
        behind = _behind(revision.published_at, revision.id, after)
        query = query.where(*chosen.readable(), *chosen.naming(), *behind)
        query = query.where(*_known(revision.id, chosen.wanted.as_of))
        return query.where(revision.published_at.is_not(None))
    found = [_naming(chosen, one, limit, after).subquery() for one in chosen.securities]
    return query.where(revision.id.in_(union_all(*(select(one.c.revision_id) for one in found))))


def _naming(
    chosen: Chosen, security: int, limit: int, after: Place | None
) -> Select[*tuple[Any, ...]]:
    """The newest revisions that name one security, by the index of mentions."""
    revision, key = ArticleRevision, (Mention.published_at, Mention.revision_id)
    named = select(Mention.revision_id).join(revision, revision.id == Mention.revision_id)
    named = named.where(Mention.security_id == security, Mention.published_at.is_not(None))
    named = named.where(*_behind(*key, after), *chosen.readable())
    named = named.where(*_known(Mention.revision_id, chosen.wanted.as_of))
    return named.group_by(*key).order_by(*(one.desc() for one in key)).limit(limit)


def _undated(chosen: Chosen, limit: int, after: Place | None) -> Select[*tuple[Any, ...]]:
    revision = ArticleRevision
    query = readable().where(*chosen.readable(), revision.published_at.is_(None))
    if after is not None:
        query = query.where(revision.id < after.revision_id)
    if chosen.securities is not None:
        named = (Mention.security_id.in_(chosen.securities), Mention.published_at.is_(None))
        query = query.where(revision.id.in_(select(Mention.revision_id).where(*named)))
    return query.order_by(revision.id.desc()).limit(limit)


def known_articles(
    engine: Engine, limit: int, wanted: Filter | None = None, after: int = 0
) -> list[ArticleRow]:
    """List articles in the order in which their readable versions became known.

    `after` is the `revision_id` at which the page before ended.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted = wanted or Filter()
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return []
        query = readable().where(*chosen.readable(), *chosen.naming(), ArticleRevision.id > after)
        rows = connection.execute(query.order_by(ArticleRevision.id).limit(limit)).all()
        return article_rows(connection, rows, wanted.as_of)


def stream_articles(
    engine: Engine, wanted: Filter | None = None, after: int = 0, size: int = CHUNK
) -> Iterator[ArticleRow]:
    """Give all articles in the order in which they became known, `size` in memory at a time.

    What is written meanwhile is not in it: it is read as of the moment at which it begins. No
    transaction stays open between the chunks.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted = at_one_moment(engine, wanted or Filter())
    while rows := known_articles(engine, size, wanted, after):
        yield from rows
        after = rows[-1].revision_id


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
