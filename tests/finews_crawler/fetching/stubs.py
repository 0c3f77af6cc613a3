"""A crawl without a network: time that a test moves, an engine that notes what is asked of it."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.waiting import World
from finews_crawler.options import option_values
from finews_crawler.spider import FinewsSpider
from finews_crawler.spiders.share import ShareSpider

Given = TypeVar("Given")
HOST = "http://news.test"
PAGE = f"{HOST}/a.html"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    at: float = 1000.0
    naps: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)

    def world(self, dice: float = 1.0) -> World:
        return World(
            clock=lambda: self.at, now=lambda: NOON, sleep=self.sleep, dice=lambda _low, _high: dice
        )


class FakeEngine:
    """What the parts under test ask of Scrapy's engine."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.downloader = SimpleNamespace(
            slots=dict[str, Slot](), middleware=SimpleNamespace(middlewares=list[object]())
        )
        self._slot = SimpleNamespace(closing=None)

    def crawl(self, request: Request) -> None:
        self.asked.append(request)

    def spider_is_idle(self) -> bool:
        return not self.asked


def crawl(
    kind: type[FinewsSpider] = ShareSpider,
    settings: Mapping[str, object] | None = None,
    given: Mapping[str, str] | None = None,
) -> tuple[Crawler, FakeEngine]:
    """A crawl that was set up and has not begun."""
    crawler = get_crawler(kind, {**option_values({}), **(settings or {})})
    spider = kind.from_crawler(crawler, **(given or {"codes": "NW202206143000000001"}))
    crawler.spider, engine = spider, FakeEngine()
    crawler._engine = cast("Any", engine)
    return crawler, engine


def slot_of(engine: FakeEngine, delay: float, key: str = "news.test") -> Slot:
    """A download slot."""
    slot = engine.downloader.slots[key] = Slot(2, delay, 0.0)
    return slot


def asked(url: str = PAGE, **meta: object) -> Request:
    """A request that was in the slot of its host."""
    return Request(url, meta={"download_slot": "news.test", **meta})


def answer(
    request: Request,
    status: int = 200,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer."""
    return HtmlResponse(request.url, status, dict(headers or {}), body, request=request)


def failure_of(error: BaseException, request: Request) -> Failure:
    """A failure as an errback gets it."""
    failure = Failure(error)  # type: ignore[no-untyped-call]
    failure.request = request  # type: ignore[attr-defined]  # as Scrapy does
    return failure


def word_of(error: object) -> str:
    """The word under which a page was not fetched."""
    assert isinstance(error, NotFetched)
    return error.reason


def run(coroutine: Coroutine[Any, Any, Given]) -> Given:
    return asyncio.run(coroutine)
