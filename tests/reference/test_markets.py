"""The tables of markets and of changed codes: no contradiction inside, and bad rows are refused."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

import pytest

from finews_crawler.errors import ConfigurationError
from pipelines.code_changes import beijing_aliases, read_beijing_aliases
from pipelines.normalise.symbols import CodeRange, Market, markets, read_markets, resolve

Row = dict[str, object]
Reader = Callable[[Mapping[str, object]], object]

# ISO 10383, list of February 2025; a new venue is added here once it is looked up in that list.
MICS = {
    *("XSHG", "XSHE", "BJSE", "NEEQ", "XHKG", "XHKF", "XNAS", "XNYS", "XLON", "XKRX"),
    *("CCFX", "XSGE", "XDCE", "XZCE", "XINE", "SGEX", "XCFE"),
    *("XCEC", "XNYM", "IFUS", "IFEU", "XLME", "XSES", "XKLS", "XTKT"),
}
DAYS = [None, date(2022, 6, 14), date(2025, 10, 8), date(2025, 10, 9)]

COMEX: Row = {
    "number": 101,
    "name": "COMEX",
    "asset_class": "future",
    "sure": "B",
    "seen_in": "akshare",
}
SHANGHAI: Row = {"number": 1, "name": "Shanghai", "sure": "A", "seen_in": "posts of the site"}
STOCKS: Row = {"codes": r"6\d{5}", "asset_class": "stock", "sure": "A", "what": "A shares"}
ALIAS: Row = {"old": "830799", "new": "920799", "since": date(2025, 5, 6)}


def shipped_ranges() -> Iterator[tuple[str, CodeRange]]:
    for market in markets().values():
        for entry in market.ranges:
            yield market.number, entry


def ambiguous(market: Market, day: date | None) -> list[str]:
    """Codes that fit two ranges; ranges differ in the first three digits only."""
    codes = [f"{prefix:03}{rest}" for prefix in range(1000) for rest in ("000", "579", "999")]
    return [code for code in codes if sum(one.fits(code, day) for one in market.ranges) > 1]


def without(row: Row, key: str) -> Row:
    return {name: value for name, value in row.items() if name != key}


# --- the shipped tables ----------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("number", ["0", "1"])
def test_no_code_fits_two_ranges(number: str, day: date | None) -> None:
    assert ambiguous(markets()[number], day) == []


def test_only_the_mainland_numbers_hold_several_kinds() -> None:
    assert [number for number, one in markets().items() if len(one.ranges) > 1] == ["0", "1"]


def test_rows_stand_in_the_order_of_their_numbers() -> None:
    numbers = [int(number) for number in markets()]
    assert numbers == sorted(numbers)


def test_dates_of_a_range_are_in_order() -> None:
    backwards = [
        (number, entry)
        for number, entry in shipped_ranges()
        if entry.since and entry.until and entry.since >= entry.until
    ]
    assert backwards == []


def test_every_mic_is_known() -> None:
    mics = {entry.mic for _, entry in shipped_ranges() if entry.mic}
    assert mics == MICS


def test_every_mic_is_well_formed() -> None:
    assert [mic for mic in MICS if not re.fullmatch("[A-Z0-9]{4}", mic)] == []


def test_every_suffix_is_known() -> None:
    suffixes = {entry.suffix for _, entry in shipped_ranges() if entry.suffix}
    assert suffixes == {"SH", "SZ", "BJ", "O", "N", "A", "HK", "L"}


def test_a_symbol_names_one_venue() -> None:
    """Two numbers with one suffix are one venue, so that equal symbols mean equal securities."""
    venues: dict[str, set[str | None]] = {}
    for _, entry in shipped_ranges():
        if entry.suffix:
            venues.setdefault(entry.suffix, set()).add(entry.mic)
    assert [suffix for suffix, mics in venues.items() if len(mics) > 1] == []


def test_aliases_lead_from_the_shared_codes_to_920() -> None:
    odd = [
        alias
        for alias in beijing_aliases().values()
        if not (re.fullmatch(r"(43|83|87|88)\d{4}", alias.old) and re.match("920", alias.new))
    ]
    assert odd == []


def test_aliases_do_not_chain_or_meet() -> None:
    aliases = beijing_aliases().values()
    new = {alias.new for alias in aliases}
    assert (new & set(beijing_aliases()), len(new)) == (set(), len(aliases))


def test_aliases_are_of_a_day_on_which_codes_changed() -> None:
    days = {alias.since for alias in beijing_aliases().values()}
    assert days <= {date(2025, 5, 6), date(2025, 10, 9)}


def test_old_and_new_code_meet_in_one_symbol() -> None:
    day = date(2025, 10, 9)
    pairs = [(f"0.{alias.old}", f"0.{alias.new}") for alias in beijing_aliases().values()]
    assert [resolve(old, day) for old, _ in pairs] == [resolve(new, day) for _, new in pairs]


# --- bad rows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([COMEX, COMEX], "markets.toml: 101 stands twice"),
        ([COMEX, "101"], "markets.toml: market row 2: is no row"),
        ([without(COMEX, "number")], "markets.toml: market row 1: number is missing"),
        ([without(COMEX, "seen_in")], "markets.toml: market row 1: seen_in is missing"),
        ([without(COMEX, "asset_class")], "markets.toml: market row 1: asset_class is missing"),
        ([COMEX | {"number": "101"}], "market row 1: number '101' is not of type int"),
        ([COMEX | {"number": True}], "market row 1: number True is not of type int"),
        ([COMEX | {"asset_class": "share"}], "market row 1: asset_class 'share' is none of stock"),
        ([COMEX | {"sure": "E"}], "market row 1: sure 'E' is none of A, B, C, D"),
        ([COMEX | {"codes": "[A-Z"}], "market row 1: codes '[A-Z': unterminated character set"),
        ([COMEX | {"mick": "XCEC"}], "market row 1: unknown mick"),
        ([SHANGHAI | {"ranges": [STOCKS], "mic": "XSHG"}], "market row 1: unknown mic"),
        (
            [SHANGHAI | {"ranges": [STOCKS, without(STOCKS, "codes")]}],
            "markets.toml: market row 1 (1), range 2: codes is missing",
        ),
        (
            [SHANGHAI | {"ranges": [STOCKS | {"since": datetime(2025, 10, 9)}]}],  # noqa: DTZ001
            "range 1: since datetime.datetime(2025, 10, 9, 0, 0) is not of type date",
        ),
    ],
)
def test_a_bad_market_row_is_named(rows: list[object], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        read_markets({"market": rows})


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([ALIAS, ALIAS], "beijing_aliases.toml: 830799 stands twice"),
        ([without(ALIAS, "since")], "beijing_aliases.toml: alias row 1: since is missing"),
        ([ALIAS | {"since": "2025-05-06"}], "alias row 1: since '2025-05-06' is not of type date"),
        ([ALIAS | {"old": 830799}], "alias row 1: old 830799 is not of type str"),
        ([ALIAS | {"until": date(2026, 1, 1)}], "alias row 1: unknown until"),
    ],
)
def test_a_bad_alias_row_is_named(rows: list[object], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)):
        read_beijing_aliases({"alias": rows})


@pytest.mark.parametrize("table", [{}, {"market": {}}, {"market": [], "markets": []}])
@pytest.mark.parametrize("reader", [read_markets, read_beijing_aliases])
def test_a_file_of_another_shape_is_refused(reader: Reader, table: Mapping[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="and nothing else"):
        reader(table)
