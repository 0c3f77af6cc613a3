"""`finews.extract`: one page as a clean article; needs no database, no crawl and no network."""

import re
from datetime import UTC, datetime
from pathlib import Path

from finews_crawler.addresses import split_url
from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.readers import READERS
from finews_crawler.items import Article
from finews_crawler.share_requests import JSON_PATH, PAGE_PATH
from pipelines.normalise.article import normalise

_ORIGIN = "eastmoney.com"
_SHARE = {JSON_PATH: "share_json", PAGE_PATH: "share_html"}
# The first letters of a page, behind what may stand in front of them.
_BEGINS = (
    ("markdown", re.compile(rb"(?:\xef\xbb\xbf)?\s*---\s*\n")),
    ("share_json", re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:[\w.$]+\s*\()?\s*[\[{]")),
)
_CANONICAL = re.compile(
    rb"""<link[^>]+rel=["']canonical["'][^>]+href=["']([^"'>]+)["']""", re.IGNORECASE
)


def extract(
    page: str | bytes | Path,
    *,
    url: str | None = None,
    fetched_at: datetime | None = None,
    kind: str | None = None,
) -> Article:
    """Read a page as an article.

    Args:
        page: The page: text, bytes as a server sent them, or the path of a file.
        url: Where it stands: it tells the id and the categories. Without it a post's own canonical
            link is taken, and of a Markdown file its name.
        fetched_at: When it was fetched, with its zone; now where it is not said. Relative times
            and the symbols of an article without a time are read as of it.
        kind: `post`, `markdown`, `origin`, `share_json` or `share_html`; without it the address and
            the first letters tell.

    Raises:
        ExtractionError: the page is no article, its file cannot be read, or an argument is missing
            or not understood.
    """
    body = _body(page)
    known = kind or kind_of(body, url or "")
    address = url or _own_address(page, body, known)
    if known not in READERS:
        raise ExtractionError(address, f"kind {known!r} is none of {', '.join(READERS)}")
    moment = fetched_at or datetime.now(UTC)
    if moment.tzinfo is None:
        raise ExtractionError(address, f"fetched_at {moment} has no zone")
    return normalise(READERS[known](body, address, moment))


def kind_of(body: bytes, url: str) -> str:
    """Which kind of page it is, a name of `READERS`; `post` where nothing tells otherwise."""
    parts = split_url(url)
    if parts.path in _SHARE:
        return _SHARE[parts.path]
    if f".{parts.hostname or ''}".endswith(f".{_ORIGIN}"):
        return "origin"
    found = next((name for name, begin in _BEGINS if begin.match(body)), None)
    if found is None and b"ContentBody" in body and b"<section" not in body:
        return "origin"
    return found or "post"


def _body(page: str | bytes | Path) -> bytes:
    if isinstance(page, Path):
        try:
            return page.read_bytes()
        except OSError as error:
            raise ExtractionError(str(page), f"cannot be read: {error.strerror}") from error
    if isinstance(page, str):
        if page.strip() and "\n" not in page and not re.search(r"[<{\[]", page):
            raise ExtractionError(page[:80], "this text is no page; of a file give its Path")
        return page.encode("utf-8", "replace")
    return page


def _own_address(page: str | bytes | Path, body: bytes, kind: str) -> str:
    stated = _CANONICAL.search(body) if kind == "post" else None
    if stated:
        return stated[1].decode("utf-8", "replace")
    if kind == "markdown" and isinstance(page, Path):
        return page.resolve().as_uri()
    raise ExtractionError(str(page) if isinstance(page, Path) else "the page", "give its url")
