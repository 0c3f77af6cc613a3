"""How a page that is kept is read again: by the name under which its answer is kept."""

from collections.abc import Callable, Mapping
from datetime import datetime

from finews_crawler.extraction.ids import article_code
from finews_crawler.extraction.markdown import extract_markdown
from finews_crawler.extraction.origin import extract_origin
from finews_crawler.extraction.post import extract_post
from finews_crawler.extraction.share_html import extract_share_html
from finews_crawler.extraction.share_json import extract_share_json
from finews_crawler.items import RawArticle
from finews_crawler.share_requests import endpoint_of, page_url

Reader = Callable[[bytes, str, datetime], RawArticle]


def _read_share_json(body: bytes, url: str, fetched_at: datetime) -> RawArticle:
    code = article_code(url) or ""
    share_url = page_url(endpoint_of(url) or "", code)
    return extract_share_json(body, url, fetched_at, asked=code, share_url=share_url)


def _read_share_html(body: bytes, url: str, fetched_at: datetime) -> RawArticle:
    return extract_share_html(body, url, fetched_at, asked=article_code(url))


READERS: Mapping[str, Reader] = {
    "post": extract_post,
    "markdown": extract_markdown,
    "origin": extract_origin,
    "share_json": _read_share_json,
    "share_html": _read_share_html,
}
"""From (body, URL, when it was fetched) to an article; each raises ExtractionError."""

_NAMES: Mapping[str, str] = {
    "extract_post": "post",
    "extract_markdown": "markdown",
    "extract_origin": "origin",
    "extract_article": "origin",
    "extract_share_json": "share_json",
    "extract_text": "share_json",
    "extract_share_html": "share_html",
}


def reader_name(extract: Callable[..., object]) -> str:
    """The name of what reads the pages that a function reads; empty when they are no articles."""
    return _NAMES.get(getattr(extract, "__name__", ""), "")
