"""Bytes to a tree, and the few questions that every page kind asks of it."""

import re
from collections.abc import Iterator
from functools import cache

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement
from w3lib.encoding import html_to_unicode

from finews_crawler.errors import UnknownLayoutError

_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_STRING = etree.XPath("string()")  # leaves comments out, as itertext() does not
_CHARSETS = frozenset(
    {"utf-8", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp1252", "utf-16", "utf-16-le"}
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def _decoded(body: bytes) -> str:
    """The text by the charset that the page declares, if pages are written in it.

    Python has codecs that are none, such as `hex` and `punycode`.
    """
    try:
        charset, text = html_to_unicode(None, body, default_encoding="utf-8")
    except (LookupError, UnicodeError):
        charset, text = "", ""
    return str(text) if charset in _CHARSETS else body.decode("utf-8", "replace")


def _utf8(body: bytes) -> bytes:
    """The page in UTF-8, without NUL, at which libxml2 stops."""
    try:
        body.decode("utf-8")
        valid = body
    except UnicodeDecodeError:
        valid = _decoded(body).encode("utf-8", "replace")
    return valid.replace(b"\0", b"")


@cache
def _parser() -> lxml_html.HTMLParser:
    return lxml_html.HTMLParser(encoding="utf-8")


def parse_html(body: bytes, url: str) -> HtmlElement:
    """Parse a page.

    Raises:
        UnknownLayoutError: there is nothing in it that a parser could read.
    """
    try:
        root = lxml_html.document_fromstring(_utf8(body), parser=_parser())
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise UnknownLayoutError(url, f"not HTML: {error}") from error
    return root


def parse_fragment(text: str, url: str) -> HtmlElement:
    """Parse the HTML of a body that stands in a JSON or feed field, under one `div`."""
    root = parse_html(f"<div>{text}</div>".encode("utf-8", "replace"), url)
    fragment = root.find(".//div")
    if fragment is None:
        raise UnknownLayoutError(url, "the field holds no HTML")
    for sibling in list(fragment.itersiblings()):  # of a stray </div>
        fragment.append(sibling)
    return fragment


def squeeze(text: str) -> str:
    """Fold white space (with U+3000 and the zero-width ones) to single spaces, and trim."""
    return _SPACE.sub(" ", text).strip()


def text_of(element: HtmlElement) -> str:
    """The element's text, squeezed; inline elements are joined with nothing between."""
    return squeeze(str(_STRING(element)))


def is_element(node: object) -> bool:
    """Whether a child is a real element (comments and processing instructions are not)."""
    return isinstance(getattr(node, "tag", None), str)


def elements(parent: HtmlElement) -> Iterator[HtmlElement]:
    """The element children of a node."""
    return (child for child in parent if is_element(child))


def has_class(element: HtmlElement, name: str) -> bool:
    """Whether `name` is one of the element's classes."""
    return name in (element.get("class") or "").split()


def is_hidden(element: HtmlElement) -> bool:
    """Whether an inline style hides the element, as in the filler before the first chart."""
    return _HIDDEN.search(element.get("style") or "") is not None
