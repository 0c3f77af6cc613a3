"""The end of a post: address line, 返回 line, tags line; as elements or, swallowed, as text.

An unclosed `<p>`, `<strong>` or `<td>` of the body makes kramdown print the Markdown of the lines
below it as text inside the body: `<http://…infoCode=NW…>` and `[返回Wind新闻](//…/Wind.html)`.
A category with a space does the same to its link alone, because it is no valid Markdown address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from lxml.html import HtmlElement

from finews_crawler.addresses import is_of_eastmoney, split_url
from finews_crawler.extraction.html import is_element, text_of
from finews_crawler.extraction.ids import PostPath
from finews_crawler.extraction.paragraphs import text_of_runs, tidy
from finews_crawler.items import Block, FooterForm, Paragraph, Run, Table

_LITERAL_ADDRESS = re.compile(r"\s*<(https?://[^<>\s]*)?>\s*")
_ADDRESS_LINE = re.compile(r"<(https?://[^<>\s]*)?>")
_LITERAL_BACK = re.compile(r"\[返回[^\]]*\]\((?P<href>.*?(?:\.html|/))\)")
_CATEGORY_PATH = re.compile(r"/category/(?P<slug>.*)\.html$")
_ROLLING_PATH = re.compile(r"(?:^|/)(?P<slug>emnews)/$")


@dataclass(slots=True)
class Footer:
    """What the end of a post says."""

    address: str | None = None
    back_links: list[str] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    form: FooterForm = "none"

    @property
    def share_url(self) -> str | None:
        """The address when it is a share page."""
        is_share = self.address and "infocode=" in self.address.lower()
        return self.address if is_share else None

    @property
    def origin_url(self) -> str | None:
        """The address when it is an article page of Eastmoney."""
        is_article = self.address and is_of_eastmoney(self.address) and not self.share_url
        return self.address if is_article else None

    @property
    def category_words(self) -> tuple[str, ...]:
        """The slugs that the 返回 link names, split at spaces as Jekyll splits a category."""
        slugs = (category_slug(link) for link in self.back_links)
        return tuple(word for slug in slugs if slug for word in slug.split())


def category_slug(address: str) -> str | None:
    """The category that an address leads to: `/category/<slug>.html`, or the rolling `/emnews/`."""
    path = unquote(split_url(address).path)
    found = _CATEGORY_PATH.search(path) or _ROLLING_PATH.search(path)
    return (found["slug"] or None) if found else None


def spelt_categories(path: PostPath, footer: Footer) -> tuple[str, ...]:
    """The path's categories in the letters of the 返回 link: the path is down-cased."""
    words = footer.category_words
    spelling = {word.lower(): word for word in words}
    in_path = () if "old_post" in path.categories else path.categories
    named = [spelling.get(name.lower(), name) for name in in_path] or list(words)
    return tuple(dict.fromkeys(named))


def _hrefs(element: HtmlElement, text: str) -> list[str]:
    anchors = [a.get("href") or "" for a in element.iter("a") if text_of(a).startswith("返回")]
    literal = [found["href"] for found in _LITERAL_BACK.finditer(text)]
    return literal + anchors


def _back_links(element: HtmlElement, text: str) -> list[str]:
    """The addresses of a 返回 line; none of any other line."""
    is_back = element.tag == "p" and text.lstrip("[").startswith("返回")
    return _hrefs(element, text) if is_back else []


def _address_of(element: HtmlElement, text: str) -> str | None:
    """The address of a line that is nothing but an address; "" for the empty `<>`."""
    if element.tag != "p":
        return None
    if text == "<>":
        return ""
    link = element.find("a")
    return text if link is not None and (link.get("href") or "") == text else None


def _form(links: Iterable[str], text: str) -> FooterForm:
    joined = " ".join(links)
    if "../" in joined:
        return "relative"
    if "｜" in text:
        return "bar"
    return "lines_zning" if "zning.me" in joined else "lines_withounder"


def split_footer(nodes: list[HtmlElement]) -> tuple[list[HtmlElement], Footer]:
    """Take the end lines off a post's nodes; gives the nodes of the body and what the end says."""
    footer = Footer()
    rest = list(nodes)
    while rest and footer.address is None:
        node = rest[-1]
        text = text_of(node) if is_element(node) else ""
        if not is_element(node):
            if (node.tail or "").strip():
                break
        elif node.tag == "small" and text.startswith("tags:"):
            footer.tags = tuple(tag for em in node.iter("em") if (tag := text_of(em)))
        elif links := _back_links(node, text):
            footer.back_links = links
            footer.form = _form(links, text)
        elif (address := _address_of(node, text)) is not None:
            footer.address = address
        else:
            break
        rest.pop()
    footer.address = footer.address or None
    return rest, footer


def split_footer_lines(lines: list[str]) -> tuple[list[str], Footer]:
    """Take the end lines off a Markdown post; gives the lines of the body and what the end says."""
    footer = Footer()
    rest = list(lines)
    while rest and footer.address is None:
        line = rest[-1].strip()
        if address := _ADDRESS_LINE.fullmatch(line):
            footer.address = address[1] or ""
        elif line.startswith("[返回"):
            found = [link["href"] for link in _LITERAL_BACK.finditer(line)]
            footer.back_links = [*found, *footer.back_links]
            footer.form = _form(footer.back_links, line)
        elif line:
            break
        rest.pop()
    footer.address = footer.address or None
    return rest, footer


def _literal_addresses(runs: tuple[Run, ...]) -> Iterator[tuple[int, re.Match[str]]]:
    for position, run in enumerate(runs):
        if "<" not in run.text:
            continue
        for found in _LITERAL_ADDRESS.finditer(run.text):
            yield position, found


def _cut_runs(runs: tuple[Run, ...], footer: Footer) -> tuple[tuple[Run, ...], bool]:
    for position, found in _literal_addresses(runs):
        run = runs[position]
        tail = run.text[found.end() :] + text_of_runs(runs[position + 1 :])
        if tail.strip() and not tail.lstrip().startswith("[返回"):
            continue
        footer.address = footer.address or found[1]
        footer.back_links += [link["href"] for link in _LITERAL_BACK.finditer(tail)]
        footer.form = _form(footer.back_links, tail) if footer.back_links else footer.form
        kept = replace(run, text=run.text[: found.start()])
        return tidy((*runs[:position], kept)), True
    return runs, False


def cut_swallowed(blocks: list[Block], footer: Footer) -> list[Block]:
    """Cut the end lines out of the body where an unclosed tag swallowed them as text."""
    kept: list[Block] = []
    for block in blocks:
        whole, is_last = _cut_block(block, footer)
        kept += [whole] if whole is not None else []
        if is_last:
            break
    return kept


def _cut_block(block: Block, footer: Footer) -> tuple[Block | None, bool]:
    if isinstance(block, Paragraph):
        runs, cut = _cut_runs(block.runs, footer)
        if not cut:
            return block, False
        return (replace(block, runs=runs) if runs else None), True
    if isinstance(block, Table):
        return _cut_table(block, footer)
    return block, False


def _cut_table(table: Table, footer: Footer) -> tuple[Table, bool]:
    rows, was_cut = [], False
    for row in table.rows:
        cells = [_cut_runs(cell, footer) for cell in row]
        was_cut = was_cut or any(cut for _, cut in cells)
        rows.append(tuple(runs for runs, _ in cells))
    return Table(rows=tuple(rows)), was_cut
