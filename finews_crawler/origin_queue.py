"""The one queue of a crawl of Eastmoney: back through its lists, then the articles not yet known.

The next request is made when the answer to the last one has been read. That is what makes it
gentle, and what lets a refusal stop all of it at once.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings

from finews_crawler.arguments import Argument, ArgumentValue, flag
from finews_crawler.items import Listing, Miss, RawArticle, Reject
from finews_crawler.memory import Wanted, standings
from finews_crawler.origin_requests import allowed_hosts, be_gentle
from finews_crawler.origin_walk import Patience, Walk, listed_at, read_since, since_moment
from finews_crawler.reference import load_table
from finews_crawler.site import checked_root
from finews_crawler.spans import refresh_window
from finews_crawler.spider import FinewsSpider, now

REFUSED = "origin_refused"
"""The closing reason of a crawl that Eastmoney did not want."""
FINAL = frozenset(
    {"http_401", "http_403", "http_451", "host_refuses", "host_busy", "retry_after_too_long"}
)
"""Reasons of rejects after which nothing is asked for again."""

AsyncOutput = AsyncIterator[Request | RawArticle | Listing | Miss | Reject]


def reading_arguments(since: timedelta) -> tuple[Argument, ...]:
    """The arguments of every spider that reads Eastmoney; `since` is the default of its name."""
    return (
        Argument("since", read_since, "how far back: 6h, 3d, 2026-06-16T08:00", since),
        Argument("text", flag, "0: only the lists, without the articles' own pages", True),
        Argument(
            "refresh",
            refresh_window,
            "read again what is known and was published within: 6h, 0, all",
            timedelta(),
        ),
        Argument(
            "endpoint", checked_root, "host to ask instead of Eastmoney's: http://127.0.0.1:8000"
        ),
    )


@dataclass(slots=True)
class Reading:
    """An article that is read, and what has failed of it."""

    listed: RawArticle
    failed: Reject | None = None
    """Why its own page gave nothing."""

    @property
    def code(self) -> str:
        """Its 18 digits."""
        return self.listed.code or ""

    @property
    def asks_text(self) -> bool:
        """Whether its text is asked for, because its page gave nothing."""
        return self.failed is not None


class OriginQueueSpider(FinewsSpider):
    """One request after the other: pages of lists first, then articles."""

    sleep: Callable[[float], Awaitable[object]] = staticmethod(asyncio.sleep)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Be gentle, and ask again when a pause is over."""
        super().update_settings(settings)
        settings.set("DUPEFILTER_CLASS", "scrapy.dupefilters.BaseDupeFilter", priority="spider")
        # Refusals (429, 503) are the queue's own matter: it pauses, and gives up in time.
        settings.set("RETRY_HTTP_CODES", [408, 500, 502, 504], priority="spider")
        be_gentle(settings)

    @classmethod
    def read_values(cls, given: dict[str, str]) -> dict[str, ArgumentValue]:
        """Check the arguments.

        Raises:
            ArgumentError: one is unknown or malformed, or `since` lies in the future.
        """
        values = super().read_values(given)
        since_moment(values["since"], now())
        return values

    def set_up(self) -> None:
        """Choose the hosts and the lists, and watch for a request that never comes back."""
        table = load_table("origin")["politeness"]
        self.root = cast("str | None", self.values["endpoint"])
        self.allow_hosts(allowed_hosts(self.root))
        self.since = since_moment(self.values["since"], now())
        self.verify_words: tuple[str, ...] = tuple(table["verify_words"])
        settings = self.crawler.settings
        self.patience = Patience(
            settings.getfloat("FINEWS_ORIGIN_PAUSE_SECONDS", table["pause_seconds"]),
            settings.getfloat("FINEWS_LONGEST_PAUSE_SECONDS"),
            table["refusals"],
        )
        self.walks = deque(self.lists())
        self.found: dict[str, RawArticle] = {}
        self.listings: deque[Listing] = deque()
        self.readings: deque[Reading] | None = None
        self.under_way: Walk | Reading | None = None
        self._asked_url = ""
        self._expected: int | None = None
        self.crawler.signals.connect(self._on_idle, signal=signals.spider_idle)

    def lists(self) -> Iterable[Walk]:
        """The lists to walk back through."""
        raise NotImplementedError

    def list_request(self, walk: Walk) -> Request:
        """Ask for the next page of a list."""
        raise NotImplementedError

    def article_request(self, reading: Reading) -> Request:
        """Ask for an article's page, or for its text."""
        raise NotImplementedError

    def list_missed(self, reject: Reject, walk: Walk) -> AsyncOutput:
        """Go on after a page of a list that gave nothing."""
        raise NotImplementedError

    def article_missed(self, reject: Reject, reading: Reading) -> AsyncOutput:
        """Go on after an article's page, or its text, that gave nothing."""
        raise NotImplementedError

    @property
    def expected(self) -> int | None:
        """How many articles there will be; None as long as lists are read."""
        return self._expected

    def depends_on(self, url: str) -> bool:
        """No: another list stands in for a list, a digest for a text; the counts tell the rest."""
        return False

    async def start(self) -> AsyncOutput:
        """Ask for the first page of the first list."""
        async for one in self.go_on():
            yield one

    def asking(self, what: Walk | Reading, request: Request) -> Request:
        """Note what a request is for, in case that it never comes back."""
        self.under_way, self._asked_url = what, request.url
        return request

    # --- the queue ----------------------------------------------------------------------------

    async def go_on(self) -> AsyncOutput:
        """Ask for the next page of the lists; when they are through, for the next article.

        Where a person stops the crawl, what was listed still leaves.
        """
        if self.walks and not self._is_stopped():
            yield self.list_request(self.walks[0])
            return
        readings = await self.sifted()
        if self.values["text"] and readings and not self._is_stopped():
            yield self.article_request(readings.popleft())
            return
        self.under_way = None
        for listed in self._rest():
            yield listed

    async def sifted(self) -> deque[Reading]:
        """The articles that are not known, the oldest first."""
        if self.readings is None:
            full = bool(self.values["text"])
            wanted = [Wanted(key=code, full=full) for code in self.found]
            refresh = cast("timedelta | None", self.values["refresh"])
            found = await standings(self.memory, wanted, refresh)
            for standing, number in Counter(found.values()).items():
                self.stats.inc_value(f"finews/memory/{standing}", number)
            fresh = [self.found[one.key] for one in wanted if one.key not in found]
            # What would leave the window first is read first, and `change` keeps the news' order.
            fresh.sort(key=lambda raw: listed_at(raw) or self.since)
            self.readings = deque(map(Reading, fresh))
            self._expected = len(fresh)
            self.stats.inc_value("finews/origin/listed", len(wanted))
            self.logger.info("%d articles listed, %d to read", len(wanted), len(fresh))
        return self.readings

    def _rest(self) -> Iterator[RawArticle | Listing]:
        """What is left leaves as the lists tell it; then what was listed.

        Last, so that a crawl that is killed leaves no listing of which articles were not stored.
        """
        while self.readings:
            yield self.digest(self.readings.popleft())
        while self.listings:
            yield self.listings.popleft()

    def digest(self, reading: Reading) -> RawArticle:
        """Let an article leave as the lists tell it."""
        self.count("origin/article/digest")
        return reading.listed

    async def refused(self, reject: Reject) -> AsyncOutput:
        """Wait and go on with the same; or, when it is enough, let out what is known and end."""
        yield reject
        self.count("origin/refused")
        seconds = None if reject.reason in FINAL else self.patience.refused()
        if seconds is not None:
            self.logger.warning(
                "Eastmoney refuses (%s): waiting %g seconds", reject.detail, seconds
            )
            await self._pause(seconds)
            async for one in self.go_on():
                yield one
            return
        await self.sifted()
        self.under_way = None
        for listed in self._rest():
            yield listed
        raise CloseSpider(REFUSED)

    async def _pause(self, seconds: float) -> None:
        """Wait, in short steps: who stops the crawl does not wait with it."""
        while seconds > 0 and not self._is_stopped():
            step = min(seconds, 1.0)
            await self.sleep(step)
            seconds -= step

    def _is_stopped(self) -> bool:
        """Whether somebody has asked the crawl to end."""
        return not self.crawler.crawling

    def _on_idle(self) -> None:
        """Go on after a request that was dropped without a word, or a callback that broke.

        Articles can leave from a callback only. Scrapy answers a `data:` URL without a network.
        """
        if self.under_way is not None:
            request = Request("data:,", callback=self.parse_dropped, dont_filter=True)
            self.crawler.engine.crawl(request)
            raise DontCloseSpider

    async def parse_dropped(self, _response: Response) -> AsyncOutput:
        """Treat what never came back like what failed."""
        lost = self.under_way
        detail = "the request was dropped, or its answer could not be handled: see the log"
        reject = self.reject("fetch", "dropped", detail, self._asked_url)
        if isinstance(lost, Reading):
            missed = self.article_missed(reject, lost)
        elif lost is not None:
            missed = self.list_missed(reject, lost)
        else:
            return
        async for one in missed:
            yield one
