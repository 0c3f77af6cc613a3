"""The change feed, as a consumer reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, select

from pipelines.store.models import Article, ArticleRevision, Change, Clock
from pipelines.store.queries.filter import Chosen, Filter, choose
from pipelines.store.queries.moments import settle
from pipelines.store.queries.rows import ArticleRow, article_rows, readable


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change of one article."""

    seq: int
    article_id: int
    identity: str
    code: str | None
    revision: int
    kind: str
    """`new`, `revised`, `completed` or `story`: see the table `change`."""
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A page of the change feed."""

    changes: tuple[ChangeRow, ...]
    after: int
    """Ask for what is after this number next: all up to it has been looked at."""


def changes(
    engine: Engine, after: int, limit: int, wanted: Filter | None = None
) -> list[ChangeRow]:
    """The changes after a number, in order; `feed` tells how to go on."""
    return list(feed(engine, after, limit, wanted).changes)


def feed(engine: Engine, after: int, limit: int, wanted: Filter | None = None) -> Feed:
    """A page of the changes after a number, in order, with the number to go on from.

    Every change comes once, however many writers commit at the same time: see
    `pipelines.store.clock`. A filter is asked of the version that the change left behind; `as_of`
    ends the feed at that moment.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted = wanted or Filter()
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        # Read before the rows: what is committed in between comes with the next page.
        newest = _newest(connection, wanted.as_of)
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return Feed(changes=(), after=after if newest is None else max(after, newest))
        rows = connection.execute(_query(chosen, after, newest, limit)).all()
    found = tuple(ChangeRow(**row._asdict()) for row in rows)
    if len(found) < limit and newest is not None:
        return Feed(changes=found, after=max(after, newest))
    return Feed(changes=found, after=found[-1].seq if found else after)


def _newest(connection: Connection, as_of: datetime | None) -> int | None:
    """The number up to which all changes are readable; of a moment in the past it is not known."""
    clock = connection.execute(select(Clock.at, Clock.seq)).one()
    return clock.seq if as_of is None or as_of >= clock.at else None


def _query(chosen: Chosen, after: int, newest: int | None, limit: int) -> Select[*tuple[Any, ...]]:
    revision = ArticleRevision
    columns = (Change.seq, Change.article_id, Change.revision, Change.kind, Change.committed_at)
    query: Select[*tuple[Any, ...]] = select(*columns, Article.identity, Article.code)
    query = query.join(Article, Article.id == Change.article_id).where(Change.seq > after)
    if newest is not None:
        query = query.where(Change.seq <= newest)
    if chosen.wanted.as_of is not None:
        query = query.where(Change.committed_at <= chosen.wanted.as_of)
    asked = [*chosen.of_revisions(), *chosen.naming()]
    if asked:
        left = and_(revision.article_id == Change.article_id, revision.number == Change.revision)
        query = query.join(revision, left).where(*asked)
    return query.order_by(Change.seq).limit(limit)


def newest_change(engine: Engine) -> int:
    """The number of the newest change; what comes later has a higher one."""
    with engine.connect() as connection:
        return connection.execute(select(Clock.seq)).scalar_one()


def changed_articles(engine: Engine, rows: Sequence[ChangeRow]) -> list[ArticleRow]:
    """The version that each change left behind, as it could be read then; in the same order."""
    revision = ArticleRevision
    with engine.connect() as connection:
        found: dict[tuple[int, int], ArticleRow] = {}
        ids = {row.article_id for row in rows}
        query = readable().where(revision.article_id.in_(ids))
        for one in article_rows(connection, connection.execute(query).all(), None):
            found[one.id, one.revision] = one
    return [found[row.article_id, row.revision] for row in rows]
