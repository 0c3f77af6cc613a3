"""The record of a crawl: begun, told that it lives, finished, or lost by one that was killed."""

import os
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, update

from finews_crawler.outcome import Verdict
from pipelines.store.engine import writing
from pipelines.store.models import CrawlRun
from pipelines.store.queries import RunRow, run, runs
from pipelines.store.runs import (
    BEAT,
    LOST_AFTER,
    counted,
    finish_run,
    has_run,
    start_run,
    tell_alive,
)
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

GOOD = Verdict(ok=True, message="articles: 3 new", reason="finished")
BAD = Verdict(ok=False, message="no article was stored", reason="shutdown")
STATS = {
    "finews/store/new": 3,
    "finews/extract/title/h1": 3,
    "downloader/response_count": 7,
    "downloader/response_status_count/200": 7,
    "downloader/request_count": 8,
    "retry/count": 1,
    "downloader/request_bytes": 4096,
    "downloader/response_bytes": 3_000_000_000,
    "offsite/filtered": 2,
    "finews/latency/p50_ms": 20,
    "finews/latency/p95_ms": 350,
    "finews/peak_memory_bytes": 5_000_000_000,
    "finews/findings": [],
    "item_scraped_count": 3,
    "finews/note": "words",
    "finish_reason": "finished",
}
COUNTED = {
    "downloader/request_bytes": 4096,
    "downloader/request_count": 8,
    "downloader/response_bytes": 3_000_000_000,
    "downloader/response_count": 7,
    "downloader/response_status_count/200": 7,
    "finews/extract/title/h1": 3,
    "finews/store/new": 3,
    "offsite/filtered": 2,
    "retry/count": 1,
}
BEGUN = RunRow(
    id=1,
    spider="category",
    arguments={"categories": "emnews,Wind"},
    job="site",
    host=socket.gethostname(),
    pid=os.getpid(),
    started_at=START,
    alive_at=START,
    finished_at=None,
    outcome=None,
    reason=None,
    message=None,
    counts={},
    received_bytes=None,
    peak_memory_bytes=None,
    latency_p50_ms=None,
    latency_p95_ms=None,
)


def begun(engine: Engine) -> int:
    return start_run(engine, "category", {"categories": "emnews,Wind"}, START, "site")


def test_only_numbers_that_tell_what_the_crawl_did_are_counted() -> None:
    assert counted(STATS) == COUNTED


def test_a_run_that_has_begun_has_no_end(engine: Engine) -> None:
    number = begun(engine)
    assert runs(engine, 10) == [replace(BEGUN, id=number)]


def test_a_run_by_hand_belongs_to_no_job(engine: Engine, clock: "Clock") -> None:
    assert run(engine, start_run(engine, "share", {}, clock())) == replace(
        BEGUN, id=1, spider="share", arguments={}, job=None
    )


def test_a_run_that_lives_says_what_it_has_done_so_far(engine: Engine, clock: "Clock") -> None:
    number = begun(engine)
    clock.forward(seconds=30)
    tell_alive(engine, number, STATS, clock())
    assert run(engine, number) == replace(BEGUN, id=number, alive_at=clock(), counts=COUNTED)


def test_a_good_end_is_written_down(engine: Engine, clock: "Clock") -> None:
    number = begun(engine)
    clock.forward(minutes=5)
    finish_run(engine, number, GOOD, STATS, clock())
    assert run(engine, number) == replace(
        BEGUN,
        id=number,
        alive_at=clock(),
        finished_at=START + timedelta(minutes=5),
        outcome="ok",
        reason="finished",
        message="articles: 3 new",
        counts=COUNTED,
        received_bytes=3_000_000_000,
        peak_memory_bytes=5_000_000_000,
        latency_p50_ms=20,
        latency_p95_ms=350,
    )


