"""Stock mentions with the article that makes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, or_, select

from finews_crawler.items import MentionKind
from pipelines.store.models import Article, ArticleRevision, Mention, Security, Source
from pipelines.store.queries.articles import CHUNK
from pipelines.store.queries.filter import Chosen, Filter, at_one_moment, choose
from pipelines.store.queries.moments import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionRow:
    """One stock widget or linked name of an article, in the version that is or was readable."""

    article_id: int
    identity: str
    code: str | None
    revision_id: int
    revision: int
    position: int
    """Reading order within the article, from 0."""
    kind: MentionKind
    secid: str
    symbol: str | None
    """Canonical on the article's day; None when it is not certain."""
    security: str
    """The newest symbol of the security; the secid where the symbol is not certain."""
    mic: str | None
    asset_class: str
    surface: str | None
    start: int | None
    """First character of `surface` in the article's `body_text`, from 0."""
    end: int | None
    inside_word: bool
    title: str
    source: str | None
    published_at: datetime | None
    published_precision: str | None
    published_quality: str
    known_late: bool | None
    first_seen_at: datetime
    seen_at: datetime


_MENTION = ("revision_id", "position", "kind", "secid", "symbol", "mic", "asset_class", "surface")
_REVISION = (
    "title",
    "published_at",
    "published_precision",
    "published_quality",
    "known_late",
    "seen_at",
)


def _query(chosen: Chosen, kinds: tuple[MentionKind, ...]) -> Select[*tuple[Any, ...]]:
    revision = ArticleRevision
    columns = [getattr(Mention, name) for name in _MENTION]
    columns += [getattr(revision, name) for name in _REVISION]
    columns += [Mention.start_offset.label("start"), Mention.end_offset.label("end")]
    columns += [Mention.inside_word, Security.key.label("security"), Source.name.label("source")]
    columns += [revision.article_id, revision.number.label("revision")]
    query: Select[*tuple[Any, ...]] = select(
        *columns, Article.identity, Article.code, Article.first_seen_at
    )
    query = query.join(revision, revision.id == Mention.revision_id)
    query = query.join(Article, Article.id == revision.article_id)
    query = query.join(Security, Security.id == Mention.security_id)
    query = query.outerjoin(Source, Source.id == revision.source_id).where(*chosen.readable())
    if chosen.securities is not None:
        query = query.where(Mention.security_id.in_(chosen.securities))
    return query.where(Mention.kind.in_(kinds)) if kinds else query


def known_mentions(
    engine: Engine,
    limit: int,
    wanted: Filter | None = None,
    after: tuple[int, int] = (0, -1),
    kinds: tuple[MentionKind, ...] = (),
) -> list[MentionRow]:
    """List mentions in the order in which their versions became known, then in reading order.

    `after` is the revision and the position at which the page before ended. Of an article that
    names several securities only the mentions of those asked for are given.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted = wanted or Filter()
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return []
        return [_row(one) for one in _page(connection, _query(chosen, kinds), limit, after)]


def _page(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    limit: int,
    after: tuple[int, int],
) -> list[Row[Any]]:
    revision_id, position = after
    same = and_(Mention.revision_id == revision_id, Mention.position > position)
    behind = or_(Mention.revision_id > revision_id, same)
    # The first condition alone lets the index begin at the right row.
    query = query.where(Mention.revision_id >= revision_id, behind)
    query = query.order_by(Mention.revision_id, Mention.position).limit(limit)
    return list(connection.execute(query).all())


def _row(row: Row[Any]) -> MentionRow:
    return MentionRow(**row._asdict())


def stream_mentions(
    engine: Engine,
    wanted: Filter | None = None,
    kinds: tuple[MentionKind, ...] = (),
    size: int = 10 * CHUNK,
) -> Iterator[MentionRow]:
    """Give all mentions in the order of `known_mentions`, `size` in memory at a time.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted, after = at_one_moment(engine, wanted or Filter()), (0, -1)
    while rows := known_mentions(engine, size, wanted, after, kinds):
        yield from rows
        after = (rows[-1].revision_id, rows[-1].position)
