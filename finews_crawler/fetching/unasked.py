"""The pages of a host that is left alone: the first are kept as rejects, all are counted.

Ten thousand rejects that say the same would hide those that say something. A page that is not kept
has its place in a number, which is a reject of its own when the crawl ends.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, cast

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.fetching.hosts import Host, Hosts
from finews_crawler.fetching.reasons import NotFetched, word_of
from finews_crawler.items import Reject
from finews_crawler.spider import FinewsSpider

KEPT = 10
"""Rejects of a host."""
_ERRBACK = "finews_errback"


class UnaskedPages:
    """Refuses requests to hosts that are closed, and tells of them at the end."""

    def __init__(self, crawler: Crawler, hosts: Hosts) -> None:
        self._crawler = crawler
        self._hosts = hosts
        self._told: set[str] = set()
        crawler.signals.connect(self._on_idle, signal=signals.spider_idle)
        crawler.signals.connect(self._on_closed, signal=signals.spider_closed)

    def refuse(self, request: Request, host: Host) -> None:
        """Refuse a request if its host is closed.

        Raises:
            NotFetched: it is.
        """
        if host.closing is None:
            return
        if request.errback is not None:  # else it is Scrapy's own, for robots.txt: no page
            host.unasked += 1
            self._crawler.stats.inc_value(f"finews/unasked/{host.name}")
            request.meta[_ERRBACK] = request.errback
            request.errback = self.fail
        detail = f"not asked: {host.name} {host.closing.said}"
        raise NotFetched(host.closing.reason, detail)

    async def fail(self, failure: Failure) -> AsyncIterator[object]:
        """Let a spider go on as after any failure; of its rejects the first are kept."""
        request: Request = failure.request  # type: ignore[attr-defined]  # by Scrapy
        host, own = self._hosts.at(request.url), word_of(failure.value)
        async for one in _each(request.meta[_ERRBACK](failure)):
            is_own = isinstance(one, Reject) and one.reason == own
            if not is_own or host.kept < KEPT:
                host.kept += is_own
                yield one

    def tell(self, _response: Response) -> Iterator[Reject]:
        """One reject for each host of which pages were only counted."""
        spider = cast("FinewsSpider", self._crawler.spider)
        for host in self._untold():
            self._told.add(host.name)
            if host.closing is not None:
                detail = f"{_line(host)}; {host.unasked - host.kept} of them are only counted"
                yield spider.reject("fetch", host.closing.reason, detail, host.root)

    def _untold(self) -> list[Host]:
        counted = [host for host in self._hosts.closed if host.unasked > host.kept]
        return [host for host in counted if host.name not in self._told]

    def _on_idle(self, spider: Spider) -> None:
        """Tell, come back, and end the crawl as failed if it depends on a closed host.

        Other listeners may have found something to ask: then the end has not come.

        Raises:
            DontCloseSpider: something is left to tell.
            CloseSpider: the crawl has lost the host that it is about.
        """
        if not self._hosts.closed or not self._crawler.engine.spider_is_idle():
            return
        if self._untold():
            # A callback is the only place from which items can leave; Scrapy answers this itself.
            request = Request("data:,", callback=self.tell, dont_filter=True)
            self._crawler.engine.crawl(request)
            raise DontCloseSpider
        for host in self._hosts.closed:
            if host.closing is not None and _depends(spider, host):
                raise CloseSpider(host.closing.ending)

    def _on_closed(self, spider: Spider) -> None:
        for host in self._untold():
            spider.logger.warning("%s", _line(host))


def _line(host: Host) -> str:
    said = host.closing.said if host.closing else ""
    return f"{host.unasked} pages of {host.name} were not asked for: it {said}"


def _depends(spider: Spider, host: Host) -> bool:
    return not isinstance(spider, FinewsSpider) or spider.depends_on(host.root)


async def _each(output: Any) -> AsyncIterator[object]:
    """What an errback gives out, in whichever way Scrapy allows."""
    if output is None:
        return
    if isinstance(output, AsyncIterator):
        async for one in output:
            yield one
    else:
        for one in cast("Iterable[object]", output):
            yield one
