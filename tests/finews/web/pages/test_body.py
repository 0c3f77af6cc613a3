"""Stored HTML is taken apart and written anew; mentions stand on exactly their words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.web.pages.body import Part, Words, body_of, safe_url
from finews_crawler.items import Block, Mention, Paragraph, Run, Table, Widget
from pipelines.normalise.markup import clean_html
from pipelines.normalise.text import plain_text
from tests.finews.filling import CHART, LINK


def spoken(parts: tuple[Part, ...]) -> list[Words]:
    return [
        one
        for part in parts
        for words in (part.words, *(cell for row in part.rows for cell in row))
        for one in words
    ]


def test_parts_are_what_the_html_says() -> None:
    html = (
        "<h3>业绩</h3><p>江苏银行<strong>增长</strong>，见<a href='https://example.com/a'>报告</a></p>"
        "<ul><li>一</li><li>二</li></ul><table><tbody><tr><td>甲</td><td>乙</td></tr></tbody></table>"
        "<figure><img src='https://example.com/p.png' alt='走势'></figure>"
    )
    text = "业绩\n\n江苏银行增长，见报告\n\n一\n\n二\n\n甲\t乙"
    mention = replace(LINK, start=4, end=8)
    assert body_of(html, text, (mention,)) == (
        Part("heading", (Words("业绩"),)),
        Part(
            "paragraph",
            (
                Words("江苏银行", mention=mention),
                Words("增长", strong=True),
                Words("，见"),
                Words("报告", href="https://example.com/a"),
            ),
        ),
        Part("item", (Words("一"),)),
        Part("item", (Words("二"),)),
        Part("table", rows=(((Words("甲"),), (Words("乙"),)),)),
        Part("picture", href="https://example.com/p.png", alt="走势"),
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>别的文字</p>",
        "<p>江苏银行公布业绩。</p><p>多一段</p>",
        "",
        "<div><p>江苏银行公布",
    ],
)
def test_html_that_spells_another_text_is_not_believed(html: str) -> None:
    parts = body_of(html, "江苏银行公布业绩。\n\n第二段。", (LINK,))
    assert parts == (
        Part("paragraph", (Words("江苏银行", mention=LINK), Words("公布业绩。"))),
        Part("paragraph", (Words("第二段。"),)),
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>点我<script>alert(1)</script></p>",
        "<p><a href='javascript:alert(1)'>点我</a></p>",
        "<p><a href='data:text/html,x'>点我</a></p>",
        "<p onclick='alert(1)'>点我</p><style>p{display:none}</style>",
        "<p>点我<img src='javascript:x'></p><iframe src='https://example.com'></iframe>",
        "<svg><script>alert(1)</script></svg><p>点我</p>",
    ],
)
def test_nothing_that_a_browser_would_run_is_left(html: str) -> None:
    assert body_of(html, "点我", ()) == (Part("paragraph", (Words("点我"),)),)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://example.com/a?b=1", True),
        ("HTTP://example.com", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("/article/1", False),
        ("https://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str | None, is_safe: bool) -> None:
    assert safe_url(url) == (url if is_safe else None)


def test_a_mention_that_does_not_stand_where_it_says_is_left_out() -> None:
    wrong = replace(LINK, start=1, end=5)
    overlapping = replace(LINK, surface="银行公布", start=2, end=6)
    parts = body_of(
        "<p>江苏银行公布业绩。</p>", "江苏银行公布业绩。", (wrong, LINK, overlapping, CHART)
    )
    assert [one.mention for one in spoken(parts)] == [LINK, None]


# --- whatever the pipeline writes, the page shows -------------------------------------------------

TEXT = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8)
WIDGET = st.just(Widget(kind="link", secid="1.600919"))
RUNS = st.lists(
    st.builds(Run, text=TEXT, strong=st.booleans(), widget=st.none() | WIDGET),
    min_size=1,
    max_size=4,
).map(tuple)
PARAGRAPH = st.builds(Paragraph, runs=RUNS, role=st.sampled_from(["paragraph", "heading", "item"]))
TABLE = st.builds(
    Table,
    rows=st.lists(st.lists(RUNS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(
        tuple
    ),
)


@given(st.lists(PARAGRAPH | TABLE, min_size=1, max_size=5))
def test_every_word_and_every_mention_of_a_body_is_shown(blocks: list[Block]) -> None:
    text, placed = plain_text(blocks)
    mentions = tuple(
        Mention(
            secid=one.widget.secid,
            symbol="600919.SH",
            mic="XSHG",
            asset_class="stock",
            kind="link",
            surface=one.surface,
            start=one.start,
            end=one.end,
        )
        for one in placed
    )
    shown = spoken(body_of(clean_html(blocks), text, mentions))
    assert "".join(one.text for one in shown) == text.replace("\n", "").replace("\t", "")
    marked = [one for one in shown if one.mention is not None]
    assert [one.text for one in marked] == [one.surface for one in placed]
    assert tuple(one.mention for one in marked) == mentions
