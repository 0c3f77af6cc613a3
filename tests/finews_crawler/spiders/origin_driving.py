"""A whole crawl of Eastmoney without a network: tests.origin_server answers, nobody waits."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import HtmlResponse, TextResponse

from finews_crawler.items import Miss, RawArticle, Reject
from finews_crawler.memory import Standing, Wanted
from finews_crawler.origin_reading import OriginReadingSpider
from tests.finews_crawler.spiders.driving import failure_of, made
from tests.origin_server import Asked, Origin

SINCE = "2025-06-16T13:00"
Output = AsyncIterator[Any]
Reader = TypeVar("Reader", bound=OriginReadingSpider)


@dataclass
class KnownMemory:
    """Knows some articles, and remembers what it was asked."""

    known: frozenset[str] = frozenset()
    asked: list[Wanted] = field(default_factory=list)
    refresh: timedelta | None = None

    async def listings(self, _root: str) -> dict[str, Any]:
        return {}

    async def settled(self, wanted: Sequence[Wanted], refresh: timedelta) -> dict[str, Standing]:
        self.asked += wanted
        self.refresh = refresh
        return dict.fromkeys(self.known, "known")


@dataclass
class Run:
    """What a crawl did."""

    output: list[Any] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds of each pause."""
    closed: str | None = None
    """The reason, if the spider itself ended it."""

    @property
    def articles(self) -> list[RawArticle]:
        return [one for one in self.output if isinstance(one, RawArticle)]

    @property
    def rejects(self) -> list[tuple[str, str]]:
        return [(one.stage, one.reason) for one in self.output if isinstance(one, Reject)]

    @property
    def misses(self) -> list[tuple[str, str]]:
        return [(one.code or "", one.reason) for one in self.output if isinstance(one, Miss)]

    @property
    def paths(self) -> list[str]:
        return [urlsplit(one.url).path for one in self.requests]

    @property
    def kinds(self) -> list[tuple[str, str, list[str]]]:
        """Of each article: its number in the fixture, its page kind, those of its copies."""
        return [
            ((one.code or "")[-2:], one.page_kind, [copy.page_kind for copy in one.copies])
            for one in self.articles
        ]


def awake(kind: type[Reader], **given: str) -> Reader:
    """A spider whose crawl is under way."""
    spider = made(kind, **given)
    spider.crawler.crawling = True
    return spider


async def _take(run: Run, output: Output) -> list[Request]:
    asked: list[Request] = []
    try:
        async for one in output:
            (asked if isinstance(one, Request) else run.output).append(one)
    except CloseSpider as closing:
        run.closed = closing.reason
    return asked


def _answers(request: Request, origin: Origin) -> Output:
    parts = urlsplit(request.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    origin.asked.append(Asked(path, 0.0, {}))
    status, text = origin.answer(path)
    assert request.callback is not None
    assert request.errback is not None
    if status != 200:
        return cast("Output", request.errback(failure_of(request, status or None)))
    kind = HtmlResponse if text.startswith("<") else TextResponse
    response = kind(request.url, body=text.encode(), request=request, encoding="utf-8")
    return cast("Output", request.callback(response, **request.cb_kwargs))


def crawled(spider: OriginReadingSpider, origin: Origin) -> Run:
    """Let the spider crawl the server to its end, one request after the other."""
    run = Run()

    async def slept(seconds: float) -> None:
        run.waits[-1] += seconds

    whole_pause = spider._pause

    async def paused(seconds: float) -> None:
        run.waits.append(0.0)
        await whole_pause(seconds)

    async def to_the_end() -> None:
        waiting = deque(await _take(run, spider.start()))
        while waiting:
            assert len(waiting) == 1
            request = waiting.popleft()
            run.requests.append(request)
            waiting += await _take(run, _answers(request, origin))

    spider.sleep = slept
    spider._pause = paused  # type: ignore[method-assign]
    asyncio.run(to_the_end())
    return run
