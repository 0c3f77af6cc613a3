"""Log lines name an item and never print it."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from scrapy import Spider
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from finews_crawler.items import Listing, RawArticle, Reject
from finews_crawler.logformat import QuietLogs, ShortLogFormatter, item_name, without_traceback

NOW = datetime(2022, 6, 14, tzinfo=UTC)
URL = "http://127.0.0.1/wind/a.html"
RAW = RawArticle(
    page_kind="post", extractor="post/1", url=URL, fetched_at=NOW, body=(), title="很长的标题"
)
LISTING = Listing(slug="Wind", url=URL, heading=None, entries=("1", "2"), fetched_at=NOW)
REJECT = Reject(stage="fetch", reason="http_404", detail="", url=URL, code=None, seen_at=NOW)
SPIDER = Spider("a")


class Known:
    """An item with an identity, as clean articles have."""

    identity = "202206143000000001"
    url = URL


@pytest.mark.parametrize(
    ("item", "name"),
    [
        pytest.param(RAW, f"RawArticle {URL}", id="raw article"),
        pytest.param(LISTING, f"Listing {URL}", id="listing"),
        pytest.param(REJECT, f"Reject {URL}", id="reject"),
        pytest.param(Known(), "Known 202206143000000001", id="identity beats address"),
        pytest.param(object(), "object", id="neither"),
    ],
)
def test_an_item_is_called_by_its_kind_and_where_it_is_from(item: object, name: str) -> None:
    assert item_name(item) == name


def line(result: object) -> str:
    """The text of a log line."""
    assert isinstance(result, dict)
    return str(result["msg"] % result["args"])


def test_a_stored_item_is_one_line() -> None:
    told = line(ShortLogFormatter().scraped(RAW, Response(URL), SPIDER))
    assert " ".join(told.split()) == f"Scraped from <200 {URL}> RawArticle {URL}"


def test_a_dropped_item_is_named_with_its_reason() -> None:
    told = line(
        ShortLogFormatter().dropped(
            LISTING, DropItem("Listing: listing", log_level="INFO"), None, SPIDER
        )
    )
    assert " ".join(told.split()) == f"Dropped: Listing: listing Listing {URL}"


def test_a_drop_keeps_its_level() -> None:
    dropped = DropItem("Listing: listing", log_level="DEBUG")
    result = ShortLogFormatter().dropped(LISTING, dropped, None, SPIDER)
    assert result["level"] == logging.DEBUG


def test_an_item_on_which_a_stage_failed_is_named() -> None:
    told = line(ShortLogFormatter().item_error(RAW, ValueError("x"), None, SPIDER))
    assert told == f"Error processing RawArticle {URL}"


# --- less noise -------------------------------------------------------------------------------


@pytest.fixture
def loggers() -> Iterator[tuple[logging.Logger, logging.Logger]]:
    """Scrapy's loggers, put back after the test."""
    scrapy = logging.getLogger("scrapy")
    robots = logging.getLogger("scrapy.downloadermiddlewares.robotstxt")
    level, filters = scrapy.level, list(robots.filters)
    yield scrapy, robots
    scrapy.setLevel(level)
    robots.filters = filters


def test_scrapy_makes_no_line_that_the_level_hides(
    loggers: tuple[logging.Logger, logging.Logger],
) -> None:
    QuietLogs.from_crawler(get_crawler(settings_dict={"LOG_LEVEL": "WARNING"}))
    assert loggers[0].level == logging.WARNING


def test_a_robots_txt_that_fails_is_a_line_without_traceback(
    loggers: tuple[logging.Logger, logging.Logger], caplog: pytest.LogCaptureFixture
) -> None:
    QuietLogs.from_crawler(get_crawler(settings_dict={"LOG_LEVEL": "INFO"}))
    loggers[1].error("no robots.txt", exc_info=ConnectionRefusedError("nobody listens"))
    told = [one for one in caplog.records if one.name == loggers[1].name]
    assert [(one.getMessage(), one.exc_info) for one in told] == [("no robots.txt", None)]


def test_a_record_goes_through() -> None:
    record = logging.LogRecord("a", logging.ERROR, "", 0, "text", (), None)
    assert (without_traceback(record), record.getMessage()) == (True, "text")
