"""Holds requests back while their host rests, and watches the answers for what concerns it whole.

| answer | what follows for its host |
|--------|---------------------------|
| 429, 503, any 5xx with Retry-After | rests for that time, else ever longer; then is asked slower |
| the same, and the time is too long | is not asked again in this crawl |
| 401, 403, 451 | is not asked again in this crawl; for robots.txt it means: there are no rules |
| none, twice in a row and more | rests, ever longer; at last is not asked again |
"""

from typing import Self

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from finews_crawler.fetching.hosts import Closing, Host, Hosts
from finews_crawler.fetching.pace import Pace
from finews_crawler.fetching.reasons import SILENT, NotFetched, word_of
from finews_crawler.fetching.unasked import UnaskedPages
from finews_crawler.fetching.waiting import World, backoff_of, retry_after

NOT_BEFORE = "finews_not_before"
"""Key of `Request.meta`: the moment of the clock before which this one page is not asked again."""
_SENT = "finews_sent"
REFUSALS = frozenset({401, 403, 451})
BUSY = frozenset({429, 503})
_NAP = 1.0
"""Seconds after which one who waits looks whether the crawl still runs."""


class HostGate:
    """The downloader middleware; `GatedHandler` asks it once more, right before a request leaves.

    Between the two a request may stand in its slot's queue for long.
    """

    def __init__(self, crawler: Crawler, world: World | None = None) -> None:
        backoff = backoff_of(crawler.settings)
        self._longest = backoff.longest
        self._crawler = crawler
        self._world = world or World()
        self._hosts = Hosts(backoff, self._world)
        self._unasked = UnaskedPages(crawler, self._hosts)
        self._pace = Pace(crawler, backoff.first)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings."""
        return cls(crawler)

    # --- before -------------------------------------------------------------------------------

    async def process_request(self, request: Request) -> None:
        """Let a request wait for its turn.

        Raises:
            NotFetched: its host is not asked again, or the crawl ends.
        """
        if _is_http(request):
            host = self._hosts.at(request.url)
            await self._wait(request, host, request.meta.get(NOT_BEFORE, 0.0))

    async def leave(self, request: Request) -> None:
        """Let a request leave when its host can be asked, and note the moment.

        Raises:
            NotFetched: its host is not asked again, or the crawl ends.
        """
        await self._wait(request, self._hosts.at(request.url), 0.0)
        if self._pace.has_slowed and self._is_ending():
            self._pace.restore(request)
        request.meta[_SENT] = self._world.clock()

    async def _wait(self, request: Request, host: Host, not_before: float) -> None:
        self._unasked.refuse(request, host)
        while (left := max(host.until, not_before) - self._world.clock()) > 0:
            if self._is_ending():
                raise NotFetched("stopped")
            await self._world.sleep(min(left, _NAP))
            self._unasked.refuse(request, host)

    def _is_ending(self) -> bool:
        """Whether the crawl is being closed; it closes when nobody waits."""
        # Private: Scrapy has no signal for the moment when closing begins.
        slot = self._crawler.engine._slot
        return slot is None or slot.closing is not None

    # --- after --------------------------------------------------------------------------------

    def process_response(self, request: Request, response: Response) -> Response:
        """Learn of the host from its answer.

        Raises:
            NotFetched: the host asks to wait for too long, or has asked too often.
        """
        if not _is_http(request):
            return response
        host, sent_at = self._hosts.at(request.url), self._sent_at(request)
        status = response.status
        wanted = retry_after(response.headers, self._world.now) if status >= 429 else None
        if status in BUSY or (status >= 500 and wanted is not None):
            self._rest(request, response, wanted or 0.0)
        else:
            self._hosts.spoke(host, sent_at)
            if status < 500 and sent_at >= host.until:
                self._pace.good(request)
        if status in REFUSALS and not _is_robots(request):
            self._close(request, Closing("host_refuses", f"answered {status}", "site_refuses"))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Learn of the host from its silence."""
        why = word_of(exception)
        if why not in SILENT or not _is_http(request):
            return
        host = self._hosts.at(request.url)
        was_open = host.closing is None
        self._hosts.was_silent(host, self._sent_at(request), why)
        if host.closing is not None and was_open:
            self._let_go(request, host.closing)

    def _rest(self, request: Request, response: Response, wanted: float) -> None:
        host, said = self._hosts.at(request.url), f"answered {response.status}"
        if wanted > self._longest:
            asked = f"{said} and asks to wait {wanted:.0f} seconds"
            self._close(request, Closing("host_busy", asked, "site_busy"))
            detail = f"{asked}, more than {self._longest:g} (FINEWS_LONGEST_PAUSE_SECONDS)"
            raise NotFetched("retry_after_too_long", f"{host.name} {detail}", response)
        was_open = host.closing is None
        is_new = self._hosts.complained(host, self._sent_at(request), wanted, said)
        # A page that fails time and again says less of its host than pages that never failed.
        if is_new and not request.meta.get("retry_times"):
            self._pace.slow(request)
        if host.closing is not None:
            if was_open:
                self._let_go(request, host.closing)
            raise NotFetched(host.closing.reason, f"{host.name} {host.closing.said}", response)
        if is_new:
            left = host.until - self._world.clock()
            self._log("%s %s: nothing is asked of it for %.1f seconds", host.name, said, left)

    def _close(self, request: Request, closing: Closing) -> None:
        if self._hosts.close(self._hosts.at(request.url), closing):
            self._let_go(request, closing)

    def _let_go(self, request: Request, closing: Closing) -> None:
        name = self._hosts.at(request.url).name
        self._log("%s %s: it is not asked again in this crawl", name, closing.said)
        # What stands in the queue need not wait long to hear so.
        self._pace.restore(request)

    def _log(self, line: str, *values: object) -> None:
        if self._crawler.spider is not None:
            self._crawler.spider.logger.warning(line, *values)

    def _sent_at(self, request: Request) -> float:
        sent: float = request.meta.get(_SENT, self._world.clock())
        return sent


class GatedHandler(HTTP11DownloadHandler):
    """Scrapy's own way of fetching over HTTP, behind the gate."""

    async def download_request(self, request: Request) -> Response:
        """Fetch when the host can be asked."""
        gate = self.crawler.get_downloader_middleware(HostGate)
        if gate is not None:
            await gate.leave(request)
        return await super().download_request(request)


def _is_http(request: Request) -> bool:
    return urlparse_cached(request).scheme in {"http", "https"}


def _is_robots(request: Request) -> bool:
    """Whether Scrapy asks for a host's rules."""
    is_free = bool(request.meta.get("dont_obey_robotstxt"))
    return is_free and urlparse_cached(request).path == "/robots.txt"
