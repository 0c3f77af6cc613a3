"""Eastmoney's own article pages, in their layouts since 2015."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import ExtractionError, UnknownLayoutError
from finews_crawler.extraction.html import parse_html
from finews_crawler.extraction.origin import ANY_BODY, extract_origin, read_article_page
from finews_crawler.items import Article, RawArticle
from pipelines.normalise.article import normalise
from tests.finews_crawler.extraction.conftest import chart_image, outcome, spoilt

FETCHED_AT = datetime(2026, 8, 19, 10, 0, tzinfo=UTC)
CODE = "202608193812345678"
URL = f"https://finance.eastmoney.com/a/{CODE}.html"
OLD_CODE = "201706193812345678"
OLD_URL = f"http://finance.eastmoney.com/news/1344,{OLD_CODE}.html"
KEY = (
    '<span id="stock_1.600160"><a href="http://quote.eastmoney.com/unify/r/1.600160" '
    'class="keytip" data-code="1,600160">巨化股份</a></span><span id="quote_1.600160"></span>'
)
TODAY = f"""<html><head><title>公司披露产能 _ 东方财富网</title></head><body>
<div class="contentwrap"><div class="title">公司披露产能</div>
<div class="infos"><div class="item">2026年08月19日 17:46</div><div class="item">界面新闻</div>
<div class="item">12人评论</div></div>
<div class="abstract">摘要：公司披露新产能。</div>
<div class="txtinfos" id="ContentBody"><!--文章主体-->
<p>　　{KEY}表示，新产能将于明年投产。</p>
<p>　　分析人士认为影响有限。</p>
<h3 class="emh3">相关报道</h3>
<p><a href="https://finance.eastmoney.com/a/202608183812345677.html">另一则报道</a></p>
<p class="em_media">（文章来源：界面新闻）</p>
<div class="zwothers">（原标题：公司披露产能）</div>
<div class="res-edit">（责任编辑：DF001）</div></div>
<p>郑重声明：发布此内容旨在传播更多信息。</p></div></body></html>"""
BEFORE_2020 = """<html><head><title>旧闻一则_东方财富网</title></head><body>
<div class="newsContent"><h1>旧闻一则</h1>
<div class="time">2017年06月19日 09:30</div>
<div class="b-review">旧闻的摘要。</div>
<div id="ContentBody" class="Body"><p>　　旧闻第一段。</p><p>　　旧闻第二段。</p>
<p class="em_media">(来源：中国证券报)</p><p>(责任编辑：DF002)</p></div></div></body></html>"""


def read(page: str, url: str = URL) -> Article:
    return normalise(extract_origin(page.encode(), url, FETCHED_AT))


def test_a_page_of_today() -> None:
    found = read(TODAY)
    assert (found.code, found.title, found.source, found.digest) == (
        CODE,
        "公司披露产能",
        "界面新闻",
        "公司披露新产能。",
    )
    assert found.published_at == datetime(2026, 8, 19, 9, 46, tzinfo=UTC)
    assert found.published_precision == "minute"
    assert found.body_text == "巨化股份表示，新产能将于明年投产。\n\n分析人士认为影响有限。"
    assert [(one.kind, one.secid, one.start) for one in found.mentions] == [("link", "1.600160", 0)]


def test_a_page_of_before_2020() -> None:
    found = read(BEFORE_2020, OLD_URL)
    assert (found.code, found.title, found.source, found.digest, found.body_text) == (
        OLD_CODE,
        "旧闻一则",
        "中国证券报",
        "旧闻的摘要。",
        "旧闻第一段。\n\n旧闻第二段。",
    )


@pytest.mark.parametrize(
    "url",
    [
        f"https://finance.eastmoney.com/a/{CODE}.html",
        f"http://stock.eastmoney.com/news/1405,{CODE}.html",
        f"http://hk.eastmoney.com/a/{CODE}.html?from=app",
    ],
)
def test_every_address_of_an_article_is_one(url: str) -> None:
    found = read(TODAY, url)
    assert (found.url, found.origin_url, found.identity) == (URL, URL, CODE)


def test_related_news_are_links_and_no_text() -> None:
    related = extract_origin(TODAY.encode(), URL, FETCHED_AT).related
    assert [one.text for one in related] == ["另一则报道"]


def test_a_page_without_its_own_source_line_names_it_beside_the_time() -> None:
    page = TODAY.replace('<p class="em_media">（文章来源：界面新闻）</p>', "")
    assert read(page).source == "界面新闻"


@pytest.mark.parametrize(
    ("page", "missing"),
    [
        ("<html><body><h1>甲</h1></body></html>", "no #ContentBody with text"),
        ('<html><body><div id="ContentBody"> </div></body></html>', "no #ContentBody with text"),
        ('<html><body><div id="ContentBody"><p>甲</p></div></body></html>', "no title"),
    ],
)
def test_an_unknown_layout_says_what_is_missing(page: str, missing: str) -> None:
    with pytest.raises(UnknownLayoutError, match=missing):
        read(page)


def test_an_error_page_is_no_article() -> None:
    words = '<h1>页面不存在</h1><div class="content">您访问的页面不存在。</div>'
    page = f"<html><body>{words}</body></html>"
    with pytest.raises(UnknownLayoutError, match="no #ContentBody with text"):
        read(page)


# --- what stands about the body ---------------------------------------------------------------

BODY = '<div id="ContentBody"><p>正文。</p></div>'
CLOCK = '<div class="item">2026年08月19日 17:46</div>'


def around(about: str, body: str = BODY, title: str = "题目 _ 东方财富网") -> str:
    return f"<html><head><title>{title}</title></head><body>{about}{body}</body></html>"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (around('<div class="newsContent"><h1>旧题</h1></div>'), "旧题"),
        (around("<h1>题目</h1>"), "题目"),
        (around("<h1> </h1>"), "题目"),
        (around('<div class="title">题目</div>'), "题目"),
        (around(""), "题目"),
        (around("", title="题目_东方财富网"), "题目"),
        (around("", title="甲_乙 _ 东方财富网"), "甲_乙"),
        (around("<h1>题<span>目</span></h1>"), "题目"),
    ],
    ids=["before 2020", "h1", "empty h1", "div", "title", "no spaces", "underscore", "cut word"],
)
def test_the_title_under_every_hook(page: str, title: str) -> None:
    assert read(page).title == title


@pytest.mark.parametrize(
    ("about", "time"),
    [
        (f'<div class="infos">{CLOCK}</div>', "2026年08月19日 17:46"),
        ('<div class="infos">2026年08月19日 17:46 界面新闻</div>', "2026年08月19日 17:46"),
        ('<div class="time">2018年03月05日 07:12</div>', "2018年03月05日 07:12"),
        ('<div class="time">时间：2018-03-05 07:12:33</div>', "2018-03-05 07:12:33"),
        ("<time>2018/03/05 07:12</time>", "2018/03/05 07:12"),
        ('<div class="time">2018年03月05日</div>', "2018年03月05日"),
        ('<div class="time">刚刚</div>', None),
        ("", None),
    ],
    ids=["infos", "one line", "time", "words", "time element", "day", "no clock", "none"],
)
def test_the_time_under_every_hook(about: str, time: str | None) -> None:
    root = parse_html(around(about).encode(), URL)
    assert read_article_page(root, URL, ANY_BODY).time == time


@pytest.mark.parametrize(
    ("items", "source"),
    [
        (f'{CLOCK}<div class="item">界面新闻</div>', "界面新闻"),
        (f'<div class="item">来源：界面新闻</div>{CLOCK}', "界面新闻"),
        (f'{CLOCK}<div class="item">文章来源: <a>界面新闻</a></div>', "界面新闻"),
        (f'{CLOCK}<div class="item">21世纪经济报道</div>', "21世纪经济报道"),
        (f'{CLOCK}<div class="item">作者：甲</div><div class="item">界面新闻</div>', "界面新闻"),
        (f'{CLOCK}<div class="item">12人评论</div>', None),
        (CLOCK, None),
    ],
    ids=["words", "named", "link", "digits first", "after the author", "comments", "none"],
)
def test_the_source_beside_the_time(items: str, source: str | None) -> None:
    assert read(around(f'<div class="infos">{items}</div>')).source == source


@pytest.mark.parametrize(
    ("about", "digest"),
    [
        ('<div class="b-review">旧闻的摘要。</div>', "旧闻的摘要。"),
        ('<div class="abstract">摘要：要点。</div>', "要点。"),
        ('<div class="abstract">【摘要】要点。</div>', "要点。"),
        ('<div class="abstract"><div class="txt">要点。</div></div>', "要点。"),
        ('<div class="abstract">摘要</div>', None),
        ("", None),
    ],
    ids=["b-review", "colon", "brackets", "nested", "the word alone", "none"],
)
def test_the_digest_under_every_hook(about: str, digest: str | None) -> None:
    assert read(around(about)).digest == digest


@pytest.mark.parametrize(
    "extra",
    [
        '<div class="b-review">藏</div>',
        '<div class="zwothers">（原标题：藏）</div>',
        "<p>（责任编辑：DF001）</p>",
        "<p>郑重声明：藏。</p>",
        "<p>打开微信，点击底部的发现</p>",
        '<p><a href="https://acttg.eastmoney.com/x">藏</a></p>',
        '<p style="display:none;height:1px;overflow:hidden;"><br /></p>',
        "<p>相关报道&gt;&gt;&gt;</p>",
    ],
)
def test_what_stands_in_the_body_and_is_no_article(extra: str) -> None:
    body = f'<div id="ContentBody"><p>正文。</p>{extra}</div>'
    assert read(around("", body)).body_text == "正文。"


def test_charts_and_pictures_of_the_body() -> None:
    picture = "https://dfscdn.dfcfw.com/download/D1_w800h555.jpg"
    inside = f'<p>{chart_image("116.00700")}</p><p>正文。</p><center><img src="{picture}"></center>'
    found = read(around("", f'<div id="ContentBody">{inside}</div>'))
    assert [(one.kind, one.symbol) for one in found.mentions] == [("chart", "00700.HK")]
    assert [one.url for one in found.images] == [picture]


def test_a_name_in_the_form_of_before_2020_is_told() -> None:
    inside = '<p><span id="stock_NASDAQ_INTC7">英特尔</span>上涨。</p>'
    raw = extract_origin(
        around("", f'<div id="ContentBody">{inside}</div>').encode(), URL, FETCHED_AT
    )
    assert (raw.unknown_widgets, normalise(raw).body_text) == (
        ("stock_NASDAQ_INTC7",),
        "英特尔上涨。",
    )


@pytest.mark.parametrize("charset", ["gb18030", "utf-8"])
def test_a_page_in_the_charset_of_its_time(charset: str) -> None:
    page = BEFORE_2020.replace("<head>", f'<head><meta charset="{charset}">')
    found = extract_origin(page.encode(charset), OLD_URL, FETCHED_AT)
    assert normalise(found).body_text == "旧闻第一段。\n\n旧闻第二段。"


@pytest.mark.parametrize("control", ["\x01", "\x0b", "\uffff", "&#11;"])
def test_a_control_character_behind_what_is_left_out(control: str) -> None:
    body = f'<div id="ContentBody">正文<p class="zwothers">藏</p>{control}尾。</div>'
    assert "".join(filter(str.isalnum, read(around("", body)).body_text)) == "正文尾"


@settings(deadline=None)
@given(spoilt(TODAY.encode(), BEFORE_2020.encode()))
def test_a_spoilt_page_is_an_article_or_an_extraction_error(body: bytes) -> None:
    found = outcome(lambda: extract_origin(body, URL, FETCHED_AT))
    assert isinstance(found, RawArticle | ExtractionError)


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(TODAY)), st.integers(0, 80))
def test_any_bytes_are_an_article_or_an_extraction_error(junk: bytes, at: int, cut: int) -> None:
    body = TODAY[:at].encode() + junk + TODAY[at + cut :].encode()
    try:
        found = extract_origin(body, URL, FETCHED_AT)
    except ExtractionError:
        return
    assert found.body
