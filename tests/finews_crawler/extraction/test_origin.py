"""Eastmoney's own article pages, in their layouts since 2015."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import ExtractionError, UnknownLayoutError
from finews_crawler.extraction.origin import extract_origin
from finews_crawler.items import Article
from pipelines.normalise.article import normalise

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


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(TODAY)), st.integers(0, 80))
def test_any_bytes_are_an_article_or_an_extraction_error(junk: bytes, at: int, cut: int) -> None:
    body = TODAY[:at].encode() + junk + TODAY[at + cut :].encode()
    try:
        found = extract_origin(body, URL, FETCHED_AT)
    except ExtractionError:
        return
    assert found.body
