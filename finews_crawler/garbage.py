"""Less garbage collection: a crawl makes many objects and hardly any cycles of them.

`make bench-crawl` shows it: at Python's defaults the collector walks all loaded modules and tables
again and again, which takes a good part of a crawl. Much rarer than this, what Scrapy leaves behind
in cycles (tasks, failures) scatters the memory, which then grows with the number of pages.
"""

import gc
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

# Collections after so many new objects; of the older generations after so many of the younger.
THRESHOLDS = (10_000, 10, 10)


class RareCollections:
    """Leaves what is loaded when the spider opens out of all collections, and makes them rare."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Wait for the spider."""
        extension = cls()
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        return extension

    def spider_opened(self) -> None:
        """Set the collector up for the rest of the process, which is this crawl's."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
