"""Whose fault an error of the database is: an item's, another writer's, or the database's own."""

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

Fault = Literal["item", "passing", "lasting"]
"""`passing` may go away while one waits; `lasting` will not without an operator."""

# https://www.sqlite.org/rescode.html, the primary codes.
_SQLITE: dict[int, Fault] = {
    sqlite3.SQLITE_BUSY: "passing",
    sqlite3.SQLITE_LOCKED: "passing",
    sqlite3.SQLITE_IOERR: "passing",
    sqlite3.SQLITE_CANTOPEN: "passing",
    sqlite3.SQLITE_FULL: "lasting",
    sqlite3.SQLITE_READONLY: "lasting",
    sqlite3.SQLITE_CORRUPT: "lasting",
    sqlite3.SQLITE_NOTADB: "lasting",
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html, the classes: connection,
# invalid transaction state (idle too long), rollback (deadlock), resources, object in use,
# intervention of an operator, system.
_POSTGRES: dict[str, Fault] = {
    "08": "passing",
    "25": "passing",
    "40": "passing",
    "53": "passing",
    "55": "passing",
    "57": "passing",
    "58": "passing",
}


def fault_of(error: DBAPIError) -> Fault:
    """Tell what to do: bisect for an item's fault, wait for a passing one, stop for a lasting one.

    PostgreSQL has no code for a connection that broke; other errors without one are an item's.
    """
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return "item" if code is None else _SQLITE.get(code & 0xFF, "item")
    state = getattr(cause, "sqlstate", None)
    if state is None:
        is_broken = error.connection_invalidated or isinstance(error, OperationalError)
        return "passing" if is_broken or isinstance(error, InterfaceError) else "item"
    return _POSTGRES.get(state[:2], "item")
