"""Front matter, of a post file and as Jekyll prints it when it took it for text.

The generator puts title and source between quotes without escaping them, so the lines are read one
by one: as YAML many would be errors. Printed front matter comes of a blank line before the first
`---` (real, December 2021).
"""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from finews_crawler.extraction.html import is_element, squeeze

_KEYS = ("layout", "title", "date", "categories", "tags")
_LINE = re.compile(rf"^({'|'.join(_KEYS)}):[ \t]*(.*)$", re.MULTILINE)
_QUOTES = '"“”'
_NULLS = frozenset({"null", "~"})
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {'"': '"', "\\": "\\", "n": " ", "t": " ", "r": " "}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys as the page prints them."""

    title: str
    date: str | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]


def _unquoted(value: str) -> str:
    """Drop the pair of quotes around the value; on a page kramdown has made them curly."""
    is_quoted = len(value) > 1 and value[0] in _QUOTES and value[-1] in _QUOTES
    if not is_quoted:
        return "" if value in _NULLS else value
    return squeeze(_ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), value[1:-1]))


def read_front_matter(text: str) -> FrontMatter | None:
    """Read the lines between the two `---`; None when they are no post's."""
    values = {key: squeeze(value) for key, value in _LINE.findall(text)}
    if "layout" not in values:
        return None
    return FrontMatter(
        title=_unquoted(values.get("title", "")),
        date=values.get("date") or None,
        categories=_words(values.get("categories", "")),
        tags=_words(values.get("tags", "")),
    )


def _words(value: str) -> tuple[str, ...]:
    """Jekyll splits a line at its spaces and merges what repeats."""
    return tuple(dict.fromkeys(value.split()))


def read_printed_front_matter(nodes: list[HtmlElement]) -> FrontMatter | None:
    """Read front matter printed as `<hr /><p>layout: post title: …`; None where there is none."""
    if len(nodes) < 2 or nodes[0].tag != "hr" or not is_element(nodes[1]):
        return None
    return read_front_matter("".join(nodes[1].itertext()))
