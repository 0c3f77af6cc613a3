"""From Eastmoney's secid to the canonical symbol, by the market table, for a date.

The market number decides, not the code alone: `1.000001` is the SSE Composite, `0.000001` a bank.
A symbol that is not certain is None: a wrong one is worse.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TypeVar, get_args

from finews_crawler.items import AssetClass, Symbol
from finews_crawler.reference import load_table
from pipelines.code_changes import BEIJING, beijing_aliases
from pipelines.reference_rows import TableRow, by_key, table_rows

T = TypeVar("T")

UNKNOWN = Symbol(symbol=None, mic=None, asset_class="unknown")
_ANY_CODE = r"[A-Za-z0-9_\-]{1,16}"
_SURE = ("A", "B", "C", "D")
_ASSET_CLASSES: dict[str, AssetClass] = {name: name for name in get_args(AssetClass)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRange:
    """The codes of a market that mean one kind of security, from `since` until before `until`."""

    codes: re.Pattern[str]
    asset_class: AssetClass
    mic: str | None
    suffix: str | None
    since: date | None
    until: date | None

    def fits(self, code: str, on_date: date | None) -> bool:
        """Whether the code means this on the date; no date is before every change of meaning."""
        begun = self.since is None or (on_date is not None and on_date >= self.since)
        over = self.until is not None and on_date is not None and on_date >= self.until
        return begun and not over and self.codes.fullmatch(code) is not None


@dataclass(frozen=True, slots=True)
class Market:
    """One market number; `keep` says that its symbol is the secid itself."""

    number: str
    keep: bool
    ranges: tuple[CodeRange, ...]


def _code_range(row: TableRow, codes: str) -> CodeRange:
    row.one_of("sure", dict.fromkeys(_SURE, True))
    return CodeRange(
        codes=row.pattern("codes", codes),
        asset_class=row.one_of("asset_class", _ASSET_CLASSES),
        mic=row.optional("mic", str),
        suffix=row.optional("suffix", str),
        since=row.optional("since", date),
        until=row.optional("until", date),
    )


def _listed_range(place: str, entry: object) -> CodeRange:
    row = TableRow(place, entry)
    row.required("what", str)
    found = _code_range(row, row.required("codes", str))
    row.finish()
    return found


def _market(place: str, entry: object) -> Market:
    row = TableRow(place, entry)
    number = str(row.required("number", int))
    row.required("name", str)
    row.required("seen_in", str)
    row.optional("note", str)
    listed = row.optional("ranges", list)
    if listed is None:
        only = _code_range(row, row.optional("codes", str) or _ANY_CODE)
        market = Market(number, only.suffix is None, (only,))
    else:
        row.one_of("sure", dict.fromkeys(_SURE, True))
        places = (f"{place} ({number}), range {at}" for at in range(1, len(listed) + 1))
        market = Market(number, False, tuple(map(_listed_range, places, listed)))
    row.finish()
    return market


def read_markets(table: Mapping[str, object]) -> dict[str, Market]:
    """Read a parsed market table, by number.

    Raises:
        ConfigurationError: a row cannot be understood; the message names it.
    """
    file = "markets.toml"
    rows = enumerate(table_rows(file, "market", table), start=1)
    markets = (_market(f"{file}: market row {at}", row) for at, row in rows)
    return by_key(file, ((market.number, market) for market in markets))


@cache
def markets() -> dict[str, Market]:
    """The market table by number."""
    return read_markets(load_table("markets"))


def _beijing(code: str, on_date: date | None) -> Symbol | None:
    """A known Beijing stock under its old code: the code that was valid on the date."""
    alias = beijing_aliases().get(code)
    if alias is None:
        return None
    changed = on_date is not None and on_date >= alias.since
    mic, suffix = BEIJING
    symbol = f"{alias.new if changed else code}.{suffix}"
    return Symbol(symbol=symbol, mic=mic, asset_class="stock")


def _by_range(market: Market, code: str, on_date: date | None) -> Symbol:
    found = next((entry for entry in market.ranges if entry.fits(code, on_date)), None)
    if found is None:
        return UNKNOWN
    kept = f"{market.number}.{code}" if market.keep else None
    symbol = f"{code}.{found.suffix}" if found.suffix else kept
    return Symbol(symbol=symbol, mic=found.mic, asset_class=found.asset_class)


@lru_cache(maxsize=65536)
def resolve(secid: str, on_date: date | None) -> Symbol:
    """Resolve a secid as printed for the date of its article.

    Never raises for a secid: one that the table does not hold is `UNKNOWN`.
    """
    number, dot, code = secid.partition(".")
    market = markets().get(number) if dot else None
    if market is None:
        return UNKNOWN
    beijing = _beijing(code, on_date) if number == "0" else None
    return beijing or _by_range(market, code, on_date)
