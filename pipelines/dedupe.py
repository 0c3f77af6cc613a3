"""One article leaves the pipeline once in a run; what comes later only completes it."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from finews_crawler.items import Article, LateCopy, Listing, Miss, Reject
from pipelines.completion import content_hash

Passing = Article | Listing | Miss | Reject


class DedupePipeline:
    """Knows, by identity, the renderings (content and URL) that have passed in this run.

    Of each it keeps a number, not its words: a crawl of a hundred thousand pages stays small.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._identities: set[int] = set()
        self._renderings: set[int] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's statistics."""
        return cls(crawler.stats)

    def process_item(self, item: Passing) -> Passing | LateCopy:
        """Let an article pass once; a different copy of it goes on to the store alone.

        Raises:
            DropItem: the same content has passed already.
        """
        if not isinstance(item, Article):
            return item
        rendering = hash((item.identity, content_hash(item), item.url))
        if rendering in self._renderings:
            self._stats.inc_value("finews/dedupe/article/repeated")
            raise DropItem(f"{item.identity}: read twice", log_level="DEBUG")
        self._renderings.add(rendering)
        identity = hash(item.identity)
        if identity not in self._identities:
            self._identities.add(identity)
            return item
        self._stats.inc_value("finews/dedupe/article/late")
        return LateCopy(article=item)
