"""Which articles a reader wants: one filter for every list, stream and export."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, or_, select

from finews_crawler.errors import QueryError
from finews_crawler.items import BodyKind
from pipelines.store.models import (
    ArticleCategory,
    ArticleRevision,
    Category,
    Mention,
    Security,
    SecurityAlias,
    Source,
)
from pipelines.store.queries.moments import is_readable, known_until, settle

_MOMENTS = ("published_from", "published_to", "seen_from", "seen_to", "as_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which articles are asked for; what is empty or None does not matter.

    Of several symbols, sources, categories or kinds any one is enough. Spans hold their begin and
    not their end. Moments have a zone.
    """

    symbols: tuple[str, ...] = ()
    """Any symbol that a security has had, or the secid of one without a symbol."""
    sources: tuple[str, ...] = ()
    """Canonical names."""
    categories: tuple[str, ...] = ()
    """Slugs, in the site's own letters."""
    kinds: tuple[BodyKind, ...] = ()
    published_from: datetime | None = None
    published_to: datetime | None = None
    """An article without a time is in no span of publishing."""
    seen_from: datetime | None = None
    """First seen by this database at this moment or later."""
    seen_to: datetime | None = None
    as_of: datetime | None = None
    """As it could be read at this moment; None is now."""
    with_late: bool = True
    """With articles that this database came to know when they were no news any more."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            QueryError: a moment without a zone, or a span that ends before it begins.
        """
        for name in _MOMENTS:
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise QueryError(f"{name} {moment} has no zone")
        for begin, end in (("published_from", "published_to"), ("seen_from", "seen_to")):
            first, last = getattr(self, begin), getattr(self, end)
            if first is not None and last is not None and last < first:
                raise QueryError(f"{end} {last} lies before {begin} {first}")


def at_one_moment(engine: Engine, wanted: Filter) -> Filter:
    """The filter as of now, when it says no moment: what is read in parts must fit together.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    settle(engine, wanted.as_of)
    return wanted if wanted.as_of is not None else replace(wanted, as_of=known_until(engine))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A filter whose names are looked up: with numbers, one index gives the rows."""

    wanted: Filter
    securities: tuple[int, ...] | None
    """None: any; so below."""
    sources: tuple[int, ...] | None
    categories: tuple[int, ...] | None
    first_article: int | None
    end_article: int | None
    is_empty: bool
    """Nothing can meet it: a name that this database does not know, or a span yet to come."""

    def of_revisions(self) -> list[ColumnElement[bool]]:
        """What it asks of `article_revision`, but for the moment and the securities.

        The caller knows by which way it comes to them.
        """
        revision, wanted = ArticleRevision, self.wanted
        asked: list[ColumnElement[bool] | None] = [
            None if self.sources is None else revision.source_id.in_(self.sources),
            None if self.categories is None else revision.article_id.in_(self._in_category()),
            revision.body_kind.in_(wanted.kinds) if wanted.kinds else None,
            _from(revision.published_at, wanted.published_from),
            _to(revision.published_at, wanted.published_to),
            _from(revision.article_id, self.first_article),
            _to(revision.article_id, self.end_article),
            None if wanted.with_late else revision.known_late.is_not(True),
        ]
        return [one for one in asked if one is not None]

    def _in_category(self) -> Select[int]:
        link, as_of = ArticleCategory, self.wanted.as_of
        query = select(link.article_id).where(link.category_id.in_(self.categories or ()))
        return query if as_of is None else query.where(link.first_seen_at <= as_of)

    def readable(self) -> list[ColumnElement[bool]]:
        """The same, of the revision that could be read at the moment that is asked for."""
        return [is_readable(self.wanted.as_of), *self.of_revisions()]

    def naming(self) -> list[ColumnElement[bool]]:
        """What it asks of the securities, by revision; for rows that come in another order."""
        if self.securities is None:
            return []
        named = select(Mention.revision_id).where(Mention.security_id.in_(self.securities))
        return [ArticleRevision.id.in_(named)]


def _from(column: Any, begin: object) -> ColumnElement[bool] | None:
    return None if begin is None else column >= begin


def _to(column: Any, end: object) -> ColumnElement[bool] | None:
    return None if end is None else column < end


def _ids(
    connection: Connection, query: Select[int], names: Sequence[str]
) -> tuple[int, ...] | None:
    return tuple(sorted(set(connection.execute(query).scalars()))) if names else None


def _security_ids(connection: Connection, symbols: Sequence[str]) -> tuple[int, ...] | None:
    alias = select(SecurityAlias.security_id).where(SecurityAlias.symbol.in_(symbols))
    key = select(Security.id).where(Security.key.in_(symbols))
    either = or_(Security.id.in_(alias), Security.id.in_(key))
    return _ids(connection, select(Security.id).where(either), symbols)


def _first_seen(connection: Connection, moment: datetime | None) -> int | None:
    """The first article that was first seen at a moment or later; ids grow in that order."""
    if moment is None:
        return None
    revision = ArticleRevision
    query = select(revision.article_id).where(revision.number == 1, revision.seen_at >= moment)
    query = query.order_by(revision.seen_at, revision.article_id).limit(1)
    return connection.execute(query).scalar_one_or_none()


def choose(connection: Connection, wanted: Filter) -> Chosen:
    """Look up what a filter names."""
    sources = select(Source.id).where(Source.name.in_(wanted.sources))
    categories = select(Category.id).where(Category.slug.in_(wanted.categories))
    named = {
        "securities": _security_ids(connection, wanted.symbols),
        "sources": _ids(connection, sources, wanted.sources),
        "categories": _ids(connection, categories, wanted.categories),
    }
    first = _first_seen(connection, wanted.seen_from)
    is_ahead = wanted.seen_from is not None and first is None
    return Chosen(
        wanted=wanted,
        first_article=first,
        end_article=_first_seen(connection, wanted.seen_to),
        is_empty=is_ahead or () in named.values(),
        **named,
    )
