"""Posts as Jekyll reads them: file name, front matter, and what becomes of broken ones."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from finews_crawler.items import SHANGHAI

# A build has one clock, so that what is built twice is the same.
BUILD_TIME = datetime(2022, 6, 15, 13, 5, 37, tzinfo=SHANGHAI)

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_FILE_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-(.+)\.md$")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?: ([+-]\d{4}))?$")
_TIME_OF_BUILD_DAY = re.compile(r"(\d\d):(\d\d) \+0800$")


@dataclass(slots=True, kw_only=True)
class Post:
    """One post of the site."""

    path: str
    """The page's path below the root, not percent-coded."""
    title: str | None
    date: datetime
    content: str
    """The Markdown below the front matter."""
    categories: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    folder: Path = Path()
    """The folder of its article."""
    is_broken: bool = False
    """Its front matter could not be read: in no category, on no list but the feed."""

    @property
    def url(self) -> str:
        """The path as links carry it."""
        return "/" + quote(self.path, safe="/:!$'()*,;@+=~")

    @property
    def shown_date(self) -> str:
        """The date as layouts print it."""
        return self.date.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _front_matter(text: str) -> tuple[dict[str, Any] | None, str]:
    """The keys (all strings, {} when YAML fails) and the content; None without front matter."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return None, text
    content = text[found.end() :]
    try:
        keys = yaml.load(found[1], Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes strings
    except yaml.YAMLError:
        return {}, content
    is_number = str(keys.get("categories", "")).isdecimal()
    return ({} if is_number else keys), content


def _date(text: str) -> datetime:
    """Jekyll reads a date without zone as UTC and prints it in the site's zone, 8 hours on."""
    if found := _TIME_OF_BUILD_DAY.search(text.strip()) if not _DATE.match(text) else None:
        return BUILD_TIME.replace(hour=int(found[1]), minute=int(found[2]), second=0)
    found = _DATE.match(text.strip())
    if found is None:
        raise ValueError(f"no date: {text!r}")
    return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or '+00:00'}")


def _words(keys: dict[str, Any], name: str) -> list[str]:
    """Jekyll splits a line at its spaces and merges what repeats."""
    return list(dict.fromkeys(str(keys.get(name) or "").split()))


def _titleized(slug: str) -> str:
    return " ".join(part.capitalize() for part in slug.split("-"))


def _dated_path(categories: list[str], date: datetime, slug: str) -> str:
    day = date.astimezone(SHANGHAI).strftime("%Y/%m/%d")
    return "/".join([*(name.lower() for name in categories), day, f"{slug}.html"])


def _broken(file: Path, content: str) -> Post:
    return Post(
        path=_dated_path([], BUILD_TIME, file.name.removesuffix(".md")),
        title=None,
        date=BUILD_TIME,
        content=content,
        folder=file.parent,
        is_broken=True,
    )


def read_post(path: Path) -> Post | None:
    """Read one post file; None when its name makes it none."""
    named = _FILE_NAME.match(path.name)
    text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    if named is None:
        return None
    keys, content = _front_matter(text)
    if keys == {}:
        return _broken(path, content)
    keys = keys or {}
    file_date = datetime.fromisoformat(f"{named[1]}T00:00:00+08:00")
    date = _date(keys["date"]) if keys.get("date") else file_date
    slug = named[2]
    title = keys.get("title", "null")
    post = Post(
        path=_dated_path(_words(keys, "categories"), date, slug),
        title=_titleized(slug) if title == "null" else title,
        date=date,
        content=content,
        categories=_words(keys, "categories"),
        tags=_words(keys, "tags"),
        folder=path.parent,
    )
    return _as_old_post(post, path, keys) if path.parent.name == "old_post" else post


def _as_old_post(post: Post, path: Path, keys: dict[str, Any]) -> Post:
    """A page below old_post/: no post for Jekyll, its tags one string."""
    post.path = f"old_post/{path.name.removesuffix('.md')}.html"
    post.categories, post.tags = [], [str(keys.get("tags", ""))]
    return post


def is_old_post(post: Post) -> bool:
    """Whether it is a rendering below old_post/, which is on no list."""
    return post.path.startswith("old_post/")


def newest_first(posts: list[Post]) -> list[Post]:
    """The order of lists; equal times by path."""
    return sorted(posts, key=lambda post: (-post.date.timestamp(), post.path))
