"""One holder at a time, on both engines, with real processes; what is killed holds nothing."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, make_url, text

from finews_crawler.errors import StorageError
from pipelines.store.job_lock import JobLock, ServerJobLock, job_lock, lock_key

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
# Says `True` or `False` when it has tried, and stays.
HOLDER = """
import sys
from pipelines.store.job_lock import job_lock
lock = job_lock(*sys.argv[1:])
print(lock.take(), flush=True)
sys.stdin.read()
"""


class Holder:
    """A process of its own that has tried to take a lock."""

    def __init__(self, url: str, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.has_it = self.process.stdout.readline().strip() == "True"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Close its input, at which it ends by itself."""
        self.process.communicate()


@pytest.fixture
def holder(database_url: str) -> Iterator[Callable[[str], Holder]]:
    made: list[Holder] = []

    def hold(name: str) -> Holder:
        made.append(Holder(database_url, name))
        return made[-1]

    yield hold
    for one in made:
        one.end()


@pytest.fixture
def locks(database_url: str) -> Iterator[Callable[[str], JobLock]]:
    made: list[JobLock] = []

    def make(name: str) -> JobLock:
        made.append(job_lock(database_url, name))
        return made[-1]

    yield make
    for one in made:
        one.release()


def wait_until_free(lock: JobLock) -> None:
    """A server notices the end of a process a moment after its parent does."""
    while not lock.take():
        pass


def end_connections(database_url: str) -> None:
    """As when the server is restarted: every connection to the database is cut."""
    admin = create_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    cut = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with admin.connect() as connection:
        connection.execute(text(f"{cut} WHERE {others}"))


# --- one at a time ---------------------------------------------------------------------------


def test_a_second_one_does_not_get_it(locks: Callable[[str], JobLock]) -> None:
    first, second = locks("mirror"), locks("mirror")
    assert (first.take(), second.take(), second.take()) == (True, False, False)
    first.release()
    assert second.take()


def test_two_jobs_are_apart(locks: Callable[[str], JobLock]) -> None:
    assert (locks("mirror").take(), locks("share").take()) == (True, True)


def test_another_process_does_not_get_it(
    locks: Callable[[str], JobLock], holder: Callable[[str], Holder]
) -> None:
    lock = locks("mirror")
    assert lock.take()
    assert (holder("mirror").has_it, holder("share").has_it) == (False, True)
    assert lock.check() == "held"


def test_a_process_that_is_killed_holds_nothing(
    locks: Callable[[str], JobLock], holder: Callable[[str], Holder]
) -> None:
    lock, other = locks("mirror"), holder("mirror")
    assert (other.has_it, lock.take()) == (True, False)
    other.kill()
    wait_until_free(lock)
    assert not holder("mirror").has_it


def test_a_process_that_ends_holds_nothing(
    locks: Callable[[str], JobLock], holder: Callable[[str], Holder]
) -> None:
    other = holder("mirror")
    other.end()
    wait_until_free(locks("mirror"))


def test_releasing_twice_or_nothing_is_no_fault(locks: Callable[[str], JobLock]) -> None:
    lock = locks("mirror")
    lock.release()
    assert lock.take()
    lock.release()
    lock.release()
    assert lock.take()


# --- looking ---------------------------------------------------------------------------------


def test_looking_tells_who_has_it(
    locks: Callable[[str], JobLock], holder: Callable[[str], Holder]
) -> None:
    lock, looking = locks("mirror"), locks("mirror")
    assert looking.is_taken() is False
    assert lock.take()
    assert (looking.is_taken(), lock.is_taken(), locks("share").is_taken()) == (True, True, False)
    lock.release()
    other = holder("mirror")
    assert (other.has_it, looking.is_taken()) == (True, True)


def test_looking_takes_nothing(locks: Callable[[str], JobLock]) -> None:
    looking = locks("mirror")
    assert looking.is_taken() is False
    assert locks("mirror").take()


# --- losing ----------------------------------------------------------------------------------


