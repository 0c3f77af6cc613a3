"""Redirects within the crawl are followed, all others are told."""

import pytest
from scrapy import Request
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.http import Response

from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.redirects import ToldRedirects
from tests.finews_crawler.fetching.stubs import HOST, PAGE, answer, asked, crawl


@pytest.fixture
def redirects() -> ToldRedirects:
    crawler, engine = crawl(settings={"REDIRECT_MAX_TIMES": 3})
    assert crawler.spider is not None
    vars(crawler.spider)["allowed_domains"] = ["news.test"]
    offsite = OffsiteMiddleware.from_crawler(crawler)
    engine.downloader.middleware.middlewares.append(offsite)
    return ToldRedirects.from_crawler(crawler)


def led(
    redirects: ToldRedirects, to: str, request: Request | None = None, status: int = 302
) -> Request | Response:
    request = request or asked()
    return redirects.process_response(request, answer(request, status, headers={"Location": to}))


def followed(redirects: ToldRedirects, to: str, request: Request | None = None) -> Request:
    result = led(redirects, to, request)
    assert isinstance(result, Request)
    return result


def refused(redirects: ToldRedirects, to: str, request: Request | None = None) -> NotFetched:
    with pytest.raises(NotFetched) as raised:
        led(redirects, to, request)
    assert raised.value.response is not None
    assert raised.value.response.status == 302
    return raised.value


@pytest.mark.parametrize(
    ("to", "url"),
    [
        ("/b.html", f"{HOST}/b.html"),
        ("b.html", f"{HOST}/b.html"),
        ("https://news.test/a.html", "https://news.test/a.html"),
        ("//www.news.test/", "http://www.news.test/"),
        ("http://news.test:8080/", "http://news.test:8080/"),
    ],
)
def test_a_redirect_within_the_crawl_is_followed(
    redirects: ToldRedirects, to: str, url: str
) -> None:
    assert followed(redirects, to).url == url


def test_a_page_that_was_asked_for_already_is_asked_for_again(redirects: ToldRedirects) -> None:
    assert followed(redirects, "/b.html").dont_filter is True


@pytest.mark.parametrize("again", [False, True], ids=["first", "a retry"])
@pytest.mark.parametrize(
    "to", ["http://other.test/", "//other.test/x", "http://xnews.test/", "http://127.0.0.1/"]
)
def test_a_redirect_off_site_is_told(redirects: ToldRedirects, to: str, again: bool) -> None:
    request = asked().replace(dont_filter=again)
    error = refused(redirects, to, request)
    target = to if to.startswith("http") else f"http:{to}"
    assert (error.reason, error.detail) == ("offsite_redirect", f"to {target}")


def test_a_circle_is_told_at_once(redirects: ToldRedirects) -> None:
    error = refused(redirects, "/a.html")
    assert (error.reason, error.detail) == ("too_many_redirects", f"in a circle, to {PAGE}")
    second = followed(redirects, "/b.html")
    assert refused(redirects, "/a.html", second).reason == "too_many_redirects"


def test_a_way_without_end_is_told(redirects: ToldRedirects) -> None:
    request = asked()
    for number in range(3):
        request = followed(redirects, f"/{number}", request)
    error = refused(redirects, "/4", request)
    assert error.detail == "more than 3 (REDIRECT_MAX_TIMES)"
    assert request.meta["redirect_urls"] == [PAGE, f"{HOST}/0", f"{HOST}/1"]


@pytest.mark.parametrize("to", ["http://[::bad/", "javascript:alert(1)"])
def test_what_is_no_address_is_told(redirects: ToldRedirects, to: str) -> None:
    error = refused(redirects, to)
    assert error.reason == "bad_redirect"
    assert error.detail.startswith(f"Location: b'{to}': ")


@pytest.mark.parametrize("to", ["file:///etc/passwd", "data:,a"])
def test_only_http_is_followed(redirects: ToldRedirects, to: str) -> None:
    result = led(redirects, to)
    assert isinstance(result, Response)
    assert result.status == 302


def test_other_answers_pass(redirects: ToldRedirects) -> None:
    request = asked()
    page = answer(request, 200)
    assert redirects.process_response(request, page) is page
