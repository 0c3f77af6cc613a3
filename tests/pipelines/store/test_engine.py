"""Opening a database: how SQLite is set, what messages show, how writers meet."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

from finews_crawler.errors import StorageError
from pipelines.store.engine import open_engine, shown_url, writing
from pipelines.store.models import Base

INDEXES = ("revision_bands", "revision_words")
TABLES = sorted([*Base.metadata.tables, "alembic_version", *INDEXES])


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'finews.db'}"


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Engine]:
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


# --- how SQLite is set ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1), ("busy_timeout", 30_000)],
)
def test_every_connection_is_prepared(sqlite: Engine, pragma: str, value: object) -> None:
    with sqlite.connect() as first, sqlite.connect() as second:
        values = [one.exec_driver_sql(f"PRAGMA {pragma}").scalar() for one in (first, second)]
    assert values == [value, value]


INSERT_ORPHAN = text(
    "INSERT INTO reject (run_id, stage, reason, detail, url, seen_at) "
    "VALUES (7, 's', 'r', 'd', 'u', '2022-06-14 10:00:00')"
)
INSERT_CATEGORY = text(
    "INSERT INTO category (slug, first_seen_at) VALUES ('Wind', '2022-06-14 10:00:00')"
)
COUNT_CATEGORIES = text("SELECT count(*) FROM category")


def test_a_row_that_points_nowhere_is_refused(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine).begin() as connection:
        connection.execute(INSERT_ORPHAN)


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_is_committed(engine: Engine) -> None:
    with engine.connect() as reader:
        with writing(engine).begin() as writer:
            writer.execute(INSERT_CATEGORY)
            seen = [reader.execute(COUNT_CATEGORIES).scalar()]
        reader.rollback()
        seen.append(reader.execute(COUNT_CATEGORIES).scalar())
    assert seen == [0, 1]


def test_a_writing_transaction_takes_the_lock_at_its_begin(sqlite: Engine) -> None:
    with writing(sqlite).begin(), sqlite.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout=0")
        with pytest.raises(OperationalError, match="database is locked"):
            other.execute(INSERT_CATEGORY)


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def write_both() -> None:
        with writing(engine).begin() as connection:
            connection.execute(INSERT_CATEGORY)
            connection.execute(INSERT_ORPHAN)

    with pytest.raises(IntegrityError):
        write_both()
    with engine.connect() as connection:
        assert connection.execute(COUNT_CATEGORIES).scalar() == 0


# --- opening -------------------------------------------------------------------------------------


def tables(engine: Engine) -> list[str]:
    """All tables but those in which FTS5 keeps its index."""
    names = inspect(engine).get_table_names()
    return sorted(name for name in names if not name.startswith("revision_words_"))


def test_a_new_database_gets_all_tables(engine: Engine) -> None:
    assert tables(engine) == TABLES


def test_a_database_in_memory_gets_all_tables() -> None:
    engine = open_engine("sqlite://")
    assert tables(engine) == TABLES
    engine.dispose()


def test_the_missing_folders_are_made(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'a' / '库' / 'finews.db'}").dispose()
    assert (tmp_path / "a" / "库" / "finews.db").is_file()


def message_of(url: str) -> str:
    with pytest.raises(StorageError) as caught:
        open_engine(url)
    return str(caught.value)


def test_a_newer_schema_is_refused_with_one_clear_line(sqlite: Engine, sqlite_url: str) -> None:
    with writing(sqlite).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    message = message_of(sqlite_url)
    expected = f"{sqlite_url} has a schema that this version of finews does not know: "
    assert (message[: len(expected)], "\n" in message) == (expected, False)


def test_a_newer_schema_is_left_as_it_is(sqlite: Engine, sqlite_url: str) -> None:
    with writing(sqlite).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    message_of(sqlite_url)
    with sqlite.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert (version, tables(sqlite)) == ("9999", TABLES)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("这不是数据库。" * 100, encoding="utf-8")
    expected = f"the database sqlite:///{file} cannot be opened: file is not a database"
    assert message_of(f"sqlite:///{file}") == expected
    assert file.read_text(encoding="utf-8") == "这不是数据库。" * 100


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    expected = f"the database sqlite:///{tmp_path} cannot be opened: unable to open database file"
    assert message_of(f"sqlite:///{tmp_path}") == expected


# --- messages hold no password -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/finews.db", "sqlite:////srv/finews.db"),
        ("postgresql+psycopg://a:secret@h:1/x", "postgresql+psycopg://a:***@h:1/x"),
        ("postgresql+psycopg://a:s%40cret@h/x", "postgresql+psycopg://a:***@h/x"),
        ("postgresql+psycopg://a@h/x", "postgresql+psycopg://a@h/x"),
        ("secret without a scheme", "an unreadable URL"),
    ],
    ids=["sqlite", "password", "coded_password", "no_password", "unreadable"],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_a_password_among_the_parameters_is_not_shown_either() -> None:
    url = "postgresql+psycopg://a@127.0.0.1:1/x?password=secret&connect_timeout=3"
    shown = shown_url(url)
    assert ("secret" in shown, re.sub(r"\?.*", "", shown)) == (
        False,
        "postgresql+psycopg://a@127.0.0.1:1/x",
    )
    assert "secret" not in message_of(url)
