"""What Scrapy does not ask for reaches the spider."""

import pytest
from scrapy import signals
from scrapy.crawler import Crawler

from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.refusals import ToldOffsite, ToldRobots
from tests.finews_crawler.fetching.stubs import HOST, PAGE, answer, asked, crawl, run

OTHER = "http://other.test/a.html"


@pytest.fixture
def crawler() -> Crawler:
    crawler, _ = crawl(settings={"ROBOTSTXT_OBEY": True, "USER_AGENT": "finews/1"})
    assert crawler.spider is not None
    vars(crawler.spider)["allowed_domains"] = ["news.test"]
    return crawler


def test_an_address_off_site_is_told(crawler: Crawler) -> None:
    offsite = ToldOffsite.from_crawler(crawler)
    offsite.process_request(asked())
    with pytest.raises(NotFetched) as raised:
        offsite.process_request(asked(OTHER))
    assert raised.value.reason == "offsite"


def test_no_request_is_dropped_before_the_spider_can_hear_of_it(crawler: Crawler) -> None:
    offsite = ToldOffsite.from_crawler(crawler)
    given = {"request": asked(OTHER), "spider": crawler.spider}
    found = crawler.signals.send_catch_log(signals.request_scheduled, **given)
    assert [result for receiver, result in found if receiver == offsite.request_scheduled] == [None]


def test_what_robots_txt_forbids_is_told(crawler: Crawler) -> None:
    robots = rules(crawler, 200, b"User-agent: *\nDisallow: /a.html")
    run(robots.process_request(asked(f"{HOST}/b.html")))
    with pytest.raises(NotFetched) as raised:
        run(robots.process_request(asked()))
    assert raised.value.reason == "robots"


@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_rules_that_were_not_given_forbid_nothing(crawler: Crawler, status: int) -> None:
    run(rules(crawler, status, b"<html>Forbidden</html>").process_request(asked(PAGE)))


def rules(crawler: Crawler, status: int, body: bytes) -> ToldRobots:
    """A host's robots.txt as it was answered."""

    async def download(request: object) -> object:
        return answer(asked(f"{HOST}/robots.txt"), status, body)

    vars(crawler.engine)["download_async"] = download
    return ToldRobots.from_crawler(crawler)
