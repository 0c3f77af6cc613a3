"""PostgreSQL databases for tests: made from a template, emptied after each test, used again.

Making and dropping one costs more than most tests do: a server writes some hundred files for it,
and waits until the disk has them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, NullPool, create_engine, make_url, text

Rows = dict[str, list[tuple[Any, ...]]]

# Every object of our own (numbers from 16384 on) with the transaction that last touched it, and
# what the planner knows: whoever has changed any of it leaves the database to nobody else.
_SHAPE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
  SELECT concat_ws('/', 'class', oid, xmin, relpages, reltuples) FROM pg_class WHERE oid >= 16384
  UNION ALL SELECT concat_ws('/', 'column', attrelid, attnum, xmin) FROM pg_attribute
    WHERE attrelid >= 16384
  UNION ALL SELECT concat_ws('/', 'planner', starelid, staattnum, xmin) FROM pg_statistic
    WHERE starelid >= 16384
  UNION ALL SELECT concat_ws('/', 'default', oid, xmin) FROM pg_attrdef
  UNION ALL SELECT concat_ws('/', 'constraint', oid, xmin) FROM pg_constraint
  UNION ALL SELECT concat_ws('/', 'index', indexrelid, xmin) FROM pg_index
  UNION ALL SELECT concat_ws('/', 'function', oid, xmin) FROM pg_proc
  UNION ALL SELECT concat_ws('/', 'trigger', oid, xmin) FROM pg_trigger
  UNION ALL SELECT concat_ws('/', 'type', oid, xmin) FROM pg_type
  UNION ALL SELECT concat_ws('/', 'schema', oid, xmin) FROM pg_namespace WHERE NOT (
    nspname LIKE 'pg_temp%' OR nspname LIKE 'pg_toast_temp%')
  UNION ALL SELECT concat_ws('/', 'extension', oid, xmin) FROM pg_extension
  UNION ALL SELECT concat_ws('/', 'rights', oid, xmin) FROM pg_default_acl
  UNION ALL SELECT concat_ws('/', 'setting', setrole, setconfig) FROM pg_db_role_setting
    JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
) AS lines (line)"""
_TABLES = """
SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384
  AND relpersistence = 'p' ORDER BY 1"""
_COUNTERS = "SELECT seqrelid::regclass::text FROM pg_sequence WHERE seqrelid >= 16384 ORDER BY 1"
_SCHEMAS = """
SELECT nspname::text FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg\\_%'"""
_GONE = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
# Rows that were deleted still fill pages; a database that has grown is slow.
_ROOM = 8 * 1024 * 1024
_SIZE = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True)
class State:
    """What a database is before a test."""

    shape: str
    size: int
    schemas: frozenset[str]
    rows: Rows
    counters: Rows

    @classmethod
    def of(cls, connection: Connection) -> "State":
        """Read it."""
        tables = connection.scalars(text(_TABLES)).all()
        counters = connection.scalars(text(_COUNTERS)).all()
        return cls(
            shape=connection.scalars(text(_SHAPE)).one(),
            size=connection.scalars(text(_SIZE)).one(),
            schemas=frozenset(connection.scalars(text(_SCHEMAS))),
            rows={name: _all(connection, f"TABLE {name}") for name in tables},
            counters={
                name: _all(connection, f"SELECT last_value, is_called FROM {name}")
                for name in counters
            },
        )

    def restore(self, connection: Connection) -> bool:
        """Bring a database back to it; tells whether that can be done."""
        for added in set(connection.scalars(text(_SCHEMAS))) - self.schemas:
            connection.execute(text(f"DROP SCHEMA {added} CASCADE"))
        if connection.scalars(text(_SHAPE)).one() != self.shape:
            return False
        if connection.scalars(text(_SIZE)).one() > self.size + _ROOM:
            return False
        connection.exec_driver_sql("; ".join(self._emptying()))
        for name, rows in self.rows.items():
            for row in rows:
                given = {f"v{place}": value for place, value in enumerate(row)}
                places = ", ".join(f":{one}" for one in given)
                connection.execute(text(f"INSERT INTO {name} VALUES ({places})"), given)
        return True

    def _emptying(self) -> Iterator[str]:
        # Neither triggers nor foreign keys: all rows go.
        yield "SET LOCAL session_replication_role = replica"
        yield from (f"DELETE FROM {name}" for name in self.rows)
        for name, ((last, is_called),) in self.counters.items():
            yield f"SELECT setval('{name}', {last}, {is_called})"


def _all(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


class Server:
    """Makes and drops databases."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def make(self, template: str | None = None) -> str:
        """A database, a copy of another when that is named; gives its name.

        Raises:
            OperationalError: the server does not answer.
        """
        name = f"finews_{uuid4().hex[:12]}"
        copied = f" TEMPLATE {template}" if template else ""
        # A test's commit need not outlive the server.
        relaxed = f"ALTER DATABASE {name} SET synchronous_commit = off"
        self._do(f"CREATE DATABASE {name}{copied}", relaxed)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever uses it."""
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of an empty database that goes at the end."""
        name = self.make()
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def _do(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    @contextmanager
    def connected(self, name: str) -> Iterator[Connection]:
        """A transaction in one of its databases."""
        engine = create_engine(self.url(name), poolclass=NullPool)
        with engine.begin() as connection:
            yield connection


class Pool:
    """Databases that are alike; each is lent to one test at a time."""

    def __init__(self, server: Server, prepare: Callable[[str], object]) -> None:
        self._server = server
        self._made = [server.make()]
        self._template = self._made[0]
        self._free: list[str] = []
        prepare(server.url(self._template))
        with server.connected(self._template) as connection:
            self._state = State.of(connection)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of a database as it was prepared."""
        name = self._free.pop() if self._free else self._copied()
        try:
            yield self._server.url(name)
        finally:
            self._take_back(name)

    def _copied(self) -> str:
        self._made.append(self._server.make(self._template))
        return self._made[-1]

    def _take_back(self, name: str) -> None:
        with self._server.connected(name) as connection:
            connection.execute(text(_GONE))
            is_good = self._state.restore(connection)
        if is_good:
            self._free.append(name)
        else:
            self._server.drop(name)
            self._made.remove(name)

    def close(self) -> None:
        """Drop all of them."""
        for name in self._made:
            self._server.drop(name)
