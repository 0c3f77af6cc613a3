"""The article's body: from the page's nodes to blocks in reading order, each once.

What is not the article is recognised by what it is, not by where it stands: filler, source line,
editor line, adverts, the related-news block, and the address line that an unclosed tag swallowed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from finews_crawler.addresses import join_url, split_url
from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.html import (
    elements,
    has_class,
    is_element,
    squeeze,
    text_of,
)
from finews_crawler.extraction.noise import (
    is_boilerplate,
    is_noise,
    is_pixel,
    is_related_heading,
)
from finews_crawler.extraction.paragraphs import source_text, text_of_runs, tidy
from finews_crawler.extraction.widgets import (
    chart_widget,
    is_chart_image,
    is_unknown_widget,
    link_widget,
)
from finews_crawler.items import Block, Chart, Image, Link, Paragraph, ParagraphRole, Run, Table

_PLAIN_BLOCKS = frozenset(
    """address article aside blockquote center dd details div dl dt fieldset figcaption figure
    footer header hr main ol p pre section summary ul""".split()  # noqa: SIM905 - same
)
_BLOCKS: dict[str, ParagraphRole] = {
    **dict[str, ParagraphRole].fromkeys(_PLAIN_BLOCKS, "paragraph"),
    **dict[str, ParagraphRole].fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    "li": "item",
}
_STRONG = frozenset({"strong", "b", "th"})
# Names hold brackets themselves: （文章来源：安信国际证券(香港)）.
_MEDIA_LINE = re.compile(r"[（(]?\s*(?:文章)?来源\s*[:：]\s*(.*?)\s*[）)]?")
_SOURCE_LINE = re.compile(r"[（(]?\s*文章来源\s*[:：]\s*(.{1,40}?)\s*[）)]?")
_ARTICLE_PATH = re.compile(r"/(?:a|news)/[\d,]*(?:\d{4},)?20\d{16}\.html$")
_SWALLOWED_END = re.compile(r"</(?:tr|tbody|table)>")
_STRAY_END = re.compile(r"</(?:table|tbody|thead|tr|td|th|p|div|span|strong|b|center|ul|li)>")
# Deeper is no article: a recursive reader must end before Python does.
_DEEPEST = 100
_FILLER_ALT = frozenset({"", "image", "图片"})


@dataclass(slots=True)
class Body:
    """What was found in the body's nodes."""

    blocks: list[Block] = field(default_factory=list)
    source_line: str | None = None
    related: list[Link] = field(default_factory=list)
    unknown_widgets: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Look:
    role: ParagraphRole = "paragraph"
    strong: bool = False
    href: str | None = None


