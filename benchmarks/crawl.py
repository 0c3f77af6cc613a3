"""What a crawl costs: beside two Scrapy spiders, repeated, and on a large site.

`make bench-crawl`, or `python -m benchmarks.crawl --posts 10000 --rounds 3`. The kinds take turns,
so that all see the same machine; the figures are medians. What each means: docs/benchmarks.md.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.databases import has_postgres, server_url
from benchmarks.pages import make_site, served
from benchmarks.workers import one_and_two
from finews_crawler.options import project_folder
from pipelines.store.engine import shown_url

SMALL = 1_000
"""Posts of the site on which memory is measured first."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """What one crawl did."""

    posts: int
    known: int
    seconds: float
    requests: int
    peak_bytes: int

    @property
    def rate(self) -> float:
        """Posts a second."""
        return self.posts / self.seconds

    @property
    def peak_megabytes(self) -> float:
        """The most that its process held."""
        return self.peak_bytes / 1e6


def crawled(kind: str, url: str, file: Path, posts: int) -> Crawl:
    """Crawl once, in a process of its own.

    Raises:
        RuntimeError: it missed a post.
    """
    command = [sys.executable, "-m", "benchmarks.one_crawl", kind, url, str(file)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    crawl = Crawl(**json.loads(answer.stdout))
    if crawl.posts + crawl.known != posts:
        raise RuntimeError(f"{kind}: {crawl.posts + crawl.known} of {posts} posts")
    return crawl


@contextmanager
def site_of(posts: int, scratch: Path) -> Iterator[tuple[str, Path]]:
    """A site of so many posts on loopback, and a folder for its databases."""
    with TemporaryDirectory(dir=scratch) as name:
        make_site(Path(name) / "site", posts)
        with served(Path(name) / "site") as url:
            yield url, Path(name)


def _show(told: str, crawl: Crawl) -> None:
    print(
        f"{told:24} {crawl.seconds:7.1f} s  {crawl.requests:7,} requests  "
        f"{crawl.peak_megabytes:5.0f} MB",
        flush=True,
    )


@dataclass(frozen=True, slots=True)
class Round:
    """One crawl of each kind, one after the other."""

    bare: Crawl
    plain: Crawl
    first: Crawl
    repeat: Crawl


def one_round(number: int, posts: int, url: str, folder: Path) -> Round:
    """Let each kind crawl the site once; the last crawls it again."""
    files = {"bare": "unused", "plain": f"{number}.jsonl", "first": f"{number}.db"}
    files["repeat"] = files["first"]
    done = {}
    for name, file in files.items():
        kind = name if name in {"bare", "plain"} else "finews"
        done[name] = crawled(kind, url, folder / file, posts)
        _show(f"round {number}: {name}", done[name])
    return Round(**done)


def beside_others(posts: int, rounds: int, scratch: Path) -> str:
    """The median ratios to the bare and the plain spider; the requests of an unchanged repeat."""
    with site_of(posts, scratch) as (url, folder):
        done = [one_round(number, posts, url, folder) for number in range(1, rounds + 1)]
    bare = median(one.first.rate / one.bare.rate for one in done)
    plain = median(one.first.rate / one.plain.rate for one in done)
    requests = done[-1].repeat.requests
    return f"crawl_ratio={bare:.2f} plain_ratio={plain:.2f} repeat_requests={requests}"


def memory(posts: int, scratch: Path) -> float:
    """The most megabytes that crawls of a small and of a large site held."""
    peaks = []
    for number in (SMALL, posts):
        with site_of(number, scratch) as (url, folder):
            crawl = crawled("finews", url, folder / "memory.db", number)
        _show(f"{number:,} posts", crawl)
        peaks.append(crawl.peak_megabytes)
    return max(peaks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=50_000, help="posts of the large site")
    chosen = parser.parse_args()
    scratch = project_folder() / "data" / "var"
    scratch.mkdir(parents=True, exist_ok=True)
    ratios = beside_others(chosen.posts, chosen.rounds, scratch)
    figures = f"{ratios} rss_mb={memory(chosen.memory, scratch):.0f}"
    print(f"RESULT {figures} {_workers(chosen.posts // 2, scratch)}".rstrip())


def _workers(posts: int, scratch: Path) -> str:
    """Two workers by one; nothing without a PostgreSQL server."""
    if not has_postgres():
        print(f"no PostgreSQL at {shown_url(server_url())}: workers are left out")
        return ""
    with TemporaryDirectory(dir=scratch) as name:
        one, two = one_and_two(posts, Path(name))
    print(f"one worker {one.rate:.0f} articles/s, two workers {two.rate:.0f}", flush=True)
    return f"two_workers={two.rate / one.rate:.2f}"


if __name__ == "__main__":
    main()
