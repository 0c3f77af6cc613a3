"""A spider without a network: requests in, answers back, what its callbacks give out."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar, cast

from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError
from scrapy.http import HtmlResponse, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from finews_crawler.items import Reject
from finews_crawler.options import option_values
from finews_crawler.spider import FinewsSpider
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders.pages import listing_page, part

Driven = TypeVar("Driven", bound=FinewsSpider)


def made(kind: type[Driven], **given: str) -> Driven:
    """A spider as Scrapy makes it, with `-a name=value` as keywords."""
    return made_with({}, kind, **given)


def made_with(settings: dict[str, str], kind: type[Driven], **given: str) -> Driven:
    """The same where the settings differ from their defaults."""
    crawler = get_crawler(kind, {**option_values({}), **settings})
    return kind.from_crawler(crawler, **given)


def started(spider: FinewsSpider) -> list[Any]:
    async def collected() -> list[Any]:
        return [one async for one in spider.start()]

    return asyncio.run(collected())


def urls(output: Iterable[object]) -> list[str]:
    """The addresses of the requests in what a callback gave."""
    return [one.url for one in output if isinstance(one, Request)]


def items(output: Iterable[object]) -> list[Any]:
    """What a callback gave beside requests."""
    return [one for one in output if not isinstance(one, Request)]


def answered(request: Request, text: str) -> list[Any]:
    """What the request's callback gives for a page."""
    kind = HtmlResponse if "<" in text[:1] else TextResponse
    response = kind(request.url, body=text.encode(), request=request, encoding="utf-8")
    assert request.callback is not None
    return given(request.callback(response, **request.cb_kwargs))


def given(output: Iterable[Any] | AsyncIterator[Any]) -> list[Any]:
    """All that a callback gives, whether it waits for something or not."""

    async def collected() -> list[Any]:
        return [one async for one in cast("AsyncIterator[Any]", output)]

    return list(output) if isinstance(output, Iterable) else asyncio.run(collected())


def failure_of(request: Request, status: int | None) -> Failure:
    """A failure as Scrapy gives it to an errback: a status, or no answer at all."""
    error: Exception = DownloadConnectionRefusedError("nobody listens")
    if status is not None:
        error = HttpError(HtmlResponse(request.url, status=status, request=request))
    failure = Failure(error)  # type: ignore[no-untyped-call]
    failure.request = request  # type: ignore[attr-defined]  # as Scrapy does
    return failure


def failed(request: Request, status: int | None = 404) -> list[Any]:
    """What the request's errback gives."""
    assert request.errback is not None
    return list(request.errback(failure_of(request, status)))


def kinds(output: Iterable[object]) -> list[str]:
    """The names of the classes of what a callback gave."""
    return [type(one).__name__ for one in output]


def reasons(output: Iterable[object]) -> list[tuple[str, str]]:
    """Stage and reason of the rejects in what a callback gave."""
    return [(one.stage, one.reason) for one in output if isinstance(one, Reject)]


def count(spider: FinewsSpider, key: str) -> object:
    return spider.stats.get_value(f"finews/{key}", 0)


# --- the spider `category` on a site on this machine --------------------------------------------

SITE = "http://127.0.0.1:8000"
DAY = "2022/06/14"
CODE = "202206143000000001"
OTHER = "202206143000000002"


def post(code: str, category: str = "wind") -> str:
    """A post's path; the rolling news have no `NW` before the code."""
    return f"/{category}/{DAY}/{'' if category == 'emnews' else 'NW'}{code}.html"


def wait(spider: CategorySpider) -> list[Request]:
    """All that names posts has come back: what the spider asks for then."""
    output = answered(Request("data:,", callback=spider.parse_waiting), "")
    assert items(output) == []
    return output


def home(spider: CategorySpider, text: str) -> list[Any]:
    """What the home page gives."""
    return answered(started(spider)[0], text)


def category_request(spider: CategorySpider, slug: str = "caijing") -> Request:
    (request,) = spider._category_requests(spider.plan.new_categories([slug]))
    return request


def listed(spider: CategorySpider, *links: str, slug: str = "caijing") -> list[Any]:
    """What a category page with these links gives."""
    return answered(category_request(spider, slug), listing_page(part("新闻", *links)))
