"""What all spiders share: checked arguments, rejects for pages that fail, a clock."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from traceback import format_exc
from typing import Any, ClassVar, Self, TypeVar

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

from finews_crawler.addresses import is_loopback
from finews_crawler.arguments import Argument, ArgumentValue, read_arguments
from finews_crawler.errors import ArgumentError, ExtractionError
from finews_crawler.extraction.ids import article_code
from finews_crawler.extraction.readers import reader_name
from finews_crawler.fetching.reasons import response_of, told_of
from finews_crawler.items import INTERNAL_ERROR, Answer, RawArticle, Reject
from finews_crawler.loopback import SLOT
from finews_crawler.memory import Memory, memory_of

Found = TypeVar("Found")


def now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def http_status(failure: Failure) -> int | None:
    """The status of an answer that was no success; None when there was no answer."""
    response = response_of(failure)
    return response.status if response is not None else None


def given_of(failure: Failure) -> dict[str, Any]:
    """What a request that failed was to give its callback."""
    given: dict[str, Any] = failure.request.cb_kwargs  # type: ignore[attr-defined]  # by Scrapy
    return given


def answer_of(response: Response, reader: str = "") -> Answer:
    """What is kept of a response: status, headers and body."""
    pairs = ((name, value) for name, values in response.headers.items() for value in values)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
    return Answer(status=response.status, headers=headers, body=response.body, reader=reader)


class FinewsSpider(Spider):
    """A spider chooses URLs; it holds no selectors."""

    arguments: ClassVar[Sequence[Argument]] = ()
    memory: Memory
    """What earlier crawls have learned."""

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given
        self.values: dict[str, ArgumentValue] = self.read_values(given)

    @classmethod
    def read_values(cls, given: dict[str, str]) -> dict[str, ArgumentValue]:
        """Check and parse the arguments.

        Raises:
            ArgumentError: one is unknown or malformed.
        """
        return read_arguments(cls.name, cls.arguments, given)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider and let it set itself up from the settings."""
        if args:
            raise ArgumentError(f"spider {cls.name}: arguments need names, name=value")
        spider = super().from_crawler(crawler, **kwargs)
        spider.memory = memory_of(crawler)
        spider.set_up()
        return spider

    def set_up(self) -> None:
        """Prepare what needs the settings; runs before the first request."""

    def allow_hosts(self, hosts: list[str]) -> None:
        """Say which hosts may be asked.

        Where all are this machine, as many connections stay open as its slot allows: Scrapy sizes
        the pool by the limit for other hosts, and making a connection costs as much as a page.
        """
        self.allowed_domains = hosts
        settings = self.crawler.settings
        slot = settings.getdict("DOWNLOAD_SLOTS").get(SLOT)
        if slot and all(is_loopback(f"//{host}") for host in hosts):
            many = slot["concurrency"]
            settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", many, priority="spider")

    @property
    def expected(self) -> int | None:
        """How many articles there will be; None as long as that is not known."""
        return None

    @property
    def stats(self) -> StatsCollector:
        """The crawl's statistics."""
        return self.crawler.stats

    def count(self, key: str) -> None:
        """Add one to `finews/<key>`."""
        self.stats.inc_value(f"finews/{key}")

    def read(
        self, extract: Callable[..., Found], response: Response, **known: object
    ) -> Found | Reject:
        """Extract from a page; one bad page gives a reject and never ends the crawl."""
        answer = partial(answer_of, response, reader_name(extract))
        try:
            found = extract(response.body, response.url, **known)
        except ExtractionError as error:
            return self.reject("extract", error.reason, error.detail, response.url, answer())
        except Exception as error:  # noqa: BLE001 - the edge of a page: our bug costs no other
            self.logger.debug("%s: %s", response.url, format_exc())
            detail = f"{type(error).__name__}: {error}"
            return self.reject("extract", INTERNAL_ERROR, detail, response.url, answer())
        return replace(found, page=answer) if isinstance(found, RawArticle) else found

    def reject(
        self, stage: str, reason: str, detail: str, url: str, answer: Answer | None = None
    ) -> Reject:
        """Make a reject; the store keeps it with the answer it is about and tells the operator."""
        return Reject(
            stage=stage,
            reason=reason,
            detail=detail,
            url=url,
            code=article_code(url),
            seen_at=now(),
            answer=answer,
        )

    def fetch_reject(self, failure: Failure) -> Reject:
        """Make a reject of a request that gave no page; `fetching.reasons` has the words."""
        told = told_of(failure, self.crawler.settings.getint("DOWNLOAD_MAXSIZE"))
        answer = answer_of(told.response) if told.response is not None else None
        return self.reject("fetch", told.reason, told.detail, told.url, answer)

    def depends_on(self, _url: str) -> bool:
        """Whether the crawl has failed when the host of an address refuses to be read."""
        return True
