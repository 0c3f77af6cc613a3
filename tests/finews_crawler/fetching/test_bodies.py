"""Bodies that are too large, cut off, or not packed as their answer says."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import HtmlResponse, Response, TextResponse

from finews_crawler.fetching.bodies import WholeBodies
from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.retries import BackoffRetry
from tests.finews_crawler.fetching.stubs import PAGE, asked, crawl

PAGE_BODY = ("<html><body>" + "新闻" * 400 + "</body></html>\n").encode()
PACKED = gzip.compress(PAGE_BODY)
LARGEST = 100_000


def bodies(retries: int = 3) -> WholeBodies:
    settings: dict[str, object] = {"DOWNLOAD_MAXSIZE": LARGEST, "RETRY_TIMES": retries}
    crawler, engine = crawl(settings=settings)
    again = BackoffRetry(crawler.settings)
    again.crawler = crawler
    if retries:
        engine.downloader.middleware.middlewares.append(again)
    return WholeBodies.from_crawler(crawler)


def answered(
    body: bytes,
    packing: str = "",
    flags: tuple[str, ...] = (),
    kind: type[Response] = HtmlResponse,
) -> Response:
    headers = {"Content-Encoding": packing} if packing else {}
    return kind(PAGE, headers=headers, body=body, flags=list(flags))


def unpacked(response: Response, request: Request | None = None) -> Request | Response:
    return bodies().process_response(request or asked(), response)


def given_up(response: Response) -> NotFetched:
    """Why a page is given up that came so each time."""
    with pytest.raises(NotFetched) as raised:
        unpacked(response, asked(retry_times=3))
    return raised.value


@pytest.mark.parametrize(
    ("body", "packing"),
    [
        (PAGE_BODY, ""),
        (PACKED, "gzip"),
        (PACKED, "x-gzip"),
        (PACKED + b"after the end", "gzip"),
        (PACKED + b"\0" * 512, "gzip"),
        (zlib.compress(PAGE_BODY), "deflate"),
    ],
    ids=["plain", "gzip", "x-gzip", "bytes after the end", "padded", "deflate"],
)
def test_whole_bodies_pass(body: bytes, packing: str) -> None:
    result = unpacked(answered(body, packing))
    assert isinstance(result, Response)
    assert result.body == PAGE_BODY


@given(st.integers(min_value=1, max_value=len(PACKED) - 1))
def test_half_a_packed_body_is_never_a_page(length: int) -> None:
    assert isinstance(unpacked(answered(PACKED[:length], "gzip")), Request)


@given(st.integers(min_value=10, max_value=len(PACKED) - 1), st.integers(1, 255))
def test_a_spoilt_packed_body_is_never_another_page(place: int, change: int) -> None:
    spoilt = bytearray(PACKED)
    spoilt[place] ^= change
    result = unpacked(answered(bytes(spoilt), "gzip"))
    assert isinstance(result, Request) or result.body == PAGE_BODY


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answered(PACKED[:40], "gzip"), "truncated"),
        (answered(PAGE_BODY, "gzip"), "bad_encoding"),
        (answered(PAGE_BODY, "deflate"), "bad_encoding"),
        (answered(PAGE_BODY, "br"), "bad_encoding"),
        (answered(PAGE_BODY, "zstd"), "bad_encoding"),
        (answered(PAGE_BODY, flags=("dataloss",)), "truncated"),
        (answered(PAGE_BODY[:500], flags=("partial",)), "truncated"),
        (answered(PAGE_BODY[:500]), "truncated"),
        (answered(PACKED[:40], "gzip", flags=("dataloss",)), "truncated"),
        (answered(b"\x1f\x8b", "gzip", flags=("dataloss",)), "truncated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damage_is_asked_for_again_and_given_up_at_last(response: Response, reason: str) -> None:
    again = unpacked(response.copy())
    assert isinstance(again, Request)
    assert again.meta["retry_times"] == 1
    error = given_up(response.copy())
    assert error.reason == reason
    assert error.response is not None
    assert error.response.body in {response.body, PAGE_BODY[: len(error.response.body)]}


@pytest.mark.parametrize("packing", ["", "gzip", "deflate", "br", "zstd"])
def test_an_empty_body_is_left_to_the_reader(packing: str) -> None:
    empty = answered(b"", packing)
    assert unpacked(empty) is empty


def test_without_retries_damage_is_given_up_at_once() -> None:
    with pytest.raises(NotFetched, match="truncated"):
        bodies(retries=0).process_response(asked(), answered(PACKED[:40], "gzip"))


def test_a_body_without_length_is_taken_when_its_end_is_there() -> None:
    whole = answered(PAGE_BODY, flags=("partial",))
    assert unpacked(whole) is whole
    upper = answered(b"<HTML>A</HTML>\r\n", flags=("partial",))
    assert unpacked(upper) is upper


@pytest.mark.parametrize("body", [b"<p>a", b"a", b"{}"])
def test_what_does_not_begin_as_a_page_needs_no_end(body: bytes) -> None:
    part = answered(body)
    assert unpacked(part) is part


@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("flags", [(), ("partial",), ("dataloss",)])
def test_the_status_of_an_error_page_says_more(status: int, flags: tuple[str, ...]) -> None:
    error = answered(PAGE_BODY[:500], flags=flags).replace(status=status)
    assert unpacked(error) is error
    packed = answered(PAGE_BODY, "gzip").replace(status=status)
    assert unpacked(packed) is packed


def test_only_html_has_an_end_that_can_be_seen() -> None:
    json = answered(b'{"a": 1}', flags=("partial",), kind=TextResponse)
    assert unpacked(json) is json


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_what_unpacks_to_too_much_is_told_and_not_asked_for_again(packing: str) -> None:
    pack = gzip.compress if packing == "gzip" else zlib.compress
    with pytest.raises(NotFetched) as raised:
        unpacked(answered(pack(b" " * (LARGEST + 1)), packing))
    assert raised.value.reason == "too_large"
    assert raised.value.detail.endswith(f"more than {LARGEST} bytes (DOWNLOAD_MAXSIZE)")


def test_only_what_can_be_checked_is_asked_for() -> None:
    request = asked()
    bodies().process_request(request)
    assert request.headers["Accept-Encoding"] == b"gzip"
