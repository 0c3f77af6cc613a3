"""Blocks to plain text: how blocks are set apart, and where widgets stand in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews_crawler.items import Block, Chart, Image, Paragraph, Run, Table, Widget
from pipelines.normalise.text import Placed, plain_text
from tests.pipelines.making import BANK, chart_block, linked, paragraph

PICTURE = Image(url="https://example.test/a.jpg", alt="行情图")
BANK_LINK = Widget(kind="link", secid=BANK)
TABLE = Table(
    rows=(
        ((Run(text="名称"),), (Run(text="涨幅"),)),
        ((linked("江苏银行"),), (Run(text="1.2"), Run(text="%", strong=True))),
    )
)


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param([paragraph("一句。")], "一句。", id="one_paragraph"),
        pytest.param(
            [paragraph("一。"), paragraph("二。")], "一。\n\n二。", id="a_blank_line_between"
        ),
        pytest.param(
            [paragraph("上海", linked("证券"), "报")], "上海证券报", id="nothing_between_runs"
        ),
        pytest.param([paragraph("一行\n二行")], "一行\n二行", id="a_break_is_a_line"),
        pytest.param([TABLE], "名称\t涨幅\n江苏银行\t1.2%", id="cells_by_tab_and_rows_by_line"),
        pytest.param(
            [paragraph("一。"), TABLE, paragraph("二。")],
            "一。\n\n名称\t涨幅\n江苏银行\t1.2%\n\n二。",
            id="a_table_among_paragraphs",
        ),
        pytest.param([Table(rows=(((), ()), ((), ())))], "\t\n\t", id="empty_cells_keep_places"),
        pytest.param([PICTURE, paragraph("一。"), PICTURE], "一。", id="pictures_have_no_words"),
        pytest.param([chart_block(), paragraph("一。")], "一。", id="charts_have_no_words"),
    ],
)
def test_blocks_as_text(blocks: list[Block], text: str) -> None:
    assert plain_text(blocks)[0] == text


def test_widgets_come_in_reading_order_with_their_places() -> None:
    blocks: list[Block] = [
        paragraph("看"),
        chart_block("0.000001"),
        paragraph("苏", linked("江苏银行")),
        TABLE,
    ]
    text, placed = plain_text(blocks)
    assert text == "看\n\n苏江苏银行\n\n名称\t涨幅\n江苏银行\t1.2%"
    assert placed == (
        Placed(Widget(kind="chart", secid="0.000001")),
        Placed(BANK_LINK, "江苏银行", 4, 8),
        Placed(BANK_LINK, "江苏银行", 16, 20),
    )


def test_offsets_count_characters_not_bytes_or_code_units() -> None:
    text, placed = plain_text([paragraph("涨📈了：", linked("江苏银行"))])
    assert (text, placed) == ("涨📈了：江苏银行", (Placed(BANK_LINK, "江苏银行", 4, 8),))


def test_a_widget_without_words_is_nowhere() -> None:
    assert plain_text([paragraph("江苏", linked(""), "银行")]) == ("江苏银行", ())


def widgets() -> st.SearchStrategy[Widget]:
    return st.builds(Widget, kind=st.sampled_from(["link", "repeat"]), secid=st.text(max_size=8))


def runs() -> st.SearchStrategy[tuple[Run, ...]]:
    run = st.builds(Run, text=st.text(max_size=6), widget=st.none() | widgets())
    return st.lists(run, max_size=4).map(tuple)


def blocks() -> st.SearchStrategy[list[Block]]:
    rows = st.lists(st.lists(runs(), max_size=3).map(tuple), max_size=3).map(tuple)
    one_of = st.one_of(
        st.builds(Paragraph, runs=runs()),
        st.builds(Table, rows=rows),
        st.builds(Chart, widget=st.builds(Widget, kind=st.just("chart"), secid=st.text())),
        st.just(PICTURE),
    )
    return st.lists(one_of, max_size=5)


def runs_of(block: Block) -> list[Run]:
    if isinstance(block, Paragraph):
        return list(block.runs)
    rows = block.rows if isinstance(block, Table) else ()
    return [run for row in rows for cell in row for run in cell]


@given(blocks())
def test_every_surface_is_where_its_offsets_say(given_blocks: list[Block]) -> None:
    text, placed = plain_text(given_blocks)
    worded = [one for one in placed if one.widget.kind != "chart"]
    assert [text[one.start : one.end] for one in worded] == [one.surface for one in worded]


@given(blocks())
def test_every_widget_with_words_is_placed_once_in_order(given_blocks: list[Block]) -> None:
    expected = [
        found
        for block in given_blocks
        for found in (
            [(block.widget, None)]
            if isinstance(block, Chart)
            else [(run.widget, run.text) for run in runs_of(block) if run.widget and run.text]
        )
    ]
    assert [(one.widget, one.surface) for one in plain_text(given_blocks)[1]] == expected


@given(blocks())
def test_all_words_are_kept_in_order(given_blocks: list[Block]) -> None:
    words = "".join(run.text for block in given_blocks for run in runs_of(block))
    text, _ = plain_text(given_blocks)
    assert "".join(text.split()) == "".join(words.split())
