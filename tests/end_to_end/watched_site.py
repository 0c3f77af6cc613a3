"""A large site on loopback that notes who asks it for what, and in which order.

A crawl says by its user agent which process it is: `MarkedCrawl` is given to it as an add-on.
"""

import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby

from scrapy.settings import BaseSettings

from finews.sample_site import layouts
from finews.sample_site.layouts import Layout
from tests.end_to_end.small_site import code_of, made
from tests.end_to_end.writing import words

_CODE = re.compile(r"/NW(20\d{16})\.html")
AGE = 48
"""Hours: the posts are so old that a crawl does not read them again."""


class MarkedCrawl:
    """An add-on for a crawl that says who it is."""

    @staticmethod
    def update_settings(settings: BaseSettings) -> None:
        settings.set("USER_AGENT", f"crawl {os.getpid()}", "cmdline")


MARKED = {f"{__name__}.{MarkedCrawl.__name__}": 0}


@dataclass(frozen=True)
class Visit:
    """A request."""

    crawl: str
    path: str
    at: float
    beside: int
    """How many others were under way when it came."""
    strangers: int
    """How many of them were of other crawls."""


@dataclass
class WatchedSite:
    """Pages made when they are asked for: `posts` posts in each category."""

    categories: Sequence[str]
    posts: int
    first: int = 0
    """The number of its first post."""
    url: str = ""
    visits: list[Visit] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    """Categories whose posts are not answered."""

    def __post_init__(self) -> None:
        self._guard = threading.Condition()
        self._under_way: Counter[str] = Counter()
        self._pattern = made(1, AGE, "Pattern", words("pattern"))
        self._page = layouts.render_post(self._pattern, Layout.NEW)
        self._pages = dict(self._listings())

    @property
    def codes(self) -> set[str]:
        """Of all its posts."""
        return {code for listed in self._numbers() for code in map(self._code, listed)}

    def asked(self, part: str) -> list[Visit]:
        """The requests for paths with a part."""
        with self._guard:
            return [one for one in self.visits if part in one.path]

    def crawls(self) -> list[str]:
        """The crawls in the order of their visits; one that comes again stands there again."""
        with self._guard:
            return [crawl for crawl, _ in groupby(self.visits, key=lambda one: one.crawl)]

    def release(self) -> None:
        """Answer what is held, and all that comes."""
        with self._guard:
            self.held.clear()
            self._guard.notify_all()

    def wait_for(self, part: str, count: int = 1, crawl: str = "") -> None:
        """Until so many paths with a part were asked for, by a crawl."""

        def found() -> int:
            return sum(part in one.path and crawl in one.crawl for one in self.visits)

        with self._guard:
            assert self._guard.wait_for(lambda: found() >= count, timeout=120), self.visits[-5:]

    def answer(self, crawl: str, path: str) -> bytes | None:
        """A page; None: there is none."""
        with self._guard:
            beside = self._under_way.total()
            strangers = beside - self._under_way[crawl]
            self.visits.append(Visit(crawl, path, time.monotonic(), beside, strangers))
            self._under_way[crawl] += 1
            self._guard.notify_all()
            category = path.split("/")[1]
            self._guard.wait_for(lambda: category not in self.held or "/NW" not in path)
        found = _CODE.search(path)
        return self._post(found[1]) if found else self._pages.get(path)

    def leave(self, crawl: str) -> None:
        """An answer has gone."""
        with self._guard:
            self._under_way[crawl] -= 1
            self._guard.notify_all()

    # --- pages -----------------------------------------------------------------------------------

    def _numbers(self) -> list[range]:
        starts = (self.first + place * self.posts for place in range(len(self.categories)))
        return [range(start, start + self.posts) for start in starts]

    def _code(self, number: int) -> str:
        return f"{code_of(self._pattern)[:8]}{5_000_000_000 + number}"

    def _post(self, code: str) -> bytes:
        known = code_of(self._pattern)
        page = self._page.replace(known, code).replace("第1条", f"第{code}条")
        return page.replace(words("pattern"), words(code)).encode()

    def _listings(self) -> Iterator[tuple[str, bytes]]:
        day = self._pattern.path.split("/", 1)[1].rpartition("/")[0]
        for category, numbers in zip(self.categories, self._numbers(), strict=True):
            paths = [f"/{category}/{day}/NW{self._code(number)}.html" for number in numbers]
            items = "".join(f'<li><a href="{path}">{path[-24:]}</a></li>' for path in paths)
            listing = f'<section><h2 id="{category}">{category}</h2><ul>{items}</ul></section>'
            body = f'<div class="wrapper"><header><h1>x</h1></header>{listing}</div>'
            page = f'<!DOCTYPE html><html lang="zh-CN"><body>{body}</body></html>'
            yield f"/category/{category}.html", page.encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def watched(site: WatchedSite) -> Iterator[WatchedSite]:
    """Serve a site."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A page goes out in one packet; else the client's delayed acknowledgement costs 40 ms.
        wbufsize = -1

        def do_GET(self) -> None:
            crawl = self.headers["User-Agent"]
            try:
                body = site.answer(crawl, self.path)
                self._send(body)
            finally:
                site.leave(crawl)

        def _send(self, body: bytes | None) -> None:
            with suppress(ConnectionError):  # a crawl that was killed does not hear us out
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")
                self.wfile.flush()

        def handle_one_request(self) -> None:
            with suppress(ConnectionError):
                super().handle_one_request()
                return
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.release()
            server.shutdown()
            thread.join()


def job_of(site: WatchedSite, concurrency: int, delay: float) -> Mapping[str, object]:
    """A job that reads all of a site at a certain rate, and says which crawl it is."""
    slot = {"concurrency": concurrency, "delay": delay, "jitter": 0}
    return {
        "spider": "category",
        "arguments": {"site": site.url, "categories": list(site.categories)},
        "settings": {
            "LOG_LEVEL": "ERROR",
            "ADDONS": json.dumps(MARKED),
            "DOWNLOAD_SLOTS": {"loopback": slot},
            "RETRY_TIMES": 0,
        },
        "grace": "60s",
    }
