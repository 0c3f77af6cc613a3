"""Eastmoney's rolling news and column lists, as the site shows them now."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import cast

from finews_crawler.arguments import Argument, comma_list
from finews_crawler.errors import ArgumentError
from finews_crawler.origin_queue import reading_arguments
from finews_crawler.origin_reading import OriginReadingSpider
from finews_crawler.origin_requests import LISTS, list_kind
from finews_crawler.origin_walk import Walk
from finews_crawler.reference import load_table

ROLLING = "724:"
_COLUMN = re.compile(r"(?:724:)?\d{1,6}")


def read_columns(text: str) -> tuple[str, ...]:
    """Read columns: `724:102` is a part of the rolling news, `350` a column list.

    Raises:
        ArgumentError: one is neither, or there is none.
    """
    rolling = load_table("origin")["columns"]["rolling"]
    for word in comma_list(text):
        if not _COLUMN.fullmatch(word):
            raise ArgumentError(f"{word!r} is no column, such as 724:102 or 350")
        if word in rolling:
            raise ArgumentError(f"{word} is a part of the rolling news: write {ROLLING}{word}")
    if not comma_list(text):
        raise ArgumentError("no column given")
    return tuple(dict.fromkeys(comma_list(text)))


class LiveSpider(OriginReadingSpider):
    """The newest articles of Eastmoney's lists, with their full text.

    What each list told is kept as category pages are, under `eastmoney:` and the column's word, so
    that the next crawl knows whether it came in time.
    """

    name = "live"
    arguments = (
        Argument(
            "columns",
            read_columns,
            "lists to read: 724:102 is a part of the rolling news, 350 a column",
            ("724:102",),
        ),
        *reading_arguments(since=timedelta(hours=6)),
    )

    def lists(self) -> Iterator[Walk]:
        """One for each column."""
        for column in cast("tuple[str, ...]", self.values["columns"]):
            kind = list_kind("rolling" if column.startswith(ROLLING) else "columns")
            subject = column.removeprefix(ROLLING)
            yield Walk(kind, subject, self.since, slug=f"{LISTS}{column}")
