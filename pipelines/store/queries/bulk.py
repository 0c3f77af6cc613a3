"""All rows for an export: plain mappings in large parts, without an object for each row.

Field by field they are the rows of `stream_articles` and its like. The parts fit together: each is
read as of one moment, that of the point.
"""

from array import array
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    literal,
    select,
    tuple_,
)

from pipelines.store.models import ArticleRevision, Change, Clock
from pipelines.store.queries.attached import (
    ARTICLE,
    OF_VERSION,
    Plain,
    columns,
    finished_articles,
    finished_mentions,
    versions,
)
from pipelines.store.queries.changes import feed
from pipelines.store.queries.filter import Chosen, Filter, choose
from pipelines.store.queries.moments import settle

SIZE = 4_000
"""Rows of a part."""

Parts = Generator[list[Plain], None, None]
Finish = Callable[[Connection, list[Plain], Chosen], list[Plain]]


@dataclass(frozen=True, slots=True)
class Point:
    """A moment, and the number of the last change that could be read then."""

    at: datetime
    seq: int


def reading_point(engine: Engine, as_of: datetime | None = None) -> Point:
    """Where a reader stands who reads as of a moment; None is now.

    Whatever is committed later has a later time and a higher number.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    settle(engine, as_of)
    with engine.connect() as connection:
        clock = connection.execute(select(Clock.at, Clock.seq)).one()
        if as_of is None:
            return Point(clock.at, clock.seq)
        query = select(Change.seq).where(Change.committed_at <= as_of)
        last = connection.execute(query.order_by(Change.seq.desc()).limit(1)).scalar()
    return Point(as_of, last or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an export reads."""

    wanted: Filter
    point: Point
    after: int = 0
    """Only what has changed after this number; 0: everything."""
    by_time: bool = False
    """In the order of publishing, what has no time last; else as it became known."""

    @property
    def filter(self) -> Filter:
        """The filter as of the point."""
        return replace(self.wanted, as_of=self.point.at)


# --- ways through the revisions -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    """Versions in an order that an index gives."""

    where: tuple[ColumnElement[bool], ...]
    key: Mapping[str, Any]
    """Columns by their names in a row."""

    def behind(self, last: Plain | None) -> list[ColumnElement[bool]]:
        if last is None:
            return []
        place = [literal(last[name], column.type) for name, column in self.key.items()]
        return [tuple_(*self.key.values()) > tuple_(*place)]


_BY_ID = {"revision_id": ArticleRevision.id}
_KNOWN = (_Way((), _BY_ID),)
# An `ORDER BY … NULLS LAST` would sort every row first.
_BY_TIME = (
    _Way(
        (ArticleRevision.published_at.is_not(None),),
        {"published_at": ArticleRevision.published_at, **_BY_ID},
    ),
    _Way((ArticleRevision.published_at.is_(None),), _BY_ID),
)


@dataclass(frozen=True, slots=True)
class _Bulk:
    """How the rows of a table come from versions."""

    columns: tuple[str, ...]
    finish: Finish
    is_known: Callable[[Chosen], ColumnElement[bool]]
    """Which versions of an article are read."""
    changed: Callable[[Asked], ColumnElement[bool]]
    """Which of them count as changed after a number."""

    def conditions(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        return [self.is_known(chosen), *chosen.of_revisions(), *chosen.naming()]

    def parts(self, engine: Engine, asked: Asked, size: int) -> Parts:
        follow = self._changed_parts if asked.after else self._all_parts
        with engine.connect() as connection:
            for way in _BY_TIME if asked.by_time else _KNOWN:
                yield from follow(connection, asked, way, size)

    def _all_parts(self, connection: Connection, asked: Asked, way: _Way, size: int) -> Parts:
        last: Plain | None = None
        while True:
            with connection.begin():
                found, last = self._part(connection, asked, way, way.behind(last), size)
            if last is None:
                return
            yield found

    def _changed_parts(self, connection: Connection, asked: Asked, way: _Way, size: int) -> Parts:
        """By their ids, 8 bytes each: to look for few rows in an index of all costs too much."""
        with connection.begin():
            chosen = choose(connection, asked.filter)
            query = select(ArticleRevision.id).where(*way.where, *self.conditions(chosen))
            query = query.where(self.changed(asked)).order_by(*way.key.values())
            ids = array("q", () if chosen.is_empty else connection.execute(query).scalars())
        for first in range(0, len(ids), size):
            among = ArticleRevision.id.in_(ids[first : first + size].tolist())
            with connection.begin():
                found, _ = self._part(connection, asked, way, [among], size)
            yield found

    def _part(
        self,
        connection: Connection,
        asked: Asked,
        way: _Way,
        where: list[ColumnElement[bool]],
        size: int,
    ) -> tuple[list[Plain], Plain | None]:
        """Rows, and the last version that was looked at."""
        chosen = choose(connection, asked.filter)
        if chosen.is_empty:
            return [], None
        query = columns(self.columns).where(*way.where, *where, *self.conditions(chosen))
        query = query.order_by(*way.key.values()).limit(size)
        found = versions(connection, query, self.columns)
        if not found:
            return [], None
        return self.finish(connection, found, chosen), found[-1]


# --- the tables -----------------------------------------------------------------------------------


def _readable(chosen: Chosen) -> ColumnElement[bool]:
    return chosen.readable()[0]


def _ever_known(chosen: Chosen) -> ColumnElement[bool]:
    return ArticleRevision.seen_at <= chosen.wanted.as_of


def _touched(asked: Asked) -> ColumnElement[bool]:
    """A change may leave the version as it is: its address or its reprints are others."""
    later = (Change.seq > asked.after, Change.seq <= asked.point.seq)
    return ArticleRevision.article_id.in_(select(Change.article_id).where(*later))


def _made_later(asked: Asked) -> ColumnElement[bool]:
    """A version has the number of the change that made it."""
    return ArticleRevision.id > asked.after


_ARTICLES = _Bulk(ARTICLE, finished_articles, _readable, _touched)
_REVISIONS = _Bulk(ARTICLE, finished_articles, _ever_known, _made_later)
_MENTIONS = _Bulk(OF_VERSION, finished_mentions, _readable, _made_later)


def bulk_articles(engine: Engine, asked: Asked, size: int = SIZE) -> Parts:
    """Articles with the fields of `ArticleRow`, in parts.

    With `after` those with any change after it, each once, in the version of the point.
    """
    return _ARTICLES.parts(engine, asked, size)


def bulk_revisions(engine: Engine, asked: Asked, size: int = SIZE) -> Parts:
    """Versions with the fields of `ArticleRow`, in parts; with `after` those made after it."""
    return _REVISIONS.parts(engine, asked, size)


def bulk_mentions(engine: Engine, asked: Asked, size: int = SIZE) -> Parts:
    """Mentions with the fields of `MentionRow`, in parts of as many versions.

    With `after` those of the versions made after it.
    """
    return _MENTIONS.parts(engine, asked, size)


def bulk_changes(engine: Engine, asked: Asked, size: int = SIZE) -> Parts:
    """Changes with the fields of `ChangeRow`, in the order of their commit, in parts."""
    after = asked.after
    while found := feed(engine, after, size, asked.filter).changes:
        yield [{name: getattr(row, name) for name in row.__slots__} for row in found]
        after = found[-1].seq
