"""One article leaves the pipeline once in a run; what comes later only completes it."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from finews_crawler.items import Article, LateCopy, Listing, Reject
from pipelines.completion import content_hash


class DedupePipeline:
    """Knows, by identity, the renderings (content and URL) that have passed in this run."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._passed: dict[str, set[tuple[str, str]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's statistics."""
        return cls(crawler.stats)

    def process_item(
        self, item: Article | Listing | Reject
    ) -> Article | LateCopy | Listing | Reject:
        """Let an article pass once; a different copy of it goes on to the store alone.

        Raises:
            DropItem: the same content has passed already.
        """
        if not isinstance(item, Article):
            return item
        rendering = (content_hash(item), item.url)
        passed = self._passed.setdefault(item.identity, set())
        if rendering in passed:
            self._stats.inc_value("finews/dedupe/article/repeated")
            raise DropItem(f"{item.identity}: read twice", log_level="DEBUG")
        passed.add(rendering)
        if len(passed) == 1:
            return item
        self._stats.inc_value("finews/dedupe/article/late")
        return LateCopy(article=item)
