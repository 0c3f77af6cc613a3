"""Blocks to HTML: the clean form, and that nothing active ever gets into it."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, fragment_fromstring

from finews_crawler.items import Block, Chart, Image, Paragraph, Run, Table, Widget
from pipelines.normalise.markup import clean_html, sanitised
from tests.pipelines.making import chart_block, linked, paragraph

BANK_LINK = (
    '<a href="https://quote.eastmoney.com/unify/r/1.600919" data-secid="1.600919" '
    'data-kind="{kind}" rel="nofollow noopener">{words}</a>'
)
BARE = ("br", "figure", "h3", "li", "p", "strong", "table", "tbody", "td", "tr", "ul")
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(BARE, frozenset()),
    "a": frozenset({"href", "rel", "data-secid", "data-kind"}),
    "img": frozenset({"src", "alt"}),
}


@pytest.mark.parametrize(
    ("blocks", "html"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(
            [paragraph("一。"), paragraph("二。")], "<p>一。</p>\n<p>二。</p>", id="paragraphs"
        ),
        pytest.param([paragraph("一行\n二行")], "<p>一行<br>二行</p>", id="a_line_break"),
        pytest.param(
            [paragraph(Run(text="重点", strong=True), "。")],
            "<p><strong>重点</strong>。</p>",
            id="strong",
        ),
        pytest.param(
            [Paragraph(role="heading", runs=(Run(text="小标题"),))],
            "<h3>小标题</h3>",
            id="heading",
        ),
        pytest.param(
            [Paragraph(role="item", runs=(Run(text=word),)) for word in "甲乙"] + [paragraph("丙")],
            "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>\n<p>丙</p>",
            id="items_side_by_side_are_one_list",
        ),
        pytest.param(
            [Table(rows=(((Run(text="名称"),), ()), ((), (Run(text="1"),))))],
            "<table><tbody><tr><td>名称</td><td></td></tr>"
            "<tr><td></td><td>1</td></tr></tbody></table>",
            id="table",
        ),
        pytest.param(
            [paragraph("看", linked("江苏银行"))],
            f"<p>看{BANK_LINK.format(kind='link', words='江苏银行')}</p>",
            id="a_linked_name",
        ),
        pytest.param(
            [chart_block()],
            f"<p>{BANK_LINK.format(kind='chart', words='K图 1.600919')}</p>",
            id="chart",
        ),
        pytest.param(
            [paragraph(Run(text="原文", href="https://example.test/?a=1&b=2"))],
            '<p><a href="https://example.test/?a=1&amp;b=2" rel="nofollow noopener">原文</a></p>',
            id="a_plain_link",
        ),
        pytest.param(
            [Image(url="https://example.test/a.jpg", alt='图"1"')],
            '<figure><img src="https://example.test/a.jpg" alt="图&quot;1&quot;"></figure>',
            id="picture",
        ),
        pytest.param(
            [Image(url="https://example.test/a.jpg")],
            '<figure><img src="https://example.test/a.jpg"></figure>',
            id="a_picture_without_words",
        ),
        pytest.param(
            [paragraph("<人民币> & 1<2")], "<p>&lt;人民币&gt; &amp; 1&lt;2</p>", id="words_not_tags"
        ),
    ],
)
def test_the_clean_form(blocks: list[Block], html: str) -> None:
    assert clean_html(blocks) == html


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)"),
        *("java\nscript:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)"),
        *("javascript&colon;alert(1)", "&#106;avascript:alert(1)"),
        *("data:text/html,<script>alert(1)</script>", "data:image/svg+xml;base64,PHN2Zz4="),
        *("vbscript:msgbox(1)", "file:///etc/passwd", "blob:https://example.test/1"),
    ],
)
@pytest.mark.parametrize("element", ['<a href="{}">词</a>', '<p><img src="{}">词</p>'])
def test_an_address_of_another_scheme_is_dropped_and_the_words_stay(
    address: str, element: str
) -> None:
    found = parsed(sanitised(element.format(address)))
    assert [one.attrib.get("href") or one.attrib.get("src") for one in found.iter("a", "img")] == [
        None
    ]
    assert found.text_content() == "词"


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>词<script>alert(1)</script></p>", "<p>词</p>"),
        ("<p>词</p><style>p{display:none}</style>", "<p>词</p>"),
        ('<p onclick="alert(1)" style="color:red" class="a" id="b">词</p>', "<p>词</p>"),
        ('<img src="https://e.test/a" onerror="x()">', '<img src="https://e.test/a">'),
        ('<svg onload="alert(1)"><p>词</p></svg>', "<p>词</p>"),
        ('<iframe src="https://e.test/"></iframe><p>词</p>', "<p>词</p>"),
        ('<form action="https://e.test/"><input name="a"><p>词</p></form>', "<p>词</p>"),
        ('<base href="https://e.test/"><meta http-equiv="refresh"><p>词</p>', "<p>词</p>"),
        ("<p>词<!-- <script>alert(1)</script> --></p>", "<p>词</p>"),
        (
            '<a href="https://e.test/" rel="opener" target="_blank">词</a>',
            '<a href="https://e.test/" rel="nofollow noopener">词</a>',
        ),
    ],
)
def test_active_markup_is_dropped_and_the_words_stay(html: str, clean: str) -> None:
    assert sanitised(html) == clean


def test_cleaning_twice_changes_nothing() -> None:
    once = clean_html([paragraph("看", linked("江苏银行"), "<b>"), chart_block()])
    assert sanitised(once) == once


# --- any words in any place --------------------------------------------------------------------

EVIL = (
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'\" onclick=alert(1) x='"),
    *(
        "javascript:alert(1)",
        "data:text/html,1",
        "</p></td></table><script>",
        "<!--",
        "-->",
        "<![C",
    ),
    *("&lt;script&gt;", "&#60;script&#62;", "&colon;", "</style>", "<svg/onload=alert(1)>", "\n"),
)


def words() -> st.SearchStrategy[str]:
    """Any printable text mixed with what has broken sanitisers."""
    printable = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"))
    return st.lists(st.sampled_from(EVIL) | st.text(printable, max_size=5), max_size=3).map("".join)


def widgets(*kinds: str) -> st.SearchStrategy[Widget]:
    return st.builds(Widget, kind=st.sampled_from(kinds), secid=words())


def blocks() -> st.SearchStrategy[list[Block]]:
    run = st.builds(
        Run,
        text=words(),
        strong=st.booleans(),
        href=st.none() | words(),
        widget=st.none() | widgets("link", "repeat"),
    )
    runs = st.lists(run, max_size=3).map(tuple)
    rows = st.lists(st.lists(runs, max_size=2).map(tuple), max_size=2).map(tuple)
    roles = st.sampled_from(["paragraph", "heading", "item"])
    one = st.one_of(
        st.builds(Paragraph, runs=runs, role=roles),
        st.builds(Table, rows=rows),
        st.builds(Chart, widget=widgets("chart")),
        st.builds(Image, url=words(), alt=st.none() | words(), original_url=st.none() | words()),
    )
    return st.lists(one, max_size=3)


def parsed(html: str) -> HtmlElement:
    return fragment_fromstring(html, create_parent="div")


def disallowed(html: str) -> list[str]:
    """Elements, attributes and schemes of the HTML that the clean form does not use."""
    found = []
    for element in parsed(html).iterdescendants():
        known = ALLOWED.get(element.tag) if isinstance(element.tag, str) else None
        found += [] if known is not None else [str(element.tag)]
        attributes: dict[str, str] = {str(key): str(at) for key, at in element.attrib.items()}
        found += [name for name in attributes if name not in (known or ())]
        found += [at for name, at in attributes.items() if name in {"href", "src"} and active(at)]
    return found


def active(address: str) -> bool:
    """Whether a browser would not read the address as http(s) or as relative."""
    scheme, colon, _ = "".join(address.split()).partition(":")
    return bool(colon) and scheme.isascii() and scheme.isalnum() and scheme.lower()[:4] != "http"


def words_of(block: Any) -> str:
    match block:
        case Paragraph():
            return "".join(run.text for run in block.runs)
        case Table():
            return "".join(run.text for row in block.rows for cell in row for run in cell)
        case Chart():
            return f"K图 {block.widget.secid}"
    return ""


@settings(deadline=None)
@given(blocks())
@example([paragraph(Run(text="词", href="javascript:alert(1)"))])
@example([Image(url="data:image/svg+xml,<svg onload=alert(1)>")])
@example([chart_block('"><script>alert(1)</script>')])
def test_whatever_a_page_says_only_the_clean_form_is_left(given_blocks: list[Block]) -> None:
    assert disallowed(clean_html(given_blocks)) == []


@settings(deadline=None)
@given(blocks())
def test_whatever_a_page_says_its_words_are_kept(given_blocks: list[Block]) -> None:
    kept = parsed(clean_html(given_blocks)).text_content()
    said = "".join(map(words_of, given_blocks))
    assert kept.replace("\n", "") == said.replace("\n", "")
