"""Log lines that name an item instead of printing it."""

import logging
from typing import Self

from scrapy import Spider, logformatter
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatterResult
from twisted.python.failure import Failure


def item_name(item: object) -> str:
    """What a log line calls an item: its kind and where it is from."""
    url = getattr(item, "identity", None) or getattr(item, "url", None) or ""
    return f"{type(item).__name__} {url}".rstrip()


def without_traceback(record: logging.LogRecord) -> bool:
    """Let a record through without its traceback."""
    record.exc_info = None
    return True


class QuietLogs:
    """Makes Scrapy say no more than is asked for.

    Takes the traceback off the line about a robots.txt that cannot be fetched, and lets Scrapy's
    loggers stop what `LOG_LEVEL` hides anyway: it would be made for every page and thrown away.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Set the loggers up."""
        logging.getLogger("scrapy.downloadermiddlewares.robotstxt").addFilter(without_traceback)
        logging.getLogger("scrapy").setLevel(crawler.settings["LOG_LEVEL"])
        # It warns at every start that redirects carry no Referer, which nobody here wants.
        logging.getLogger("scrapy.downloadermiddlewares.redirect").setLevel(logging.ERROR)
        return cls()


class ShortLogFormatter(logformatter.LogFormatter):
    """Scrapy's lines with `item_name` in the item's place."""

    def scraped(
        self, item: object, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """One line for a stored article."""
        return super().scraped(item_name(item), response, spider)

    def dropped(
        self,
        item: object,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        """One line for a dropped item."""
        return super().dropped(item_name(item), exception, response, spider)

    def item_error(
        self,
        item: object,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        """One line for an item on which a stage failed."""
        return super().item_error(item_name(item), exception, response, spider)
