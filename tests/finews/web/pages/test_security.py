"""One security: its codes, how often it is named, with what, and its articles."""

import httpx
import pytest

from finews.web.pages.listing import LENGTH
from tests.finews.web.pages.reading import all_words, facts, read, table, titles, words
from tests.finews.web.pages.written import SCRIPT
from tests.finews.web.serving import many, served

REVISED, REPRINT = "江苏银行净利润增长10.1%", "转载的标题"


def test_its_articles_are_listed_the_newest_first(news: httpx.Client) -> None:
    page = read(news, "/security/600919.SH")
    assert words(page.css("h1")) == "江苏银行 600919.SH"
    assert titles(page) == [f"{SCRIPT}&amp;\"'", REPRINT, REVISED, "北交所公司"]


def test_its_facts_are_told(news: httpx.Client) -> None:
    page = read(news, "/security/600919.SH")
    assert facts(page) == {
        "symbol": "600919.SH",
        "secid": "1.600919",
        "class": "stock",
        "exchange": "XSHG",
        "first seen": "2022-06-14 09:30:00",
    }
    assert page.css(".panel a::attr(href)").get() == "/?symbol=600919.SH"


@pytest.mark.parametrize("symbol", ["830799.BJ", "920799.BJ", "0.830799"])
def test_any_symbol_that_it_has_had_leads_to_it(news: httpx.Client, symbol: str) -> None:
    page = read(news, f"/security/{symbol}")
    assert words(page.css("h1")) == "艾融软件 920799.BJ"
    aliases = [all_words(row.css("th, td")) for row in page.css(".panel table")[0].css("tbody tr")]
    assert aliases == [
        ["920799.BJ", "2025-05-06", "valid"],
        ["830799.BJ", "listing", "2025-05-06"],
    ]


def test_the_chart_says_the_same_as_its_table(news: httpx.Client) -> None:
    page = read(news, "/security/600919.SH")
    assert table(page, "#per-day") == [["2022-06-13", "1"], ["2022-06-14", "3"]]
    told = "4 articles from 2022-03-17 to 2022-06-14; most on 2022-06-14: 3"
    assert words(page.css("figcaption")) == told
    assert page.css("canvas::attr(aria-label)").get() == told
    shown = page.css("#per-day")
    assert (shown.attrib["data-begin"], shown.attrib["data-end"]) == ("2022-03-17", "2022-06-14")


def test_the_span_of_the_chart_can_be_chosen(news: httpx.Client) -> None:
    page = read(news, "/security/600919.SH", days=30)
    assert page.css("#per-day::attr(data-begin)").get() == "2022-05-16"
    assert words(page.css(".switch [aria-current]")) == "30 days"
    refused = read(news, "/security/600919.SH", status=422, days=7)
    assert "days: 7 is none of 30, 90, 365" in words(refused.css("main"))


def test_what_is_named_beside_it_is_counted(news: httpx.Client) -> None:
    page = read(news, "/security/600919.SH")
    assert table(page, ".panel:last-child") == [["艾融软件 920799.BJ", "1"]]


def test_it_can_be_looked_at_as_of_a_moment(news: httpx.Client) -> None:
    page = read(news, "/security/600919.SH", as_of="2022-06-14T01:30:00Z")
    assert titles(page) == ["江苏银行净利润增长约10%"]
    assert table(page, "#per-day") == [["2022-06-14", "1"]]
    assert not page.css(".panel:last-child table")


def test_its_list_goes_on(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('long') / 'finews.db'}"
    many(url, 4 * LENGTH + 20)
    with served(url) as client:
        first = read(client, "/security/600919.SH", days=30)
        older = read(client, first.css("a[rel=next]::attr(href)").get() or "")
    assert words(older.css(".switch [aria-current]")) == "30 days"
    assert older.css(".pages a::attr(href)").get() == "/security/600919.SH?days=30"
    shown = [titles(first), titles(older)]
    assert [len(shown[0]), set(shown[0]) & set(shown[1])] == [LENGTH, set()]


@pytest.mark.parametrize(
    ("symbol", "status", "told"),
    [
        ("000002.SZ", 404, "No article names 000002.SZ."),
        ("600919", 422, "'600919' is no symbol"),
        ("<script>", 422, "is no symbol"),
    ],
)
def test_what_is_no_security_is_told(
    news: httpx.Client, symbol: str, status: int, told: str
) -> None:
    assert told in words(read(news, f"/security/{symbol}", status=status).css("main"))