def test_a_crawl_without_any_answer_has_no_latency(engine: Engine, clock: "Clock") -> None:
    number = begun(engine)
    finish_run(engine, number, BAD, {}, clock())
    found = run(engine, number)
    assert found is not None
    assert (found.received_bytes, found.peak_memory_bytes) == (0, None)
    assert (found.latency_p50_ms, found.latency_p95_ms, found.counts) == (None, None, {})


def test_what_is_told_after_the_end_changes_nothing(engine: Engine, clock: "Clock") -> None:
    """The beat comes from another thread, and may have waited for the database."""
    number = begun(engine)
    finish_run(engine, number, GOOD, STATS, clock())
    ended = run(engine, number)
    clock.forward(minutes=1)
    tell_alive(engine, number, {"finews/store/new": 1}, clock())
    assert run(engine, number) == ended


def test_a_run_that_lives_is_its_own_run_only(engine: Engine, clock: "Clock") -> None:
    first, second = begun(engine), begun(engine)
    clock.forward(minutes=1)
    tell_alive(engine, second, {}, clock())
    assert [(one.id, one.alive_at) for one in runs(engine, 10)] == [
        (second, clock()),
        (first, START),
    ]


def test_a_run_is_known_by_its_number(engine: Engine) -> None:
    number = begun(engine)
    assert (has_run(engine, number), has_run(engine, number + 1)) == (True, False)
    assert run(engine, number + 1) is None


# --- running or lost --------------------------------------------------------------------------


def test_a_run_beats_many_times_before_it_counts_as_lost() -> None:
    assert LOST_AFTER >= 5 * BEAT


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(START, "running", id="at once"),
        pytest.param(START + BEAT, "running", id="before its first beat"),
        pytest.param(START + LOST_AFTER - timedelta(seconds=1), "running", id="silent for long"),
        pytest.param(START + LOST_AFTER, "lost", id="too long"),
        pytest.param(START + timedelta(days=400), "lost", id="for ever"),
        pytest.param(START - timedelta(minutes=2), "running", id="a clock that goes after"),
    ],
)
def test_a_run_without_an_end_is_running_or_lost(now: datetime, expected: str) -> None:
    assert BEGUN.state(now) == expected


@pytest.mark.parametrize("outcome", ["ok", "degraded", "failed"])
def test_a_run_with_an_end_stays_what_it_is(outcome: str) -> None:
    ended = replace(BEGUN, outcome=outcome, finished_at=START)
    assert ended.state(START + timedelta(days=1)) == outcome


def test_a_run_of_an_older_program_without_an_end_is_lost(engine: Engine, clock: "Clock") -> None:
    number = begun(engine)
    old = update(CrawlRun).values(alive_at=None, host=None, pid=None)
    with writing(engine).begin() as connection:
        connection.execute(old)
    found = run(engine, number)
    assert found is not None
    assert (found.state(clock()), found.host, found.pid) == ("lost", None, None)


def test_a_run_that_lives_again_is_not_lost(engine: Engine, clock: "Clock") -> None:
    number = begun(engine)
    clock.forward(minutes=10)
    silent = run(engine, number)
    tell_alive(engine, number, {}, clock())
    found = run(engine, number)
    assert silent is not None
    assert found is not None
    assert (silent.state(clock()), found.state(clock())) == ("lost", "running")


# --- ends -------------------------------------------------------------------------------------


def test_a_bad_end_says_why(engine: Engine, clock: "Clock") -> None:
    finish_run(engine, start_run(engine, "category", {}, clock()), BAD, {}, clock())
    (found,) = runs(engine, 10)
    assert (found.outcome, found.reason, found.message) == (
        "failed",
        "shutdown",
        "no article was stored",
    )


def test_an_end_is_the_end_of_its_own_run_only(engine: Engine, clock: "Clock") -> None:
    first, second, third = (start_run(engine, "category", {}, clock()) for _ in range(3))
    finish_run(engine, second, GOOD, {}, clock())
    ends = [(one.id, one.outcome) for one in runs(engine, 10)]
    assert ends == [(third, None), (second, "ok"), (first, None)]
