"""Stock widgets in every form that the site prints, and the secid of each."""

import pytest

from finews_crawler.extraction.widgets import (
    chart_widget,
    is_chart_image,
    is_unknown_widget,
    link_widget,
    secid_of_quote_url,
)
from finews_crawler.items import MentionKind, Widget
from tests.finews_crawler.extraction.conftest import (
    NO_ADDRESS,
    QUOTE,
    chart_image,
    element,
    key,
    repeated_key,
)

OLD_QUOTE = "http://quote.eastmoney.com"


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "secid"),
    [
        (f"{QUOTE}/1.600160", "1.600160"),
        (f"{OLD_QUOTE}/r/0.002353", "0.002353"),
        ("https://quote.eastmoney.com/unify/r/90.BK0493?from=a#b", "90.BK0493"),
        (f" {QUOTE}/113.al2505/ ", "113.al2505"),
        (f"{QUOTE}/134.HSI_M", "134.HSI_M"),
        (f"{QUOTE}/999.XYZ", "999.XYZ"),
        (f"{OLD_QUOTE}/bk/90.BK0473.html", "90.BK0473"),
        (f"{OLD_QUOTE}/sh600715.html", "1.600715"),
        (f"{OLD_QUOTE}/SZ000058.html", "0.000058"),
        (f"{OLD_QUOTE}/bj430489.html", "0.430489"),
        (f"{OLD_QUOTE}/concept/sz000058.html", "0.000058"),
        (f"{OLD_QUOTE}/hk/00700.html", "116.00700"),
        ("//quote.eastmoney.com/unify/r/106.NIO", "106.NIO"),
    ],
)
def test_the_secid_of_a_quote_page(url: str, secid: str) -> None:
    assert secid_of_quote_url(url) == secid


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        f"{OLD_QUOTE}/us/aapl.html",
        f"{OLD_QUOTE}/00700.html",
        f"{OLD_QUOTE}/center/",
        f"{OLD_QUOTE}/sh60071.html",
        f"{QUOTE}/1234.600160",
        "http://data.eastmoney.com/bbsj/1.600160",
        "http://quote.eastmoney.com.a.test/unify/r/1.600160",
        "/unify/r/1.600160",
        NO_ADDRESS,
    ],
)
def test_an_address_that_names_no_security(url: str | None) -> None:
    assert secid_of_quote_url(url) is None


# --- charts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (chart_image(), True),
        ('<img src="https://webquotepic.eastmoney.com/GetPic.aspx?nid=0.000062" />', True),
        ('<img src="//a.test/getpic.aspx?nid=1.600919" />', True),
        ('<img src="/saved.png" alt="K图 600919_0" />', True),
        ('<img src="/saved.png" alt="R图 000062_0" />', True),
        ('<img alt="K图" />', True),
        ('<img src="https://dfscdn.dfcfw.com/download/D1_w800h555.jpg" alt="图片" />', False),
        ('<img src="/k.png" alt="日K图" />', False),
        ("<img />", False),
        (f'<img src="{NO_ADDRESS}" />', False),
    ],
    ids=["k", "r", "relative", "k alt", "r alt", "alone", "body", "other alt", "bare", "broken"],
)
def test_which_pictures_are_charts(image: str, expected: bool) -> None:
    assert is_chart_image(element(image)) is expected


@pytest.mark.parametrize(
    "secid",
    ["1.600919", "0.002752", "116.00700", "105.TSLA", "106.NIO", "90.BK1037", "100.SX5E"],
)
def test_the_picture_names_its_security(secid: str) -> None:
    assert chart_widget(element(chart_image(secid))) == Widget(kind="chart", secid=secid)


@pytest.mark.parametrize(
    ("image", "secid"),
    [
        ('<img src="//webquotepic.eastmoney.com/GetPic.aspx?a=1&NID=0.000062" />', "0.000062"),
        ('<img src="/a.png" alt="K图" data-code="K 600919|1|1" />', "1.600919"),
        ('<img src="/a.png" alt="K图" data-code="00700|116|5" />', "116.00700"),
        ('<img src="/a.png" alt="R图" data-code="R 000062|0|2" />', "0.000062"),
        ('<img src="/a.png" alt="K图" data-code="SX5E|100|_UI" />', "100.SX5E"),
        ('<img src="/GetPic.aspx?nid=600919" data-code="K 600919|1|1" />', "1.600919"),
    ],
    ids=["other case", "data-code", "hong kong", "intraday", "index", "no secid in nid"],
)
def test_a_chart_without_a_link(image: str, secid: str) -> None:
    assert chart_widget(element(image)) == Widget(kind="chart", secid=secid)


def in_link(image: str, href: str) -> str:
    return f'<p><a href="{href}" class="EmImageRemark">{image}</a></p>'


@pytest.mark.parametrize(
    ("image", "secid"),
    [
        (chart_image("1.600919"), "1.600919"),
        ('<img src="/a.png" alt="K图" data-code="K 600919|1|1" />', "0.000058"),
        ('<img alt="K图" />', "0.000058"),
    ],
    ids=["picture first", "then the link", "the link alone"],
)
def test_the_order_of_what_names_a_chart(image: str, secid: str) -> None:
    link = element(in_link(image, f"{OLD_QUOTE}/sz000058.html"))
    (picture,) = link.iter("img")
    assert chart_widget(picture) == Widget(kind="chart", secid=secid)


