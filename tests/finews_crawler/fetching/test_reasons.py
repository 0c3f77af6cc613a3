"""The words under which pages that were not fetched are counted."""

import ast
import re
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet import error as network
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed, ResponseNeverReceived

import finews_crawler.fetching
from finews_crawler.fetching.reasons import (
    REASONS,
    SILENT,
    NotFetched,
    Told,
    response_of,
    told_of,
    word_of,
)
from tests.finews_crawler.fetching.stubs import PAGE, answer, asked, failure_of

LARGEST = 1000


def failed(*inner: BaseException, kind: type[ResponseFailed] = ResponseFailed) -> Exception:
    """What Scrapy makes of Twisted's failures."""
    error = DownloadFailedError("whatever")
    error.__cause__ = kind([Failure(one) for one in inner])  # type: ignore[no-untyped-call]
    return error


class TlsError(Exception):
    """As pyOpenSSL's."""

    __module__ = "OpenSSL.SSL"


def of_twisted(kind: type[BaseException], *given: object) -> BaseException:
    """Twisted's classes have no types."""
    return kind(*given)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (DownloadTimeoutError("took longer"), "timeout"),
        (of_twisted(network.TCPTimedOutError), "timeout"),
        (CannotResolveHostError("no such name"), "dns"),
        (DownloadConnectionRefusedError("refused"), "refused_connection"),
        (of_twisted(network.NoRouteError), "unreachable"),
        (of_twisted(network.ConnectBindError), "unreachable"),
        (failed(network.ConnectionLost(), kind=ResponseNeverReceived), "reset"),
        (failed(network.ConnectionDone()), "reset"),
        (failed(network.ConnectionAborted()), "reset"),
        (failed(TlsError([("ssl", "bad")])), "tls"),
        (of_twisted(network.SSLError), "tls"),
        (failed(of_twisted(ParseError, "no status", b"SSH-2.0")), "not_http"),
        (failed(ValueError("Value contains non-decimal digits: b'many'")), "not_http"),
        (ResponseDataLossError(), "truncated"),
        (DownloadCancelledError(""), "too_large"),
        (NotFetched("robots"), "robots"),
        (failed(ZeroDivisionError()), "downloadfailederror"),
        (ZeroDivisionError(), "zerodivisionerror"),
    ],
)
def test_every_failure_has_its_word(error: BaseException, word: str) -> None:
    assert word_of(error) == word
    assert told_of(failure_of(error, asked()), LARGEST).reason == word


def told(error: BaseException, request: Request | None = None) -> Told:
    return told_of(failure_of(error, request or asked()), LARGEST)


@pytest.mark.parametrize("status", [404, 410, 403, 500])
def test_a_status_is_its_own_word_and_its_answer_is_at_hand(status: int) -> None:
    request = asked()
    page = answer(request, status)
    assert told(HttpError(page), request) == Told(
        PAGE, f"http_{status}", f"the site answered {status}", page
    )


def test_the_page_is_told_as_it_was_asked_for() -> None:
    request = asked(f"{PAGE}?new", redirect_urls=[PAGE, f"{PAGE}?old"])
    found = told(HttpError(answer(request, 404)), request)
    assert (found.url, found.detail) == (PAGE, f"the site answered 404; redirected to {PAGE}?new")


def test_the_line_says_how_often_a_page_was_asked_for() -> None:
    found = told(ResponseDataLossError(), asked(retry_times=3))
    assert found.detail == "the body is not whole; asked 4 times"


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (DownloadTimeoutError("…"), "no whole answer in time: 7 seconds"),
        (
            DownloadCancelledError(""),
            "the body is too large: more than 1000 bytes (DOWNLOAD_MAXSIZE)",
        ),
        (CannotResolveHostError("no\n such  name"), f"{REASONS['dns']}: no such name"),
        (NotFetched("offsite"), REASONS["offsite"]),
        (NotFetched("offsite_redirect", "to http://b.test/"), "to http://b.test/"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (RuntimeError("a\nb"), "a b"),
    ],
)
def test_the_line_says_what_an_operator_needs(error: BaseException, detail: str) -> None:
    assert told(error, asked(download_timeout=7.0)).detail == detail


def test_a_line_is_never_endless() -> None:
    assert len(told(RuntimeError("x" * 5000)).detail) == 300
    assert len(told(NotFetched("offsite_redirect", "x" * 5000)).detail) == 300


def test_the_answer_that_was_not_accepted_is_at_hand() -> None:
    request = asked()
    page = answer(request, 302)
    assert response_of(failure_of(NotFetched("bad_redirect", response=page), request)) is page
    assert response_of(failure_of(NotFetched("robots"), request)) is None
    assert response_of(failure_of(DownloadTimeoutError(), request)) is None
    assert isinstance(page, HtmlResponse)


# --- the table --------------------------------------------------------------------------------


def test_the_words_are_words() -> None:
    assert [word for word in REASONS if not re.fullmatch(r"[a-z]+(_[a-z]+)*", word)] == []
    assert set(REASONS) >= SILENT
    assert max(map(len, REASONS)) <= 64


def words_in_use() -> set[str]:
    """What stands as a literal anywhere in the package but in the table itself."""
    folder = Path(finews_crawler.fetching.__file__).parent
    used: set[str] = set()
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        keys = {
            id(key)
            for node in ast.walk(tree)
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "REASONS"
            for key in ast.walk(node)
        }
        used |= {
            str(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and id(node) not in keys
        }
    return used


def test_every_word_of_the_table_is_used() -> None:
    assert set(REASONS) - words_in_use() == set()


def test_what_is_not_fetched_has_a_word_of_the_table() -> None:
    folder = Path(finews_crawler.fetching.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = set(re.findall(r"(?:NotFetched|Closing)\(\s*\"(\w+)\"", text))
    assert {"robots", "host_refuses", "too_many_redirects"} <= named <= set(REASONS)
