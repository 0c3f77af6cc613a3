"""A server that names versions of its pages by ETag only: it sends each version once."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.small_site import SmallSite, made

if TYPE_CHECKING:
    from tests.conftest import Crawler


class Versions:
    """Where the site is, and how its category pages were answered."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.folder = folder
        self.answers: Counter[tuple[str, int]] = Counter()


def version_of(page: Path) -> str:
    return hashlib.sha256(page.read_bytes()).hexdigest()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Versions]:
    told = Versions(tmp_path / "site")

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(told.folder))

        def do_GET(self) -> None:
            page = told.folder / self.path.lstrip("/").replace("index.html", "")
            self.etag = (
                f'"{hashlib.sha256(page.read_bytes()).hexdigest()}"' if page.is_file() else ""
            )
            if self.etag and self.headers["If-None-Match"] == self.etag:
                self.send_response(304)
                self.end_headers()
            else:
                super().do_GET()

        def send_header(self, keyword: str, value: str) -> None:
            if keyword == "Last-Modified":
                keyword, value = "ETag", self.etag
            super().send_header(keyword, value)

        def log_request(self, code: int | str = "-", _size: int | str = "-") -> None:
            told.answers[self.path, int(code)] += 1

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        told.url = f"http://127.0.0.1:{running.server_port}"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield told
        running.shutdown()


def crawled(crawler: "Crawler", server: Versions) -> Counter[tuple[str, int]]:
    """How category pages with posts were answered."""
    server.answers.clear()
    assert crawler.run("category", "-a", f"site={server.url}").exit_code == 0
    names = ("/category/Wind.html", "/category/emnews.html")
    return Counter({key: number for key, number in server.answers.items() if key[0] in names})


def test_each_version_is_sent_once(crawler: "Crawler", server: Versions) -> None:
    site = SmallSite(server.folder)
    posts = [made(number, 30, "Wind" if number % 2 else "emnews") for number in range(6)]
    site.publish(*posts)
    wind, emnews = "/category/Wind.html", "/category/emnews.html"
    assert crawled(crawler, server) == {(wind, 200): 1, (emnews, 200): 1}
    for _ in range(2):  # the answer 304 names no version, which must not be forgotten
        assert crawled(crawler, server) == {(wind, 304): 1, (emnews, 304): 1}
    site.publish(*posts, made(7, 29, "Wind"))
    assert crawled(crawler, server) == {(wind, 200): 1, (emnews, 304): 1}
