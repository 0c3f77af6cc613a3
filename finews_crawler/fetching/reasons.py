"""Why a page was not fetched: one word for counting, one line for the operator."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

LONGEST_DETAIL = 300
"""Characters; an address can be as long as a server likes."""

# --- the words ------------------------------------------------------------------------------------

REASONS: Mapping[str, str] = {
    # no answer, or none that is HTTP
    "timeout": "no whole answer in time",
    "dns": "the host's name has no address",
    "refused_connection": "the host refuses connections",
    "unreachable": "no connection to the host can be made",
    "reset": "the host closed the connection before its answer was whole",
    "tls": "no secure connection to the host can be made",
    "not_http": "the answer is no HTTP",
    # an answer that cannot be used
    "truncated": "the body is not whole",
    "too_large": "the body is too large",
    "bad_encoding": "the body is not packed as the answer says",
    # an answer that leads elsewhere
    "offsite_redirect": "a redirect leads to a host that is not part of the crawl",
    "too_many_redirects": "redirects lead in a circle, or too far",
    "bad_redirect": "a redirect leads to what is no address",
    # pages that are not asked for
    "offsite": "the address is on a host that is not part of the crawl",
    "robots": "robots.txt forbids the page",
    "retry_after_too_long": "the host asks to wait longer than the crawl does",
    "host_refuses": "not asked: the host refuses to be read",
    "host_busy": "not asked: the host asks to be left alone",
    "host_silent": "not asked: the host gives no answer",
    "stopped": "not asked: the crawl was stopped while the page waited its turn",
}
"""Word -> meaning. Beside them `http_<status>`, and for what nobody has thought of the name of the
error in small letters."""

SILENT = frozenset(
    {"timeout", "dns", "refused_connection", "unreachable", "reset", "tls", "not_http"}
)
"""The words that say that the host gave no answer at all."""

# By name: several of these classes are private to Twisted, and one library's `ConnectionLost` says
# the same as another's.
_WORDS: Mapping[str, str] = {
    "DownloadTimeoutError": "timeout",
    "TCPTimedOutError": "timeout",
    "CannotResolveHostError": "dns",
    "UnknownHostError": "dns",
    "DownloadConnectionRefusedError": "refused_connection",
    "ResponseDataLossError": "truncated",
    # Scrapy's HTTP/1.1 cancels a download for its size only; for time it says so.
    "DownloadCancelledError": "too_large",
    "SSLError": "tls",
    "VerifyError": "tls",
    "CertificateError": "tls",
    "ParseError": "not_http",
    "BadHeaders": "not_http",
    "ConnectError": "unreachable",
    "ConnectionLost": "reset",
    "ConnectionDone": "reset",
    "ConnectionAborted": "reset",
}
_TLS_MODULES = ("OpenSSL", "ssl", "service_identity")


class NotFetched(IgnoreRequest):
    """A page that was not asked for, or whose answer is not accepted.

    Scrapy hands it to the errback and, as an `IgnoreRequest`, logs nothing.
    """

    def __init__(self, reason: str, detail: str = "", response: Response | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.response = response
        """The answer; None when the page was not asked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say of a page that was not fetched."""

    url: str
    """As it was asked for, before any redirect."""
    reason: str
    detail: str
    response: Response | None


def response_of(failure: Failure) -> Response | None:
    """The answer that was no success; None when there was none."""
    # Scrapy's HttpError and StopDownload name it as NotFetched does.
    found = getattr(failure.value, "response", None)
    return found if isinstance(found, Response) else None


def told_of(failure: Failure, largest: int = 0) -> Told:
    """Say why a page was not fetched.

    Args:
        failure: as an errback gets it, with its request.
        largest: the size that bodies may have, in bytes.
    """
    request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
    error, response = failure.value, response_of(failure)
    if isinstance(error, NotFetched):
        reason = error.reason
        detail = error.detail[:LONGEST_DETAIL] or REASONS.get(reason, "")
    elif response is not None:
        reason, detail = f"http_{response.status}", f"the site answered {response.status}"
    else:
        reason, detail = _classified(error, request, largest)
    url = next(iter(request.meta.get("redirect_urls", [])), request.url)
    if url != request.url:
        detail = f"{detail}; redirected to {request.url}"
    if times := request.meta.get("retry_times", 0):
        detail = f"{detail}; asked {times + 1} times"
    return Told(url=url, reason=reason, detail=detail, response=response)


def word_of(error: BaseException | None) -> str:
    """The word for an error: one of `REASONS`, else the error's own name."""
    return _word_and_cause(error)[0]


def _classified(error: BaseException | None, request: Request, largest: int) -> tuple[str, str]:
    """The word and the line for an error of Scrapy or Twisted."""
    word, cause = _word_and_cause(error)
    if word == "timeout" and "download_timeout" in request.meta:
        return word, f"{REASONS[word]}: {request.meta['download_timeout']:g} seconds"
    if word == "too_large":
        return word, too_large(largest)
    if word not in REASONS:
        return word, _line(error) or type(error).__name__
    said = _line(cause)
    return word, f"{REASONS[word]}: {said}" if said else REASONS[word]


def _word_and_cause(error: BaseException | None) -> tuple[str, BaseException | None]:
    known = ((word, cause) for cause in _causes(error) if (word := _word(cause)))
    return next(known, (type(error).__name__.lower(), error))


def too_large(largest: int) -> str:
    """The line for a body of which the rest was not read."""
    return f"{REASONS['too_large']}: more than {largest} bytes (DOWNLOAD_MAXSIZE)"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, then what it was raised from; Twisted keeps several reasons side by side."""
    if error is None:
        return
    yield error
    reasons: list[Failure] = getattr(error.__cause__, "reasons", [])
    for reason in reasons:
        yield from _causes(reason.value)
    yield from _causes(error.__cause__)


def _word(error: BaseException) -> str | None:
    if isinstance(error, NotFetched):
        return error.reason
    kinds = type(error).__mro__
    if kinds[0].__module__.partition(".")[0] in _TLS_MODULES:
        return "tls"
    if isinstance(error, ValueError) and "non-decimal" in str(error):
        return "not_http"  # Twisted could not read Content-Length
    return next((_WORDS[kind.__name__] for kind in kinds if kind.__name__ in _WORDS), None)


def _line(error: BaseException | None) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split())[:LONGEST_DETAIL]
