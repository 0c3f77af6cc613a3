"""A large site on loopback for benchmarks: the sample site's posts, each many times over."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from finews_crawler.reference import data_path

CATEGORIES = tuple(f"bench{number:02}" for number in range(20))
_CODE = re.compile(r"20\d{16}")
_SECTION = '<div class="wrapper"><header><h1>x</h1></header><section>{body}</section></div>'
_HEAD = '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="UTF-8"></head>'
_SHELL = f"{_HEAD}<body>{{body}}</body></html>"


def _post_pages() -> list[str]:
    """The readable posts of the sample site whose path carries an article's 18 digits."""
    site = data_path("sample_site", "site")
    paths = sorted(site.glob("*/2022/*/*/*.html"))
    pages = (path.read_text(encoding="utf-8") for path in paths if _CODE.search(path.name))
    return [page for page in pages if 'class="wrapper"' in page]


def _listing(paths: list[str]) -> str:
    items = "".join(f'<li><a href="/{path}">{path[-24:]}</a></li>' for path in paths)
    return _SHELL.format(body=_SECTION.format(body=f'<h2 id="x">x</h2><ul>{items}</ul>'))


def make_site(folder: Path, posts: int, first: int = 0) -> None:
    """Write a site of so many articles in equal categories; `first` is the number of the first."""
    pages = _post_pages()
    listed: dict[str, list[str]] = {category: [] for category in CATEGORIES}
    for number in range(posts):
        category = CATEGORIES[number % len(CATEGORIES)]
        code = f"20220614{9_000_000_000 + first + number}"
        path = f"{category}/2022/06/14/NW{code}.html"
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_CODE.sub(code, pages[number % len(pages)]), encoding="utf-8")
        listed[category].append(path)
    (folder / "category").mkdir()
    for category, paths in listed.items():
        (folder / "category" / f"{category}.html").write_text(_listing(paths), encoding="utf-8")


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve a folder from a process of its own; gives the base URL."""
    port = _free_port(host)
    listen = f"tcp:{port}:interface={host}"
    command = [sys.executable, "-m", "twisted", "web", "--listen", listen, "--path", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://{host}:{port}"
    try:
        _wait_for(host, port)
        yield url
    finally:
        server.terminate()
        server.wait()


def _wait_for(host: str, port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection((host, port)):
                return
        except OSError:
            sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")
