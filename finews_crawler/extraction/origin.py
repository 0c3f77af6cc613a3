"""Eastmoney's own article pages, in their layouts since 2015.

`#ContentBody` is the one hook that never changed; title, time and source moved about it. Hooks are
tried in order, the newest layout first.
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.body import Body, read_body
from finews_crawler.extraction.html import parse_html, text_of
from finews_crawler.extraction.ids import article_code
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "origin/1"


def _of_class(name: str) -> str:
    return f'//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'


CONTENT_BODY = '//*[@id="ContentBody"]'
ANY_BODY = (
    CONTENT_BODY,
    '//*[@id="content"]',
    _of_class("newsContent"),
    _of_class("content"),
    "//article",
)
_TITLES = (f"{_of_class('newsContent')}/h1", "//h1", _of_class("title"), "//title")
_TIMES = (f"{_of_class('infos')}/*", _of_class("time"), _of_class("infos"), "//time")
_SOURCES = (f"{_of_class('infos')}/*", _of_class("source"))
_DIGESTS = (_of_class("b-review"), _of_class("abstract"))
_NOT_BODY = ("b-review", "abstract", "zwothers", "res-edit", "time", "source")
_CLOCK = re.compile(r"\d{4}[-年/]\d{1,2}[-月/]\d{1,2}日?(?:[ T]*\d{1,2}:\d\d(?::\d\d)?)?")
_SITE_NAME = re.compile(r"\s*[_|]\s*(?:东方财富网|东方财富|金融消息)\s*$")
_NO_SOURCE = re.compile(r"作者|编辑|责任编辑|\d+\s*(?:人|条)?\s*(?:评论|参与|阅读)|评论|分享|字体")
_DIGEST_WORD = re.compile(r"^[【\[（(]?摘要[】\]）)]?\s*[:：]?\s*")
_SOURCE_WORD = re.compile(r"^(?:文章)?来源\s*[:：]\s*")


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """What an article page in Eastmoney's markup says; `body` may be without blocks."""

    body: Body
    title: str
    time: str | None
    source: str | None
    digest: str | None


def _texts(root: HtmlElement, paths: tuple[str, ...]) -> list[str]:
    nodes = (node for path in paths for node in root.xpath(path))
    return [text for node in nodes if (text := text_of(node))]


def _body(root: HtmlElement, url: str, hooks: Sequence[str]) -> Body:
    node = next((node for path in hooks for node in root.xpath(path) if text_of(node)), None)
    if node is None:
        return Body()
    own = deepcopy(node)
    paths = (*(f".{_of_class(name)}" for name in _NOT_BODY), "./h1")
    for other in [found for path in paths for found in own.xpath(path)]:
        other.set("style", "display:none")  # what no reader sees is no body
    return read_body([own], url)


def _source(root: HtmlElement) -> str | None:
    """The words beside the time: the item that is no clock and no count of comments."""
    words = (_SOURCE_WORD.sub("", text) for text in _texts(root, _SOURCES))
    named = (text for text in words if not _CLOCK.search(text) and not _NO_SOURCE.match(text))
    return next(filter(None, named), None)


def read_article_page(root: HtmlElement, url: str, hooks: Sequence[str]) -> ArticlePage:
    """Read a page by Eastmoney's hooks; `hooks` are those of the body."""
    titles = [_SITE_NAME.sub("", text) for text in _texts(root, _TITLES)]
    clocks = (_CLOCK.search(text) for text in _texts(root, _TIMES))
    clock = next((found for found in clocks if found), None)
    digests = (_DIGEST_WORD.sub("", text) for text in _texts(root, _DIGESTS))
    body = _body(root, url, hooks)
    return ArticlePage(
        body=body,
        title=titles[0] if titles else "",
        time=clock[0] if clock else None,
        source=body.source_line or _source(root),
        digest=next(filter(None, digests), None),
    )


def article_url(code: str) -> str:
    """The address of an article at Eastmoney, one for all its older forms."""
    return f"https://finance.eastmoney.com/a/{code}.html"


def extract_origin(body: bytes, url: str, fetched_at: datetime) -> RawArticle:
    """Read `finance.eastmoney.com/a/<id>.html` or the older `/news/<column>,<id>.html`.

    Raises:
        UnknownLayoutError: it is not HTML, has no text where articles have it, or no title.
    """
    page = read_article_page(parse_html(body, url), url, (CONTENT_BODY,))
    if not page.body.blocks:
        raise UnknownLayoutError(url, "no #ContentBody with text")
    if not page.title:
        raise UnknownLayoutError(url, "no title")
    code = article_code(url)
    address = article_url(code) if code else url
    return RawArticle(
        page_kind="origin",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=tuple(page.body.blocks),
        code=code,
        canonical_url=address,
        title=page.title,
        times=(StatedTime(where="html", text=page.time),) if page.time else (),
        source_line=page.source,
        digest=page.digest,
        origin_url=address,
        related=tuple(page.body.related),
        unknown_widgets=tuple(page.body.unknown_widgets),
        strategies={"title": "h1", "body": "#ContentBody"},
    )
