"""Whose fault an error is, and how long the writer waits for one that passes."""

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, select, text
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from finews_crawler.errors import StorageError
from finews_crawler.items import Article
from pipelines.store.batch import Item
from pipelines.store.engine import writing
from pipelines.store.faults import fault_of
from pipelines.store.models import Reject as RejectTable
from pipelines.store.queries import changes, counts, rejects
from pipelines.store.runs import start_run
from pipelines.store.writer import FIRST_PAUSE, LONGEST_PAUSE, Patience, Writer, keyed
from tests.pipelines.making import listing, reject

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
BUSY = "PRAGMA busy_timeout = 20"


# --- whose fault ---------------------------------------------------------------------------------


class PostgresError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("told by a server")
        self.sqlstate = sqlstate


def wrapped(cause: Exception, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("INSERT", {}, cause)


def sqlite_error(code: int | None) -> sqlite3.Error:
    error = sqlite3.OperationalError("told by SQLite")
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_BUSY, "passing"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "passing"),
        (sqlite3.SQLITE_LOCKED, "passing"),
        (sqlite3.SQLITE_IOERR_WRITE, "passing"),
        (sqlite3.SQLITE_CANTOPEN, "passing"),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, "item"),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "item"),
        (sqlite3.SQLITE_TOOBIG, "item"),
        (sqlite3.SQLITE_MISMATCH, "item"),
        (sqlite3.SQLITE_RANGE, "item"),
        (sqlite3.SQLITE_ERROR, "lasting"),
        (sqlite3.SQLITE_FULL, "lasting"),
        (sqlite3.SQLITE_READONLY, "lasting"),
        (sqlite3.SQLITE_CORRUPT, "lasting"),
        (sqlite3.SQLITE_NOTADB, "lasting"),
        (None, "item"),
    ],
)
def test_codes_of_sqlite(code: int | None, fault: str) -> None:
    assert fault_of(wrapped(sqlite_error(code))) == fault


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        pytest.param("08006", "passing", id="connection failure"),
        pytest.param("25P03", "passing", id="idle for too long"),
        pytest.param("40P01", "passing", id="deadlock"),
        pytest.param("40001", "passing", id="serialization failure"),
        pytest.param("53300", "passing", id="too many connections"),
        pytest.param("53100", "passing", id="disk full"),
        pytest.param("55P03", "passing", id="lock not available"),
        pytest.param("57P01", "passing", id="admin shutdown"),
        pytest.param("57P03", "passing", id="cannot connect now"),
        pytest.param("58030", "passing", id="io error"),
        pytest.param("22021", "item", id="not in repertoire"),
        pytest.param("23505", "item", id="unique violation"),
        pytest.param("54000", "item", id="program limit"),
        pytest.param("42P01", "lasting", id="undefined table"),
        pytest.param("42501", "lasting", id="insufficient privilege"),
        pytest.param("XX001", "lasting", id="data corrupted"),
        pytest.param("28P01", "lasting", id="invalid password"),
    ],
)
def test_states_of_postgres(state: str, fault: str) -> None:
    assert fault_of(wrapped(PostgresError(state))) == fault


def test_errors_of_a_driver_without_a_state() -> None:
    assert fault_of(wrapped(PostgresError(None))) == "passing"
    assert fault_of(wrapped(PostgresError(None), DataError)) == "item"


def raised(engine: Engine, statement: str, **values: object) -> DBAPIError:
    with writing(engine).connect() as connection, pytest.raises(DBAPIError) as told:
        connection.execute(text(statement), values)
    return told.value


def test_faults_that_engines_tell(engine: Engine) -> None:
    faults = {
        "UPDATE clock SET id = 2": "item",
        "UPDATE clock SET id = NULL": "item",
        "INSERT INTO nowhere VALUES (1)": "lasting",
        "SELEKT 1": "lasting",
    }
    assert {told: fault_of(raised(engine, told)) for told in faults} == faults


