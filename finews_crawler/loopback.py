"""Politeness is for other people's machines: requests to this one share a slot without delays."""

import ipaddress
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

SLOT = "loopback"


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine (`localhost`, `127.0.0.0/8`, `::1`)."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackMiddleware:
    """Sends requests to loopback through the slot `loopback` of `DOWNLOAD_SLOTS`."""

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> Self:
        """Need nothing of the crawl."""
        return cls()

    def process_request(self, request: Request) -> None:
        """Choose the slot; AutoThrottle leaves such requests alone."""
        if is_loopback(request.url):
            request.meta.setdefault("download_slot", SLOT)
            request.meta.setdefault("autothrottle_dont_adjust_delay", True)
