"""How fast the whole crawl is beside a bare Scrapy spider on the same pages, in one run.

`make bench`, or `python -m benchmarks.crawl --posts 2000 --rounds 3`. The two take turns, so that
both see the same machine; the figures are medians.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.pages import make_site, served
from finews_crawler.options import project_folder

KINDS = ("bare", "finews")


def pages_per_second(kind: str, url: str, folder: Path, posts: int) -> float:
    """Crawl once and give the rate; a crawl that missed a post is an error."""
    with TemporaryDirectory(dir=folder) as fresh:
        database = f"sqlite:///{fresh}/bench.db"
        command = [sys.executable, "-m", "benchmarks.one_crawl", kind, url, database]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    result = json.loads(answer.stdout)
    if result["posts"] != posts:
        raise RuntimeError(f"{kind}: {result['posts']} of {posts} posts")
    return posts / float(result["seconds"])


def measured(url: str, folder: Path, posts: int, rounds: int) -> dict[str, list[float]]:
    """Let the kinds take turns."""
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind in KINDS:
            rate = pages_per_second(kind, url, folder, posts)
            rates[kind].append(rate)
            print(f"round {number + 1}  {kind:7}  {rate:7.0f} pages/s", flush=True)
    return rates


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    scratch = project_folder() / "data" / "var"
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        site = folder / "site"
        make_site(site, chosen.posts)
        with served(site) as url:
            rates = measured(url, folder, chosen.posts, chosen.rounds)
    ratios = [ours / bare for bare, ours in zip(rates["bare"], rates["finews"], strict=True)]
    print(f"median: bare {median(rates['bare']):.0f}, finews {median(rates['finews']):.0f} pages/s")
    print(f"RESULT crawl_ratio={median(ratios):.2f}")


if __name__ == "__main__":
    main()
