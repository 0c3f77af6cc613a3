"""What the indexes that are made anew have in common: an empty table, and a way through all texts.

A rebuild is one transaction of the caller's. It never has more than a page of revisions in memory,
and tells in the log how far it is when it takes long.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, inspect, select, text

from pipelines.store.models import ArticleRevision

logger = logging.getLogger(__name__)

TELL_SECONDS = 30.0
MANY = 50_000
"""Revisions for which PostgreSQL makes an index so long that the log tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How the table of an index is made on an engine."""

    name: str
    table: str
    """The statement that makes it."""
    index: str | None = None
    """The statement that makes what is cheaper to make when the table is full."""
    columns: frozenset[str] = frozenset()
    """A table that has them is emptied instead of dropped; none: it is always dropped."""

    @property
    def statements(self) -> list[str]:
        """All that is needed for an empty index."""
        return [self.table, *([self.index] if self.index else [])]

    def begin(self, connection: Connection) -> None:
        """Have the table, empty and without its index."""
        if self._stays(connection):
            for index in inspect(connection).get_indexes(self.name):
                connection.execute(text(f"DROP INDEX {index['name']}"))
            connection.execute(text(f"TRUNCATE {self.name}"))
        else:
            connection.execute(text(f"DROP TABLE IF EXISTS {self.name}"))
            connection.execute(text(self.table))

    def _stays(self, connection: Connection) -> bool:
        """Whether the table can stay where it is.

        To drop one locks the table that it points to as well: nobody could read an article on
        PostgreSQL until the rebuild is done. One with other columns must go all the same.
        """
        known = inspect(connection)
        return known.has_table(self.name) and self.columns == {
            column["name"] for column in known.get_columns(self.name)
        }

    def finish(self, connection: Connection, count: int) -> None:
        """Make what `begin` has left out, for so many revisions."""
        if self.index:
            if count >= MANY:
                logger.info("%s: the index of %d revisions is made now", self.name, count)
            connection.execute(text(self.index))


def pages(
    connection: Connection, query: Select[*tuple[Any, ...]], size: int, name: str
) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """All rows of a query of revisions, in the order of their ids, `size` at a time.

    The query must have the column `id`; the name is that of the log.
    """
    table = ArticleRevision
    query = query.order_by(table.id).limit(size)
    count, last, told = 0, 0, time.monotonic()
    while rows := connection.execute(query.where(table.id > last)).all():
        yield rows
        count, last = count + len(rows), rows[-1].id
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            total = connection.execute(select(func.count()).select_from(table)).scalar_one()
            logger.info("%s: %d of %d revisions are read", name, count, total)