def test_a_nul_in_a_text(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite takes it")
    error = raised(engine, "UPDATE crawl_run SET message = :words", words="a\0b")
    assert fault_of(error) == "item"


def test_a_number_that_no_column_holds(engine: Engine) -> None:
    statement = "UPDATE clock SET seq = :number"
    with writing(engine).connect() as connection, pytest.raises(Exception) as told:  # noqa: PT011
        connection.execute(text(statement), {"number": 2**70})
    error = told.value
    # SQLite's driver complains in Python's own words; the writer knows these too.
    assert isinstance(error, OverflowError) or fault_of(error) == "item"  # type: ignore[arg-type]


# --- how long one waits --------------------------------------------------------------------------


@settings(deadline=None)
@given(st.floats(0.001, 500, allow_nan=False))
def test_pauses(seconds: float) -> None:
    pauses = list(Patience(seconds).pauses())
    assert math.isclose(sum(pauses), seconds)
    assert all(0 < pause <= LONGEST_PAUSE for pause in pauses)
    doubling = [min(FIRST_PAUSE * 2**step, LONGEST_PAUSE) for step in range(len(pauses))]
    assert pauses[:-1] == doubling[:-1]
    assert pauses[-1] <= doubling[-1]


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_patience_is_no_pause(seconds: float) -> None:
    assert list(Patience(seconds).pauses()) == []


@dataclass
class Sleep:
    """Instead of waiting, something happens at a pause."""

    happens: Callable[[], None] = lambda: None
    at: int = 1
    pauses: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == self.at:
            self.happens()


@pytest.fixture
def patient(engine: Engine, clock: "Clock") -> Callable[..., Writer]:
    run = start_run(engine, "category", {}, clock())

    def make(seconds: float, sleep: Callable[[float], None]) -> Writer:
        return Writer(engine, run, timedelta(days=1), clock, Patience(seconds, sleep))

    return make


@pytest.fixture
def sqlite(engine: Engine) -> Engine:
    """SQLite that waits for a lock for a moment only."""
    if engine.dialect.name != "sqlite":
        pytest.skip("a write lock for the whole file is SQLite's")

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _entry: object) -> None:
        connection.execute(BUSY)

    return engine


def test_a_lock_that_is_let_go(
    sqlite: Engine, patient: Callable[..., Writer], make_article: Make
) -> None:
    holder = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    sleep = Sleep(lambda: holder.execute("ROLLBACK").close(), at=3)
    assert patient(10, sleep).write([make_article(1), reject()]) == ["new", "reject"]
    holder.close()
    assert sleep.pauses == [0.25, 0.5, 1.0]
    assert (counts(sqlite).articles, counts(sqlite).rejects) == (1, 1)
    assert [row.kind for row in changes(sqlite, 0, 10)] == ["new"]


def test_a_lock_that_is_held_for_too_long(
    sqlite: Engine, patient: Callable[..., Writer], make_article: Make
) -> None:
    holder = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    sleep = Sleep()
    writer = patient(2, sleep)
    told = r"^the database cannot be written: database is locked$"
    with pytest.raises(StorageError, match=told):
        writer.write([make_article(1)])
    assert sleep.pauses == [0.25, 0.5, 1.0, 0.25]
    with pytest.raises(StorageError, match=told):
        writer.write([make_article(2)])
    assert len(sleep.pauses) == 4  # later batches fail at once
    holder.execute("ROLLBACK")
    holder.close()
    assert writer.write([make_article(1)]) == ["new"]
    assert (counts(sqlite).articles, counts(sqlite).rejects) == (1, 0)


