"""Stories: the copies that several sources print of one article, as they were known at a moment."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import aliased

from pipelines.store.models import Article, ArticleRevision, Source, Story, StoryMember
from pipelines.store.queries.filter import Chosen, Filter, at_one_moment, choose
from pipelines.store.queries.moments import is_member, is_readable, settle

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """Another member of the same story."""

    story_id: int
    article_id: int
    identity: str
    kind: str
    """`first`, `exact` or `near`: see the table `story_member`."""
    similarity: float
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPart:
    """A member of a story, as its article could be read."""

    article_id: int
    identity: str
    code: str | None
    kind: str
    """`first`, `exact` or `near`: see the table `story_member`."""
    similarity: float
    seen_at: datetime
    """When this database knew that it belongs to the story."""
    title: str
    source: str | None
    published_at: datetime | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """Articles that tell the same."""

    id: int
    first_seen_at: datetime
    """When its second member was seen."""
    members: tuple[StoryPart, ...]
    """The first seen first."""


def reprints(
    connection: Connection, ids: Collection[int], as_of: datetime | None
) -> dict[int, tuple[Reprint, ...]]:
    """The other members of articles' stories by article, the first seen first."""
    asked = aliased(StoryMember)
    columns = (StoryMember.story_id, StoryMember.article_id, StoryMember.kind)
    more = (StoryMember.similarity, Article.identity, Article.first_seen_at)
    query = (
        select(asked.article_id.label("asked_id"), *columns, *more)
        .join(asked, asked.story_id == StoryMember.story_id)
        .join(Article, Article.id == StoryMember.article_id)
        .where(is_member(StoryMember, as_of), is_member(asked, as_of))
        .where(asked.article_id.in_(ids))
        .where(asked.article_id != StoryMember.article_id)
        .order_by(Article.first_seen_at, Article.id)
    )
    found: dict[int, list[Reprint]] = defaultdict(list)
    for row in connection.execute(query):
        values = {name: getattr(row, name) for name in Reprint.__dataclass_fields__}
        found[row.asked_id].append(Reprint(**values))
    return {article_id: tuple(others) for article_id, others in found.items()}


def known_stories(
    engine: Engine, limit: int, wanted: Filter | None = None, after: int = 0
) -> list[StoryRow]:
    """List the stories with a member that meets a filter, in the order in which they began.

    Each comes with all its members. `after` is the `id` at which the page before ended.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted = wanted or Filter()
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return []
        began = _began(connection, chosen, limit, after)
        members = _members(connection, began, wanted.as_of)
    return [
        StoryRow(id=number, first_seen_at=moment, members=tuple(members[number]))
        for number, moment in began.items()
    ]


def _began(connection: Connection, chosen: Chosen, limit: int, after: int) -> dict[int, datetime]:
    """The stories by number, each with when it began."""
    member, revision = StoryMember, ArticleRevision
    named = select(member.story_id).join(revision, revision.article_id == member.article_id)
    named = named.where(member.story_id > after, is_member(member, chosen.wanted.as_of))
    named = named.where(*chosen.readable(), *chosen.naming())
    named = named.group_by(member.story_id).order_by(member.story_id).limit(limit)
    query = select(Story.id, Story.first_seen_at).where(Story.id.in_(named)).order_by(Story.id)
    return dict(connection.execute(query).all())


def _members(
    connection: Connection, stories: Collection[int], as_of: datetime | None
) -> dict[int, list[StoryPart]]:
    member, revision = StoryMember, ArticleRevision
    told = (member.story_id, member.article_id, member.kind, member.similarity, member.seen_at)
    article = (Article.identity, Article.code, Article.first_seen_at)
    query = (
        select(*told, *article, revision.title, revision.published_at, Source.name.label("source"))
        .join(Article, Article.id == member.article_id)
        .join(revision, revision.article_id == member.article_id)
        .outerjoin(Source, Source.id == revision.source_id)
        .where(member.story_id.in_(stories), is_member(member, as_of), is_readable(as_of))
        .order_by(Article.first_seen_at, Article.id)
    )
    found: dict[int, list[StoryPart]] = defaultdict(list)
    for row in connection.execute(query):
        values = {name: getattr(row, name) for name in StoryPart.__dataclass_fields__}
        found[row.story_id].append(StoryPart(**values))
    return found


def stream_stories(
    engine: Engine, wanted: Filter | None = None, size: int = CHUNK
) -> Iterator[StoryRow]:
    """Give all stories in the order of `known_stories`, `size` in memory at a time.

    Raises:
        QueryError: `as_of` lies ahead of the database.
    """
    wanted, after = at_one_moment(engine, wanted or Filter()), 0
    while rows := known_stories(engine, size, wanted, after):
        yield from rows
        after = rows[-1].id
