"""Open a database: one clear line where that fails, the newest schema where it does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from finews_crawler.errors import StorageError, one_line
from pipelines.store import derived
from pipelines.store.types import to_json

BUSY_MILLISECONDS = 30_000
IDLE_MINUTES = 5
# An execution option: the transaction will write.
WRITES = "finews_writes"
# Any number that no other program uses for its advisory locks.
_UPGRADE_LOCK = 0x66696E657773


def shown_url(url: str) -> str:
    """The URL without its password, for messages."""
    try:
        parsed = make_url(url).difference_update_query(["password"])
        return parsed.render_as_string(hide_password=True)
    except (ArgumentError, ValueError):  # a port that is no number
        return "an unreadable URL"


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StorageError(
            "FINEWS_DATABASE_URL is no database URL, such as sqlite:////srv/finews.db"
        ) from error


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Write-ahead log (readers never wait), patience with other writers, real foreign keys."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.close()


def _prepare_postgres(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """A writer that hangs must not hold the others for ever; times are compared in UTC.

    No just-in-time compiling: of questions as short as ours it takes longer than the answer.
    """
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_MINUTES}min'")
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.execute("SET jit = off")
    connection.commit()
    cursor.close()


def _begin(connection: Connection) -> None:
    """Let a writer take SQLite's lock at once: one that wants it later fails without patience."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _release_driver_transactions(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3: no BEGIN of its own


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def _make_folder(url: URL) -> None:
    if _is_file(url):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)


def _pool(url: URL) -> dict[str, Any]:
    """Opening a file costs nothing, so nothing is kept open; a server is asked whether it lives."""
    return {"poolclass": NullPool} if _is_file(url) else {"pool_pre_ping": True}


def _connected(url: str) -> Engine:
    parsed = _parsed(url)
    try:
        engine = create_engine(
            parsed, json_serializer=to_json, json_deserializer=orjson.loads, **_pool(parsed)
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(
            f"no driver for {shown_url(url)}: {error}; for PostgreSQL install finews[postgres]"
        ) from error
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgres)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _release_driver_transactions)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def alembic_config() -> Config:
    """Where the migrations lie; its attribute `connection` says on what they run."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def writing(engine: Engine) -> Engine:
    """The engine for transactions that write."""
    return engine.execution_options(**{WRITES: True})


def schema_version(connection: Connection) -> str | None:
    """The number of the schema that a database has; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_schema() -> str:
    """The number of the schema that this program needs."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, making it when it is missing.

    Raises:
        StorageError: the database has a newer schema than this program knows.
    """
    config = alembic_config()
    with engine.connect() as connection:
        if schema_version(connection) == newest_schema() and derived.is_fresh(connection):
            return
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError(
                f"{shown_url(str(engine.url))} has a schema that this version of finews does not "
                f"know: {error}"
            ) from error
        derived.refresh(connection)


def open_engine(url: str) -> Engine:
    """Open a database and bring its schema up to date.

    Raises:
        StorageError: it cannot be opened; the message is one line and holds no password.
    """
    return _opened(url, upgrade)


def is_there(url: str) -> bool:
    """Whether a database file exists; a server's database is taken to exist."""
    parsed = _parsed(url)
    return not _is_file(parsed) or Path(str(parsed.database)).exists()


def connect(url: str) -> Engine:
    """Open a database as it is, to look at it; nothing is made.

    Raises:
        StorageError: it cannot be opened; the message is one line and holds no password.
    """
    if not is_there(url):
        raise StorageError(f"there is no database {shown_url(url)}")
    return _opened(url, lambda engine: engine.connect().close())


def _opened(url: str, first: Callable[[Engine], None]) -> Engine:
    engine = _connected(url)
    try:
        _make_folder(engine.url)
        first(engine)
    except (OSError, SQLAlchemyError) as error:
        engine.dispose()
        line = one_line(error)
        raise StorageError(f"the database {shown_url(url)} cannot be opened: {line}") from error
    except StorageError:
        engine.dispose()
        raise
    return engine
