"""INSERT … ON CONFLICT: both engines have it, each in a dialect of its own."""

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.store.models import Base


def insert_of(connection: Connection, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens to a row that is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