def kill_others(engine: Engine) -> None:
    """End every other connection of this database, as an operator or a restart does."""
    admin = create_engine(engine.url, poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def kill_once(engine: Engine, before: str) -> list[str]:
    """Kill the writer's server before its first statement of a kind; gives what was killed."""
    killed: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def kill(_c: object, _k: object, statement: str, *_more: object) -> None:
        if not killed and statement.startswith(before):
            killed.append(statement)
            kill_others(engine)

    return killed


@pytest.mark.parametrize("before", ["SELECT article.id", "INSERT INTO mention", "UPDATE clock"])
def test_a_server_that_is_killed_in_between(
    engine: Engine, patient: Callable[..., Writer], make_article: Make, before: str
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")
    sleep = Sleep()
    killed = kill_once(engine, before)
    writer = patient(10, sleep)
    assert writer.write([make_article(1), make_article(2), reject()]) == ["new", "new", "reject"]
    assert (len(killed), sleep.pauses) == (1, [0.25])
    assert (counts(engine).articles, counts(engine).rejects) == (2, 1)
    assert [(row.seq, row.kind) for row in changes(engine, 0, 10)] == [(1, "new"), (2, "new")]


def test_a_lasting_fault_is_not_waited_for(
    engine: Engine, patient: Callable[..., Writer], make_article: Make
) -> None:
    with writing(engine).begin() as connection:
        connection.execute(text("DROP TABLE printing"))
    sleep = Sleep()
    with pytest.raises(StorageError, match=r"^the database cannot be written: .*printing"):
        patient(10, sleep).write([make_article(1), make_article(2)])
    assert sleep.pauses == []
    assert (counts(engine).articles, counts(engine).rejects) == (0, 0)


# --- sent again, and poison ----------------------------------------------------------------------


def test_a_commit_whose_answer_was_lost(engine: Engine, writer: Writer, make_article: Make) -> None:
    batch: list[Item] = keyed([make_article(1), reject(), listing(), reject(), make_article(2)])
    assert writer.write(batch) == ["new", "reject", "listing", "reject", "new"]
    before = (counts(engine), changes(engine, 0, 10))
    assert writer.write(batch) == ["unchanged", "reject", "listing", "reject", "unchanged"]
    assert (counts(engine), changes(engine, 0, 10)) == before
    with engine.connect() as connection:
        keys = connection.scalars(select(RejectTable.key)).all()
    assert len(set(keys)) == len(keys) == 2


def test_an_answer_that_is_lost_on_its_way(
    engine: Engine, patient: Callable[..., Writer], make_article: Make
) -> None:
    """The commit is done, the writer is told that the connection broke, and writes again."""
    lost: list[str] = []
    sleep = Sleep()
    writer = patient(10, sleep)

    @event.listens_for(engine, "commit")
    def lose(connection: Connection) -> None:
        if not lost:
            lost.append("answer")
            connection.connection.commit()
            raise wrapped(PostgresError("08006"))

    assert writer.write([make_article(1), reject()]) == ["unchanged", "reject"]
    assert (lost, sleep.pauses) == (["answer"], [0.25])
    assert (counts(engine).articles, counts(engine).rejects) == (1, 1)
    assert [row.kind for row in changes(engine, 0, 10)] == ["new"]


def test_rejects_without_a_key_are_two(engine: Engine, writer: Writer) -> None:
    writer.write([reject()])
    writer.write([reject()])
    assert counts(engine).rejects == 2


def poisoned(make_article: Make, engine: Engine) -> list[Any]:
    """64 articles of which the database takes all but one."""
    articles: list[Any] = [make_article(number) for number in range(100, 164)]
    is_sqlite = engine.dialect.name == "sqlite"
    poison: dict[str, Any] = {"page_kind": "no kind"} if is_sqlite else {"title": "a\0b"}
    articles[41] = replace(articles[41], **poison)
    return articles


def test_a_poison_among_64_costs_one_row(
    engine: Engine, patient: Callable[..., Writer], make_article: Make
) -> None:
    sleep = Sleep()
    articles = poisoned(make_article, engine)
    outcomes = patient(10, sleep).write(articles)
    assert outcomes == ["new"] * 41 + ["refused"] + ["new"] * 22
    assert (counts(engine).articles, sleep.pauses) == (63, [])
    (row,) = rejects(engine, 10)
    assert (row.stage, row.code, row.url) == ("store", articles[41].code, articles[41].url)
