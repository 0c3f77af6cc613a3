"""Build the sample site from its articles: `python -m finews.sample_site`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from finews.sample_site import layouts
from finews.sample_site.layouts import Layout
from finews.sample_site.posts import BUILD_TIME, Post, is_old_post, newest_first, read_post

HOME_POSTS = 5
FEED_POSTS = 10
FOLDERS = {Layout.NEW: "site", Layout.OLD: "site_old"}


def read_posts(articles: Path) -> list[Post]:
    """Read the posts of all article folders."""
    found = (read_post(path) for path in sorted(articles.glob("*/**/*.md")))
    return [post for post in found if post is not None]


def _by_tag(posts: list[Post]) -> list[tuple[str, list[Post]]]:
    """The home page's sections, in the order in which tags first appeared."""
    tags: dict[str, list[Post]] = {}
    for post in reversed(newest_first(posts)):
        for tag in post.tags:
            tags.setdefault(tag, []).append(post)
    return [(tag, newest_first(listed)[:HOME_POSTS]) for tag, listed in tags.items()]


def _category_pages(posts: list[Post], stubs: Path, layout: Layout) -> Iterator[tuple[str, str]]:
    for line in stubs.read_text(encoding="utf-8").splitlines():
        slug, _, title = line.partition("\t")
        listed = [post for post in posts if slug in post.categories]
        path = f"category/{slug}.html"
        url = Post(path=path, title=None, date=BUILD_TIME, content="").url
        yield path, layouts.render_category(url, title, listed, layout)


def _printed(post: Post, layout: Layout) -> str | None:
    """The page of a post: what `page.html` beside it says instead, or None when it is gone."""
    if (post.folder / "gone").exists():
        return None
    instead = post.folder / "page.html"
    return instead.read_text("utf-8") if instead.exists() else layouts.render_post(post, layout)


def pages(source: Path, layout: Layout) -> Iterator[tuple[str, str]]:
    """Give every page of the site as (path, text)."""
    read = read_posts(source / "articles")
    posts = newest_first([post for post in read if not is_old_post(post)])
    listed = [post for post in posts if not post.is_broken]
    for post in read:
        if (page := _printed(post, layout)) is not None:
            yield post.path, page
    yield from _category_pages(listed, source / "categories.txt", layout)
    rolling = [post for post in listed if "emnews" in post.categories]
    yield "emnews/index.html", layouts.render_rolling(rolling, layout)
    yield "index.html", layouts.render_home(_by_tag(listed), layout)
    yield "feed.xml", layouts.render_feed(posts[:FEED_POSTS], BUILD_TIME.isoformat())
    yield "404.html", layouts.render_not_found(layout)
    yield "html_News/NewsShare.html", layouts.SHARE_SHELL
    yield from _share_answers(source / "articles")


def _share_answers(articles: Path) -> Iterator[tuple[str, str]]:
    """The answers of the share endpoint, by code: `share/NW<18 digits>.json`."""
    for answer in sorted(articles.glob("*/share.*")):
        code = next(answer.parent.glob("20*.md")).stem[-18:]
        yield f"share/NW{code}{answer.suffix}", answer.read_text(encoding="utf-8")


def build(source: Path, target: Path, layout: Layout) -> None:
    """Write the site in a layout to `target`, removing what was there."""
    shutil.rmtree(target, ignore_errors=True)
    for path, text in pages(source, layout):
        page = target / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")


def build_all(source: Path) -> None:
    """Build the site in both layouts beside its articles."""
    for layout, folder in FOLDERS.items():
        build(source, source / folder, layout)
