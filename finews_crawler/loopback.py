"""Politeness is for other people's machines: requests to this one share a slot without delays."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from finews_crawler.addresses import is_loopback

SLOT = "loopback"


class LoopbackMiddleware:
    """Sends requests to loopback through the slot `loopback` of `DOWNLOAD_SLOTS`."""

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> Self:
        """Need nothing of the crawl."""
        return cls()

    def process_request(self, request: Request) -> None:
        """Choose the slot; AutoThrottle leaves such requests alone."""
        if is_loopback(request.url) or request.url.startswith("file:"):
            request.meta.setdefault("download_slot", SLOT)
            request.meta.setdefault("autothrottle_dont_adjust_delay", True)
