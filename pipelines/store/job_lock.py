"""One run of a job, and one crawl of a site, at a time.

On one machine with SQLite, on all machines that share a PostgreSQL.

PostgreSQL: an advisory lock in a transaction that stays open on a connection of its own. It goes
when the process dies. A lock of the session would do the same, but a pooler that lends a server
connection for one transaction (pgbouncer) would leave it behind on whatever connection it used;
an open transaction keeps its connection under every pooler. Between two statements it holds no
snapshot, so that it keeps nothing from being vacuumed.

SQLite: a locked file beside the database, let go by the kernel when the process dies.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import (
    URL,
    Connection,
    NullPool,
    bindparam,
    create_engine,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from finews_crawler.errors import StorageError, one_line
from pipelines.store.engine import shown_url

Answer = TypeVar("Answer")
LockState = Literal["held", "away", "taken"]
"""`away`: the database does not answer, nobody can take the lock; `taken`: another run has it."""

# A look by `is_taken` must not turn a run away that comes at the same moment.
_MOMENT = 0.2
# Of libpq: a server that has gone is noticed within half a minute.
_KEEPALIVE: Mapping[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
# The same for the server: the lock of a machine that has lost its power is free after a minute.
# Local to the transaction: under a pooler the connection will be another's.
_PREPARE = (
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL tcp_keepalives_idle = 30",
    "SET LOCAL tcp_keepalives_interval = 10",
    "SET LOCAL tcp_keepalives_count = 3",
)
_HOLDERS = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND ((classid::bigint << 32) | objid::bigint) = :key"
).bindparams(bindparam("key"))


class JobLock(Protocol):
    """The right to run a job."""

    def take(self) -> bool:
        """Try once, without waiting.

        Raises:
            StorageError: it cannot be told whether the lock is free.
        """

    def check(self) -> LockState:
        """Whether it is still held; one that was lost is taken again where that can be done."""

    def is_taken(self) -> bool:
        """Whether anybody has it, this lock included.

        Raises:
            StorageError: it cannot be told.
        """

    def release(self) -> None:
        """Let it go, held or not; never fails."""


class FileJobLock:
    """A locked file; the file itself stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path, thread_local=False)
        self._inode: int | None = None

    def take(self) -> bool:
        """Try, for a moment."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=_MOMENT)
            self._inode = self._path.stat().st_ino
        except Timeout:
            return False
        except OSError as error:
            raise StorageError(f"the lock {self._path} cannot be opened: {error}") from error
        return True

    def check(self) -> LockState:
        """A file that somebody has deleted locks nothing: the next run makes another."""
        if self._lock.is_locked and self._is_there():
            return "held"
        self.release()
        try:
            return "held" if self.take() else "taken"
        except StorageError:
            return "away"

    def is_taken(self) -> bool:
        """Try it: a file lock tells in no other way."""
        if self._lock.is_locked:
            return True
        if not self._path.exists():
            return False
        taken = self.take()
        self.release()
        return not taken

    def release(self) -> None:
        """Unlock and close the file."""
        with suppress(OSError):
            self._lock.release(force=True)

    def _is_there(self) -> bool:
        try:
            return self._path.stat().st_ino == self._inode
        except OSError:
            return False


class ServerJobLock:
    """An advisory lock of PostgreSQL, held by a transaction that stays open."""

    def __init__(self, url: URL, name: str) -> None:
        self._shown = shown_url(url.render_as_string(hide_password=False))
        self._key = lock_key(name)
        self._engine = create_engine(
            url, poolclass=NullPool, connect_args=_connect_args(url, f"finews job {name}")
        )
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Ask the server; a connection that was refused the lock stays open for the next try."""
        return self._answered(self._asked)

    def check(self) -> LockState:
        """While the transaction lives, so does its lock."""
        connection = self._connection
        if connection is not None and connection.in_transaction():
            with suppress(StorageError):
                self._answered(lambda: connection.execute(select(1)))
                return "held"
        try:
            return "held" if self.take() else "taken"
        except StorageError:
            return "away"

    def is_taken(self) -> bool:
        """Look into the server's list."""

        def count() -> int:
            with self._engine.connect() as connection:
                return int(connection.execute(_HOLDERS, {"key": self._key}).scalar_one())

        return self._answered(count) > 0

    def release(self) -> None:
        """End the transaction."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()

    def _asked(self) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect()
        connection = self._connection
        for statement in _PREPARE:
            connection.exec_driver_sql(statement)
        lock = select(func.pg_try_advisory_xact_lock(self._key))
        taken = bool(connection.execute(lock).scalar_one())
        if not taken:
            connection.rollback()
        return taken

    def _answered(self, question: Callable[[], Answer]) -> Answer:
        try:
            return question()
        except DBAPIError as error:
            self.release()
            line = one_line(error)
            raise StorageError(f"the database {self._shown} does not answer: {line}") from error


def lock_key(name: str) -> int:
    """A job's number among the advisory locks of a database: 64 bits with a sign."""
    digest = blake2b(f"finews job {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _connect_args(url: URL, application_name: str) -> dict[str, Any]:
    """What libpq's drivers take, as far as the URL does not say it."""
    if url.get_driver_name() not in {"psycopg", "psycopg2"}:
        return {}
    wanted = {**_KEEPALIVE, "application_name": application_name}
    return {name: value for name, value in wanted.items() if name not in url.query}


def job_lock(url: str, name: str) -> JobLock:
    """The lock of a job, for all who use a database.

    Raises:
        StorageError: the database is of a kind that has no lock for jobs.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "sqlite" and parsed.database not in {None, "", ":memory:"}:
            database = Path(str(parsed.database)).resolve()
            # The names of jobs have neither dots nor spaces.
            file = f"{database.name}.{name.replace(' ', '.')}.lock"
            return FileJobLock(database.with_name(file))
        if backend == "postgresql":
            return ServerJobLock(parsed, name)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(f"no lock for jobs in {shown_url(url)}: {error}") from error
    raise StorageError(f"no lock for jobs in {shown_url(url)}: use a SQLite file or PostgreSQL")
