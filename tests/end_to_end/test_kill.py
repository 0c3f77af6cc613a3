"""A crawl killed at any moment, started again, ends as one that was never disturbed."""

import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finews.sample_site.server import sample_site_root
from pipelines.store.queries import runs
from pipelines.store.runs import LOST_AFTER

if TYPE_CHECKING:
    from tests.conftest import Crawler

SHORT = LOST_AFTER - timedelta(seconds=1)
# What two histories of the same pages must agree on: everything but row numbers and clocks.
FACTS = {
    "article": """
        SELECT identity, title, published_at, published_quality, body_text, body_html, body_kind,
               digest, tags, images, url, share_url, origin_url, content_hash, revision, name
        FROM article LEFT JOIN source ON source.id = source_id""",
    "article_revision": """
        SELECT identity, number, r.content_hash, r.title, r.body_text, r.superseded_at IS NULL
        FROM article_revision r JOIN article a ON a.id = r.article_id""",
    "mention": """
        SELECT identity, position, m.kind, m.secid, m.symbol, surface, start_offset, end_offset, key
        FROM mention m JOIN article_revision r ON r.id = m.revision_id
        JOIN article a ON a.id = r.article_id JOIN security s ON s.id = security_id""",
    "category": """
        SELECT identity, slug FROM article_category
        JOIN article a ON a.id = article_id JOIN category c ON c.id = category_id""",
    "listing": """
        SELECT slug, l.heading, entries FROM listing l JOIN category c ON c.id = category_id""",
}


def facts(database: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {name: sorted(connection.execute(query), key=repr) for name, query in FACTS.items()}


class Gate:
    """A server on the sample site that tells when the `number`-th post is asked for, and waits."""

    def __init__(self, number: int) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()
        self._left = number

    def pass_post(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.reached.set()
            self.opened.wait()


@pytest.fixture
def gated() -> Iterator[Callable[[Gate], str]]:
    servers: list[ThreadingHTTPServer] = []

    def serve(gate: Gate) -> str:
        class Handler(SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(sample_site_root()))

            def do_GET(self) -> None:
                if "/20" in self.path:
                    gate.pass_post()
                super().do_GET()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def undisturbed(
    served: Callable[[Path], str], new_crawler: Callable[[], "Crawler"]
) -> dict[str, list[Any]]:
    crawler = new_crawler()
    crawler.run("category", "-a", f"site={served(sample_site_root())}")
    return facts(crawler.database)


@pytest.mark.parametrize("posts", [1, 20, 45, 70, 90])
def test_kill_and_start_again(
    crawler: "Crawler",
    gated: Callable[[Gate], str],
    served: Callable[[Path], str],
    undisturbed: dict[str, list[Any]],
    posts: int,
) -> None:
    gate = Gate(posts)
    process = crawler.started("category", "-a", f"site={gated(gate)}", "-a", "full=0")
    assert gate.reached.wait(60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    gate.opened.set()
    assert process.returncode == -signal.SIGKILL

    again = crawler.run("category", "-a", f"site={served(sample_site_root())}")
    assert again.exit_code == 0
    assert facts(crawler.database) == undisturbed


def test_the_killed_run_is_lost_when_it_has_been_silent_for_long(
    crawler: "Crawler", gated: Callable[[Gate], str]
) -> None:
    gate = Gate(30)
    process = crawler.started("category", "-a", f"site={gated(gate)}")
    assert gate.reached.wait(60)
    process.kill()
    process.communicate()
    gate.opened.set()
    (killed,) = runs(crawler.engine(), 10)
    assert (killed.spider, killed.finished_at, killed.outcome) == ("category", None, None)
    assert (killed.pid, killed.host) == (process.pid, socket.gethostname())
    assert killed.alive_at is not None
    states = [killed.state(killed.alive_at + silent) for silent in (SHORT, LOST_AFTER)]
    assert states == ["running", "lost"]
