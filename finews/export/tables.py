"""What can be exported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from finews.reader.arrow import TABLES as SCHEMAS
from pipelines.store.queries.bulk import (
    Asked,
    Parts,
    bulk_articles,
    bulk_changes,
    bulk_mentions,
    bulk_revisions,
)

Read = Callable[[Engine, Asked], Parts]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a kind, and how they are read."""

    name: str
    schema: str
    """Its name in `finews.reader.arrow`."""
    read: Read
    time: str = "published_at"
    """The column by which it is partitioned."""

    @property
    def columns(self) -> Mapping[str, Any]:
        """Name -> Python type, in order."""
        return SCHEMAS[self.schema]


TABLES: Mapping[str, Table] = {
    one.name: one
    for one in (
        Table("articles", "article", bulk_articles),
        Table("mentions", "mention", bulk_mentions),
        Table("revisions", "revision", bulk_revisions),
        Table("changes", "change", bulk_changes, "committed_at"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an export is of."""

    table: Table
    database_schema: str
    """Number of the database's schema."""
    as_of: datetime
    after: int | None
    next: int
    """What comes later is above this number."""
