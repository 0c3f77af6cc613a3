"""Securities that changed their codes: which symbols are one security, and on which days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from finews_crawler.reference import load_table
from pipelines.reference_rows import TableRow, by_key, table_rows

BEIJING = ("BJSE", "BJ")


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


def _alias(place: str, entry: object) -> Alias:
    row = TableRow(place, entry)
    alias = Alias(row.required("old", str), row.required("new", str), row.required("since", date))
    row.finish()
    return alias


def read_beijing_aliases(table: Mapping[str, object]) -> dict[str, Alias]:
    """Read a parsed table of changed codes, by the old code.

    Raises:
        ConfigurationError: a row cannot be understood; the message names it.
    """
    file = "beijing_aliases.toml"
    rows = enumerate(table_rows(file, "alias", table), start=1)
    aliases = (_alias(f"{file}: alias row {at}", row) for at, row in rows)
    return by_key(file, ((alias.old, alias) for alias in aliases))


@cache
def beijing_aliases() -> dict[str, Alias]:
    """The known changes of code on the Beijing exchange, by the old code."""
    return read_beijing_aliases(load_table("beijing_aliases"))


@cache
def _beijing_by_new() -> dict[str, Alias]:
    return {alias.new: alias for alias in beijing_aliases().values()}


@lru_cache(maxsize=65536)
def dated_symbols(symbol: str) -> tuple[DatedSymbol, ...]:
    """All symbols that a security has had, the newest last, given any of them."""
    code, _, suffix = symbol.partition(".")
    by_new = _beijing_by_new()
    alias = (beijing_aliases().get(code) or by_new.get(code)) if suffix == BEIJING[1] else None
    if alias is None:
        return (DatedSymbol(symbol, None, None),)
    return (
        DatedSymbol(f"{alias.old}.{suffix}", None, alias.since),
        DatedSymbol(f"{alias.new}.{suffix}", alias.since, None),
    )
