"""Databases for measuring: empty ones with the newest schema, and kept ones with a name."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from finews_crawler.options import project_folder
from pipelines.store.engine import open_engine


@dataclass(frozen=True, slots=True)
class Databases:
    """Makes databases of one engine."""

    name: str
    """`sqlite` or `postgresql`."""
    fresh: Callable[[], AbstractContextManager[str]]
    """Gives the URL of an empty database with the newest schema, which goes at the end."""


def bench_folder() -> Path:
    """Where benchmarks keep what the next run can use again."""
    folder = project_folder() / "data" / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sqlite_url(path: Path) -> str:
    """The URL of a file."""
    return f"sqlite:///{path}"


def server_url() -> str:
    """The PostgreSQL server that benchmarks and tests make their databases on."""
    return os.environ.get("FINEWS_TEST_POSTGRES", "postgresql+psycopg://root@127.0.0.1/test")


def postgres_url(name: str) -> str:
    """The URL of a database of that server."""
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def _on_server(*statements: str) -> None:
    admin = create_engine(server_url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def has_postgres() -> bool:
    """Whether the server answers."""
    try:
        _on_server("SELECT 1")
    except OperationalError:
        return False
    return True


def keep_postgres(name: str) -> str:
    """The URL of a database with this name, which is made when it is missing."""
    admin = create_engine(server_url(), poolclass=NullPool)
    with admin.connect() as connection:
        query = text("SELECT 1 FROM pg_database WHERE datname = :name")
        is_there = connection.execute(query, {"name": name}).first()
    if not is_there:
        _on_server(f"CREATE DATABASE {name}")
    return postgres_url(name)


def drop_postgres(name: str) -> None:
    """Drop a database, if it is there."""
    _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _postgres_database(template: str | None = None) -> Iterator[str]:
    name = f"finews_bench_{uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    try:
        yield name
    finally:
        drop_postgres(name)


@contextmanager
def sqlite_databases(folder: Path) -> Iterator[Databases]:
    """Files in a folder."""
    template = folder / f"{uuid4().hex}.template"
    open_engine(sqlite_url(template)).dispose()

    @contextmanager
    def fresh() -> Iterator[str]:
        path = folder / f"{uuid4().hex}.db"
        shutil.copy(template, path)
        try:
            yield sqlite_url(path)
        finally:
            for file in folder.glob(f"{path.name}*"):
                file.unlink()

    yield Databases("sqlite", fresh)
    template.unlink()


@contextmanager
def postgres_databases() -> Iterator[Databases]:
    """Databases of the server; copies of one that is made first."""
    with _postgres_database() as template:
        open_engine(postgres_url(template)).dispose()

        @contextmanager
        def fresh() -> Iterator[str]:
            with _postgres_database(template) as name:
                yield postgres_url(name)

        yield Databases("postgresql", fresh)
