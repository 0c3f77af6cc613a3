"""The Atom feed: the only page on which broken posts (unreadable front matter) are listed."""

from dataclasses import dataclass

from lxml import etree

from finews_crawler.addresses import join_url
from finews_crawler.errors import UnknownLayoutError

_ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry: where the post is and how the feed names it."""

    url: str
    title: str
    terms: tuple[str, ...]
    """Category slugs, then tags; none on a broken post."""


def _entry(entry: etree._Element, url: str) -> FeedEntry | None:
    link = entry.find(f"{_ATOM}link[@rel='alternate']")
    href = link.get("href") if link is not None else None
    address = join_url(url, href) if href else None
    if not address or not address.startswith(("http://", "https://")):
        return None
    return FeedEntry(
        url=address,
        title=(entry.findtext(f"{_ATOM}title") or "").strip(),
        terms=tuple(node.get("term", "") for node in entry.iterfind(f"{_ATOM}category")),
    )


def read_feed(body: bytes, url: str) -> tuple[FeedEntry, ...]:
    """Read the entries of `/feed.xml`, newest first.

    Raises:
        UnknownLayoutError: it is no Atom feed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnknownLayoutError(url, f"not XML: {error}") from error
    if root.tag != f"{_ATOM}feed":
        raise UnknownLayoutError(url, "no Atom feed element")
    entries = (_entry(node, url) for node in root.iterfind(f"{_ATOM}entry"))
    return tuple(entry for entry in entries if entry is not None)
