"""The pages that list posts: home (one section per tag) and category pages."""

from dataclasses import dataclass

from lxml.html import HtmlElement

from finews_crawler.addresses import join_url
from finews_crawler.errors import NotFoundPageError, UnknownLayoutError
from finews_crawler.extraction.html import parse_html, text_of
from finews_crawler.extraction.ids import PostPath


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPost:
    """A link to a post, as a listing shows it."""

    url: str
    title: str
    heading: str | None
    """The `h2` above it; the site's own name of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """What a listing shows, in its order; `posts` is empty for a category without posts."""

    heading: str | None
    posts: tuple[ListedPost, ...]


def _section(root: HtmlElement, url: str) -> HtmlElement:
    sections = root.xpath('//div[@class="wrapper"]/section')
    if not sections:
        raise UnknownLayoutError(url, "no div.wrapper > section")
    section: HtmlElement = sections[-1]
    return section


def _check(section: HtmlElement, url: str) -> None:
    heading = section.find("h2")
    if heading is not None and (heading.get("id") or "").startswith("404-"):
        raise NotFoundPageError(url, "the site's own 404 page")
    if section.find("h1") is not None or section.find("ul") is None:
        raise UnknownLayoutError(url, "no list of posts in the section")


def _posts(section: HtmlElement, url: str) -> list[ListedPost]:
    posts: list[ListedPost] = []
    heading = None
    for node in section.iter("h2", "a"):
        if node.tag == "h2":
            heading = text_of(node) or None
            continue
        address = join_url(url, node.get("href") or "")
        if address and PostPath(address).is_dated:
            posts.append(ListedPost(url=address, title=text_of(node), heading=heading))
    return posts


def read_listing(body: bytes, url: str) -> ListingPage:
    """Read the home page or a category page.

    The name of a category is the `h2`: the page's `title` is usually another source's.

    Raises:
        NotFoundPageError: it is the site's 404 page.
        UnknownLayoutError: it is no listing.
    """
    section = _section(parse_html(body, url), url)
    _check(section, url)
    first = section.find("h2")
    heading = text_of(first) if first is not None else None
    return ListingPage(heading=heading or None, posts=tuple(_posts(section, url)))
