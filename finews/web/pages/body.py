"""An article's body, taken apart for the page.

Stored HTML is never put on a page. It is cleaned again, read into the few kinds of parts below, and
the template writes these anew, every text escaped. Mentions are placed by their offsets in the
plain text, so the parts must spell exactly that text; where they do not, the plain text alone is
shown: its paragraphs, without headings, lists and tables.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

import nh3
from lxml import html as lxml_html
from lxml.html import HtmlElement

from finews_crawler.items import Mention
from pipelines.normalise.text import PARAGRAPH_BREAK

_TAGS = {"a", "br", "figure", "h3", "img", "li", "p", "strong", "table", "tbody", "td", "tr", "ul"}
_ATTRIBUTES = {"a": {"href", "data-secid", "data-kind"}, "img": {"src", "alt"}}
_SCHEMES = {"http", "https"}

PartKind = Literal["paragraph", "heading", "item", "table", "picture"]
_KIND_OF: dict[str, PartKind] = {"p": "paragraph", "h3": "heading", "li": "item"}


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of text with one look."""

    text: str
    strong: bool = False
    href: str | None = None
    mention: Mention | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, heading or list item (`words`), a table (`rows`) or a picture (`href`)."""

    kind: PartKind
    words: tuple[Words, ...] = ()
    rows: tuple[tuple[tuple[Words, ...], ...], ...] = ()
    href: str | None = None
    alt: str = ""


def safe_url(url: str | None) -> str | None:
    """The address, when a reader may follow it: of the web, nothing that a browser would run."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme.lower() in _SCHEMES and parts.netloc else None


def body_of(html: str, text: str, mentions: Sequence[Mention]) -> tuple[Part, ...]:
    """Give the body's parts in reading order, with each placed mention on its words."""
    parts = tuple(_parts(html))
    if _text_of(parts) != text:
        parts = tuple(
            Part("paragraph", (Words(paragraph),)) for paragraph in text.split(PARAGRAPH_BREAK)
        )
    return tuple(_Placing(text, mentions).placed(parts))


# --- from HTML ------------------------------------------------------------------------------------


def _parts(html: str) -> Iterator[Part]:
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
    for element in lxml_html.fragment_fromstring(clean, create_parent="div").iter(
        *_KIND_OF, "table", "img"
    ):
        yield from _part(element)


def _part(element: HtmlElement) -> Iterator[Part]:
    if element.tag == "img":
        href = safe_url(element.get("src"))
        if href:
            yield Part("picture", href=href, alt=element.get("alt") or "")
    elif element.tag == "table":
        yield Part("table", rows=tuple(_row(row) for row in element.iter("tr")))
    elif next(element.iterancestors("td", "li", "p"), None) is None:
        words = tuple(_words(element, Words("")))
        if words:
            yield Part(_KIND_OF[str(element.tag)], words)


def _row(row: HtmlElement) -> tuple[tuple[Words, ...], ...]:
    return tuple(tuple(_words(cell, Words(""))) for cell in row.iter("td"))


def _words(element: HtmlElement, look: Words) -> Iterator[Words]:
    """The texts in an element; a chart's link has words of ours, which are no text of the page."""
    if element.get("data-kind") == "chart":
        return
    if element.tag == "strong":
        look = replace(look, strong=True)
    if element.tag == "a" and element.get("data-secid") is None:
        look = replace(look, href=safe_url(element.get("href")))
    if element.text:
        yield replace(look, text=element.text)
    for child in element:
        yield from [replace(look, text="\n")] if child.tag == "br" else _words(child, look)
        if child.tail:
            yield replace(look, text=child.tail)


# --- places in the plain text ---------------------------------------------------------------------


def _joined(words: Iterable[Words]) -> str:
    return "".join(one.text for one in words)


def _text_of(parts: Iterable[Part]) -> str:
    """The plain text that the parts spell, by the rules of `plain_text`."""
    found = []
    for part in parts:
        if part.kind == "table":
            found.append("\n".join("\t".join(map(_joined, row)) for row in part.rows))
        elif part.kind != "picture":
            found.append(_joined(part.words))
    return PARAGRAPH_BREAK.join(found)


@dataclass(slots=True)
class _Placing:
    """Walks along the plain text and cuts the words where mentions begin and end."""

    text: str
    mentions: Sequence[Mention]
    at: int = 0
    placed_mentions: list[tuple[int, int, Mention]] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the mentions that stand where they say, apart, in reading order."""
        self.placed_mentions = []
        end = 0
        for first, last, one in sorted(self._standing(), key=lambda place: place[:2]):
            if first >= end:
                self.placed_mentions.append((first, last, one))
                end = last

    def _standing(self) -> Iterator[tuple[int, int, Mention]]:
        for one in self.mentions:
            first, last = one.start, one.end
            if first is None or last is None or not one.surface:
                continue
            if self.text[first:last] == one.surface:
                yield first, last, one

    def placed(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts with their mentions; the gaps between them count as in `plain_text`."""
        begun = False
        for part in parts:
            if part.kind == "picture":
                yield part
                continue
            self.at += len(PARAGRAPH_BREAK) if begun else 0
            begun = True
            if part.kind == "table":
                yield replace(part, rows=tuple(self._rows(part)))
            else:
                yield replace(part, words=tuple(self._cut(part.words)))

    def _rows(self, table: Part) -> Iterator[tuple[tuple[Words, ...], ...]]:
        for number, row in enumerate(table.rows):
            self.at += 1 if number else 0
            cells = []
            for place, cell in enumerate(row):
                self.at += 1 if place else 0
                cells.append(tuple(self._cut(cell)))
            yield tuple(cells)

    def _cut(self, words: Iterable[Words]) -> Iterator[Words]:
        for one in words:
            begin, end = self.at, self.at + len(one.text)
            self.at = end
            for first, last, mention in self._within(begin, end):
                if begin < first:
                    yield replace(one, text=self.text[begin:first])
                yield replace(one, text=self.text[first:last], mention=mention, href=None)
                begin = last
            if begin < end:
                yield replace(one, text=self.text[begin:end])

    def _within(self, begin: int, end: int) -> Iterator[tuple[int, int, Mention]]:
        for first, last, mention in self.placed_mentions:
            if first < end and last > begin:
                yield max(first, begin), min(last, end), mention
