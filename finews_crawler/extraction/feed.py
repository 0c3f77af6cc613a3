"""The Atom feed: whole posts, and the only page that lists those of unreadable front matter."""

from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from finews_crawler.addresses import join_url
from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.footer import spelt_categories
from finews_crawler.extraction.front_matter import FrontMatter
from finews_crawler.extraction.html import parse_fragment
from finews_crawler.extraction.ids import PostPath, article_code, is_file_name
from finews_crawler.extraction.post_body import read_post_body
from finews_crawler.extraction.records import plain_text_of
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "feed/1"

_ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry: where the post is and how the feed names it."""

    url: str
    title: str
    terms: tuple[str, ...]
    """Category slugs, then tags; none on a broken post."""
    published: str | None = field(default=None, compare=False)
    content: str = field(default="", compare=False)
    """The post's HTML, with its end lines."""


def _entry(entry: etree._Element, url: str) -> FeedEntry | None:
    link = entry.find(f"{_ATOM}link[@rel='alternate']")
    href = link.get("href") if link is not None else None
    address = join_url(url, href) if href else None
    if not address or not address.startswith(("http://", "https://")):
        return None
    return FeedEntry(
        url=address,
        title=(entry.findtext(f"{_ATOM}title") or "").strip(),
        published=entry.findtext(f"{_ATOM}published"),
        content=entry.findtext(f"{_ATOM}content") or "",
        terms=tuple(node.get("term", "") for node in entry.iterfind(f"{_ATOM}category")),
    )


def _title(entry: FeedEntry, path: PostPath) -> str:
    title = plain_text_of(entry.title)
    return "" if is_file_name(title, path) else title


def _times(entry: FeedEntry, path: PostPath, printed: FrontMatter | None) -> tuple[StatedTime, ...]:
    """The entry's time; a post whose front matter is text states it there, a broken one nowhere."""
    if printed is not None:
        return (StatedTime(where="front_matter", text=printed.date),) if printed.date else ()
    if entry.published is None or path.is_broken_post:
        return ()
    return (StatedTime(where="feed", text=entry.published),)


def extract_entry(entry: FeedEntry, feed_url: str, fetched_at: datetime) -> RawArticle:
    """Read the article that a feed entry holds.

    Raises:
        UnknownLayoutError: its content is no HTML.
    """
    path = PostPath(entry.url)
    post = read_post_body(list(parse_fragment(entry.content, feed_url)), entry.url)
    printed = post.front_matter
    categories = printed.categories if printed else spelt_categories(path, post.footer)
    return RawArticle(
        page_kind="feed",
        extractor=EXTRACTOR,
        url=feed_url,
        fetched_at=fetched_at,
        body=post.blocks,
        body_kind=post.kind,
        code=article_code(path.slug) or article_code(post.footer.address),
        canonical_url=entry.url,
        title=printed.title if printed else _title(entry, path),
        times=_times(entry, path, printed),
        source_line=post.body.source_line,
        digest=post.digest,
        categories=categories,
        category_urls=tuple(post.footer.back_links),
        tags=printed.tags if printed else entry.terms[len(categories) :],
        share_url=post.footer.share_url,
        origin_url=post.footer.origin_url,
        related=tuple(post.body.related),
        footer_form=post.footer.form,
        unknown_widgets=tuple(post.body.unknown_widgets),
        strategies={"title": "feed entry", "body": "feed content"},
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
