"""What secids stand for, by the shipped market table."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.items import AssetClass, Symbol
from pipelines.code_changes import beijing_aliases
from pipelines.normalise.symbols import UNKNOWN, markets, resolve

JUNE_2022 = date(2022, 6, 14)
LAST_OLD_DAY = date(2025, 10, 8)
ALL_BEIJING_MOVED = date(2025, 10, 9)

SHANGHAI: list[tuple[str, str, AssetClass]] = [
    ("1.600919", "600919.SH", "stock"),
    ("1.601088", "601088.SH", "stock"),
    ("1.605117", "605117.SH", "stock"),
    ("1.688001", "688001.SH", "stock"),
    ("1.689009", "689009.SH", "stock"),
    ("1.900901", "900901.SH", "stock"),
    ("1.000001", "000001.SH", "index"),
    ("1.000300", "000300.SH", "index"),
    ("1.000905", "000905.SH", "index"),
    ("1.510300", "510300.SH", "fund"),
    ("1.588000", "588000.SH", "fund"),
    ("1.110044", "110044.SH", "bond"),
    ("1.113050", "113050.SH", "bond"),
    ("1.019666", "019666.SH", "bond"),
    ("1.163376", "163376.SH", "bond"),
    ("1.204001", "204001.SH", "rate"),
]
SHENZHEN: list[tuple[str, str, AssetClass]] = [
    ("0.000001", "000001.SZ", "stock"),
    ("0.000625", "000625.SZ", "stock"),
    ("0.000905", "000905.SZ", "stock"),
    ("0.002572", "002572.SZ", "stock"),
    ("0.300750", "300750.SZ", "stock"),
    ("0.200012", "200012.SZ", "stock"),
    ("0.399006", "399006.SZ", "index"),
    ("0.980017", "980017.SZ", "index"),
    ("0.159915", "159915.SZ", "fund"),
    ("0.180101", "180101.SZ", "fund"),
    ("0.123107", "123107.SZ", "bond"),
    ("0.128036", "128036.SZ", "bond"),
    ("0.101619", "101619.SZ", "bond"),
    ("0.114173", "114173.SZ", "bond"),
    ("0.131810", "131810.SZ", "rate"),
]
ABROAD: list[tuple[str, str, str, AssetClass]] = [
    ("105.AAPL", "AAPL.O", "XNAS", "stock"),
    ("106.NIO", "NIO.N", "XNYS", "stock"),
    ("106.BRK_A", "BRK_A.N", "XNYS", "stock"),
    ("116.00700", "00700.HK", "XHKG", "stock"),
    ("128.00700", "00700.HK", "XHKG", "stock"),
    ("155.HSBA", "HSBA.L", "XLON", "stock"),
    ("156.HTSC", "HTSC.L", "XLON", "stock"),
]
SECID_IS_THE_SYMBOL: list[tuple[str, str | None, AssetClass]] = [
    ("2.H30597", None, "index"),
    ("8.IF", "CCFX", "future"),
    ("90.BK0473", None, "board"),
    ("100.NDX", None, "index"),
    ("101.GC00Y", "XCEC", "future"),
    ("103.ES00Y", None, "future"),
    ("113.cu2207", "XSGE", "future"),
    ("115.SR209", "XZCE", "future"),
    ("118.AU9999", "SGEX", "spot"),
    ("119.EURUSD", None, "fx"),
    ("120.USDCNYC", "XCFE", "fx"),
    ("124.HSTECH", None, "index"),
    ("150.110022", None, "fund"),
    ("151.cu2207C70000", None, "option"),
    ("171.CN10Y", None, "rate"),
    ("225.si2308", None, "future"),
]
NOT_IN_THE_TABLE = [
    *("", ".", "1", "1.", ".600919", "abc", "600919.SH", " 1.600919", "1.600919 ", "1.600919\n"),
    *("999.600919", "01.600919", "-1.600919"),
    *("1.60A", "1.60091", "1.6009190", "1.602000", "1.730001", "1.300750", "1.920799"),
    *("0.600919", "0.080001", "0.140001", "0.899", "0.BK0473", "90.000001", "90.BK04734"),
    *("105.aapl", "105.A..B", "106.BRK_", "116.700", "155.BP.", "119.EUR USD", "150.x"),
    # Full-width digits; under 1 only the last four are.
    *("1.60\uff10\uff19\uff11\uff19", "116.\uff10\uff10\uff17\uff10\uff10"),
]
PILOTS = [
    ("0.833819", "833819.BJ", "920819.BJ"),
    ("0.830799", "830799.BJ", "920799.BJ"),
    ("0.831445", "831445.BJ", "920445.BJ"),
    ("0.430489", "430489.BJ", "920489.BJ"),
    ("0.839167", "839167.BJ", "920167.BJ"),
    ("0.834682", "834682.BJ", "920682.BJ"),
]
BEIJING_OR_NEEQ = ["0.430090", "0.832000", "0.870508", "0.889999"]


def secids() -> st.SearchStrategy[str]:
    """Any text, and near misses: a known market number with a code of the usual letters."""
    digits = st.text("0123456789", min_size=6, max_size=6)
    codes = (
        digits | st.sampled_from(sorted(beijing_aliases())) | st.text("AZaz09_-.\uff10", max_size=8)
    )
    near = st.tuples(st.sampled_from(sorted(markets())), codes).map(".".join)
    return st.text() | near


def dates() -> st.SearchStrategy[date | None]:
    return st.none() | st.dates()


@pytest.mark.parametrize(("secid", "symbol", "asset_class"), SHANGHAI)
def test_shanghai(secid: str, symbol: str, asset_class: AssetClass) -> None:
    expected = Symbol(symbol=symbol, mic="XSHG", asset_class=asset_class)
    assert resolve(secid, JUNE_2022) == expected


@pytest.mark.parametrize(("secid", "symbol", "asset_class"), SHENZHEN)
def test_shenzhen(secid: str, symbol: str, asset_class: AssetClass) -> None:
    expected = Symbol(symbol=symbol, mic="XSHE", asset_class=asset_class)
    assert resolve(secid, JUNE_2022) == expected


@pytest.mark.parametrize(("secid", "symbol", "mic", "asset_class"), ABROAD)
def test_hong_kong_new_york_london(
    secid: str, symbol: str, mic: str, asset_class: AssetClass
) -> None:
    assert resolve(secid, JUNE_2022) == Symbol(symbol=symbol, mic=mic, asset_class=asset_class)


def test_nyse_american_and_arca_cannot_be_told_apart() -> None:
    expected = Symbol(symbol="SPY.A", mic=None, asset_class="unknown")
    assert resolve("107.SPY", JUNE_2022) == expected


@pytest.mark.parametrize(("secid", "mic", "asset_class"), SECID_IS_THE_SYMBOL)
def test_without_a_sure_suffix_the_secid_is_the_symbol(
    secid: str, mic: str | None, asset_class: AssetClass
) -> None:
    assert resolve(secid, JUNE_2022) == Symbol(symbol=secid, mic=mic, asset_class=asset_class)


@pytest.mark.parametrize("secid", NOT_IN_THE_TABLE)
def test_what_the_table_does_not_hold_is_never_guessed(secid: str) -> None:
    assert resolve(secid, JUNE_2022) == UNKNOWN


@pytest.mark.parametrize(
    ("secid", "symbol", "asset_class"),
    [("0.920799", "920799.BJ", "stock"), ("0.899050", "899050.BJ", "index")],
)
def test_beijing(secid: str, symbol: str, asset_class: AssetClass) -> None:
    expected = Symbol(symbol=symbol, mic="BJSE", asset_class=asset_class)
    assert resolve(secid, ALL_BEIJING_MOVED) == expected


@pytest.mark.parametrize(("secid", "before", "after"), PILOTS)
def test_a_known_beijing_stock_has_the_code_of_the_articles_date(
    secid: str, before: str, after: str
) -> None:
    days = [None, JUNE_2022, date(2025, 5, 5), date(2025, 5, 6), ALL_BEIJING_MOVED]
    found = [resolve(secid, day) for day in days]
    symbols = [before, before, before, after, after]
    assert found == [Symbol(symbol=one, mic="BJSE", asset_class="stock") for one in symbols]


@pytest.mark.parametrize("secid", BEIJING_OR_NEEQ)
@pytest.mark.parametrize("day", [None, JUNE_2022, LAST_OLD_DAY])
def test_beijing_and_neeq_shared_codes(secid: str, day: date | None) -> None:
    assert resolve(secid, day) == Symbol(symbol=None, mic=None, asset_class="stock")


@pytest.mark.parametrize("secid", BEIJING_OR_NEEQ)
def test_once_all_beijing_stocks_have_moved_the_shared_codes_are_neeqs(secid: str) -> None:
    expected = Symbol(symbol=None, mic="NEEQ", asset_class="stock")
    assert resolve(secid, ALL_BEIJING_MOVED) == expected


@pytest.mark.parametrize("secid", ["0.400001", "0.420008"])
def test_delisted_boards_are_on_neeq(secid: str) -> None:
    assert resolve(secid, JUNE_2022) == Symbol(symbol=None, mic="NEEQ", asset_class="stock")


@settings(deadline=None)
@given(secids(), dates())
def test_any_text_resolves_always_the_same_way(secid: str, day: date | None) -> None:
    assert resolve.__wrapped__(secid, day) == resolve(secid, day)


@settings(deadline=None)
@given(secids(), dates())
def test_a_symbol_contains_the_code_or_the_known_code_that_followed_it(
    secid: str, day: date | None
) -> None:
    code = secid.partition(".")[2]
    codes = {code, beijing_aliases()[code].new} if code in beijing_aliases() else {code}
    symbol = resolve(secid, day).symbol
    assert symbol is None or any(one in symbol for one in codes)
