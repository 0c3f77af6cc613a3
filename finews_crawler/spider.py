"""What all spiders share: checked arguments, rejects for pages that fail, a clock."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from traceback import format_exc
from typing import Any, ClassVar, Self, TypeVar

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

from finews_crawler.addresses import is_loopback
from finews_crawler.arguments import Argument, ArgumentValue, read_arguments
from finews_crawler.errors import ArgumentError, ExtractionError
from finews_crawler.extraction.ids import article_code
from finews_crawler.items import INTERNAL_ERROR, Reject
from finews_crawler.loopback import SLOT

Found = TypeVar("Found")


def now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def http_status(failure: Failure) -> int | None:
    """The status of an answer that was no success; None when there was no answer."""
    error = failure.value
    return error.response.status if isinstance(error, HttpError) else None


def given_of(failure: Failure) -> dict[str, Any]:
    """What a request that failed was to give its callback."""
    given: dict[str, Any] = failure.request.cb_kwargs  # type: ignore[attr-defined]  # by Scrapy
    return given


class FinewsSpider(Spider):
    """A spider chooses URLs; it holds no selectors."""

    arguments: ClassVar[Sequence[Argument]] = ()

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
        try:
            return extract(response.body, response.url, **known)
        except ExtractionError as error:
            return self.reject("extract", error.reason, error.detail, response.url)
        except Exception as error:  # noqa: BLE001 - the edge of a page: our bug costs no other
            self.logger.debug("%s: %s", response.url, format_exc())
            detail = f"{type(error).__name__}: {error}"
            return self.reject("extract", INTERNAL_ERROR, detail, response.url)

    def reject(self, stage: str, reason: str, detail: str, url: str) -> Reject:
        """Make a reject; the store keeps it and tells the operator."""
        return Reject(
            stage=stage,
            reason=reason,
            detail=detail,
            url=url,
            code=article_code(url),
            seen_at=now(),
        )

    def fetch_reject(self, failure: Failure) -> Reject:
        """Make a reject of a request that gave no page: an HTTP status or a network failure."""
        url = failure.request.url  # type: ignore[attr-defined]  # Scrapy adds it
        status = http_status(failure)
        if status is not None:
            return self.reject("fetch", f"http_{status}", f"the site answered {status}", url)
        kind = type(failure.value).__name__
        return self.reject("fetch", kind.lower(), failure.getErrorMessage() or kind, url)
