"""A post page, in both layouts of the site, and the posts that Jekyll could not build well."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from lxml.html import HtmlElement

from finews_crawler.addresses import split_url
from finews_crawler.errors import NotFoundPageError, UnknownLayoutError
from finews_crawler.extraction.footer import spelt_categories
from finews_crawler.extraction.html import parse_html, text_of
from finews_crawler.extraction.ids import PostPath, article_code, is_file_name
from finews_crawler.extraction.post_body import PostBody, read_post_body
from finews_crawler.items import (
    RawArticle,
    StatedTime,
)

EXTRACTOR = "post/1"

_CLOCK = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_JSON_LD = "application/ld+json"
_JSON_LD_DATE = re.compile(r'"datePublished":"([^"]+)"')


@dataclass(frozen=True, slots=True)
class _Page:
    """The parts of a post page, found once."""

    root: HtmlElement
    canonical_url: str | None
    section: HtmlElement
    heading: HtmlElement
    path: PostPath
    post: PostBody


def _section(root: HtmlElement, url: str) -> HtmlElement:
    """The last `div.wrapper > section`.

    The older layout prints the body unescaped into og:description, so that parsers see a second
    copy of the article in front of the wrapper.
    """
    for wrapper in reversed([*root.iter("div")]):
        if wrapper.get("class") == "wrapper" and (found := wrapper.find(".//section")) is not None:
            return found
    raise UnknownLayoutError(url, "no div.wrapper > section")


def _heading(section: HtmlElement, url: str) -> HtmlElement:
    heading = section.find("h1")
    if heading is not None:
        return heading
    second = section.find("h2")
    if second is not None and (second.get("id") or "").startswith("404-"):
        raise NotFoundPageError(url, "the site's own 404 page")
    raise UnknownLayoutError(url, "no h1 in the section: not a post")


def _read(body: bytes, url: str) -> _Page:
    root = parse_html(body, url)
    section = _section(root, url)
    heading = _heading(section, url)
    # Relative addresses are those of the site, also on a copy of it.
    canonical = _canonical(root, url)
    return _Page(
        root=root,
        canonical_url=canonical,
        section=section,
        heading=heading,
        path=PostPath(url),
        post=read_post_body(list(heading.itersiblings()), canonical or url),
    )


def _attribute(root: HtmlElement, tag: str, known: tuple[str, str], wanted: str) -> str | None:
    """An attribute of the first such element anywhere: a broken head leaks into the body."""
    name, value = known
    return next((node.get(wanted) for node in root.iter(tag) if node.get(name) == value), None)


def _title(page: _Page) -> tuple[str, str]:
    """The title and where it was found.

    Without a title Jekyll prints the file name: `202112082206928461`, or `Nw2022…` capitalised.
    """
    if page.post.front_matter is not None:
        return page.post.front_matter.title, "printed front matter"
    printed = text_of(page.heading)
    is_slug = is_file_name(printed, page.path)
    return ("", "none") if not printed or is_slug else (printed, "section h1")


def _times(page: _Page) -> tuple[StatedTime, ...]:
    """Every statement of the time; none where the page shows its build time instead."""
    if page.path.is_broken_post:
        return ()
    if page.post.front_matter is not None:
        date = page.post.front_matter.date
        return (StatedTime(where="front_matter", text=date),) if date else ()
    small = next((text_of(node) for node in page.section.iterchildren("small")), "")
    clock = _CLOCK.search(small)
    meta = _attribute(page.root, "meta", ("property", "article:published_time"), "content")
    linked = (node.text for node in page.root.iter("script") if node.get("type") == _JSON_LD)
    ld_date = _JSON_LD_DATE.search(next(linked, None) or "")
    found = (
        StatedTime(where="small", text=clock[0]) if clock else None,
        StatedTime(where="meta", text=meta) if meta else None,
        StatedTime(where="json_ld", text=ld_date[1]) if ld_date else None,
        StatedTime(where="url", text=page.path.date) if page.path.date else None,
    )
    return tuple(statement for statement in found if statement is not None)


def _categories(page: _Page) -> tuple[str, ...]:
    front_matter = page.post.front_matter
    if front_matter is not None:
        return front_matter.categories
    return spelt_categories(page.path, page.post.footer)


def _canonical(root: HtmlElement, url: str) -> str | None:
    """The canonical URL, believed only when it names the same path on whatever host."""
    found = _attribute(root, "link", ("rel", "canonical"), "href")
    if not found:
        return None
    if found == url:
        return found
    same = unquote(split_url(found).path) == unquote(split_url(url).path)
    return found if same else None


def _tags(page: _Page) -> tuple[str, ...]:
    front_matter = page.post.front_matter
    return front_matter.tags if front_matter is not None else page.post.footer.tags


def extract_post(body: bytes, url: str, fetched_at: datetime) -> RawArticle:
    """Read a post page.

    Raises:
        NotFoundPageError: it is the site's 404 page.
        UnknownLayoutError: it lacks the section or the heading of a post.
    """
    page = _read(body, url)
    title, title_strategy = _title(page)
    code = article_code(page.path.slug) or article_code(page.post.footer.address)
    return RawArticle(
        page_kind="post",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=page.post.blocks,
        body_kind=page.post.kind,
        code=code,
        canonical_url=page.canonical_url,
        title=title,
        times=_times(page),
        source_line=page.post.body.source_line,
        digest=page.post.digest,
        categories=_categories(page),
        category_urls=tuple(page.post.footer.back_links),
        tags=_tags(page),
        share_url=page.post.footer.share_url,
        origin_url=page.post.footer.origin_url,
        related=tuple(page.post.body.related),
        footer_form=page.post.footer.form,
        unknown_widgets=tuple(page.post.body.unknown_widgets),
        strategies=_strategies(page, title_strategy),
    )


def _strategies(page: _Page, title: str) -> dict[str, str]:
    return {
        "title": title,
        "code": "slug" if article_code(page.path.slug) else "address line",
        "body": "section",
        "categories": "path and 返回 link" if page.path.categories else "返回 link",
    }
