"""Front matter that Jekyll took for text: a blank line before the first `---` (real, Dec 2021)."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from finews_crawler.extraction.html import squeeze

_KEYS = ("layout", "title", "date", "categories", "tags")
_LINE = re.compile(rf"^({'|'.join(_KEYS)}):[ \t]*(.*)$", re.MULTILINE)
_QUOTES = '"“”'


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys as the page prints them."""

    title: str
    date: str | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]


def _unquoted(value: str) -> str:
    """Drop the pair of quotes around the value; kramdown has made them curly."""
    is_quoted = len(value) > 1 and value[0] in _QUOTES and value[-1] in _QUOTES
    return value[1:-1] if is_quoted else value


def read_printed_front_matter(nodes: list[HtmlElement]) -> FrontMatter | None:
    """Read front matter printed as `<hr /><p>layout: post title: …`; None where there is none."""
    if len(nodes) < 2 or nodes[0].tag != "hr":
        return None
    text = "".join(nodes[1].itertext())
    values = {key: squeeze(value) for key, value in _LINE.findall(text)}
    if "layout" not in values:
        return None
    return FrontMatter(
        title=_unquoted(values.get("title", "")),
        date=values.get("date") or None,
        categories=tuple(values.get("categories", "").split()),
        tags=tuple(values.get("tags", "").split()),
    )
