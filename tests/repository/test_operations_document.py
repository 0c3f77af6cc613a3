"""docs/operations.md tells the waiting times that the program has."""

from datetime import timedelta

import pytest

from finews_crawler.fetching.reasons import REASONS
from finews_crawler.spiders.category import CategorySpider
from pipelines.misses import pause_after
from pipelines.store.engine import BUSY_MILLISECONDS, IDLE_MINUTES
from tests.repository.reading import document, section, table_rows

WORDS = " ".join(document("docs/operations.md").split())
NUMBERS = {5: "five"}


@pytest.mark.parametrize(
    "sentence",
    [
        f"is ended by the server after {NUMBERS[IDLE_MINUTES]} minutes",
        f"others wait for up to {BUSY_MILLISECONDS // 1000} seconds",
    ],
)
def test_a_waiting_time_is_told(sentence: str) -> None:
    assert sentence in WORDS


def test_every_reason_of_a_page_that_was_not_fetched_is_told() -> None:
    rows = table_rows(section(document("docs/operations.md"), "## Why a page was not fetched"))
    told = {reason.strip("`"): meaning for reason, meaning in rows}
    assert told == {word: f"{text[0].upper()}{text[1:]}." for word, text in REASONS.items()}


@pytest.mark.parametrize("span", ["published in the last six hours", "asked for again after a day"])
def test_what_is_asked_for_again_is_told(span: str) -> None:
    assert span in WORDS
    assert refresh_of(CategorySpider) == timedelta(hours=6)
    assert pause_after("fetch", "http_404", 1) == timedelta(days=1)
    assert pause_after("extract", "unknown_layout", 1) == timedelta(hours=1)


def refresh_of(spider: type[CategorySpider]) -> object:
    return next(one.default for one in spider.arguments if one.name == "refresh")
