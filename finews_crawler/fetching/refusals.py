"""What Scrapy does not ask for, told to the spider."""

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from finews_crawler.fetching.reasons import NotFetched


class ToldOffsite(OffsiteMiddleware):
    """Refuses addresses on hosts that are not part of the crawl, where the spider hears of it."""

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        """Let it pass: what is refused here reaches no errback, and waits for ever."""

    def process_request(self, request: Request) -> None:  # type: ignore[override]  # no spider
        """Check the host.

        Raises:
            NotFetched: it is not part of the crawl.
        """
        try:
            super().process_request(request)
        except IgnoreRequest as error:
            raise NotFetched("offsite") from error


class ToldRobots(RobotsTxtMiddleware):
    """Obeys robots.txt, under its own word.

    A robots.txt that is answered with an error holds no rules for Scrapy: everything may be asked.
    """

    async def process_request(  # type: ignore[override]  # Scrapy passes no spider any more
        self, request: Request
    ) -> None:
        """Check the rules.

        Raises:
            NotFetched: they forbid the page.
        """
        try:
            await super().process_request(request)
        except IgnoreRequest as error:
            raise NotFetched("robots") from error
