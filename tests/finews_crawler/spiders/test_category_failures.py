"""The spider `category` when pages fail, and when it runs dry."""

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider, DontCloseSpider

from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    SITE,
    answered,
    count,
    failed,
    home,
    kinds,
    listed,
    made,
    post,
    reasons,
    started,
    urls,
    wait,
)


@pytest.fixture
def spider() -> CategorySpider:
    return made(CategorySpider, site=SITE)


def test_a_site_without_an_answer_ends_the_crawl(spider: CategorySpider) -> None:
    request = started(spider)[0]
    with pytest.raises(CloseSpider) as ending:
        failed(request, None)
    assert ending.value.reason == "site_unreachable"


@pytest.mark.parametrize("status", [404, 500])
def test_a_home_page_that_fails_leaves_the_rest(spider: CategorySpider, status: int) -> None:
    output = failed(started(spider)[0], status)
    assert (kinds(output), reasons(output)) == (["Reject"], [("fetch", f"http_{status}")])


def test_a_known_category_that_is_gone_is_no_fault(spider: CategorySpider) -> None:
    assert failed(started(spider)[2], 404) == []
    assert count(spider, "category/absent") == 1


@pytest.mark.parametrize(
    ("chosen", "status", "reason"),
    [
        pytest.param({"categories": "nowhere"}, 404, "http_404", id="one that was asked for"),
        pytest.param({"categories": "nowhere"}, 503, "http_503", id="any with a server error"),
        pytest.param({}, 503, "http_503", id="a known one with a server error"),
        pytest.param({}, None, "refused_connection", id="no answer"),
    ],
)
def test_a_category_that_fails_is_a_reject(
    chosen: dict[str, str], status: int | None, reason: str
) -> None:
    request = started(made(CategorySpider, site=SITE, **chosen))[-1]
    assert reasons(failed(request, status)) == [("fetch", reason)]


def test_a_copy_that_is_gone_leaves_the_other(spider: CategorySpider) -> None:
    listed(spider, post(CODE), post(CODE, "emnews"))
    (request,) = wait(spider)
    gone = failed(request, 404)
    assert (reasons(gone), urls(gone)) == (
        [("fetch", "http_404")],
        [f"{SITE}{post(CODE, 'emnews')}"],
    )
    (article,) = answered(gone[-1], pages.post_page())
    assert (article.url, article.copies) == (f"{SITE}{post(CODE, 'emnews')}", ())


def test_an_article_of_which_nothing_can_be_read_does_not_leave(spider: CategorySpider) -> None:
    listed(spider, post(CODE), post(CODE, "emnews"))
    (request,) = wait(spider)
    unknown = answered(request, pages.EMPTY_PAGE)
    assert reasons(unknown) == [("extract", "unknown_layout")]
    last = failed(unknown[-1], 404)
    assert (kinds(last), reasons(last)) == (["Reject"], [("fetch", "http_404")])


def test_a_sample_that_fails_is_told_and_its_other_copy_is_read(spider: CategorySpider) -> None:
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    listed(spider, post(CODE, "emnews"))
    assert reasons(failed(sample, 404)) == [("fetch", "http_404")]
    assert urls(wait(spider)) == [f"{SITE}{post(CODE, 'emnews')}"]


def test_a_404_page_with_a_status_of_success_is_no_listing(spider: CategorySpider) -> None:
    assert answered(started(spider)[2], pages.NOT_FOUND_PAGE) == []
    assert count(spider, "category/absent") == 1
    chosen = made(CategorySpider, site=SITE, categories="nowhere")
    output = answered(started(chosen)[0], pages.NOT_FOUND_PAGE)
    assert reasons(output) == [("extract", "not_found_page")]


# --- when everything asked for has come -------------------------------------------------------


class Engine:
    """Notes what is asked of Scrapy's engine."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def crawl(self, request: Request) -> None:
        self.asked.append(request)


def test_the_spider_stays_open_while_posts_wait(spider: CategorySpider) -> None:
    engine = Engine()
    spider.crawler.engine = engine  # type: ignore[assignment]
    listed(spider, post(CODE))
    with pytest.raises(DontCloseSpider):
        spider._on_idle()
    assert urls(answered(engine.asked[0], "")) == [f"{SITE}{post(CODE)}"]
    spider._on_idle()
    assert len(engine.asked) == 1


@pytest.mark.parametrize("link", ["http://[bad/2022/06/14/a.html", "//[", "http://a.test:http/x"])
def test_a_malformed_link_costs_nothing_but_itself(spider: CategorySpider, link: str) -> None:
    assert kinds(listed(spider, link, post(CODE))) == ["Listing"]
    (request,) = wait(spider)
    page = pages.post_page(back=(link, "//finews.withounder.com/category/xinhuashe.html"))
    output = answered(request, page)
    assert urls(output) == [f"{SITE}/category/xinhuashe.html"]
    assert kinds(output)[-1] == "RawArticle"