class _Reader:
    """Walks the nodes once; the paragraph under way is `_runs`."""

    def __init__(self, url: str, depth: int = 0) -> None:
        self.body = Body()
        self._url = url
        self._depth = depth
        self._runs: list[Run] = []
        self._pictures: list[Block] = []
        self._in_related = False
        self._starred_tail: HtmlElement | None = None

    def read(self, nodes: Iterable[HtmlElement]) -> Body:
        for node in nodes:
            self._node(node, _Look())
        self._end_paragraph("paragraph")
        return self.body

    def _node(self, node: HtmlElement, look: _Look) -> None:
        if is_element(node) and not is_noise(node):
            self._element(node, look)
        self._text("*" if node is self._starred_tail else None, look)
        self._text(node.tail, look)

    def _element(self, node: HtmlElement, look: _Look) -> None:
        if has_class(node, "em_media"):
            self._end_paragraph("paragraph")
            self._source_line(_MEDIA_LINE.fullmatch(text_of(node)))
        elif node.tag == "img":
            self._picture(node)
        elif node.tag == "br":
            self._runs.append(Run(text="\n"))
        elif node.tag == "table":
            self._table(node)
        elif node.tag in _BLOCKS:
            self._block(node, look)
        else:
            self._inline(node, look)

    def _block(self, node: HtmlElement, look: _Look) -> None:
        self._end_paragraph(look.role)
        role = _BLOCKS[str(node.tag)]
        is_in_item = look.role == "item" and role == "paragraph"
        inner = _Look(role="item" if is_in_item else role, strong=look.strong)
        self._children(node, inner)
        self._end_paragraph(inner.role)

    def _inline(self, node: HtmlElement, look: _Look) -> None:
        has_attributes = bool(node.keys())  # without any it is no widget
        widget = link_widget(node) if has_attributes else None
        if widget is not None:
            run = Run(text=_joined(node), strong=look.strong, href=node.get("href"), widget=widget)
            self._runs.append(run)
            self._pictures_inside(node)
            return
        if has_attributes and is_unknown_widget(node) and text_of(node):
            self.body.unknown_widgets.append(node.get("id") or node.get("data-code") or "")
        href = self._address(node) if node.tag == "a" else look.href
        inner = _Look(role=look.role, strong=look.strong or node.tag in _STRONG, href=href)
        if node.tag == "em":
            self._restore_stars(node, look)
        self._children(node, inner)

    def _pictures_inside(self, node: HtmlElement) -> None:
        for image in node.iter("img"):
            self._picture(image)

    def _children(self, node: HtmlElement, look: _Look) -> None:
        if self._depth == _DEEPEST:
            raise UnknownLayoutError(self._url, f"markup nested deeper than {_DEEPEST} elements")
        self._depth += 1
        self._text(node.text, look)
        for child in node:
            self._node(child, look)
        self._depth -= 1

    def _restore_stars(self, node: HtmlElement, look: _Look) -> None:
        """Undo Markdown's reading of `*ST金钰、*ST海航` as emphasis."""
        if (node.text or "").startswith("ST"):
            self._text("*", look)
            if (node.tail or "").startswith("ST"):
                self._starred_tail = node

    def _text(self, text: str | None, look: _Look) -> None:
        # A line end of the source is a space; a space in front of a paragraph is nothing.
        if text and (self._runs or not text.isspace()):
            words = text.replace("\n", " ")
            self._runs.append(Run(text=words, strong=look.strong, href=look.href))

    def _address(self, node: HtmlElement) -> str | None:
        address = _joined_address(self._url, node.get("href"))
        return address if address and split_url(address).scheme in {"http", "https"} else None

    def _picture(self, image: HtmlElement) -> None:
        if is_chart_image(image):
            widget = chart_widget(image)
            if widget is None:
                self.body.unknown_widgets.append(image.get("alt") or image.get("src") or "")
            else:
                self._pictures.append(Chart(widget=widget))
        elif (found := _image(image, self._url)) is not None:
            self._pictures.append(found)

    def _table(self, node: HtmlElement) -> None:
        self._end_paragraph("paragraph")
        for caption in node.iterchildren("caption"):
            self._block(caption, _Look())
        own = (row for row in node.iter("tr") if next(row.iterancestors("table")) is node)
        rows = (tuple(map(self._cell, elements(row))) for row in own)
        filled = tuple(row for row in rows if any(row))
        if filled:
            self.body.blocks.append(Table(rows=filled))
        self._end_paragraph("paragraph")

    def _cell(self, cell: HtmlElement) -> tuple[Run, ...]:
        """A cell's runs; its pictures, and what an unclosed cell swallowed, follow the table."""
        # A table counts as more than one level: its reader is a reader of its own.
        inner = _Reader(self._url, min(self._depth + 5, _DEEPEST)).read([cell])
        own = _own_blocks(inner.blocks)
        self._pictures += inner.blocks[own:]
        del inner.blocks[own:]
        self.body.unknown_widgets += inner.unknown_widgets
        self.body.related += inner.related
        self.body.source_line = inner.source_line or self.body.source_line
        self._pictures += [block for block in inner.blocks if isinstance(block, Image | Chart)]
        words = (runs for block in inner.blocks for runs in _runs_in_cell(block))
        return tidy([run for runs in words for run in (Run(text=" "), *runs)])

    def _source_line(self, found: re.Match[str] | None) -> None:
        self._in_related = False
        if found and found[1]:
            self.body.source_line = found[1]

    def _end_paragraph(self, role: ParagraphRole) -> None:
        if self._runs:
            runs = tidy(self._runs)
            self._runs.clear()
            self._paragraph(runs, role)
        if self._pictures:
            self.body.blocks += self._pictures
            self._pictures.clear()

    def _paragraph(self, runs: tuple[Run, ...], role: ParagraphRole) -> None:
        text = text_of_runs(runs)
        if not text or is_boilerplate(text):
            return
        if found := _SOURCE_LINE.fullmatch(text):
            self._source_line(found)
        elif is_related_heading(text):
            self._in_related = True
        elif self._in_related and _is_related(runs):
            self.body.related += [
                Link(url=run.href or "", text=run.text) for run in runs if _is_article_link(run)
            ]
        else:
            self._in_related = False
            self.body.blocks.append(Paragraph(runs=runs, role=role))


