"""What all spiders share: a page that cannot be read becomes a reject, whatever the reason."""

from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from finews_crawler.errors import UnknownLayoutError
from finews_crawler.items import Reject
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders.driving import made

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


def test_what_can_be_read_comes_back() -> None:
    spider = made(CategorySpider, site="http://127.0.0.1:8000")
    assert spider.read(lambda body, _: body.decode(), HtmlResponse(URL, body=b"x")) == "x"
