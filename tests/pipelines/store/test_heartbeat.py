"""A crawl says now and then that it lives: what it has done so far, and never after its end."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from finews_crawler.options import option_values
from pipelines.store import stage as module
from pipelines.store.queries import RunRow, runs
from pipelines.store.runs import tell_alive
from pipelines.store.stage import StorePipeline
from tests.pipelines.making import article

GUARD = 60
"""Seconds; only a test that fails takes so long."""


class NewsSpider(Spider):
    name = "news"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return create_engine(f"sqlite:///{tmp_path / 'finews.db'}", poolclass=NullPool)


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    own = {
        "FINEWS_DATABASE_URL": f"sqlite:///{tmp_path / 'finews.db'}",
        "FINEWS_BATCH_SECONDS": 0.01,
        "FINEWS_UNSENT_FOLDER": str(tmp_path / "unsent"),
        "EXTENSIONS_BASE": {},
    }
    crawler = get_crawler(NewsSpider, {**option_values({}), **own})
    crawler.spider = NewsSpider.from_crawler(crawler)
    return crawler


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", timedelta(milliseconds=5))


def only_run(engine: Engine) -> RunRow:
    (found,) = runs(engine, 9)
    return found


def crawled(crawler: Crawler, meanwhile: Callable[[StorePipeline], Awaitable[None]]) -> None:
    """A crawl in which something happens between its begin and its end."""

    async def crawl() -> None:
        stage = StorePipeline.from_crawler(crawler)
        await stage.open_spider()
        async with asyncio.timeout(GUARD):
            await meanwhile(stage)
            await stage.close_spider()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert [task for task in others if not task.done()] == []
        closed = {"spider": crawler.spider, "reason": "finished"}
        await crawler.signals.send_catch_log_async(signals.spider_closed, **closed)

    asyncio.run(crawl())


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - nobody tells of a row in a database
        await asyncio.sleep(0.01)


@pytest.mark.usefixtures("quick")
def test_while_it_runs_the_record_moves_with_its_counts(crawler: Crawler, engine: Engine) -> None:
    seen: list[RunRow] = []

    async def work(stage: StorePipeline) -> None:
        begun = only_run(engine)
        await stage.process_item(article())
        await until(lambda: only_run(engine).counts.get("finews/store/new") == 1)
        first = only_run(engine)
        await until(lambda: only_run(engine).alive_at != first.alive_at)
        seen.extend([begun, first, only_run(engine)])

    crawled(crawler, work)
    times = [one.alive_at for one in seen if one.alive_at]
    assert (len(times), times) == (3, sorted(set(times)))
    assert [one.finished_at for one in seen] == [None] * 3
    assert [one.counts.get("finews/store/new", 0) for one in seen] == [0, 1, 1]


@pytest.mark.usefixtures("quick")
def test_a_beat_under_way_ends_before_the_record_does(
    crawler: Crawler, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, freed = threading.Event(), threading.Event()
    told: list[str] = []

    def slow(*given: Any) -> None:
        begun.set()
        assert freed.wait(GUARD)
        tell_alive(*given)
        told.append("beat")

    monkeypatch.setattr(module, "tell_alive", slow)
    monkeypatch.setattr(module, "finish_run", lambda *_: told.append("end"))

    async def work(_: StorePipeline) -> None:
        await until(begun.is_set)
        asyncio.get_running_loop().call_later(0.05, freed.set)

    crawled(crawler, work)
    assert told == ["beat", "end"]


@pytest.mark.usefixtures("quick")
def test_a_database_that_is_away_for_a_while_costs_the_crawl_nothing(
    crawler: Crawler, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def away(*_: Any) -> None:
        asked.append(1)
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(module, "tell_alive", away)
    crawler.stats.set_value("downloader/response_count", 1)

    async def work(stage: StorePipeline) -> None:
        await until(lambda: len(asked) > 2)
        await stage.process_item(article())

    crawled(crawler, work)
    assert (only_run(engine).outcome, only_run(engine).message) == ("ok", "articles: 1 new")


def test_a_crawl_that_ends_before_its_first_beat_waits_for_none(
    crawler: Crawler, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT", timedelta(days=1))

    async def nothing(_: StorePipeline) -> None:
        await asyncio.sleep(0)

    crawled(crawler, nothing)
    assert only_run(engine).finished_at is not None
