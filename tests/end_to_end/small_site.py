"""A site of a few posts that a test changes between two crawls, on a server that counts."""

import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from finews.sample_site import layouts
from finews.sample_site.layouts import Layout
from finews.sample_site.posts import Post, newest_first
from finews_crawler.items import SHANGHAI
from tests.end_to_end.writing import words

SITE = "https://finews.withounder.com"
_DATED = re.compile(r"/\d{4}/\d\d/\d\d/")


def made(number: int, hours: float, category: str = "Wind", text: str = "") -> Post:
    """A post that was published so many hours ago; its words are like no other's."""
    at = (datetime.now(UTC) - timedelta(hours=hours)).astimezone(SHANGHAI).replace(microsecond=0)
    code = f"{at:%Y%m%d}{3_000_000_000 + number}"
    body = f"<p>{text or words(str(number))}</p><p>（文章来源：证券日报）</p>"
    home = f"[返回新闻](//finews.withounder.com/category/{category}.html)｜[返回首页]({SITE}/)"
    return Post(
        path=f"{category.lower()}/{at:%Y/%m/%d}/NW{code}.html",
        title=f"第{number}条",
        date=at,
        content=f"{body}\n\n<http://finance.eastmoney.com/news/1351,{code}.html>\n\n{home}\n",
        categories=[category],
        tags=[f"{category}新闻"],
    )


def changed(post: Post, text: str) -> Post:
    """The same post with other words."""
    kept = post.content[post.content.index("<p>（文章来源") :]
    return replace(post, content=f"<p>{text}</p>{kept}")


def code_of(post: Post) -> str:
    """The 18 digits."""
    return post.path[-23:-5]


def as_kept(post: Post) -> tuple[str, str]:
    """Name and words of the file in which the archive keeps a post."""
    head = f'layout: post\ntitle: "{post.title}"\ndate: {post.date:%Y-%m-%d %H:%M:%S} +0800'
    lists = f"categories: {' '.join(post.categories)}\ntags: {' '.join(post.tags)}"
    name = f"{post.date:%Y-%m-%d}-NW{code_of(post)}.md"
    return name, f"---\n{head}\n{lists}\n---\n{post.content}"


@dataclass
class SmallSite:
    """The folder of the site; a page that stays as it is keeps its time of change."""

    folder: Path
    posts: list[Post] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    """Paths of posts that are listed and have no page."""
    version: int = 0

    def publish(self, *posts: Post, gone: Sequence[Post] = ()) -> None:
        """Build the site of these posts, and take away what is not of it any more."""
        self.posts, self.gone = newest_first([*posts, *gone]), {one.path for one in gone}
        self.version += 1
        pages = self._pages()
        for page in (one for one in self.folder.rglob("*.*") if one.is_file()):
            name = page.relative_to(self.folder).as_posix()
            if name not in pages and not name.startswith("old_post/"):
                page.unlink()
        for name, text in pages.items():
            self._write(name, text)

    def keep(self, *posts: Post) -> None:
        """Put posts into the archive."""
        for name, text in map(as_kept, posts):
            self._write(f"old_post/{name}", text)

    def _pages(self) -> dict[str, str]:
        slugs = sorted({slug for post in self.posts for slug in post.categories})
        by_slug = {slug: [post for post in self.posts if slug in post.categories] for slug in slugs}
        sections = [(listed[0].tags[0], listed[:5]) for listed in by_slug.values()]
        pages = {
            post.path: layouts.render_post(post, Layout.NEW)
            for post in self.posts
            if post.path not in self.gone
        }
        pages |= {
            f"category/{slug}.html": layouts.render_category(
                f"/category/{slug}.html", slug, listed, Layout.NEW
            )
            for slug, listed in by_slug.items()
        }
        feed = layouts.render_feed(self.posts[:10], self.posts[0].date.isoformat())
        return pages | {
            "index.html": layouts.render_home(sections, Layout.NEW),
            "feed.xml": feed,
            "404.html": layouts.render_not_found(Layout.NEW),
        }

    def _write(self, name: str, text: str) -> None:
        page = self.folder / name
        if page.exists() and page.read_text("utf-8") == text:
            return
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
        at = 1_655_200_000 + 60 * self.version  # HTTP tells times of change in whole seconds
        os.utime(page, (at, at))

    def copied(self, folder: Path) -> "SmallSite":
        """The same site in a folder of its own, its times of change as they are."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)


class Counting:
    """A server that notes what it was asked for, and may hold back posts after so many."""

    def __init__(self) -> None:
        self.url = ""
        self.folder = Path()
        self.answers: list[tuple[str, int]] = []
        self.number = 0
        """Of the crawl: what one that was killed has sent comes in after its end, too."""
        self._lock = threading.Lock()
        self._asked: list[str] = []
        self._left: int | None = None
        self._opened = threading.Event()

    def forget(self, *, hold_after: int | None = None) -> None:
        """Count anew; after so many posts every further one waits for `open`."""
        with self._lock:
            self.answers, self._asked = [], []
            self.number += 1
            self._left, self._opened = hold_after, threading.Event()

    def open(self) -> None:
        """Answer what waits, and all that comes."""
        with self._lock:
            self._left = None
            self._opened.set()

    @property
    def asked(self) -> list[str]:
        """All paths, in the order in which they were asked for, answered or not."""
        with self._lock:
            return list(self._asked)

    @property
    def posts(self) -> list[str]:
        """The posts that were asked for, as `Post.path` has them."""
        return sorted(path[1:] for path in self.asked if _DATED.search(path))

    def status(self, path: str) -> list[int]:
        """With which status a path was answered, each time."""
        return [status for asked, status in self.answers if asked == path]

    def take(self, path: str, number: int) -> None:
        """Note a request of a crawl, and hold it back if it is its time."""
        with self._lock:
            if number != self.number:
                return
            self._asked.append(path)
            opened = self._opened
            is_post = _DATED.search(path) is not None
            is_held = is_post and self._left is not None and self._left <= 0
            if is_post and self._left is not None:
                self._left -= 1
        if is_held:
            opened.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def counting() -> Iterator[Counting]:
    """Serve the folder that the test names, with Last-Modified and answers 304."""
    told = Counting()

    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *args: Any) -> None:
            self.number = told.number
            super().__init__(*args, directory=str(told.folder))

        def do_GET(self) -> None:
            # Connections outlive crawls of other folders.
            self.directory = str(told.folder)
            told.take(self.path, self.number)
            with suppress(ConnectionError):  # a client that was killed does not hear us out
                super().do_GET()

        def log_request(self, code: int | str = "-", _size: int | str = "-") -> None:
            if self.number == told.number:
                told.answers.append((self.path, int(code)))

        def log_message(self, *_: object) -> None:
            pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            told.open()
            server.shutdown()
            thread.join()
