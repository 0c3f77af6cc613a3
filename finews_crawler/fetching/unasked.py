"""The pages of a host that is left alone: each is a reject, and its host may end the crawl.

Each by its address, also where thousands say the same: `finews rejects retry` asks for them again.
Such a reject has no page and is a short row; `finews rejects list --reason` tells them apart.
"""

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from finews_crawler.fetching.hosts import Host, Hosts
from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.spider import FinewsSpider


class UnaskedPages:
    """Refuses requests to hosts that are closed; the spider's errback makes them rejects."""

    def __init__(self, crawler: Crawler, hosts: Hosts) -> None:
        self._crawler = crawler
        self._hosts = hosts
        crawler.signals.connect(self._on_idle, signal=signals.spider_idle)

    def refuse(self, request: Request, host: Host) -> None:
        """Refuse a request if its host is closed.

        Raises:
            NotFetched: it is.
        """
        if host.closing is None:
            return
        if request.errback is not None:  # else it is Scrapy's own, for robots.txt: no page
            self._crawler.stats.inc_value(f"finews/unasked/{host.name}")
        detail = f"not asked: {host.name} {host.closing.said}"
        raise NotFetched(host.closing.reason, detail)

    def _on_idle(self, spider: Spider) -> None:
        """End the crawl as failed if it depends on a closed host.

        Other listeners may have found something to ask: then the end has not come.

        Raises:
            CloseSpider: the crawl has lost the host that it is about.
        """
        if not self._crawler.engine.spider_is_idle():
            return
        for host in self._hosts.closed:
            if host.closing is not None and _depends(spider, host):
                raise CloseSpider(host.closing.ending)


def _depends(spider: Spider, host: Host) -> bool:
    return not isinstance(spider, FinewsSpider) or spider.depends_on(host.root)
