"""The spider `category` with full=1: the text behind the share page completes a flash."""

from urllib.parse import urlsplit

import pytest
from scrapy import Request

from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    count,
    failed,
    listed,
    made,
    post,
    reasons,
    started,
    urls,
    wait,
)

FLASH = post(CODE, "emnews")
PUBLIC = "https://finews.withounder.com"
PRINTED = f"http://choicewzp1.eastmoney.com/html_News/NewsShare.html?infoCode=NW{CODE}"


def json_of(host: str) -> str:
    return f"{host}/NewsData/GetNewsText.do?id=NW{CODE}"


def asked_for(path: str, page: str, **given: str) -> list[str]:
    """What is asked for once the post is read."""
    spider = made(CategorySpider, **{"site": SITE, "full": "1", **given})
    listed(spider, path)
    (request,) = wait(spider)
    return urls(answered(request, page))


def after_flash(**given: str) -> tuple[CategorySpider, Request]:
    """The spider when it has read a flash, and its request for the text."""
    spider = made(CategorySpider, site=SITE, full="1", **given)
    listed(spider, FLASH)
    (request,) = wait(spider)
    (share,) = answered(request, pages.flash_page(CODE))
    return spider, share


def test_a_flash_asks_for_its_text() -> None:
    assert asked_for(FLASH, pages.flash_page(CODE)) == [json_of(SITE)]


def test_a_post_that_jekyll_broke_asks_for_its_text() -> None:
    broken = f"/2022/06/15/2022-06-12-NW{CODE}.html"
    assert asked_for(broken, pages.post_page()) == [json_of(SITE)]


@pytest.mark.parametrize(
    ("path", "page", "given"),
    [
        pytest.param(FLASH, pages.flash_page(CODE), {"full": "0"}, id="full=0"),
        pytest.param(post(CODE), pages.post_page(), {}, id="a post with its whole text"),
        pytest.param(
            "/sitenews/2022/06/14/notice.html",
            pages.post_page("<p>试运行。</p>", address="http://finance.eastmoney.com/"),
            {},
            id="a post without a code",
        ),
    ],
)
def test_nothing_more_is_asked(path: str, page: str, given: dict[str, str]) -> None:
    assert asked_for(path, page, **given) == []


def test_a_flash_with_a_whole_copy_asks_for_nothing_more() -> None:
    spider = made(CategorySpider, site=SITE, full="1")
    listed(spider, FLASH, post(CODE))
    (request,) = wait(spider)
    (copy,) = answered(request, pages.flash_page(CODE))
    (article,) = answered(copy, pages.post_page())
    assert [article.body_kind, *(one.body_kind for one in article.copies)] == ["digest", "full"]


@pytest.mark.parametrize(
    ("given", "address", "host"),
    [
        pytest.param({"site": PUBLIC}, PRINTED, "http://choicewzp1.eastmoney.com", id="printed"),
        pytest.param({"site": PUBLIC}, "", "http://finews.zning.xyz", id="default"),
        pytest.param({"site": PUBLIC, "endpoint": SITE}, PRINTED, SITE, id="given"),
        pytest.param({"site": SITE}, PRINTED, SITE, id="a copy here stays here"),
    ],
)
def test_the_host_that_is_asked(given: dict[str, str], address: str, host: str) -> None:
    assert asked_for(FLASH, pages.flash_page(CODE, address), **given) == [json_of(host)]


@pytest.mark.parametrize("site", [PUBLIC, SITE])
@pytest.mark.parametrize("endpoint", ["http://news.test", SITE])
def test_a_given_endpoint_may_be_asked(site: str, endpoint: str) -> None:
    spider = made(CategorySpider, site=site, endpoint=endpoint, full="1")
    assert urlsplit(endpoint).hostname in (spider.allowed_domains or [])


def test_the_text_leaves_with_its_flash() -> None:
    _, share = after_flash()
    (article,) = answered(share, pages.share_answer(CODE))
    kinds = [(one.page_kind, one.body_kind) for one in (article, *article.copies)]
    assert kinds == [("post", "digest"), ("share_json", "full")]


def test_a_flash_without_more_text_stays_a_flash_and_is_no_reject() -> None:
    spider, share = after_flash()
    (first, page) = answered(share, "{}")
    (second, article) = answered(page, pages.SHELL)
    assert [(one.stage, one.reason) for one in (first, second)] == [("share", "empty_answer")] * 2
    assert (article.body_kind, article.copies) == ("digest", ())
    assert count(spider, "share/absent") == 2


def test_a_share_host_that_does_not_know_the_flash_is_no_fault() -> None:
    spider, share = after_flash()
    (first, page) = failed(share, 404)
    (second, article) = failed(page, 404)
    assert (article.body_kind, count(spider, "share/absent")) == ("digest", 2)
    assert [(miss.stage, miss.reason, miss.code) for miss in (first, second)] == [
        ("share", "http_404", CODE),
        ("share", "http_404", CODE),
    ]


def test_a_share_host_that_fails_is_told_and_the_flash_leaves() -> None:
    _, share = after_flash()
    reject, page = failed(share, 500)
    assert reasons([reject]) == [("fetch", "http_500")]
    *rejects, article = failed(page, None)
    assert reasons(rejects) == [("fetch", "refused_connection")]
    assert article.code == CODE


def test_the_answer_about_another_article_is_told_and_not_used() -> None:
    _, share = after_flash()
    reject, miss, page = answered(share, pages.share_answer(OTHER))
    assert reasons([reject]) == [("extract", "unknown_layout")]
    assert (miss.stage, miss.reason, miss.code) == ("share", "unknown_layout", CODE)
    (_, article) = answered(page, pages.SHELL)
    assert article.copies == ()


def test_a_flash_that_waits_for_its_text_holds_its_place_in_the_window() -> None:
    spider, share = after_flash()
    codes = [f"20220614{4_000_000_000 + number}" for number in range(64)]
    window = listed(spider, *map(post, codes), slug="later")
    assert len(urls(window)) == 63
    assert urls(answered(share, pages.share_answer(CODE))) == [f"{SITE}{post(codes[63])}"]


def test_without_full_the_share_host_is_not_asked() -> None:
    spider = made(CategorySpider, site=SITE)
    assert all("NewsData" not in url for url in urls(started(spider)))
    assert count(spider, "share/requested") == 0
