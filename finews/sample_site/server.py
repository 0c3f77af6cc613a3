"""Serve a built site on loopback, with the share endpoint that a folder of files cannot have."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from finews_crawler.errors import ConfigurationError
from finews_crawler.extraction.ids import article_code
from finews_crawler.reference import data_path

JSON_PATH = "/NewsData/GetNewsText.do"
SHARE_PATH = "/html_News/NewsShare.html"


def sample_site_root(*, old: bool = False) -> Path:
    """The bundled site in its newer or older layout."""
    return data_path("sample_site", "site_old" if old else "site")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # The default of 5 makes the sixth simultaneous connection wait a second.
    request_queue_size = 128


class _Handler(SimpleHTTPRequestHandler):
    """A folder of files; paths cannot leave it (the standard handler drops `..`)."""

    protocol_version = "HTTP/1.1"
    extensions_map = {
        ".html": "text/html; charset=utf-8",
        ".xml": "application/xml; charset=utf-8",
        ".json": "application/json; charset=utf-8",
        ".jsonp": "text/javascript; charset=utf-8",
        "": "application/octet-stream",
    }

    def do_GET(self) -> None:
        """Answer the share endpoint from `share/`, everything else from the files."""
        parts = urlsplit(self.path)
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
        code = article_code(query.get("id") or query.get("infocode"))
        if parts.path == JSON_PATH:
            self._share(code, (".json", ".jsonp"))
        elif parts.path == SHARE_PATH and code and self._share_file(code, (".html",)):
            self._share(code, (".html",))
        else:
            super().do_GET()

    def _share_file(self, code: str | None, suffixes: tuple[str, ...]) -> Path | None:
        files = (Path(self.directory) / "share" / f"NW{code}{suffix}" for suffix in suffixes)
        return next((file for file in files if file.is_file()), None)

    def _share(self, code: str | None, suffixes: tuple[str, ...]) -> None:
        file = self._share_file(code, suffixes)
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._answer(HTTPStatus.OK, file.read_bytes(), self.extensions_map[file.suffix])

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is missing as the site does: status 404 with its own page."""
        page = Path(self.directory) / "404.html"
        is_page = not self.path.startswith(("/robots.txt", "/NewsData"))
        if code == HTTPStatus.NOT_FOUND and page.is_file() and is_page:
            self._answer(HTTPStatus.NOT_FOUND, page.read_bytes(), self.extensions_map[".html"])
            return
        super().send_error(code, message, explain)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: the crawl's own log tells what was asked."""


def _listening(port: int, handler: functools.partial[_Handler]) -> _Server:
    try:
        return _Server(("127.0.0.1", port), handler)
    except OSError as error:
        raise ConfigurationError(f"port {port} cannot be used: {error}") from error


@contextmanager
def serving(root: Path, port: int = 0) -> Iterator[str]:
    """Serve a folder on 127.0.0.1, on a free port by default; gives the base URL.

    Raises:
        ConfigurationError: the port is taken or not ours to take.
    """
    handler = functools.partial(_Handler, directory=str(root))
    with _listening(port, handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
