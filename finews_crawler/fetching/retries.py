"""Scrapy's retries, later each time."""

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response
from scrapy.settings import BaseSettings

from finews_crawler.fetching.gate import NOT_BEFORE
from finews_crawler.fetching.waiting import World, backoff_of


class BackoffRetry(RetryMiddleware):
    """Gives a request that is asked again the moment before which it must not leave.

    What is retried and how often is Scrapy's: RETRY_HTTP_CODES, RETRY_EXCEPTIONS, RETRY_TIMES.
    """

    def __init__(self, settings: BaseSettings, world: World | None = None) -> None:
        super().__init__(settings)
        self._world = world or World()
        self._backoff = backoff_of(settings)

    def process_response(  # type: ignore[override]  # Scrapy passes no spider any more
        self, request: Request, response: Response
    ) -> Request | Response:
        """Ask again where the status says that the server is in trouble."""
        result = super().process_response(request, response)
        if isinstance(result, Request):
            self._delay(result)
        return result

    def process_exception(  # type: ignore[override]  # Scrapy passes no spider any more
        self, request: Request, exception: Exception
    ) -> Request | None:
        """Ask again where no answer came."""
        again = super().process_exception(request, exception)
        if not isinstance(again, Request):
            return None
        self._delay(again)
        return again

    def after_damage(self, request: Request) -> Request | None:
        """The request to make when an answer was not whole; None after the last retry."""
        return self.process_exception(request, ResponseDataLossError())

    def _delay(self, again: Request) -> None:
        pause = self._backoff.pause(again.meta["retry_times"], self._world.dice)
        again.meta[NOT_BEFORE] = self._world.clock() + pause
