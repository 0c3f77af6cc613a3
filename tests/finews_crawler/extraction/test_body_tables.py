"""Tables of the body, and what an unclosed cell swallows."""

import pytest

from finews_crawler.items import Chart, Run, Table, Widget
from tests.finews_crawler.extraction.conftest import (
    QUOTE,
    chart_image,
    key,
    outline,
    read,
    section_of,
    shown,
)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr>", "甲|1/乙|2"),
        ("<tbody><tr><td>甲</td></tr></tbody><tfoot><tr><td>乙</td></tr></tfoot>", "甲/乙"),
        ("<tr><td> 甲 </td><td></td></tr>", "甲|"),
        ("<tr><td></td></tr><tr></tr><tr><td>甲</td></tr>", "甲"),
        ("<tr><td>甲<br />乙</td></tr>", "甲\n乙"),
        ("<tr><td><p>甲</p><p>乙</p></td></tr>", "甲 乙"),
        ("<tr><td>甲<!-- 注 -->乙</td><!-- 注 --></tr>", "甲乙"),
        ("<tr><td>甲<td>乙<tr><td>丙", "甲|乙/丙"),
    ],
    ids=[
        *("rows", "parts", "empty cell", "empty rows", "line break", "paragraphs", "comments"),
        "no end tags",
    ],
)
def test_the_cells_of_a_table(inside: str, expected: str) -> None:
    assert outline(f'<table class="cms_autoformat_table">{inside}</table>') == [expected]


def test_a_heading_cell_is_strong() -> None:
    cells = ((Run(text="甲", strong=True),), (Run(text="乙"),))
    assert read("<table><tr><th>甲</th><td>乙</td></tr></table>").blocks == [Table(rows=(cells,))]


def test_a_table_stands_between_its_neighbours() -> None:
    table = "<table><tr><td>乙</td></tr></table>"
    assert outline(f'<p>甲</p>{table}<p style="clear:both;">丙</p>') == ["甲", "乙", "丙"]


def test_words_around_a_table_are_paragraphs_of_their_own() -> None:
    assert outline("<div>甲<table><tr><td>乙</td></tr></table>丙</div>") == ["甲", "乙", "丙"]


def test_a_name_in_a_cell_is_a_widget() -> None:
    (table,) = read(f"<table><tr><td>{key('106.NIO', '蔚来')}</td></tr></table>").blocks
    widget = Widget(kind="link", secid="106.NIO")
    named = Run(text="蔚来", href=f"{QUOTE}/106.NIO", widget=widget)
    assert table == Table(rows=(((named,),),))


def test_pictures_of_cells_follow_the_table() -> None:
    markup = f"<table><tr><td>甲{chart_image('106.NIO')}</td><td>乙</td></tr></table><p>丙</p>"
    assert outline(markup) == ["甲|乙", "<106.NIO>", "丙"]


# --- tables in tables -------------------------------------------------------------------------


def nested(depth: int, inside: str) -> str:
    return "<table><tr><td>" * depth + inside + "</td></tr></table>" * depth


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_a_chart_in_nested_tables_is_one_chart(depth: int) -> None:
    charts = read(nested(depth, chart_image("106.NIO"))).blocks
    assert charts == [Chart(widget=Widget(kind="chart", secid="106.NIO"))]


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_a_widget_without_a_market_in_nested_tables_is_told_once(depth: int) -> None:
    found = read(nested(depth, '<span id="stock_NASDAQ_INTC7">英特尔</span>'))
    assert found.unknown_widgets == ["stock_NASDAQ_INTC7"]


def test_the_words_of_nested_tables_stand_once() -> None:
    markup = f"<table><tr><td>甲{nested(1, '乙')}丙</td><td>丁</td></tr></table>"
    words = "".join(map("".join, outline(markup)))
    assert sorted(words.replace("|", "").replace("/", "").replace(" ", "")) == sorted("甲乙丙丁")


# --- unclosed cells ---------------------------------------------------------------------------

ENDS = "&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;"


def test_what_an_unclosed_cell_swallowed_follows_the_table() -> None:
    markup = f"<table><tr><td>甲</td><td>乙{ENDS}<p>正文。</p><p>又一段。</p></td></tr></table>"
    assert outline(markup) == ["甲|乙", "正文。", "又一段。"]


def test_a_source_line_that_a_cell_swallowed_is_found() -> None:
    line = '<p class="em_media">（文章来源：青岛财经网）</p>'
    found = read(f"<table><tr><td>甲{ENDS}<p>正文。</p>{line}</td></tr></table>")
    assert ([shown(b) for b in found.blocks], found.source_line) == (["甲", "正文。"], "青岛财经网")


@pytest.mark.parametrize("tag", ["p", "strong", "span", "td", "table", "center", "li"])
def test_end_tags_that_became_text_are_no_words(tag: str) -> None:
    assert outline(f"<p>甲&lt;/{tag}&gt;</p><p>&lt;/{tag}&gt;</p><p>乙</p>") == ["甲", "乙"]


def test_other_tags_in_the_text_stay() -> None:
    assert outline("<p>用&lt;b&gt;和&lt;/b1&gt;标记</p>") == ["用<b>和</b1>标记"]


def test_the_tree_that_these_tests_read_is_nested() -> None:
    assert len(list(section_of(nested(3, "甲")).iter("table"))) == 3
