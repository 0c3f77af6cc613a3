"""The body's nodes to blocks: each word once, in reading order, without what is no article."""

import pytest

from finews_crawler.items import Chart, Image, Link, Paragraph, Run, Widget
from tests.finews_crawler.extraction.conftest import (
    NO_ADDRESS,
    QUOTE,
    chart_image,
    key,
    outline,
    read,
    repeated_key,
    shown,
)

ARTICLE = "https://finance.eastmoney.com/a/202206123773512007.html"
PICTURE = "https://dfscdn.dfcfw.com/download/D1_w800h555.jpg"


def runs(markup: str) -> tuple[Run, ...]:
    """The runs of the only paragraph."""
    (block,) = read(markup).blocks
    assert isinstance(block, Paragraph)
    return block.runs


# --- paragraphs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>甲</p><p>乙</p>", ["甲", "乙"]),
        ("<p>甲</p>\r\n <p> 乙 </p>", ["甲", "乙"]),
        ("<p>\u3000\u3000甲\n乙</p>", ["甲 乙"]),
        ("<p>甲<br />乙<br /></p>", ["甲\n乙"]),
        ("<p>甲</p><p> </p><p>\u3000<br /></p><p></p>", ["甲"]),
        ('<p style="display:none;height:1px;"><br />藏</p><p>甲</p>', ["甲"]),
        ("<p>甲<p>乙", ["甲", "乙"]),
        ("<div>甲<p>乙</p>丙</div>丁", ["甲", "乙", "丙", "丁"]),
        ("<p>甲</p><!-- 注 --><p>乙<!-- 注 -->丙</p>", ["甲", "乙丙"]),
        ("<p>甲&lt;乙&gt; &amp; &ldquo;丙&rdquo;</p>", ["甲<乙> & “丙”"]),
        ("<p>**甲** ~~乙~~ $$丙$$</p>", ["**甲** ~~乙~~ $$丙$$"]),
        ("", []),
    ],
    ids=[
        *("two", "crlf", "indent", "line break", "empty", "hidden", "unclosed", "words between"),
        *("comments", "entities", "no markdown", "nothing"),
    ],
)
def test_paragraphs(markup: str, expected: list[str]) -> None:
    assert outline(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<h3 class="emh3">全文如下</h3><p>甲</p>', ["# 全文如下", "甲"]),
        ("<h1>甲</h1><h6>乙</h6>", ["# 甲", "# 乙"]),
        ("<ul><li>甲</li><li>乙</li></ul>丙", ["- 甲", "- 乙", "丙"]),
        ("<ul><li><p>甲</p></li><li><p>乙</p></li></ul>", ["- 甲", "- 乙"]),
        ("<blockquote><p>甲</p></blockquote><hr />", ["甲"]),
        ("<center>甲</center><pre>乙</pre>", ["甲", "乙"]),
    ],
    ids=["heading", "levels", "list", "list of paragraphs", "quotation", "other blocks"],
)
def test_what_a_paragraph_is(markup: str, expected: list[str]) -> None:
    assert outline(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p><strong>甲</strong><strong>乙</strong></p>", (Run(text="甲乙", strong=True),)),
        ("<p><b>甲</b>乙</p>", (Run(text="甲", strong=True), Run(text="乙"))),
        ("<strong><p>甲</p></strong>", (Run(text="甲", strong=True),)),
        ("<p><em>甲</em><del>乙</del><abc>丙</abc></p>", (Run(text="甲乙丙"),)),
    ],
    ids=["adjacent", "b", "around the paragraph", "other marks"],
)
def test_strong_words(markup: str, expected: tuple[Run, ...]) -> None:
    assert runs(markup) == expected


@pytest.mark.parametrize(
    ("href", "address"),
    [
        (ARTICLE, ARTICLE),
        (" //a.test/b ", "https://a.test/b"),
        ("../x.html", "https://finews.withounder.com/wind/2022/06/x.html"),
        ("javascript:alert(1)", None),
        ("data:text/html,a", None),
        ("", None),
        (NO_ADDRESS, None),
    ],
)
def test_only_web_addresses_are_links(href: str, address: str | None) -> None:
    assert runs(f'<p><a href="{href}">甲</a></p>') == (Run(text="甲", href=address),)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p><em>ST甲、</em>ST乙</p>", "*ST甲、*ST乙"),
        ("<p>有<em>ST甲、</em>和丙</p>", "有*ST甲、和丙"),
        ("<p>*ST甲</p>", "*ST甲"),
        ("<p><em>重点</em>ST甲</p>", "重点ST甲"),
    ],
    ids=["pair", "start only", "alone", "real emphasis"],
)
def test_the_stars_that_markdown_ate(markup: str, expected: str) -> None:
    assert outline(markup) == [expected]


