"""Notes are written in a thread of their own, again and again until the database takes them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from finews.jobs.definition import Job
from finews.jobs.notebook import Notebook
from tests.finews.jobs.making import a_job

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
PATIENCE = 60.0
Written = tuple[str, dict[str, object]]


class Database:
    """Takes notes, unless it is away."""

    def __init__(self) -> None:
        self.taken: SimpleQueue[Written] = SimpleQueue()
        self.refused: SimpleQueue[str] = SimpleQueue()
        self.is_there = Event()
        self.is_there.set()

    def write(self, job: Job, now: datetime, changed: Mapping[str, object]) -> None:
        assert now == NOW
        if not self.is_there.is_set():
            self.refused.put(job.name)
            raise OperationalError("INSERT", {}, Exception("connection\n refused"))
        self.taken.put((job.name, dict(changed)))

    def next(self) -> Written:
        return self.taken.get(timeout=PATIENCE)


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


@pytest.fixture
def notebook(database: Database, told: list[str]) -> Iterator[Notebook]:
    made = Notebook(database.write, told.append, lambda: NOW, pause=0.01)
    yield made
    made.close(PATIENCE)


def test_a_note_is_written(notebook: Notebook, database: Database, told: list[str]) -> None:
    notebook.note(a_job(), next_at=NOW, host="a")
    assert (database.next(), told) == (("mirror", {"next_at": NOW, "host": "a"}), [])


def test_a_note_of_nothing_but_the_definition(notebook: Notebook, database: Database) -> None:
    notebook.note(a_job())
    assert database.next() == ("mirror", {})


def test_what_waits_is_written_at_the_end(database: Database) -> None:
    made = Notebook(database.write, print, lambda: NOW, pause=PATIENCE)
    for number in range(100):
        made.note(a_job(f"job{number}"), last_exit_code=number)
    assert made.close(PATIENCE) == []
    assert database.taken.qsize() == 100


def test_nothing_is_lost_while_the_database_is_away(
    notebook: Notebook, database: Database, told: list[str]
) -> None:
    database.is_there.clear()
    notebook.note(a_job(), last_started_at=NOW)
    for _ in range(3):
        assert database.refused.get(timeout=PATIENCE) == "mirror"
    notebook.note(a_job(), last_exit_code=1)
    notebook.note(a_job("share"), last_exit_code=2)
    notebook.note(a_job(), last_exit_code=0)
    database.is_there.set()
    assert notebook.close(PATIENCE) == []
    columns: dict[str, dict[str, object]] = {}
    while not database.taken.empty():
        name, changed = database.taken.get()
        columns.setdefault(name, {}).update(changed)
    assert columns == {
        "mirror": {"last_started_at": NOW, "last_exit_code": 0},
        "share": {"last_exit_code": 2},
    }
    assert told == [
        "What becomes of jobs is not noted, the database does not answer: connection refused",
        "The database answers; what became of jobs is noted.",
    ]


def test_every_absence_is_told_once(
    notebook: Notebook, database: Database, told: list[str]
) -> None:
    for number in range(2):
        database.is_there.clear()
        notebook.note(a_job(), last_exit_code=number)
        database.refused.get(timeout=PATIENCE)
        database.refused.get(timeout=PATIENCE)
        database.is_there.set()
        assert database.next() == ("mirror", {"last_exit_code": number})
    notebook.close(PATIENCE)
    assert len(told) == 4


def test_what_could_not_be_written_is_named(database: Database, told: list[str]) -> None:
    database.is_there.clear()
    made = Notebook(database.write, told.append, lambda: NOW, pause=0.01)
    made.note(a_job("share"), last_exit_code=0)
    made.note(a_job("mirror"), last_exit_code=0)
    database.refused.get(timeout=PATIENCE)
    assert made.close(0.01) == ["mirror", "share"]


def test_a_note_that_comes_while_another_is_written_is_kept(told: list[str]) -> None:
    begun, go_on = Event(), Event()
    taken: list[dict[str, object]] = []

    def write(_job: Job, _now: datetime, changed: Mapping[str, object]) -> None:
        taken.append(dict(changed))
        begun.set()
        assert go_on.wait(PATIENCE)

    made = Notebook(write, told.append, lambda: NOW, pause=0.01)
    made.note(a_job(), last_started_at=NOW, last_exit_code=0)
    assert begun.wait(PATIENCE)
    made.note(a_job(), last_exit_code=1)
    go_on.set()
    assert made.close(PATIENCE) == []
    assert taken == [{"last_started_at": NOW, "last_exit_code": 0}, {"last_exit_code": 1}]
