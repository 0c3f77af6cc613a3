"""Whether a linked name is a word of its own: examples, the labelled sentences, any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.words import Score, judged, labelled, place, result_line, score
from pipelines.normalise.words import is_inside_word

PRECISION = 0.98
RECALL = 0.86
"""Floors for the labelled sentences; raise them with the rules."""


def is_inside(marked: str) -> bool:
    return is_inside_word(*place(marked))


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param("官员担心⟦高通⟧胀持续。", id="the_word_goes_on"),
        pytest.param("县里培育壮⟦大智慧⟧农业。", id="the_word_began_before"),
        pytest.param("煤⟦电机⟧组并网。", id="it_cuts_through_two_words"),
        pytest.param("中⟦国新能源⟧车企出海。", id="it_cuts_through_the_first_word"),
        pytest.param("基金C⟦PPI⟧B增持。", id="latin_letters_go_on"),
        pytest.param("营收1⟦360⟧亿元。", id="digits_go_on"),
        pytest.param("炉温达数⟦百度⟧。", id="a_number_in_words_goes_on"),
        pytest.param("分析师⟦沃尔德⟧伦表示。", id="a_foreign_name_goes_on"),
        pytest.param("学者奥斯⟦沃尔德⟧表示。", id="a_foreign_name_began_before"),
        pytest.param("据⟦证券⟧时报消息。", id="a_newspaper_is_not_its_topic"),
    ],
)
def test_a_part_of_a_longer_word_is_inside(marked: str) -> None:
    assert is_inside(marked)


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param("⟦高通⟧", id="all_of_the_text"),
        pytest.param("与⟦高通⟧的和解。", id="between_small_words"),
        pytest.param("“⟦高通⟧”（QCOM）", id="between_signs"),
        pytest.param("⟦花旗⟧集团裁员。", id="before_集团"),
        pytest.param("⟦半导体⟧芯片短缺。", id="a_compound_keeps_the_meaning"),
        pytest.param("⟦银行⟧业净息差收窄。", id="before_业"),
        pytest.param("⟦招商银行⟧兹定于下月开会。", id="a_small_word_that_also_ends_names"),
        pytest.param("沪深300⟦ETF⟧放量。", id="letters_after_digits"),
        pytest.param("⟦万科A⟧2022年亏损。", id="letters_before_digits"),
        pytest.param("5月⟦PPI⟧回落。", id="latin_between_chinese"),
    ],
)
def test_a_name_that_stands_for_itself_is_whole(marked: str) -> None:
    assert not is_inside(marked)


@pytest.mark.parametrize("span", [(-1, 2), (1, 1), (2, 1), (3, 5), (9, 12)], ids=str)
def test_a_span_that_is_no_place_in_the_text_is_inside_no_word(span: tuple[int, int]) -> None:
    assert not is_inside_word("高通胀。", *span)


# --- the labelled sentences ----------------------------------------------------------------------


def test_each_labelled_sentence_marks_one_name_in_a_longer_text() -> None:
    found = [place(marked) for marked, _ in labelled()]
    assert [text for text, start, end in found if not 0 <= start < end <= len(text)] == []
    assert [text for text, _, _ in found if set(text) & set("⟦⟧\t\n")] == []


def test_no_sentence_is_labelled_twice() -> None:
    marked = [one for one, _ in labelled()]
    assert len(marked) == len(set(marked))


def test_the_labelled_sentences_are_told_apart() -> None:
    found = score(judged())
    assert (found.precision >= PRECISION, found.recall >= RECALL) == (True, True), found


def test_the_score_counts_every_outcome() -> None:
    one = Score(rows=9, hits=3, misses=1, false_alarms=2)
    assert result_line(one) == "RESULT word_precision=0.6000 word_recall=0.7500 rows=9"


# --- any text at all -----------------------------------------------------------------------------

PIECES = [
    "高通",
    "胀",
    "中国",
    "银行",
    "业",
    "PPI",
    "C",
    "1",
    "数",
    "斯",
    "。",
    "\t",
    "\0",
    "\ud800",
]
PARAGRAPHS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(st.characters(codec=None, exclude_characters="\n"), max_size=12),
)


@given(PARAGRAPHS, st.integers(-3, 20), st.integers(-3, 20))
def test_any_span_of_any_text_is_judged(text: str, start: int, end: int) -> None:
    assert is_inside_word(text, start, end) in {True, False}


@given(PARAGRAPHS, PARAGRAPHS, PARAGRAPHS, st.data())
def test_other_paragraphs_do_not_matter(
    before: str, paragraph: str, after: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(paragraph)))
    end = data.draw(st.integers(start, len(paragraph)))
    shift = len(before) + 2
    whole = f"{before}\n\n{paragraph}\n\n{after}"
    alone = is_inside_word(paragraph, start, end)
    assert is_inside_word(whole, start + shift, end + shift) == alone
