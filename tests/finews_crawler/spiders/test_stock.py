"""The spider `stock`: symbols to what the search wants, and what it finds."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from finews_crawler.errors import ArgumentError
from finews_crawler.spiders.stock import StockSpider, checked_symbol
from tests.finews_crawler.spiders.driving import count, made
from tests.finews_crawler.spiders.origin_driving import SINCE, Run, awake, crawled
from tests.origin_server import NO_NEWS, VERIFY_PAGE, Origin, news

SEARCH = "/search/jsonp"


def run_on(origin: Origin, symbols: str = "600919.SH", **given: str) -> tuple[StockSpider, Run]:
    spider = awake(StockSpider, **{"since": SINCE, "symbols": symbols, **given})
    return spider, crawled(spider, origin)


def searched(run: Run) -> list[tuple[str, int]]:
    """Keyword and page of each search."""
    asked = [
        json.loads(parse_qs(urlsplit(one.url).query)["param"][0])
        for one in run.requests
        if urlsplit(one.url).path == SEARCH
    ]
    return [(one["keyword"], one["param"]["cmsArticleWebOld"]["pageIndex"]) for one in asked]


# --- symbols ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbol", "keyword"),
    [
        ("600919.SH", "600919"),
        ("688981.sh", "688981"),
        (" 000001.SZ ", "000001"),
        ("300750.SZ", "300750"),
        ("920799.BJ", "920799"),
        ("830799.BJ", "830799"),
        ("00700.HK", "00700"),
        ("NIO.N", "NIO"),
        ("aapl.o", "AAPL"),
        ("BRK_B.N", "BRK_B"),
        ("510300.SH", "510300"),
        ("128036.SZ", "128036"),
    ],
)
def test_a_symbol_is_searched_by_its_code(symbol: str, keyword: str) -> None:
    (walk,) = made(StockSpider, symbols=symbol).walks
    assert (walk.kind.name, walk.subject) == ("search", keyword)


@pytest.mark.parametrize(
    ("symbol", "told"),
    [
        ("600919", "'600919' is no symbol, such as 600919.SH; known endings: A, BJ, "),
        ("600919.SS", "'600919.SS' is no symbol"),
        ("1.600919", "'1.600919' is no symbol"),
        ("600919.SZ", "'600919.SZ': no code of SZ"),
        ("920799.SH", "'920799.SH': no code of SH"),
        ("833333.BJ", "'833333.BJ': no code of BJ"),
        ("700.HK", "'700.HK': no code of HK"),
        (".SH", "'.SH': no code of SH"),
        ("000001.SH", "'000001.SH' is no stock but: index"),
        ("899050.BJ", "'899050.BJ' is no stock but: index"),
        ("204001.SH", "'204001.SH' is no stock but: rate"),
        ("90.BK0493", "'90.BK0493' is no symbol"),
        ('6"0919.SH', "no code of SH"),
    ],
)
def test_what_the_search_does_not_know(symbol: str, told: str) -> None:
    with pytest.raises(ArgumentError) as error:
        checked_symbol(symbol)
    assert told in str(error.value)


def test_a_bad_symbol_among_good_ones_starts_nothing() -> None:
    with pytest.raises(ArgumentError, match=r"spider stock: symbols: '600919\.SZ': no code of SZ"):
        made(StockSpider, symbols="600919.SH,600919.SZ")


@pytest.mark.parametrize("given", [{}, {"symbols": ""}, {"symbols": " , "}], ids=str)
def test_without_a_symbol_there_is_nothing_to_start(given: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match=r"spider stock: give symbols=600919\.SH,…"):
        made(StockSpider, **given)


def test_seven_days_are_the_default() -> None:
    seven = timedelta(days=7)
    before = datetime.now(UTC)
    since = made(StockSpider, symbols="600919.SH").since
    assert before - seven <= since <= datetime.now(UTC) - seven


# --- what is found ------------------------------------------------------------------------------


@pytest.mark.parametrize("is_nested", [False, True])
def test_the_search_is_followed_back_to_the_time(is_nested: bool) -> None:
    found = [news(number, 10 * number) for number in range(1, 8)]
    _, run = run_on(Origin(hits={"600919": found}, is_nested=is_nested))
    assert searched(run) == [("600919", 1), ("600919", 2), ("600919", 3)]
    assert [number for number, *_ in run.kinds] == ["06", "05", "04", "03", "02", "01"]
    (copy,) = run.articles[0].copies
    assert (copy.title, copy.source_line) == ("第6号公司签下合同", "证券日报")


def test_an_article_of_two_stocks_is_read_once() -> None:
    one = news(1, 10)
    _, run = run_on(Origin(hits={"600919": [one], "00700": [one]}), "600919.SH,00700.HK")
    assert [keyword for keyword, _ in searched(run)] == ["600919"] * 2 + ["00700"] * 2
    assert [number for number, *_ in run.kinds] == ["01"]


def test_a_stock_without_news_is_no_fault() -> None:
    spider, run = run_on(Origin(hits={"00700": [news(1, 10)]}), "600919.SH,00700.HK")
    assert (run.rejects, len(run.articles)) == ([], 1)
    assert count(spider, "origin/list/read") == 3


def test_an_answer_with_users_only_is_told_and_the_next_stock_is_asked() -> None:
    origin = Origin(hits={"00700": [news(1, 10)]}, instead={SEARCH: [NO_NEWS]})
    spider, run = run_on(origin, "600919.SH,00700.HK")
    assert (run.rejects, run.waits) == ([("extract", "empty_answer")], [])
    assert run.output[0].detail == "no cmsArticleWebOld in the answer, only passportWeb"
    assert (len(run.articles), count(spider, "origin/list/missed")) == (1, 1)


def test_a_search_that_wants_a_proof_is_asked_again_after_a_pause() -> None:
    origin = Origin(hits={"600919": [news(1, 10)]}, instead={SEARCH: [VERIFY_PAGE]})
    _, run = run_on(origin)
    assert (searched(run)[:2], run.waits) == ([("600919", 1)] * 2, [30])
    assert len(run.articles) == 1
