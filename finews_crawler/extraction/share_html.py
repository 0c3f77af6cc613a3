"""A share page that holds the text in its own HTML, for when the JSON endpoint fails.

Usually `NewsShare.html` is a shell that a script fills. The hooks are those of Eastmoney's article
pages, of which `#ContentBody` is the one that never changed.
"""

import re
from datetime import datetime

from lxml.html import HtmlElement

from finews_crawler.errors import EmptyAnswerError
from finews_crawler.extraction.body import Body, read_body
from finews_crawler.extraction.html import parse_html, text_of
from finews_crawler.extraction.ids import article_code
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "share_html/1"

_BODIES = (
    '//*[@id="ContentBody"]',
    '//*[@id="content"]',
    '//*[contains(concat(" ", @class, " "), " newsContent ")]',
    '//*[contains(concat(" ", @class, " "), " content ")]',
    "//article",
)
_TITLES = ("//h1", '//*[contains(concat(" ", @class, " "), " title ")]', "//title")
_TIMES = (
    '//*[contains(concat(" ", @class, " "), " time ")]',
    '//*[contains(concat(" ", @class, " "), " infos ")]',
    "//time",
)
_SOURCES = ('//*[contains(concat(" ", @class, " "), " source ")]',)
_CLOCK = re.compile(r"\d{4}[-年/]\d{1,2}[-月/]\d{1,2}日?(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?")
_SITE_NAME = re.compile(r"\s*[_|]\s*(?:东方财富网|东方财富|金融消息)\s*$")


def _first(root: HtmlElement, paths: tuple[str, ...]) -> HtmlElement | None:
    for path in paths:
        for node in root.xpath(path):
            if text_of(node):
                found: HtmlElement = node
                return found
    return None


def _words(root: HtmlElement, paths: tuple[str, ...]) -> str:
    node = _first(root, paths)
    return text_of(node) if node is not None else ""


def _body(root: HtmlElement, url: str) -> Body:
    node = _first(root, _BODIES)
    found = read_body([node], url) if node is not None else Body()
    if not found.blocks:
        raise EmptyAnswerError(url, "the share page holds no text of its own")
    return found


def extract_share_html(
    body: bytes, url: str, fetched_at: datetime, *, asked: str | None = None
) -> RawArticle:
    """Read a share page's own HTML.

    Raises:
        EmptyAnswerError: it is the shell without text.
        UnknownLayoutError: it is not HTML.
    """
    root = parse_html(body, url)
    found = _body(root, url)
    clock = _CLOCK.search(_words(root, _TIMES))
    source = _words(root, _SOURCES).removeprefix("来源：").removeprefix("来源:").strip()
    return RawArticle(
        page_kind="share_html",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=tuple(found.blocks),
        code=asked or article_code(url),
        canonical_url=url,
        title=_SITE_NAME.sub("", _words(root, _TITLES)),
        times=(StatedTime(where="html", text=clock[0]),) if clock else (),
        source_line=found.source_line or source or None,
        share_url=url,
        related=tuple(found.related),
        unknown_widgets=tuple(found.unknown_widgets),
        strategies={"body": "#ContentBody and its like"},
    )
