"""One crawl in a process of its own: `python -m benchmarks.one_crawl bare|finews URL DATABASE`.

Prints as JSON: the posts read, those known, the seconds between the spider's opening and closing,
the requests, and the most bytes that the process held.
"""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response, TextResponse
from scrapy.settings import Settings

from benchmarks.pages import CATEGORIES
from finews.crawling import project_settings
from finews_crawler.measures import peak_memory

# What the project changes for speed is given to the bare spider too.
BARE = {
    "CONCURRENT_ITEMS": 4,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_DELAY": 0,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "ERROR",
}


class BareSpider(Spider):
    """Follows the category pages' links and does nothing with the posts."""

    name = "bare"
    site = ""

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the category pages."""
        for category in CATEGORIES:
            yield Request(f"{self.site}/category/{category}.html")

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        """Follow the posts."""
        if isinstance(response, TextResponse):
            yield from response.follow_all(css="section li a", callback=self.parse_post)

    def parse_post(self, response: Response) -> None:
        """Count the page."""
        self.crawler.stats.inc_value("bench/posts")


def finews_settings(database: str) -> Settings:
    """The project's settings, on a database of the benchmark's own."""
    settings = project_settings()
    settings.set("FINEWS_DATABASE_URL", database)
    settings.set("LOG_LEVEL", "ERROR")
    return settings


def crawl(kind: str, url: str, database: str) -> dict[str, float]:
    """Run one crawl and give what it did."""
    settings = finews_settings(database) if kind == "finews" else Settings(BARE)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler("category" if kind == "finews" else BareSpider)
    given = {"categories": ",".join(CATEGORIES)} if kind == "finews" else {}
    process.crawl(crawler, site=url, **given)
    process.start()
    stats = crawler.stats.get_stats()
    posts = stats.get("finews/store/new", 0) + stats.get("bench/posts", 0)
    return {
        "posts": posts,
        "known": stats.get("finews/memory/known", 0),
        "seconds": stats["elapsed_time_seconds"],
        "requests": stats["downloader/request_count"],
        "peak_bytes": peak_memory() or 0,
    }


if __name__ == "__main__":
    print(json.dumps(crawl(*sys.argv[1:4])))