@on_postgres
def test_a_lock_whose_connection_was_cut_is_taken_again(
    database_url: str, locks: Callable[[str], JobLock]
) -> None:
    lock = locks("mirror")
    assert lock.take()
    end_connections(database_url)
    assert (lock.check(), lock.check(), locks("mirror").take()) == ("held", "held", False)


@on_postgres
def test_a_run_learns_that_another_has_its_lock(
    database_url: str, locks: Callable[[str], JobLock]
) -> None:
    lock, other = locks("mirror"), locks("mirror")
    assert lock.take()
    end_connections(database_url)
    assert other.take()
    assert (lock.check(), lock.check(), other.check()) == ("taken", "taken", "held")
    other.release()
    assert lock.check() == "held"


@on_sqlite
def test_a_lock_whose_file_was_deleted_is_taken_again(
    locks: Callable[[str], JobLock], tmp_path: Path
) -> None:
    lock, other = locks("mirror"), locks("mirror")
    assert lock.take()
    (tmp_path / "finews.db.mirror.lock").unlink()
    assert (lock.check(), other.take()) == ("held", False)
    (tmp_path / "finews.db.mirror.lock").unlink()
    assert (other.take(), lock.check()) == (True, "taken")


@on_postgres
def test_a_server_that_is_away(database_url: str) -> None:
    lock = job_lock(database_url, "mirror")
    assert lock.take()
    gone = make_url(database_url).set(port=1).render_as_string(hide_password=False)
    away = job_lock(gone, "mirror")
    with pytest.raises(StorageError, match=re.escape("port 1 failed: Connection refused")):
        away.take()
    with pytest.raises(StorageError, match="does not answer"):
        away.is_taken()
    assert away.check() == "away"
    lock.release()


# --- PostgreSQL ------------------------------------------------------------------------------


@on_postgres
def test_what_holds_the_lock_keeps_nothing_from_being_vacuumed(
    database_url: str, locks: Callable[[str], JobLock]
) -> None:
    lock = locks("mirror")
    assert (lock.take(), lock.check()) == (True, "held")
    query = text(
        "SELECT state, backend_xid, backend_xmin FROM pg_stat_activity"
        " WHERE application_name = 'finews job mirror' AND datname = current_database()"
    )
    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        assert connection.execute(query).all() == [("idle in transaction", None, None)]


@on_postgres
def test_a_limit_for_idle_transactions_does_not_end_it(
    database_url: str, locks: Callable[[str], JobLock]
) -> None:
    admin = create_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = make_url(database_url).database
    with admin.connect() as connection:
        limited = f'ALTER DATABASE "{name}" SET idle_in_transaction_session_timeout = 500'
        connection.execute(text(limited))
    lock = locks("mirror")
    assert lock.take()
    assert isinstance(lock, ServerJobLock)
    with admin.connect() as connection, closing(connection.connection.cursor()) as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    assert (lock.check(), locks("mirror").take()) == ("held", False)


@settings(deadline=None)
@given(name=st.from_regex("[a-z][a-z0-9_-]{0,63}", fullmatch=True))
def test_a_key_is_a_number_of_64_bits(name: str) -> None:
    assert -(2**63) <= lock_key(name) < 2**63


def test_keys_stay_what_they_are() -> None:
    """Two versions of the program must agree on them."""
    assert lock_key("mirror") == -2781099325592820126


# --- what has no lock ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "no lock for jobs in sqlite://: use a SQLite file or PostgreSQL"),
        ("sqlite:///:memory:", "no lock for jobs in sqlite:///%3Amemory%3A: use a SQLite file"),
        ("mysql://a:secret@127.0.0.1/x", "no lock for jobs in mysql://a:***@127.0.0.1/x: use a"),
        ("nonsense", "no lock for jobs in an unreadable URL: "),
        ("sqlite:////proc/nowhere/finews.db", "the lock /proc/nowhere/finews.db.mirror.lock "),
    ],
)
def test_what_cannot_be_locked(url: str, message: str) -> None:
    with pytest.raises(StorageError, match=re.escape(message)) as caught:
        job_lock(url, "mirror").take()
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