@pytest.mark.parametrize(
    "image",
    [
        '<img alt="K图 aapl_31" />',
        '<img alt="K图" data-code="K 600919" />',
        '<img src="/GetPic.aspx?nid=" />',
        f'<img src="{NO_ADDRESS}" alt="K图" />',
    ],
    ids=["old market number in alt", "code without market", "empty nid", "broken address"],
)
def test_a_chart_that_names_no_security(image: str) -> None:
    (picture,) = element(in_link(image, f"{OLD_QUOTE}/us/aapl.html")).iter("img")
    assert chart_widget(picture) is None


# --- linked names -----------------------------------------------------------------------------


def widgets_in(markup: str) -> list[Widget]:
    """The widgets of all elements, outer ones first."""
    found = (link_widget(node) for node in element(f"<p>{markup}</p>").iterdescendants())
    return [widget for widget in found if widget is not None]


def hong_kong_key() -> str:
    link = f'<a href="{QUOTE}/116.00700" class="keytip" data-code="116,00700">腾讯控股</a>'
    return f'<span id="Info.116.00700">{link}</span>'


def board_key() -> str:
    return key("90.BK0493", "新能源").replace("stock_", "bk_").replace("quote_", "bkquote_")


@pytest.mark.parametrize(
    ("markup", "kind", "secid"),
    [
        (key("1.600160", "巨化股份"), "link", "1.600160"),
        (key("105.QCOM", "高通"), "link", "105.QCOM"),
        (hong_kong_key(), "link", "116.00700"),
        (board_key(), "link", "90.BK0493"),
        (repeated_key("106.NIO", "蔚来"), "repeat", "106.NIO"),
        (f'<a class="em_stock_key_common" href="{QUOTE}/106.NIO">蔚来</a>', "repeat", "106.NIO"),
        (f'<a class="infokey" href="{QUOTE}/0.399006">创业板指</a>', "link", "0.399006"),
        (f'<a href="{OLD_QUOTE}/sh600715.html">甲</a>', "link", "1.600715"),
        ('<a class="keytip" data-code="1,600160">甲</a>', "link", "1.600160"),
        (
            f'<a class="keytip" href="{QUOTE}/0.002353" data-code="002353">甲</a>',
            "link",
            "0.002353",
        ),
        (f'<a class="keytip" href="{QUOTE}/1.600160" data-code="0,1">甲</a>', "link", "1.600160"),
        ('<span id="bk_90.BK0493"><a class="keytip">甲</a></span>', "link", "90.BK0493"),
        ('<a id="stock_1.600160" class="keytip">甲</a>', "link", "1.600160"),
        ('<span id="stock_1.600160">甲</span>', "link", "1.600160"),
        ('<span id="fund_150.000001">甲</span>', "link", "150.000001"),
        (
            f'<a class="keytip" href="{NO_ADDRESS}" data-code="1,600160">甲</a>',
            "link",
            "1.600160",
        ),
    ],
    ids=[
        *("stock", "nasdaq", "hong kong", "board", "repeat", "repeat anchor", "index as glossary"),
        *("plain link", "no href", "bare data-code", "href first", "outer id", "own id"),
        *("span alone", "fund", "broken href"),
    ],
)
def test_a_name_is_one_widget(markup: str, kind: MentionKind, secid: str) -> None:
    assert widgets_in(markup) == [Widget(kind=kind, secid=secid)]


@pytest.mark.parametrize(
    "markup",
    [
        '<span id="Info.3321"><a href="//data.eastmoney.com/a/" class="infokey">业绩</a></span>',
        '<a class="infokey" data-code="1,600160">甲</a>',
        '<span id="Info.385">甲</span>',
        '<span id="quote_1.600160"></span><span id="bkquote_90.BK0493"></span>',
        '<span id="stock_NASDAQ_INTC7">英特尔</span>',
        f'<a href="{OLD_QUOTE}/us/aapl.html" class="keytip">苹果</a>',
        '<a href="http://finance.eastmoney.com/a/202206143000000001.html">甲</a>',
        f'<b href="{QUOTE}/1.600160">甲</b>',
        f'<a href="{NO_ADDRESS}">甲</a>',
    ],
    ids=[
        *("glossary", "glossary with a code", "glossary without link", "price spans", "2019 form"),
        *("no market", "article link", "not an anchor", "broken address"),
    ],
)
def test_what_is_no_widget(markup: str) -> None:
    assert widgets_in(markup) == []


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<span id="stock_NASDAQ_INTC7">英特尔</span>', True),
        ('<a class="keytip" href="#">甲</a>', True),
        ('<span class="em_stock_key_common">甲</span>', True),
        ('<span id="quote_INTC7"></span>', False),
        ('<span id="Info.385">甲</span>', False),
        ('<a class="infokey" href="#">业绩</a>', False),
        ("<span>甲</span>", False),
    ],
    ids=["2019 form", "key", "repeat", "price", "glossary span", "glossary", "plain"],
)
def test_what_was_meant_as_a_widget(markup: str, expected: bool) -> None:
    assert is_unknown_widget(element(markup)) is expected
