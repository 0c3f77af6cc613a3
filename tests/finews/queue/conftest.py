"""A queue in a PostgreSQL database of its own."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from finews.queue.settings import conninfo
from finews.queue.store import UnitStore, opened, prepared

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
Line = psycopg.Connection[DictRow]


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


@pytest.fixture
def queue_url(database_url: str) -> str:
    prepared(database_url)
    return database_url


@pytest.fixture
def queue(queue_url: str) -> Iterator[UnitStore]:
    with opened(queue_url) as made:
        yield made


@pytest.fixture
def line(queue_url: str) -> Iterator[Line]:
    """A connection that sees the queue's tables."""
    known = conninfo(queue_url, "finews test")
    with psycopg.connect(known, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def begin_worker(line: Line, name: str = "w", silent_for: int = 0) -> int:
    """A worker, as the database knows it."""
    row = line.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - make_interval(secs => %s)) RETURNING id",
        [silent_for],
    ).fetchone()
    assert row is not None
    known = "INSERT INTO finews_worker (worker_id, name, host, pid) VALUES (%s, %s, 'here', 1)"
    line.execute(known, [row["id"], name])
    return int(row["id"])


def fetch(line: Line, worker: int) -> int | None:
    """The unit that a worker is given."""
    asked = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['units'], %s)"
    row = line.execute(asked, [worker]).fetchone()
    assert row is not None
    return row["id"]  # type: ignore[no-any-return]