# --- what is no article -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    [
        "<script>a()</script>",
        "<style>p {}</style>",
        "<iframe src='//a.test'>藏</iframe>",
        "<video controls=''>藏</video>",
        "<p>责任编辑：某某</p>",
        "<p>（责任编辑：DF001）</p>",
        "<p>郑重声明：以上内容<br />与立场无关。</p>",
        "<p>原标题：另一个题目</p>",
        '<a class="toplink" href="//a.test">藏</a>',
        '<a href="http://acttg.eastmoney.com/pub/x">藏</a>',
        '<div class="ad_context3">藏</div>',
        '<div class="em_handle_adv_close">藏</div>',
        "<table><tr><td> </td></tr><tr></tr></table>",
    ],
)
def test_what_is_left_out(markup: str) -> None:
    assert outline(f"<p>甲</p>{markup}<p>乙</p>") == ["甲", "乙"]


def test_the_words_after_what_is_left_out_stay() -> None:
    markup = '<p>甲<a href="//acttg.eastmoney.com/x">藏</a>乙<script>a()</script>丙</p>'
    assert outline(markup) == ["甲乙丙"]


@pytest.mark.parametrize("words", ["原标题很长", "他说，责任编辑：某某", "相关报道指出，甲"])
def test_a_paragraph_that_only_resembles_what_is_left_out(words: str) -> None:
    assert outline(f"<p>{words}</p>") == [words]


# --- the source line --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ('<p class="em_media">（文章来源：青岛财经网）</p>', "青岛财经网"),
        ('<p class="em_media">(文章来源:青岛财经网)</p>', "青岛财经网"),
        ('<p class="em_media"> 来源： 青岛财经网 </p>', "青岛财经网"),
        ('<p class="em_media">（文章来源：某某证券(香港)）</p>', "某某证券(香港)"),
        (f'<p class="em_media">（文章来源：中国{key("90.BK0473", "证券")}报）</p>', "中国证券报"),
        ('<p class="em_media">（文章来源：证券时报·e公司）', "证券时报·e公司"),
        ("<p>（文章来源：青岛财经网）</p>", "青岛财经网"),
        ("<p><strong>（文章来源：青岛财经网）</strong></p>", "青岛财经网"),
        ('<p class="em_media">（文章来源：）</p>', None),
    ],
    ids=[
        *("real", "ascii brackets", "bare", "brackets in a name", "key in a name", "unclosed"),
        *("without its class", "strong", "empty"),
    ],
)
def test_the_source_line(line: str, source: str | None) -> None:
    found = read(f"<p>正文。</p>{line}")
    assert (found.source_line, [shown(one) for one in found.blocks]) == (source, ["正文。"])


@pytest.mark.parametrize("words", ["来源：甲", "正文（文章来源：甲）", "水的来源：河流"])
def test_a_source_inside_the_text_is_text(words: str) -> None:
    found = read(f"<p>{words}</p>")
    assert (found.source_line, [shown(one) for one in found.blocks]) == (None, [words])


def test_a_key_in_the_source_line_is_no_mention() -> None:
    line = f'<p class="em_media">（文章来源：{repeated_key("90.BK0473", "券商")}中国）</p>'
    assert read(f"<p>甲</p>{line}").blocks == [Paragraph(runs=(Run(text="甲"),))]


# --- related news -----------------------------------------------------------------------------


def test_related_news_are_no_text() -> None:
    found = read(
        '<p>甲</p><h3 class="emh3">相关报道</h3>'
        f'<p><span></span><a href="{ARTICLE}">另一条</a> <br /></p>'
        f'<p><a href="http://stock.eastmoney.com/news/1405,202206123773512008.html">又一条</a></p>'
        '<p class="em_media">（文章来源：乙）</p>'
    )
    assert [shown(block) for block in found.blocks] == ["甲"]
    assert [link.text for link in found.related] == ["另一条", "又一条"]
    assert found.related[0] == Link(url=ARTICLE, text="另一条")
    assert found.source_line == "乙"


@pytest.mark.parametrize("heading", ["相关阅读：", "相关新闻", "相关链接>>>", "相关报道 ＞"])
def test_other_headings_of_related_news(heading: str) -> None:
    assert outline(f'<p>{heading.replace(">", "&gt;")}</p><p><a href="{ARTICLE}">丙</a></p>') == []


def test_text_ends_the_related_news() -> None:
    link = f'<p><a href="{ARTICLE}">丙</a></p>'
    assert outline(f"<h3>相关报道</h3>{link}<p>正文。</p>{link}") == ["正文。", "丙"]


def test_a_link_inside_the_text_is_no_related_news() -> None:
    assert outline(f'<p>（<a href="{ARTICLE}">此前报道</a>）甲</p>') == ["（此前报道）甲"]


def test_a_stock_under_the_heading_of_related_news_is_text() -> None:
    assert outline(f"<h3>相关报道</h3><p>{key('1.600160', '巨化股份')}</p>") == ["巨化股份"]


# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (f'src="{PICTURE}"', Image(url=PICTURE)),
        (f'src="{PICTURE}" alt="Image"', Image(url=PICTURE)),
        (f'src="{PICTURE}" alt="图片 "', Image(url=PICTURE)),
        (f'src="{PICTURE}" alt=" 产量图 "', Image(url=PICTURE, alt="产量图")),
        (f'src="/a.gif" data-src="{PICTURE}"', Image(url=PICTURE)),
        (f'data-src="/a.gif" data-original="{PICTURE}"', Image(url=PICTURE)),
        (f'src="{PICTURE.removeprefix("https:")}"', Image(url=PICTURE)),
        (
            f'src="{PICTURE}" orginial_src="{PICTURE}_o.jpg"',
            Image(url=PICTURE, original_url=f"{PICTURE}_o.jpg"),
        ),
        (f'src="{PICTURE}" orginial_src="{NO_ADDRESS}"', Image(url=PICTURE)),
        (f'src="{PICTURE}" width="100%" height="1"', Image(url=PICTURE)),
    ],
    ids=[
        *("bare", "filler", "chinese filler", "caption", "lazy", "lazier", "relative", "original"),
        *("broken original", "wide"),
    ],
)
def test_a_picture(attributes: str, expected: Image) -> None:
    assert read(f"<center><img {attributes} /></center>").blocks == [expected]


@pytest.mark.parametrize(
    "attributes",
    [
        'src="data:image/gif;base64,R0lGOD"',
        f'src="{PICTURE}" width="1" height="1px"',
        'src=""',
        "",
        f'src="{NO_ADDRESS}"',
        'src="about:blank"',
    ],
    ids=["data", "pixel", "empty", "none", "broken", "about"],
)
def test_what_is_no_picture(attributes: str) -> None:
    assert outline(f"<p>甲<img {attributes} /></p>") == ["甲"]


def test_a_picture_follows_the_paragraph_that_holds_it() -> None:
    assert outline(f'<p>甲<img src="{PICTURE}" />乙</p><p>丙</p>') == ["甲乙", f"<{PICTURE}>", "丙"]


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{chart_image()}</p>",
        f'<p><a href="{QUOTE}/1.600919" class="EmImageRemark">{chart_image()}</a></p>',
        f"<!-- EM_StockImg_Start -->{chart_image()}<!-- EM_StockImg_End -->",
        f"<table><tr><td>{chart_image()}</td></tr></table>",
    ],
    ids=["alone", "linked", "between comments", "in a table"],
)
def test_a_chart_is_one_block(markup: str) -> None:
    assert read(markup).blocks == [Chart(widget=Widget(kind="chart", secid="1.600919"))]


def test_charts_stand_where_they_are_printed() -> None:
    charts = f"<p>{chart_image('1.600919')}{chart_image('90.BK1037')}</p>"
    assert outline(f"<p>甲</p>{charts}<p>乙</p>") == ["甲", "<1.600919>", "<90.BK1037>", "乙"]


# --- stock widgets ----------------------------------------------------------------------------


def test_a_linked_name_cuts_the_paragraph_but_adds_no_space() -> None:
    widget = Widget(kind="link", secid="1.600160")
    named = Run(text="巨化股份", href=f"{QUOTE}/1.600160", widget=widget)
    expected = (Run(text="浙江"), named, Run(text="公告"))
    assert runs(f"<p>浙江{key('1.600160', '巨化股份')}公告</p>") == expected


def test_a_name_inside_strong_words_is_strong() -> None:
    (name,) = runs(f"<p><strong>{repeated_key('106.NIO', ' 蔚来 ')}</strong></p>")
    assert (name.text, name.strong, name.widget) == (
        "蔚来",
        True,
        Widget(kind="repeat", secid="106.NIO"),
    )


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ('<span id="stock_NASDAQ_INTC7">英特尔</span>', "stock_NASDAQ_INTC7"),
        ('<a class="keytip" href="#" data-code="INTC">英特尔</a>', "INTC"),
    ],
    ids=["2019 form", "bare code"],
)
def test_a_widget_without_a_market_is_text_and_told(markup: str, told: str) -> None:
    found = read(f"<p>{markup}</p>")
    assert ([shown(b) for b in found.blocks], found.unknown_widgets) == (["英特尔"], [told])


def test_a_chart_without_a_market_is_told() -> None:
    image = '<img alt="K图 aapl_31" />'
    href = "http://quote.eastmoney.com/us/aapl.html"
    found = read(f'<p>甲<span class="EmImageRemark" href="{href}">{image}</span></p>')
    assert ([shown(b) for b in found.blocks], found.unknown_widgets) == (["甲"], ["K图 aapl_31"])


def test_glossary_words_are_text() -> None:
    word = '<span id="Info.338"><a href="//data.eastmoney.com/a/" class="infokey">PPI</a></span>'
    found = read(f"<p>C{word}B</p>")
    assert ("".join(map(shown, found.blocks)), found.unknown_widgets) == ("CPPIB", [])
