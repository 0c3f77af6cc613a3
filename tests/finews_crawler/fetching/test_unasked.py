"""Pages of a host that is left alone: the first are rejects, all are counted."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider
from twisted.python.failure import Failure

from finews_crawler.fetching.hosts import Closing, Hosts
from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.unasked import KEPT, UnaskedPages
from finews_crawler.fetching.waiting import Backoff
from finews_crawler.items import Reject
from finews_crawler.spider import FinewsSpider
from finews_crawler.spiders.category import CategorySpider
from finews_crawler.spiders.share import ShareSpider
from tests.finews_crawler.fetching.stubs import HOST, answer, crawl, failure_of, run

REFUSED = Closing("host_refuses", "answered 403", "site_refuses")
BUSY = Closing("host_busy", "answered 429 8 times in a row", "site_busy")


class Scene:
    """A crawl of which one host is closed."""

    def __init__(self, kind: type[FinewsSpider] = ShareSpider, **given: str) -> None:
        self.crawler, self.engine = crawl(kind, given=given)
        self.hosts = Hosts(Backoff(2.0, 600.0))
        self.pages = UnaskedPages(self.crawler, self.hosts)

    def close(self, closing: Closing = REFUSED, host: str = HOST) -> None:
        self.hosts.close(self.hosts.at(f"{host}/"), closing)

    def asks(self, number: int, errback: Callable[..., object] | None = None) -> list[object]:
        """Ask for so many pages; gives what the spider gives out for those that are refused."""
        given: list[object] = []
        for page in range(number):
            request = Request(f"{HOST}/{page}.html", errback=errback or self._failed)
            try:
                self.pages.refuse(request, self.hosts.at(request.url))
            except NotFetched as error:
                given += run(outcome(request, error))
        return given

    def _failed(self, failure: Failure) -> Iterator[object]:
        spider = self.crawler.spider
        assert isinstance(spider, FinewsSpider)
        yield spider.fetch_reject(failure)
        yield "goes on"

    def idles(self) -> list[type[BaseException | None]]:
        """What the listeners raise when nothing is left to do."""
        found = self.crawler.signals.send_catch_log(
            signals.spider_idle,
            spider=self.crawler.spider,
            dont_log=(CloseSpider, DontCloseSpider),
        )
        raised = [one.value for _, one in found if isinstance(one, Failure)]
        self.ends = [one.reason for one in raised if isinstance(one, CloseSpider)]
        return [type(one) for one in raised]

    def told(self) -> list[Reject]:
        """The rejects that leave when the crawl comes back for them."""
        request = self.engine.asked.pop()
        assert request.callback is not None
        return list(request.callback(answer(request)))


async def outcome(request: Request, error: NotFetched) -> list[object]:
    assert request.errback is not None
    output = request.errback(failure_of(error, request))
    if isinstance(output, AsyncIterator):
        return [one async for one in output]
    return list(output or ())


def test_an_open_host_refuses_nothing() -> None:
    assert Scene().asks(3) == []


def test_the_first_are_kept_and_the_spider_goes_on_after_all() -> None:
    scene = Scene()
    scene.close()
    given = scene.asks(KEPT + 25)
    rejects = [one for one in given if isinstance(one, Reject)]
    assert (len(rejects), given.count("goes on")) == (KEPT, KEPT + 25)
    assert {(one.stage, one.reason, one.detail) for one in rejects} == {
        ("fetch", "host_refuses", "not asked: news.test answered 403")
    }
    assert [one.url for one in rejects] == [f"{HOST}/{page}.html" for page in range(KEPT)]
    assert scene.crawler.stats.get_value("finews/unasked/news.test") == KEPT + 25


def test_a_page_of_which_the_spider_says_nothing_is_counted() -> None:
    scene = Scene()
    scene.close()
    scene.asks(3, lambda _: ())
    assert scene.idles() == [DontCloseSpider]
    (reject,) = scene.told()
    assert reject.detail.endswith("; 3 of them are only counted")


def test_rules_are_no_page() -> None:
    scene = Scene()
    scene.close()
    with pytest.raises(NotFetched, match="host_refuses"):
        scene.pages.refuse(Request(f"{HOST}/robots.txt"), scene.hosts.at(HOST))
    assert scene.hosts.at(HOST).unasked == 0


def test_other_rejects_of_a_page_that_is_only_counted_are_kept() -> None:
    scene = Scene()
    scene.close()

    def errback(failure: Failure) -> Iterator[object]:
        yield from scene._failed(failure)
        spider = scene.crawler.spider
        assert isinstance(spider, FinewsSpider)
        yield spider.reject("extract", "unknown_layout", "", HOST)

    given = scene.asks(KEPT + 2, errback)
    reasons = [one.reason for one in given if isinstance(one, Reject)]
    assert (reasons.count("host_refuses"), reasons.count("unknown_layout")) == (KEPT, KEPT + 2)


def test_errbacks_of_every_kind() -> None:
    async def asynchronous(_failure: Failure) -> AsyncIterator[object]:
        yield "later"

    scene = Scene()
    scene.close()
    scene.asks(KEPT)
    assert scene.asks(1, asynchronous) == ["later"]
    assert scene.asks(1, lambda _: None) == []
    assert scene.asks(1, lambda _: ["listed"]) == ["listed"]


def test_the_rest_is_one_reject_with_a_number() -> None:
    scene = Scene()
    scene.close()
    scene.asks(KEPT + 25)
    assert scene.idles() == [DontCloseSpider]
    (reject,) = scene.told()
    assert (reject.stage, reject.reason, reject.url) == ("fetch", "host_refuses", f"{HOST}/")
    assert reject.detail == (
        "35 pages of news.test were not asked for: it answered 403; 25 of them are only counted"
    )
    assert scene.idles() == [CloseSpider]


def test_few_need_no_number() -> None:
    scene = Scene()
    scene.close()
    scene.asks(KEPT)
    assert (scene.idles(), scene.engine.asked) == ([CloseSpider], [])


def test_while_something_is_left_to_ask_nothing_is_told() -> None:
    scene = Scene()
    scene.close()
    scene.asks(KEPT + 1)
    scene.engine.asked.append(Request(HOST))
    assert scene.idles() == []


@pytest.mark.parametrize(
    ("closing", "ending"),
    [
        (REFUSED, "site_refuses"),
        (BUSY, "site_busy"),
        (Closing("host_silent", "answers nothing", "site_unreachable"), "site_unreachable"),
    ],
)
def test_a_crawl_that_lost_its_host_ends_as_failed(closing: Closing, ending: str) -> None:
    scene = Scene()
    scene.close(closing)
    scene.idles()
    assert scene.ends == [ending]


def test_a_crawl_without_closed_hosts_ends_by_itself() -> None:
    assert Scene().idles() == []


@pytest.mark.parametrize(
    ("host", "ends"),
    [
        ("http://site.test", ["site_refuses"]),
        ("https://site.test:443", ["site_refuses"]),
        ("http://endpoint.test", []),
        ("http://site.test:8080", []),
    ],
)
def test_a_crawl_of_a_site_depends_on_the_site_alone(host: str, ends: list[str]) -> None:
    scene = Scene(CategorySpider, site="http://site.test", endpoint="http://endpoint.test")
    scene.close(host=host)
    scene.idles()
    assert scene.ends == ends


def closing_lines(scene: Scene, caplog: pytest.LogCaptureFixture) -> list[str]:
    with caplog.at_level(logging.WARNING):
        scene.crawler.signals.send_catch_log(
            signals.spider_closed, spider=scene.crawler.spider, reason="shutdown"
        )
    return [record.getMessage() for record in caplog.records if record.name == "share"]


def test_a_crawl_that_is_stopped_says_the_number_in_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene()
    scene.close()
    scene.asks(KEPT + 3)
    expected = "13 pages of news.test were not asked for: it answered 403"
    assert closing_lines(scene, caplog) == [expected]


def test_what_was_told_is_not_told_again(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.close()
    scene.asks(KEPT + 3)
    scene.idles()
    scene.told()
    assert closing_lines(scene, caplog) == []
