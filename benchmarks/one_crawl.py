"""One crawl in a process of its own: `python -m benchmarks.one_crawl bare|plain|finews URL FILE`.

`bare` writes nothing, `plain` JSON Lines, `finews` an SQLite database. Prints as JSON: the posts
read, those known, the seconds between the spider's opening and closing, the requests, and the most
bytes that the process held.
"""

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

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

    def parse_post(self, response: Response) -> Iterator[dict[str, str | None]]:
        """Count the page."""
        self.crawler.stats.inc_value("bench/posts")
        yield from ()


class PlainSpider(BareSpider):
    """What one writes in ten minutes: title, date and text as the page has them."""

    name = "plain"

    def parse_post(self, response: Response) -> Iterator[dict[str, str | None]]:
        """Extract a post."""
        yield from super().parse_post(response)
        paragraphs = ("".join(one.css("::text").getall()) for one in response.css("section > p"))
        yield {
            "url": response.url,
            "title": response.css("section h1::text").get(),
            "date": response.css('meta[property="article:published_time"]::attr(content)').get(),
            "text": "\n".join(filter(None, map(str.strip, paragraphs))),
        }


def finews_settings(file: Path) -> Settings:
    """The project's settings, on a database of the benchmark's own."""
    settings = project_settings()
    settings.set("FINEWS_DATABASE_URL", f"sqlite:///{file}")
    settings.set("LOG_LEVEL", "ERROR")
    return settings


def plain_settings(file: Path) -> Settings:
    """Those of the bare spider, and a file for the items."""
    return Settings({**BARE, "FEEDS": {file: {"format": "jsonlines", "encoding": "utf8"}}})


class Kind(NamedTuple):
    """A spider and how it is run."""

    spider: type[Spider] | str
    settings_for: Callable[[Path], Settings]
    given: Mapping[str, str] = {}


KINDS = {
    "bare": Kind(BareSpider, lambda _file: Settings(BARE)),
    "plain": Kind(PlainSpider, plain_settings),
    "finews": Kind("category", finews_settings, {"categories": ",".join(CATEGORIES)}),
}


def crawl(kind: str, url: str, file: str) -> dict[str, float]:
    """Run one crawl and give what it did."""
    spider, settings_for, given = KINDS[kind]
    process = AsyncCrawlerProcess(settings_for(Path(file)))
    crawler = process.create_crawler(spider)
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
