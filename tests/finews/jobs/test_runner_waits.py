"""A run that another one keeps waiting, or that must not be, or whose database is away."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import make_url

from finews.jobs import locks as locks_module
from finews.jobs.process import Inbox
from finews.jobs.runner import Runner
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

    monkeypatch.setattr(locks_module, "told_to_stop", wait)
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
