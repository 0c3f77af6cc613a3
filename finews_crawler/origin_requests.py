"""How Eastmoney is asked: where its lists and articles stand, and how fast.

All its hosts share one download slot, so that they are asked one after the other: it blocks after
some ten fast calls, whichever hosts they went to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Any, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.misc import load_object

from finews_crawler.addresses import is_of_eastmoney
from finews_crawler.extraction.origin import article_url
from finews_crawler.reference import load_table

SLOT = "eastmoney"
LISTS = "eastmoney:"
"""Before a column, where its list stands among the category pages of sites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """One of Eastmoney's list endpoints: see data/reference/origin.toml."""

    name: str
    url: str
    parameters: Mapping[str, str]
    referer: str
    holds: str
    success: tuple[str, ...]
    size: int
    """Items on a page."""
    pages: int
    """Where the way back ends at the latest."""
    by_cursor: bool
    """Whether a page is named by where the page before ended, not by its number."""
    older: str | None = None
    """The list that stands in where this one refuses."""


@cache
def list_kind(name: str) -> ListKind:
    """A list endpoint by its name in the table."""
    row: dict[str, Any] = load_table("origin")["list"][name]
    return ListKind(name=name, **{**row, "success": tuple(row["success"])})


def _moved(url: str, root: str | None) -> str:
    """The same path on another host, where one was given."""
    if root is None:
        return url
    scheme, host, *_ = urlsplit(root)
    return urlunsplit((scheme, host, *urlsplit(url)[2:]))


def list_url(kind: ListKind, subject: str, page: int, cursor: str, root: str | None) -> str:
    """The address of one page of a list.

    Args:
        kind: the endpoint.
        subject: the column or the keyword.
        page: its number, from 1.
        cursor: where the page before ended; empty for the first.
        root: the host to ask instead of Eastmoney's.
    """
    words = {"subject": subject, "page": page, "size": kind.size, "cursor": cursor}
    filled = {name: Template(text).substitute(words) for name, text in kind.parameters.items()}
    address = Template(kind.url).substitute(words)
    return _moved(f"{address}?{urlencode(filled)}" if filled else address, root)


def article_page(code: str, root: str | None) -> str:
    """The address of an article's own page."""
    return _moved(article_url(code), root)


def text_endpoint(root: str | None) -> str:
    """The host of the JSON texts."""
    return root or str(load_table("origin")["text"]["endpoint"])


def allowed_hosts(root: str | None) -> list[str]:
    """The hosts that may be asked: all of Eastmoney's, or only the one that was given."""
    return [urlsplit(root).hostname or ""] if root else ["eastmoney.com"]


class GentleMiddleware:
    """Sends requests to any host of Eastmoney through one slot, robots.txt too."""

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> Self:
        """Need nothing of the crawl."""
        return cls()

    def process_request(self, request: Request) -> None:
        """Choose the slot; AutoThrottle would make it faster where answers come fast."""
        if is_of_eastmoney(request.url):
            request.meta.setdefault("download_slot", SLOT)
            request.meta.setdefault("autothrottle_dont_adjust_delay", True)


def _put(settings: BaseSettings, name: str, value: object) -> None:
    """Set what has been completed, above where it was.

    `scrapy crawl` sets everything again that the spider has not set above it.
    """
    priority = settings.getpriority(name) or 0
    settings.set(name, value, max(priority + 1, SETTINGS_PRIORITIES["spider"]))


def be_gentle(settings: BaseSettings) -> None:
    """Make a crawl ask Eastmoney one call after the other, unless the settings know better.

    Here and not in the settings module alone: whoever runs a spider with settings of his own would
    otherwise be blocked.
    """
    middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES")
    if GentleMiddleware not in map(load_object, middlewares):
        _put(settings, "DOWNLOADER_MIDDLEWARES", {**middlewares, GentleMiddleware: 51})
    delay = load_table("origin")["politeness"]["delay_seconds"]
    slots = {SLOT: {"concurrency": 1, "delay": delay, "jitter": 0}}
    _put(settings, "DOWNLOAD_SLOTS", slots | settings.getdict("DOWNLOAD_SLOTS"))
