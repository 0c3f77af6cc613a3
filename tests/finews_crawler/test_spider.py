"""What all spiders share: a page that cannot be read becomes a reject, whatever the reason."""

from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Answer, RawArticle, Reject
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders.driving import failure_of, made
from tests.finews_crawler.spiders.pages import post_page
from tests.pipelines.making import FETCHED

URL = "http://127.0.0.1:8000/wind/2022/06/14/NW202206143000000001.html"


def refuse(_: bytes, url: str) -> str:
    raise UnknownLayoutError(url, "no section")


def fail(_: bytes, url: str) -> str:
    raise ZeroDivisionError(url)


@pytest.mark.parametrize(
    ("extract", "reason", "detail"),
    [
        (refuse, "unknown_layout", "no section"),
        (fail, "internal_error", f"ZeroDivisionError: {URL}"),
    ],
)
def test_a_page_that_cannot_be_read_is_a_reject(extract: object, reason: str, detail: str) -> None:
    spider = made(CategorySpider, site="http://127.0.0.1:8000")
    before = datetime.now(UTC)
    rejected = spider.read(extract, HtmlResponse(URL, body=b"x"))  # type: ignore[arg-type]
    assert isinstance(rejected, Reject)
    assert (rejected.stage, rejected.reason, rejected.detail) == ("extract", reason, detail)
    assert (rejected.url, rejected.code) == (URL, "202206143000000001")
    assert rejected.seen_at >= before


def test_the_answer_is_kept_with_a_reject_as_it_came() -> None:
    headers = {"Content-Type": "text/html", "Set-Cookie": ["a=1", "b=caf\xe9".encode("latin-1")]}
    response = HtmlResponse(URL, status=203, headers=headers, body=b"\xff\0")
    spider = made(CategorySpider, site="http://127.0.0.1:8000")
    rejected = spider.read(refuse, response)
    assert isinstance(rejected, Reject)
    assert rejected.answer == Answer(
        status=203,
        headers=(("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=caf\xe9")),
        body=b"\xff\0",
    )


def test_the_answer_goes_with_an_article_and_is_none_of_its_facts() -> None:
    spider = made(CategorySpider, site="http://127.0.0.1:8000")
    response = HtmlResponse(URL, body=post_page().encode())
    found = spider.read(extract_post, response, fetched_at=FETCHED)
    assert isinstance(found, RawArticle)
    assert found.page is not None
    assert found.page() == Answer(status=200, headers=(), body=response.body, reader="post")
    assert found == extract_post(response.body, URL, FETCHED)
    assert "page=" not in repr(found)


@pytest.mark.parametrize("status", [404, 503, None])
def test_a_failed_request_keeps_the_answer_if_there_was_one(status: int | None) -> None:
    spider = made(CategorySpider, site="http://127.0.0.1:8000")
    rejected = spider.fetch_reject(failure_of(Request(URL), status))
    assert (rejected.answer and rejected.answer.status) == status
    assert rejected.answer is None or rejected.answer.reader == ""


def test_what_can_be_read_comes_back() -> None:
    spider = made(CategorySpider, site="http://127.0.0.1:8000")
    assert spider.read(lambda body, _: body.decode(), HtmlResponse(URL, body=b"x")) == "x"