def _own_blocks(blocks: list[Block]) -> int:
    """How many of a cell's blocks are its own: up to where its table's end stands as text."""
    for position, block in enumerate(blocks):
        if isinstance(block, Paragraph) and _SWALLOWED_END.search(text_of_runs(block.runs)):
            return position + 1
    return len(blocks)


def _runs_in_cell(block: Block) -> Iterator[tuple[Run, ...]]:
    """A cell's words: of its paragraphs, and of the cells of a table in it."""
    if isinstance(block, Paragraph):
        yield _without_stray_ends(block.runs)
    elif isinstance(block, Table):
        yield from (cell for row in block.rows for cell in row)


def _without_stray_ends(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Drop end tags that an unclosed tag in front of them turned into text."""
    if not any("</" in run.text for run in runs):
        return runs
    return tidy(replace(run, text=_STRAY_END.sub("", run.text)) for run in runs)


def _joined(node: HtmlElement) -> str:
    return source_text("".join(node.itertext()))


def _joined_address(base: str, address: str | None) -> str | None:
    return join_url(base, address) if address else None


def _is_related(runs: tuple[Run, ...]) -> bool:
    """Whether a paragraph holds nothing but links to other articles, widgets in them included."""
    linked = [_is_article_link(run) for run in runs]
    rest = (run for run, is_link in zip(runs, linked, strict=True) if not is_link)
    return any(linked) and all(run.widget or not run.text.strip(" \n·|-、>") for run in rest)


def _is_article_link(run: Run) -> bool:
    return run.href is not None and _ARTICLE_PATH.search(split_url(run.href).path) is not None


def _image(image: HtmlElement, url: str) -> Image | None:
    shown = image.get("data-original") or image.get("data-src") or image.get("src")
    address = _joined_address(url, shown)
    if not address or split_url(address).scheme not in {"http", "https"} or is_pixel(image):
        return None
    alt = squeeze(image.get("alt") or "")
    original = _joined_address(url, image.get("orginial_src"))
    return Image(
        url=address,
        alt=None if alt.lower() in _FILLER_ALT else alt,
        original_url=original,
    )


def _tidy_block(block: Block) -> Block | None:
    if not isinstance(block, Paragraph):
        return block
    runs = _without_stray_ends(block.runs)
    if runs is block.runs:
        return block
    return replace(block, runs=runs) if runs else None


def is_flash(blocks: Sequence[Block]) -> bool:
    """Whether a body is one paragraph of plain words."""
    only = blocks[0] if len(blocks) == 1 else None
    return isinstance(only, Paragraph) and not any(run.widget for run in only.runs)


def read_body(nodes: Iterable[HtmlElement], url: str) -> Body:
    """Read the body from its top nodes; `url` resolves relative addresses."""
    body = _Reader(url).read(nodes)
    body.blocks = [whole for block in body.blocks if (whole := _tidy_block(block)) is not None]
    return body
