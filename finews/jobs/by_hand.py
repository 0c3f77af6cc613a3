"""Tells whoever crawls by hand that somebody else reads the same site.

Such a crawl is not refused: whoever starts one may have to, while a worker hangs at the site; and a
crawl that ends at once leaves no word in a program that started it and does not read its lines.
"""

import os
from contextlib import suppress
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from finews.jobs.locks import HOLDS_SITES, site_locks
from finews.jobs.sites import sites_of
from finews.messages import text
from finews_crawler.commands.crawl import say
from finews_crawler.errors import StorageError
from finews_crawler.spider import FinewsSpider

_SETTINGS = ("FINEWS_SITE", "FINEWS_SHARE_ENDPOINT", "FINEWS_OLD_POSTS")


class ByHand:
    """An extension for crawls that neither a job nor a worker has started."""

    def __init__(self, crawler: Crawler) -> None:
        self._settings = crawler.settings

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Look when the crawl begins.

        Raises:
            NotConfigured: its parent holds the locks of its sites.
        """
        if os.environ.get(HOLDS_SITES):
            raise NotConfigured
        made = cls(crawler)
        crawler.signals.connect(made.look, signal=signals.spider_opened)
        return made

    def look(self, spider: Spider) -> None:
        """Tell of each site that a job or a worker reads at this moment."""
        if not isinstance(spider, FinewsSpider):
            return
        chosen = {name: str(self._settings[name]) for name in _SETTINGS}
        with suppress(StorageError):  # a database without locks, or one that is away
            sites = sites_of(spider.name, spider.given, chosen)
            for site, lock in site_locks(self._settings["FINEWS_DATABASE_URL"], sites).items():
                if lock.is_taken():
                    say(f"{spider.name}: {text('site_is_read_too', site=site)}")
