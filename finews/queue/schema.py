"""The queue's tables: made when they are missing, upgraded when procrastinate is newer."""

from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

import psycopg
from procrastinate.schema import SchemaManager

from finews.queue.settings import SCHEMA
from finews.queue.statements import TABLES
from finews_crawler.errors import ConfigurationError

Done = Literal["made", "upgraded", "unchanged"]
# Any number that no other program uses for its advisory locks.
_MAKING = 0x66696E6577737175


def migrations() -> Mapping[str, Traversable]:
    """The steps of procrastinate's schema by their names, in order."""
    folder = files("procrastinate.sql") / "migrations"
    found = {one.name: one for one in folder.iterdir() if one.name.endswith(".sql")}
    return {name: found[name] for name in sorted(found)}


def prepare(connection: psycopg.Connection) -> Done:
    """Make the tables, or bring them up to date; several workers may begin at the same time.

    Raises:
        ConfigurationError: a newer procrastinate has made them.
        psycopg.Error: the server does not let us.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
        if not _is_there(connection, f"to_regnamespace('{SCHEMA}')"):
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        if not _is_there(connection, f"to_regclass('{SCHEMA}.finews_version')"):
            return _make(connection)
        return _upgrade(connection)


def _is_there(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute(f"SELECT {name} IS NOT NULL").fetchone()
    return bool(row and row[0])


def _make(connection: psycopg.Connection) -> Done:
    connection.execute(SchemaManager.get_schema())
    connection.execute(TABLES)
    _note(connection, list(migrations()))
    return "made"


def _upgrade(connection: psycopg.Connection) -> Done:
    known = migrations()
    rows = connection.execute("SELECT migration FROM finews_version").fetchall()
    applied = {str(row[0]) for row in rows}
    if unknown := sorted(applied - set(known)):
        raise ConfigurationError(
            f"the queue was made by a newer procrastinate than this machine's"
            f" {version('procrastinate')} ({unknown[-1]}): upgrade finews[workers]"
        )
    wanted = [name for name in known if name not in applied]
    for name in wanted:
        step = known[name].read_text(encoding="utf-8")
        connection.execute(step)
    _note(connection, wanted)
    return "upgraded" if wanted else "unchanged"


def _note(connection: psycopg.Connection, names: list[str]) -> None:
    with connection.cursor() as cursor:
        note = "INSERT INTO finews_version (migration) VALUES (%s)"
        cursor.executemany(note, [(name,) for name in names])
