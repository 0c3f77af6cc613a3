"""A run that another one keeps waiting, or that must not be, or whose database is away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from finews.jobs import runner as runner_module
from finews.jobs.process import Inbox
from finews.jobs.runner import Runner, patiently, will_pass
from finews_crawler.errors import StorageError
from pipelines.store.job_lock import JobLock
from pipelines.store.job_states import note_job
from tests.finews.jobs.conftest import NOW, PATIENCE, Crawl, on_sqlite
from tests.finews.jobs.making import a_job

# --- no run ----------------------------------------------------------------------------------


def test_a_run_that_would_overlap_is_skipped(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, told: list[str], held: JobLock
) -> None:
    assert held.check() == "held"
    note_job(runner.engine, "mirror", NOW, {}, {"last_started_at": NOW, "host": "there"})
    end = runner.run(a_job(), inbox)
    assert (end.outcome, end.exit_code, crawl.made) == ("running", 0, [])
    assert told == [
        "mirror: still running since 2026-11-25 12:00:00 on there; this run is skipped."
    ]


@on_sqlite
@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("overlap", "line"),
    [
        ("skip", "mirror: another run has just begun; this one is skipped."),
        ("wait", "mirror: waits for another run, which has just begun."),
    ],
)
def test_a_run_that_has_just_begun_has_not_said_so(
    runner: Runner, inbox: Inbox, told: list[str], overlap: str, line: str
) -> None:
    """What is noted is the run before."""
    inbox.put("stop")
    ended = {"last_started_at": NOW, "last_finished_at": NOW}
    note_job(runner.engine, "mirror", NOW, {}, ended)
    runner.run(a_job(overlap=overlap), inbox)
    assert told == [line]


@on_sqlite
def test_a_run_waits_for_the_one_before(
    runner: Runner, inbox: Inbox, told: list[str], held: JobLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def wait(_inbox: Inbox, seconds: float) -> bool:
        asked.append(seconds)
        if len(asked) == 3:
            held.release()
        return False

    monkeypatch.setattr(runner_module, "told_to_stop", wait)
    end = runner.run(a_job(overlap="wait"), inbox)
    assert (end.outcome, len(asked)) == ("ran", 3)
    assert told == ["mirror: waits for another run, which has just begun."]


@on_sqlite
def test_a_run_that_waits_can_be_stopped(
    runner: Runner, crawl: type[Crawl], inbox: Inbox, held: JobLock
) -> None:
    inbox.put("stop")
    end = runner.run(a_job(overlap="wait"), inbox)
    assert (end.outcome, end.exit_code, crawl.made) == ("stopped", 2, [])
    assert held.check() == "held"


@pytest.mark.parametrize(
    ("started", "outcome"), [(NOW, "ran_already"), (NOW - timedelta(seconds=1), "ran")]
)
def test_a_run_that_another_scheduler_has_done_is_not_done_again(
    runner: Runner, inbox: Inbox, told: list[str], started: datetime, outcome: str
) -> None:
    note_job(runner.engine, "mirror", NOW, {}, {"last_started_at": started, "host": "there"})
    assert runner.run(a_job(), inbox, NOW).outcome == outcome
    expected = ["mirror: ran already at 2026-11-25 12:00:00 on there."]
    assert told == (expected if outcome == "ran_already" else [])


@on_sqlite
def test_whoever_asks_for_a_run_gets_one(runner: Runner, inbox: Inbox) -> None:
    note_job(runner.engine, "mirror", NOW, {}, {"last_started_at": NOW})
    assert runner.run(a_job(), inbox).outcome == "ran"


# --- a database that is away -----------------------------------------------------------------


def away(count: int) -> Callable[[], str]:
    """A question that the database answers at last."""
    left = [OperationalError("SELECT", {}, Exception("refused"))] * count

    def ask() -> str:
        if left:
            raise StorageError("the database does not answer") from left.pop()
        return "answer"

    return ask


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "_AGAIN", 0)


@pytest.mark.usefixtures("no_pause")
def test_a_question_is_asked_until_it_is_answered(inbox: Inbox) -> None:
    waits: list[StorageError] = []
    assert patiently(away(5), inbox, PATIENCE, waits.append) == "answer"
    assert [str(error) for error in waits] == ["the database does not answer"]


@pytest.mark.usefixtures("no_pause")
def test_patience_ends(inbox: Inbox) -> None:
    with pytest.raises(StorageError, match="the database does not answer"):
        patiently(away(5), inbox, 0, print)


def test_who_waits_can_be_stopped(inbox: Inbox) -> None:
    inbox.put("stop")
    assert patiently(away(5), inbox, PATIENCE, lambda _error: None) is None


def test_what_waiting_cannot_mend_is_not_waited_for(inbox: Inbox) -> None:
    def ask() -> None:
        raise StorageError("no lock")

    with pytest.raises(StorageError, match="no lock"):
        patiently(ask, inbox, PATIENCE, print)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (OperationalError("SELECT", {}, Exception("refused")), True),
        (ProgrammingError("SELECT", {}, Exception("no table")), False),
        (OSError("no file"), False),
        (None, False),
    ],
)
def test_what_will_pass(cause: BaseException | None, expected: bool) -> None:
    error = StorageError("away")
    error.__cause__ = cause
    assert will_pass(error) is expected


@pytest.mark.postgres
@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_run_waits_for_a_server(runner: Runner, inbox: Inbox, told: list[str]) -> None:
    gone = make_url(runner.url).set(port=1).render_as_string(hide_password=False)
    inbox.put("stop")
    end = replace(runner, url=gone, patience=PATIENCE).run(a_job(), inbox)
    assert end.outcome == "stopped"
    (line,) = told
    assert line.startswith("mirror: the database postgresql+psycopg://root@127.0.0.1:1/finews_")
    assert line.endswith("; waiting.")
