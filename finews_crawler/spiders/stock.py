"""What Eastmoney's own search finds about a stock."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any, cast

from finews_crawler.arguments import Argument, ArgumentValue, comma_list
from finews_crawler.errors import ArgumentError
from finews_crawler.origin_queue import reading_arguments
from finews_crawler.origin_reading import OriginReadingSpider
from finews_crawler.origin_requests import list_kind
from finews_crawler.origin_walk import Walk
from finews_crawler.reference import load_table

# The search knows digits only: under 000001 it finds the bank, not the index of that number.
_NOT_SEARCHED = frozenset({"index", "board", "rate", "future", "option", "fx", "spot"})


@cache
def _code_patterns() -> tuple[tuple[str, str, str], ...]:
    """(suffix, pattern of its codes, asset class) of all markets whose symbols have a suffix."""
    markets: list[dict[str, Any]] = load_table("markets")["market"]
    rows = [row for market in markets for row in market.get("ranges", [market])]
    listed = [(row["suffix"], row["codes"], row["asset_class"]) for row in rows if "suffix" in row]
    old = "|".join(alias["old"] for alias in load_table("beijing_aliases")["alias"])
    return (*listed, ("BJ", old, "stock"))


def checked_symbol(word: str) -> str:
    """A canonical symbol, `600919.SH`, in capitals.

    Raises:
        ArgumentError: it is none, or stands for what the search does not know.
    """
    symbol = word.strip().upper()
    code, _, suffix = symbol.rpartition(".")
    suffixes = sorted({known for known, *_ in _code_patterns()})
    if suffix not in suffixes:
        told = ", ".join(suffixes)
        raise ArgumentError(f"{word!r} is no symbol, such as 600919.SH; known endings: {told}")
    fitting = [
        asset_class
        for known, codes, asset_class in _code_patterns()
        if known == suffix and re.fullmatch(codes, code)
    ]
    if not fitting:
        raise ArgumentError(f"{word!r}: no code of {suffix}")
    if fitting[0] in _NOT_SEARCHED:
        raise ArgumentError(f"{word!r} is no stock but: {fitting[0]}")
    return symbol


def read_symbols(text: str) -> tuple[str, ...]:
    """Read canonical symbols.

    Raises:
        ArgumentError: one is none.
    """
    return tuple(dict.fromkeys(map(checked_symbol, comma_list(text))))


class StockSpider(OriginReadingSpider):
    """The newest articles that the search finds under a stock's code, with their full text.

    What it listed is not kept: a search is asked when somebody wants to know, and finds what
    is older whenever it is asked, so that a longer `since` makes up for any absence.
    """

    name = "stock"
    may_be_empty = True
    arguments = (
        Argument("symbols", read_symbols, "stocks: 600919.SH,920799.BJ,00700.HK", ()),
        *reading_arguments(since=timedelta(days=7)),
    )

    @classmethod
    def read_values(cls, given: dict[str, str]) -> dict[str, ArgumentValue]:
        """Check the arguments.

        Raises:
            ArgumentError: there is no symbol.
        """
        values = super().read_values(given)
        if not values["symbols"]:
            raise ArgumentError("spider stock: give symbols=600919.SH,…")
        return values

    def lists(self) -> Iterator[Walk]:
        """One for each symbol."""
        for symbol in cast("tuple[str, ...]", self.values["symbols"]):
            yield Walk(list_kind("search"), symbol.rpartition(".")[0], self.since)
