"""How articles look in a feed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from lxml import etree

from finews_crawler.items import isoformat_shanghai
from pipelines.normalise.markup import sanitised
from pipelines.store.queries import ArticleRow

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGE = "zh-CN"
# RFC 4151; the year is that of the project's first feed and never changes.
_TAG = "tag:finews,2026:"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TITLE_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A feed before it has a form."""

    base: str
    """The server, `http://127.0.0.1:8080`."""
    address: str
    """The feed's own."""
    home: str
    """The page that shows the same."""
    words: tuple[tuple[str, str], ...]
    """What of the filter names it."""
    articles: Sequence[ArticleRow]
    updated: datetime

    @property
    def name(self) -> str:
        """Its title."""
        chosen = " ".join(text for _, text in self.words)
        return f"finews: {chosen}" if chosen else "finews"

    @property
    def identity(self) -> str:
        """The same for the same filter, wherever the server stands."""
        return f"{_TAG}feed?{urlencode(self.words)}" if self.words else f"{_TAG}feed"


def identity_of(row: ArticleRow) -> str:
    """The same for an article, whatever its version and the server."""
    return f"{_TAG}article/{quote(row.identity, safe='')}"


def title_of(row: ArticleRow) -> str:
    """Its title; of one without, how its text begins."""
    text = row.title or row.body_text
    return row.title or (text[:_TITLE_LENGTH] + "…" if len(text) > _TITLE_LENGTH else text)


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _labels(row: ArticleRow) -> list[tuple[str, str]]:
    """What it is about, each with what kind of name that is."""
    return [
        *(("category", name) for name in row.categories),
        *(("symbol", name) for name in row.symbols),
    ]


# --- Atom -----------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return _NO_XML.sub("", text)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> None:
    found = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    found.text = None if text is None else _clean(text)
    for key, value in attributes.items():
        found.set(key, _clean(value))


def _author(parent: etree._Element, name: str) -> None:
    author = etree.SubElement(parent, f"{{{_ATOM}}}author")
    _add(author, "name", name)


def _moment(value: datetime) -> str:
    return str(isoformat_shanghai(value))


def _entry(feed: etree._Element, row: ArticleRow) -> None:
    entry = etree.SubElement(feed, f"{{{_ATOM}}}entry")
    _add(entry, "id", identity_of(row))
    _add(entry, "title", title_of(row))
    _add(entry, "updated", _moment(row.seen_at))
    if row.published_at is not None:
        _add(entry, "published", _moment(row.published_at))
    if row.source is not None:
        _author(entry, row.source)
    if _is_address(row.url):
        _add(entry, "link", rel="alternate", type="text/html", href=row.url)
    for kind, name in _labels(row):
        _add(entry, "category", term=name, scheme=_TAG + kind)
    if row.digest:
        _add(entry, "summary", row.digest)
    _add(entry, "content", sanitised(row.body_html), type="html")


def atom(channel: Channel) -> bytes:
    """The feed as Atom."""
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    feed.set(_XML_LANG, _LANGUAGE)
    _add(feed, "id", channel.identity)
    _add(feed, "title", channel.name)
    _add(feed, "updated", _moment(channel.updated))
    _author(feed, "finews")  # of articles that name no source
    _add(feed, "link", rel="self", type="application/atom+xml", href=channel.address)
    _add(feed, "link", rel="alternate", type="text/html", href=channel.home)
    for row in channel.articles:
        _entry(feed, row)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


# --- JSON Feed ------------------------------------------------------------------------------------


def _item(row: ArticleRow) -> dict[str, Any]:
    item = {
        "id": identity_of(row),
        "url": row.url if _is_address(row.url) else None,
        "title": title_of(row),
        "content_html": sanitised(row.body_html),
        "summary": row.digest,
        "date_published": isoformat_shanghai(row.published_at),
        "date_modified": _moment(row.seen_at),
        "authors": [{"name": row.source}] if row.source else None,
        "tags": [name for _, name in _labels(row)] or None,
    }
    return {name: value for name, value in item.items() if value is not None}


def json_feed(channel: Channel) -> bytes:
    """The feed as JSON Feed."""
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": channel.name,
            "home_page_url": channel.home,
            "feed_url": channel.address,
            "language": _LANGUAGE,
            "authors": [{"name": "finews"}],
            "items": [_item(row) for row in channel.articles],
        }
    )
