"""A difference holds both texts; what is marked is what has changed."""

from hypothesis import given
from hypothesis import strategies as st

from finews.web.pages.difference import Paragraph, Segment, paragraphs, segments, tokens
from finews.web.pages.versions import Stretch, stretches

LETTERS = st.text(st.sampled_from("江苏银行公布业绩增长12%。， ab\n"), max_size=30)
PARAGRAPHS = st.lists(LETTERS.map(lambda one: one.replace("\n", " ")), max_size=6).map("\n\n".join)


def old_of(found: tuple[Paragraph, ...]) -> str:
    return "\n\n".join(one.text("same", "removed") for one in found if one.kind != "added")


def new_of(found: tuple[Paragraph, ...]) -> str:
    return "\n\n".join(one.text("same", "added") for one in found if one.kind != "removed")


@given(st.text(max_size=40))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@given(LETTERS, LETTERS)
def test_without_what_is_marked_each_text_is_left(old: str, new: str) -> None:
    found = segments(old, new)
    assert "".join(one.text for one in found if one.kind != "added") == old
    assert "".join(one.text for one in found if one.kind != "removed") == new


@given(PARAGRAPHS, PARAGRAPHS)
def test_so_it_is_with_paragraphs(old: str, new: str) -> None:
    found = paragraphs(old, new)
    assert (old_of(found), new_of(found)) == (old, new)


@given(PARAGRAPHS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    found = paragraphs(text, text)
    assert {one.kind for one in found} == {"same"}
    assert list(stretches(found)) == []


def test_whole_words_are_marked() -> None:
    assert segments("江苏银行利润增长10%。", "江苏银行净利润增长12%。") == (
        Segment("same", "江苏银行"),
        Segment("removed", "利润"),
        Segment("added", "净利润"),
        Segment("same", "增长"),
        Segment("removed", "10%"),
        Segment("added", "12%"),
        Segment("same", "。"),
    )


def test_paragraphs_that_are_not_alike_stand_apart() -> None:
    old = "该行表示资产质量稳定。\n\n董事会续聘会计师事务所。"
    new = "该行表示资产质量保持稳定。\n\n分析师看好息差。\n\n数据未经审计。"
    assert [one.kind for one in paragraphs(old, new)] == ["changed", "removed", "added", "added"]


def test_what_became_of_a_paragraph_is_found_behind_new_ones() -> None:
    found = paragraphs("该行表示资产质量稳定。", "新的一段。\n\n该行表示资产质量保持稳定。")
    assert [one.kind for one in found] == ["added", "changed"]


def test_texts_too_long_to_compare_stand_whole() -> None:
    old, new = "甲乙" * 3000, "丙丁" * 3000
    assert segments(old, new) == (Segment("removed", old), Segment("added", new))


def test_what_is_the_same_is_folded_but_beside_a_change() -> None:
    same = [f"第{number}段不变。" for number in range(6)]
    found = paragraphs("\n\n".join(["旧。", *same]), "\n\n".join(["完全不同的开头", *same]))
    told = [(one.is_folded, len(one.paragraphs)) for one in stretches(found)]
    assert told == [(False, 2), (False, 1), (True, 5)]
    assert isinstance(next(stretches(found)), Stretch)
