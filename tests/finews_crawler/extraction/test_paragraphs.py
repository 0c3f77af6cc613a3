"""Runs of text to paragraphs: white space folded across runs, widgets kept whole."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.extraction.paragraphs import source_text, text_of_runs, tidy
from finews_crawler.items import Run, Widget
from tests.rounds import rounds

NIO = Widget(kind="link", secid="106.NIO")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")


def plain(text: str) -> Run:
    return Run(text=text)


def strong(text: str) -> Run:
    return Run(text=text, strong=True)


def linked(text: str) -> Run:
    return Run(text=text, href="https://a.test/")


def named(text: str) -> Run:
    return Run(text=text, href="https://b.test/", widget=NIO)


def inked(runs: Sequence[Run]) -> str:
    """What a reader sees as ink."""
    return _SPACE.sub("", text_of_runs(runs))


def words(runs: Sequence[Run]) -> list[str]:
    return _SPACE.sub(" ", text_of_runs(runs)).split()


# --- examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([plain("甲"), plain("乙")], [plain("甲乙")]),
        ([plain("甲"), strong("乙"), strong("丙")], [plain("甲"), strong("乙丙")]),
        ([linked("甲"), linked("乙"), plain("丙")], [linked("甲乙"), plain("丙")]),
        ([named("甲"), named("乙")], [named("甲"), named("乙")]),
        ([plain("甲"), plain(""), strong(""), plain("乙")], [plain("甲乙")]),
        ([], []),
    ],
    ids=["plain", "strong", "links", "widgets stay apart", "empty runs go", "none"],
)
def test_runs_of_one_look_are_joined(runs: list[Run], expected: list[Run]) -> None:
    assert tidy(runs) == tuple(expected)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([plain("\u3000\u3000甲\xa0 乙\t")], [plain("甲 乙")]),
        ([plain("甲 "), strong(" 乙")], [plain("甲 "), strong("乙")]),
        ([plain("甲"), strong(" "), plain(" 乙")], [plain("甲"), strong(" "), plain("乙")]),
        ([plain("甲"), strong(" \u3000")], [plain("甲")]),
        ([plain("\u200b甲\ufeff \u200b乙")], [plain("甲 乙")]),
        ([plain(" "), strong("\n"), plain("\u3000")], []),
    ],
    ids=["edges", "across runs", "between runs", "at the end", "zero width", "nothing else"],
)
def test_white_space_is_folded(runs: list[Run], expected: list[Run]) -> None:
    assert tidy(runs) == tuple(expected)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([plain("甲 \n \n 乙")], [plain("甲\n乙")]),
        ([plain("甲 "), plain("\n"), plain(" 乙")], [plain("甲\n乙")]),
        ([plain("甲 "), strong("\n乙")], [plain("甲"), strong("\n乙")]),
        ([plain("甲"), strong(" "), plain("\n乙")], [plain("甲\n乙")]),
        ([named("甲"), plain(" \n乙")], [named("甲"), plain("\n乙")]),
        ([plain("\n甲"), plain("\n")], [plain("甲")]),
    ],
    ids=["in a run", "across runs", "before a look", "around a space", "after a widget", "edges"],
)
def test_a_line_break_takes_the_spaces_around_it(runs: list[Run], expected: list[Run]) -> None:
    assert tidy(runs) == tuple(expected)


@pytest.mark.parametrize(
    ("surface", "before", "after"),
    [(" 蔚来 ", "甲 ", " 乙"), ("\u3000蔚来", "甲 ", "乙"), ("\u200b蔚来\u200b", "甲 ", " 乙")],
    ids=["spaces", "ideographic", "zero width"],
)
def test_spaces_at_the_edges_of_a_widget_stand_outside_it(
    surface: str, before: str, after: str
) -> None:
    runs = [plain("甲"), named(surface), plain("乙")]
    assert tidy(runs) == (plain(before), named("蔚来"), plain(after))


def test_a_widget_without_words_leaves_only_its_space() -> None:
    assert tidy([plain("甲"), named(" "), plain("乙")]) == (plain("甲 乙"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("甲\r\n  乙", "甲 乙"), ("\n甲", " 甲"), ("\u3000\u3000甲\u200b", " 甲 "), ("", "")],
    ids=["line end", "edge", "indent", "empty"],
)
def test_a_line_end_of_the_source_is_a_space(text: str, expected: str) -> None:
    assert source_text(text) == expected


def test_the_text_of_runs_has_nothing_between_them() -> None:
    assert text_of_runs([plain("上海"), named("证券"), plain("报")]) == "上海证券报"


# --- properties -------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("甲乙a \n\t\u3000\xa0\u200b\ufeff"), max_size=6)
RUNS = st.lists(
    st.builds(
        Run,
        text=TEXTS,
        strong=st.booleans(),
        href=st.sampled_from([None, "https://a.test/"]),
        widget=st.sampled_from([None, None, NIO]),
    ),
    max_size=6,
)
PROPERTY = settings(deadline=None, max_examples=rounds(300))


@given(runs=RUNS)
@PROPERTY
def test_tidy_twice_is_tidy_once(runs: list[Run]) -> None:
    assert tidy(tidy(runs)) == tidy(runs)


@given(runs=RUNS)
@PROPERTY
def test_tidy_keeps_all_that_is_no_space(runs: list[Run]) -> None:
    assert inked(tidy(runs)) == inked(runs)


@given(runs=RUNS)
@PROPERTY
def test_tidy_keeps_words_apart_that_were_apart(runs: list[Run]) -> None:
    assert words(tidy(runs)) == words(runs)


@given(runs=RUNS)
@PROPERTY
def test_no_run_is_empty(runs: list[Run]) -> None:
    assert [run for run in tidy(runs) if not run.text] == []


@given(runs=RUNS)
@PROPERTY
def test_no_widget_has_a_space_at_its_edge(runs: list[Run]) -> None:
    surfaces = [run.text for run in tidy(runs) if run.widget]
    assert [text for text in surfaces if text != text.strip(" \n\u200b\ufeff")] == []


@given(text=TEXTS)
@PROPERTY
def test_source_text_twice_is_source_text_once(text: str) -> None:
    assert source_text(source_text(text)) == source_text(text)
