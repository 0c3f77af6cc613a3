"""Reprints: the other copies of an article's story."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from pipelines.store.models import Article, StoryMember
from pipelines.store.queries.moments import is_member


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
