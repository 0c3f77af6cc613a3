"""The record of a crawl: begun, finished, or left open by one that was killed."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select

from finews_crawler.outcome import Verdict
from pipelines.store.models import CrawlRun
from pipelines.store.queries import RunRow, runs
from pipelines.store.runs import counted, finish_run, start_run

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
    "item_scraped_count": 3,
    "finews/note": "words",
    "finish_reason": "finished",
}
COUNTED = {
    "downloader/request_count": 8,
    "downloader/response_count": 7,
    "downloader/response_status_count/200": 7,
    "finews/extract/title/h1": 3,
    "finews/store/new": 3,
    "retry/count": 1,
}


def stored_counts(engine: Engine) -> list[dict[str, int]]:
    with engine.connect() as connection:
        return list(connection.execute(select(CrawlRun.counts).order_by(CrawlRun.id)).scalars())


def test_only_numbers_that_tell_what_the_crawl_did_are_counted() -> None:
    assert counted(STATS) == COUNTED


def test_a_run_that_has_begun_has_no_end(engine: Engine, clock: "Clock") -> None:
    number = start_run(engine, "category", {"categories": "emnews,Wind"}, clock())
    begun = RunRow(
        id=number,
        spider="category",
        arguments={"categories": "emnews,Wind"},
        started_at=clock(),
        finished_at=None,
        outcome=None,
        reason=None,
        message=None,
    )
    assert (runs(engine, 10), stored_counts(engine)) == ([begun], [{}])


def test_a_good_end_is_written_down(engine: Engine, clock: "Clock") -> None:
    number = start_run(engine, "share", {}, clock())
    started_at = clock()
    clock.forward(minutes=5)
    finish_run(engine, number, GOOD, STATS, clock())
    ended = RunRow(
        id=number,
        spider="share",
        arguments={},
        started_at=started_at,
        finished_at=started_at + timedelta(minutes=5),
        outcome="ok",
        reason="finished",
        message="articles: 3 new",
    )
    assert (runs(engine, 10), stored_counts(engine)) == ([ended], [COUNTED])


def test_a_bad_end_says_why(engine: Engine, clock: "Clock") -> None:
    finish_run(engine, start_run(engine, "category", {}, clock()), BAD, {}, clock())
    (run,) = runs(engine, 10)
    assert (run.outcome, run.reason, run.message) == ("failed", "shutdown", "no article was stored")


def test_an_end_is_the_end_of_its_own_run_only(engine: Engine, clock: "Clock") -> None:
    first, second, third = (start_run(engine, "category", {}, clock()) for _ in range(3))
    finish_run(engine, second, GOOD, {}, clock())
    ends = [(run.id, run.outcome) for run in runs(engine, 10)]
    assert ends == [(third, None), (second, "ok"), (first, None)]
