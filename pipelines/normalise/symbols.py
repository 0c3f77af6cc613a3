"""From Eastmoney's secid to the canonical symbol, by the market table, for a date.

The market number decides, not the code alone: `1.000001` is the SSE Composite, `0.000001` a bank.
A symbol that is not certain is None: a wrong one is worse.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TypeVar, get_args

from finews_crawler.errors import ConfigurationError
from finews_crawler.items import AssetClass, Symbol
from finews_crawler.reference import load_table

T = TypeVar("T")

UNKNOWN = Symbol(symbol=None, mic=None, asset_class="unknown")
_ANY_CODE = r"[A-Za-z0-9_\-]{1,16}"
_SURE = ("A", "B", "C", "D")
_ASSET_CLASSES: dict[str, AssetClass] = {name: name for name in get_args(AssetClass)}
_BEIJING = ("BJSE", "BJ")


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


@dataclass(frozen=True, slots=True)
class Alias:
    """A Beijing stock's change of code; `since` is the first day of the new one."""

    old: str
    new: str
    since: date


@dataclass(frozen=True, slots=True)
class DatedSymbol:
    """A symbol of a security: valid from `since` until before `until`; None is without end."""

    symbol: str
    since: date | None
    until: date | None


class _Row:
    """A table row whose values are taken out one by one; what nobody takes is an error."""

    def __init__(self, place: str, row: object) -> None:
        self._place = place
        if not isinstance(row, dict):
            raise self.error("is no row")
        self._left = dict(row)

    def error(self, detail: str) -> ConfigurationError:
        return ConfigurationError(f"{self._place}: {detail}")

    def optional(self, key: str, kind: type[T]) -> T | None:
        value: object = self._left.pop(key, None)
        # not isinstance alone: to Python a TOML instant is a date and true is a number
        if value is None or (isinstance(value, kind) and type(value) is kind):
            return value
        raise self.error(f"{key} {value!r} is not of type {kind.__name__}")

    def required(self, key: str, kind: type[T]) -> T:
        value = self.optional(key, kind)
        if value is None:
            raise self.error(f"{key} is missing")
        return value

    def one_of(self, key: str, meanings: Mapping[str, T]) -> T:
        value = self.required(key, str)
        if value not in meanings:
            raise self.error(f"{key} {value!r} is none of {', '.join(meanings)}")
        return meanings[value]

    def pattern(self, key: str, text: str) -> re.Pattern[str]:
        try:
            return re.compile(text, re.ASCII)  # else \d takes full-width digits
        except re.error as error:
            raise self.error(f"{key} {text!r}: {error}") from error

    def finish(self) -> None:
        if self._left:
            raise self.error(f"unknown {', '.join(self._left)}")


def _rows(file: str, key: str, table: Mapping[str, object]) -> list[object]:
    rows = table.get(key)
    if not isinstance(rows, list) or len(table) != 1:
        raise ConfigurationError(f"{file}: needs rows [[{key}]] and nothing else")
    return rows


def _code_range(row: _Row, codes: str) -> CodeRange:
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
    row = _Row(place, entry)
    row.required("what", str)
    found = _code_range(row, row.required("codes", str))
    row.finish()
    return found


def _market(place: str, entry: object) -> Market:
    row = _Row(place, entry)
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


def _alias(place: str, entry: object) -> Alias:
    row = _Row(place, entry)
    alias = Alias(row.required("old", str), row.required("new", str), row.required("since", date))
    row.finish()
    return alias


def _by_key(file: str, keyed: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for key, value in keyed:
        if key in found:
            raise ConfigurationError(f"{file}: {key} stands twice")
        found[key] = value
    return found


def read_markets(table: Mapping[str, object]) -> dict[str, Market]:
    """Read a parsed market table, by number.

    Raises:
        ConfigurationError: a row cannot be understood; the message names it.
    """
    file = "markets.toml"
    rows = enumerate(_rows(file, "market", table), start=1)
    markets = (_market(f"{file}: market row {at}", row) for at, row in rows)
    return _by_key(file, ((market.number, market) for market in markets))


def read_beijing_aliases(table: Mapping[str, object]) -> dict[str, Alias]:
    """Read a parsed table of changed codes, by the old code.

    Raises:
        ConfigurationError: a row cannot be understood; the message names it.
    """
    file = "beijing_aliases.toml"
    rows = enumerate(_rows(file, "alias", table), start=1)
    aliases = (_alias(f"{file}: alias row {at}", row) for at, row in rows)
    return _by_key(file, ((alias.old, alias) for alias in aliases))


@cache
def markets() -> dict[str, Market]:
    """The market table by number."""
    return read_markets(load_table("markets"))


@cache
def beijing_aliases() -> dict[str, Alias]:
    """The known changes of code on the Beijing exchange, by the old code."""
    return read_beijing_aliases(load_table("beijing_aliases"))


@cache
def _beijing_by_new() -> dict[str, Alias]:
    return {alias.new: alias for alias in beijing_aliases().values()}


def dated_symbols(symbol: str) -> tuple[DatedSymbol, ...]:
    """All symbols that a security has had, the newest last, given any of them."""
    code, _, suffix = symbol.partition(".")
    by_new = _beijing_by_new()
    alias = (beijing_aliases().get(code) or by_new.get(code)) if suffix == _BEIJING[1] else None
    if alias is None:
        return (DatedSymbol(symbol, None, None),)
    return (
        DatedSymbol(f"{alias.old}.{suffix}", None, alias.since),
        DatedSymbol(f"{alias.new}.{suffix}", alias.since, None),
    )


def _beijing(code: str, on_date: date | None) -> Symbol | None:
    """A known Beijing stock under its old code: the code that was valid on the date."""
    alias = beijing_aliases().get(code)
    if alias is None:
        return None
    changed = on_date is not None and on_date >= alias.since
    mic, suffix = _BEIJING
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
