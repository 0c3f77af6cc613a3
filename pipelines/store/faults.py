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
    sqlite3.SQLITE_CONSTRAINT: "item",
    sqlite3.SQLITE_MISMATCH: "item",
    sqlite3.SQLITE_RANGE: "item",
    sqlite3.SQLITE_TOOBIG: "item",
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html, the classes.
_POSTGRES: dict[str, Fault] = {
    "08": "passing",  # connection
    "25": "passing",  # a transaction that was idle for too long
    "40": "passing",  # rolled back, as by a deadlock
    "53": "passing",  # resources
    "55": "passing",  # an object in use
    "57": "passing",  # an operator, as by a restart
    "58": "passing",  # system
    "22": "item",  # data
    "23": "item",  # constraints
    "54": "item",  # a limit, as of what an index can hold
}


def fault_of(error: DBAPIError) -> Fault:
    """Tell what to do: bisect for an item's fault, wait for a passing one, stop for a lasting one.

    What is in neither table lasts: a table that is missing must not turn every article into a
    reject.
    """
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        # The driver's own complaints, such as a number beyond 64 bits, have no code.
        return "item" if code is None else _SQLITE.get(code & 0xFF, "lasting")
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return _POSTGRES.get(state[:2], "lasting")
    # A connection that broke gives no code either.
    return "passing" if isinstance(error, (OperationalError, InterfaceError)) else "item"
