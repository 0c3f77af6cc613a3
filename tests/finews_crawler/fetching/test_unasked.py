"""Pages of a host that is left alone: each is a reject, and the host may end the crawl."""

from collections.abc import Iterator

import pytest
from scrapy import Request, signals
from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from finews_crawler.fetching.hosts import Closing, Hosts
from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.unasked import UnaskedPages
from finews_crawler.fetching.waiting import Backoff
from finews_crawler.items import Reject
from finews_crawler.spider import FinewsSpider
from finews_crawler.spiders.category import CategorySpider
from finews_crawler.spiders.share import ShareSpider
from tests.finews_crawler.fetching.stubs import HOST, crawl, failure_of

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

    def asks(self, number: int) -> list[object]:
        """Ask for so many pages; gives what the spider gives out for those that are refused."""
        given: list[object] = []
        for page in range(number):
            request = Request(f"{HOST}/{page}.html", errback=self._failed)
            try:
                self.pages.refuse(request, self.hosts.at(request.url))
            except NotFetched as error:
                given += self._failed(failure_of(error, request))
        return given

    def _failed(self, failure: Failure) -> Iterator[object]:
        spider = self.crawler.spider
        assert isinstance(spider, FinewsSpider)
        yield spider.fetch_reject(failure)
        yield "goes on"

    def idles(self) -> list[type[BaseException | None]]:
        """What the listeners raise when nothing is left to do."""
        found = self.crawler.signals.send_catch_log(
            signals.spider_idle, spider=self.crawler.spider, dont_log=(CloseSpider,)
        )
        raised = [one.value for _, one in found if isinstance(one, Failure)]
        self.ends = [one.reason for one in raised if isinstance(one, CloseSpider)]
        return [type(one) for one in raised]


def test_an_open_host_refuses_nothing() -> None:
    assert Scene().asks(3) == []


def test_each_is_a_reject_with_its_address_and_the_spider_goes_on_after_all() -> None:
    scene = Scene()
    scene.close()
    given = scene.asks(35)
    rejects = [one for one in given if isinstance(one, Reject)]
    assert (len(rejects), given.count("goes on")) == (35, 35)
    assert {(one.stage, one.reason, one.detail, one.answer) for one in rejects} == {
        ("fetch", "host_refuses", "not asked: news.test answered 403", None)
    }
    assert [one.url for one in rejects] == [f"{HOST}/{page}.html" for page in range(35)]
    assert scene.crawler.stats.get_value("finews/unasked/news.test") == 35


def test_rules_are_no_page() -> None:
    scene = Scene()
    scene.close()
    with pytest.raises(NotFetched, match="host_refuses"):
        scene.pages.refuse(Request(f"{HOST}/robots.txt"), scene.hosts.at(HOST))
    assert scene.crawler.stats.get_value("finews/unasked/news.test") is None


def test_while_something_is_left_to_ask_the_crawl_goes_on() -> None:
    scene = Scene()
    scene.close()
    scene.asks(1)
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
