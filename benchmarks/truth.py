"""The pages that readers are measured on, and what is true of each.

The facts come from the `expected.json` files that the tests use. Where one speaks of an article
and not of a page, and where it holds no text, a page's own post is read by the few regular
expressions here, which share nothing with the project's extractor.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.scoring import Mentions, Truth, hash_of
from finews.sample_site.build import read_posts

SITE = "https://finews.withounder.com"
LAYOUTS = ("site", "site_old")

Expected = dict[str, Any]

_FRONT_MATTER = re.compile(r"\A\s*---\n.*?\n---[ \t]*\n", re.DOTALL)
_ADDRESS_OR_RETURN = re.compile(r"^(?:<(?:https?://\S*)?>|\[返回.*)[ \t]*$", re.MULTILINE)
_DIGEST = re.compile(r"\A>[ \t]*(.+)\n")
_LEFT_OUT = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r'<p style="display:\s*none.*?</p>', re.DOTALL),
    re.compile(r'<h3 class="emh3">相关报道</h3>.*?(?=<p class="em_media">|\Z)', re.DOTALL),
    re.compile(r'<p class="em_media">.*?</p>', re.DOTALL),
)
_TAG = re.compile(r"<[^>]*>")
_MEDIUM_AT_END = re.compile(r"[（(][^（()）]+[）)]\s*\Z")
_SECID_OF_PICTURE = re.compile(r"[?&;]nid=(\w+\.\w+)")
_SECID_OF_KEY = re.compile(r'data-code="(\w+),(\w+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as it is served, and what is true of it."""

    path: str
    url: str
    body: bytes
    truth: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSet:
    """Pages of one origin, and how many others have no truth to be measured by."""

    name: str
    pages: tuple[Page, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostText:
    """What a post in the site's own Markdown says."""

    digest: str | None
    body: str
    mentions: Mentions
    names_medium: bool
    """It ends with a source line."""


def _cut(markup: str) -> str:
    """The HTML without what is no part of the article."""
    for pattern in _LEFT_OUT:
        markup = pattern.sub("", markup)
    return markup


def _visible(markup: str) -> str:
    """The words of a piece of HTML."""
    return html.unescape(_TAG.sub("", markup)).strip()


def _mentions(markup: str) -> Iterator[tuple[str, str]]:
    """The widgets of the forms that the site prints since 2021."""
    for tag in _TAG.findall(markup):
        picture, key = _SECID_OF_PICTURE.search(tag), _SECID_OF_KEY.search(tag)
        if tag.startswith("<img") and picture:
            yield picture[1], "chart"
        elif key and 'class="keytip"' in tag:
            yield f"{key[1]}.{key[2]}", "link"
        elif key and "em_stock_key_common" in tag:
            yield f"{key[1]}.{key[2]}", "repeat"


def read_post_text(markdown: str) -> PostText:
    """Read a post: front matter, address and return lines and the source line are no text."""
    markup = _FRONT_MATTER.sub("", markdown.replace("\r\n", "\n"), count=1)
    markup = _ADDRESS_OR_RETURN.sub("", markup).strip() + "\n"
    digest = _DIGEST.match(markup)
    whole = markup[digest.end() :] if digest else markup
    body = _cut(whole)
    return PostText(
        digest=_visible(digest[1]) if digest else None,
        body=_visible(body),
        mentions=frozenset(_mentions(body)),
        names_medium='class="em_media"' in whole,
    )


def without_medium(text: str) -> str:
    """A flash without the medium in brackets at its end."""
    return _MEDIUM_AT_END.sub("", text).strip()


def squeezed(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _url(path: str) -> str:
    return f"{SITE}/{quote(path)}"


def _pages(root: Path, truths: dict[str, Truth]) -> tuple[Page, ...]:
    """The pages of both layouts."""
    return tuple(
        Page(
            path=f"{layout}/{path}",
            url=_url(path),
            body=(root / layout / path).read_bytes(),
            truth=truth,
        )
        for layout in LAYOUTS
        for path, truth in truths.items()
    )


# --- the sample site -------------------------------------------------------------------------


def _truth_of_article(expected: Expected) -> Truth:
    mentions = ((one["secid"], one["kind"]) for one in expected["mentions"])
    return Truth(
        title_sha256=hash_of(expected["title"]),
        published_at=_instant(expected["published_at"]),
        source=expected["source"],
        body=expected["body_text"],
        lead=expected["digest"],
        mentions=frozenset(mentions),
    )


def truth_of_copy(whole: Truth, post: PostText) -> Truth | None:
    """What is true of one of an article's two pages; None where its text is not the article's.

    Its mentions are those of the article that its own post has, its lead is its own.
    """
    if squeezed(post.body) != squeezed(whole.body):
        return None
    return replace(whole, lead=post.digest, mentions=whole.mentions & post.mentions)


def sample_truths(articles: Path) -> tuple[dict[str, Truth], tuple[str, ...]]:
    """The truth by the path of a page, and the paths that have none.

    Posts whose expectation is that they cannot be used are in neither.
    """
    posts = read_posts(articles)
    posts_of = Counter(post.folder for post in posts)
    truths: dict[str, Truth | None] = {}
    for post in posts:
        beside = next(folder for folder in (post.folder, post.folder.parent) if _has_facts(folder))
        expected = json.loads((beside / "expected.json").read_text("utf-8"))
        if "code" in expected:
            whole = _truth_of_article(expected)
            is_copy = posts_of[post.folder] > 1
            own = read_post_text(post.content)
            truths[post.path] = truth_of_copy(whole, own) if is_copy else whole
    known = {path: truth for path, truth in truths.items() if truth is not None}
    return known, tuple(path for path in truths if path not in known)


def _has_facts(folder: Path) -> bool:
    return (folder / "expected.json").exists()


def sample_pages(root: Path) -> PageSet:
    """The pages of the bundled sample site."""
    truths, left_out = sample_truths(root / "articles")
    return PageSet(name="sample site", pages=_pages(root, truths), left_out=left_out)


# --- the corpus ------------------------------------------------------------------------------


def _post_of(corpus: Path, page: str) -> Path | None:
    """The post of a page, by its slug."""
    slug = page.rpartition("/")[2].removesuffix(".html")
    posts = sorted((corpus / "posts").glob(f"*{slug}.md"))
    return next((post for post in posts if _slug_of(post) == slug), None)


def _slug_of(post: Path) -> str:
    """The file name without its date."""
    return post.stem[len("2022-06-13-") :]


def _truth_of_page(expected: Expected, post: PostText) -> Truth:
    is_flash = not post.names_medium and expected["source"] is not None
    return Truth(
        title_sha256=expected["title_sha256"],
        published_at=_instant(expected["published_at"]),
        source=expected["source"],
        body=without_medium(post.body) if is_flash else post.body,
        lead=post.digest,
        mentions=frozenset((secid, kind) for secid, kind in expected["mentions"]),
    )


def corpus_truths(
    corpus: Path, expectations: list[Expected]
) -> tuple[dict[str, Truth], tuple[str, ...]]:
    """The truth by the path of a page, and the paths whose post is not in the corpus."""
    posts = {expected["page"]: _post_of(corpus, expected["page"]) for expected in expectations}
    truths = {
        expected["page"]: _truth_of_page(expected, read_post_text(post.read_text("utf-8")))
        for expected in expectations
        if (post := posts[expected["page"]]) is not None
    }
    return truths, tuple(path for path in posts if path not in truths)


def corpus_pages(corpus: Path, expectations: Path) -> PageSet:
    """The real pages, with the facts that the tests hold of them."""
    facts: list[Expected] = json.loads(expectations.read_text("utf-8"))
    truths, left_out = corpus_truths(corpus, facts)
    return PageSet(name="corpus", pages=_pages(corpus, truths), left_out=left_out)
