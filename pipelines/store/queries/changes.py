"""The change feed, as a consumer reads it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from pipelines.store.models import Article, Change


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change of one article."""

    seq: int
    article_id: int
    identity: str
    revision: int
    kind: str
    committed_at: datetime


def changes(engine: Engine, after: int, limit: int) -> list[ChangeRow]:
    """The changes after a number, in order; ask again after the last one's `seq`.

    Every change comes once, however many writers commit at the same time: see
    `pipelines.store.clock`.
    """
    columns = (Change.seq, Change.article_id, Article.identity, Change.revision, Change.kind)
    query = select(*columns, Change.committed_at).join(Article, Article.id == Change.article_id)
    query = query.where(Change.seq > after).order_by(Change.seq).limit(limit)
    with engine.connect() as connection:
        return [ChangeRow(**dict(row)) for row in connection.execute(query).mappings()]
