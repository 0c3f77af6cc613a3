"""A server on loopback that misbehaves on purpose, and always in the same way.

It stands in front of a folder: what no fault was put in front of is answered as the folder's own
server does. A fault is asked for by its address, `/fault/429?after=7`, or is put in front of pages:

    with misbehaving(sample_site_root()) as server:
        server.put("/wind/2022/06/14/NW1.html", "reset", times=2)  # the third answer is the page
        server.put("/category/*", "503", {"after": "2"})           # a prefix
        server.put("/feed.xml", "truncated", begin=1)              # the first answer is the page
        crawl(server.url)
        assert server.asked_for("/feed.xml") == 3

`tests.faults.FAULTS` names them all.
"""

import http.client
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from urllib.parse import parse_qsl, unquote, urlsplit

from finews.sample_site.server import serving
from tests.faults import Page, Talk, speak

NOTHING = Page(200, "text/html; charset=utf-8", "<html><body>一页</body></html>".encode())


@dataclass
class _Placed:
    """A fault in front of pages."""

    pattern: str
    fault: str
    options: dict[str, str]
    begin: int
    times: int | None
    passed: int = 0

    def matches(self, path: str) -> bool:
        if self.pattern.endswith("*"):
            return path.startswith(self.pattern[:-1])
        return path == self.pattern

    def takes(self) -> bool:
        """Whether this answer is a fault; each question counts."""
        number, self.passed = self.passed, self.passed + 1
        return number >= self.begin and (self.times is None or number < self.begin + self.times)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came in."""

    path: str
    """With its query, not percent-coded."""
    at: float
    """On the monotonic clock, in seconds."""
    headers: dict[str, str] = field(repr=False)


class Misbehaving:
    """What a test sees of the server."""

    def __init__(self, upstream: str | None) -> None:
        self.url = ""
        self.asked: deque[Asked] = deque()
        self.closed = Event()
        self._upstream = upstream
        self._placed: list[_Placed] = []
        self._lock = Lock()

    def put(
        self,
        path: str,
        fault: str,
        options: Mapping[str, str] | None = None,
        *,
        begin: int = 0,
        times: int | None = None,
    ) -> None:
        """Put a fault in front of a page, or of all whose path begins so (`/category/*`).

        Args:
            path: as in `asked`; where several match, the one put first that takes an answer does.
            fault: a name of `FAULTS`, or a status.
            options: see the fault.
            begin: so many good answers come first.
            times: then so many answers are faults; None: all.
        """
        self._placed.append(_Placed(path, fault, dict(options or {}), begin, times))

    def asked_for(self, path: str) -> int:
        """How often a page was asked for."""
        return Counter(one.path for one in self.asked)[path]

    def times_of(self, path: str) -> list[float]:
        """When a page was asked for."""
        return [one.at for one in self.asked if one.path == path]

    def chosen(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The fault with which a question is answered, if any."""
        parts = urlsplit(path)
        if parts.path.startswith("/fault/"):
            return parts.path.removeprefix("/fault/"), dict(parse_qsl(parts.query))
        with self._lock:
            taken = next((one for one in self._placed if one.matches(path) and one.takes()), None)
        return (taken.fault, taken.options) if taken else None

    def page(self, path: str) -> Page:
        """What the folder's own server answers."""
        if self._upstream is None or path.startswith("/fault/"):
            return NOTHING
        host = urlsplit(self._upstream).netloc
        with closing(http.client.HTTPConnection(host)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return Page(answer.status, answer.getheader("Content-Type", ""), answer.read())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    told: Misbehaving


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A page leaves in one piece; what a fault writes is sent at once.
    wbufsize = 0
    server: _Server

    def do_GET(self) -> None:
        told, path = self.server.told, unquote(self.path)
        told.asked.append(Asked(path, monotonic(), dict(self.headers.items())))
        chosen = told.chosen(path)
        fault, options = chosen or ("none", {})
        talk = Talk(self.connection, self.path, options, told.closed)
        with suppress(ConnectionError):  # the client need not hear us out
            speak(fault, talk, told.page(self.path))
        self.close_connection = talk.is_over

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def misbehaving(folder: Path | None = None) -> Iterator[Misbehaving]:
    """Serve a folder on loopback, with faults in front; without a folder, faults only."""
    if folder is None:
        with _listening(None) as told:
            yield told
    else:
        with serving(folder) as upstream, _listening(upstream) as told:
            yield told


@contextmanager
def _listening(upstream: str | None) -> Iterator[Misbehaving]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.told = told = Misbehaving(upstream)
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            told.closed.set()
            server.shutdown()
            thread.join()
