"""The figures of the reprint benchmark: what counts as right, and that they come again."""

from random import Random

import pytest

from benchmarks.reprint_edits import EDITS, REWRITINGS
from benchmarks.reprint_texts import (
    FORMULAS,
    filled,
    follow_up,
    joined,
    make_facts,
    other_names,
    other_numbers,
    report,
    retold,
)
from benchmarks.reprints import (
    Figures,
    Group,
    Outcome,
    Pair,
    all_pairs,
    figures,
    measured,
    result_line,
)

SIZE = 30


def outcome(group: Group, kind: str = "any", **changed: int) -> Outcome:
    pair = Pair(kind, group, "甲", "乙")
    values = {"is_candidate": 1, "is_called": 1, "others": 0, "others_called": 0, **changed}
    return Outcome(pair=pair, **values)  # type: ignore[arg-type]  # 0 and 1 are as good as truths


# --- the figures -----------------------------------------------------------------------------


def test_what_is_called_and_none_costs_precision() -> None:
    rows = [outcome("reprint"), outcome("other news"), outcome("reprint", others_called=2)]
    assert figures(rows) == Figures(precision=2 / 5, recall=1.0, rewritten=1.0, candidates=1 / 3)


def test_what_is_not_called_costs_recall() -> None:
    missed = outcome("reprint", is_called=0)
    assert figures([outcome("reprint"), missed]).recall == 0.5


def test_what_the_index_gives_in_vain_is_counted() -> None:
    rows = [outcome("reprint", others=3), outcome("other news", is_called=0)]
    assert figures(rows).candidates == 2.0


def test_what_lies_beyond_counts_apart() -> None:
    kind = min(REWRITINGS)
    rows = [outcome("reprint"), outcome("beyond"), outcome("beyond", kind, is_called=0)]
    assert figures(rows) == Figures(precision=1.0, recall=1.0, rewritten=0.0, candidates=0.0)


def test_nothing_is_no_error() -> None:
    assert figures([]) == Figures(precision=1.0, recall=1.0, rewritten=1.0, candidates=0.0)


def test_the_line_for_programs() -> None:
    line = "RESULT precision=1.0000 recall=0.5000 candidates=2.25 rewritten_recall=0.2500"
    assert result_line(Figures(1.0, 0.5, 0.25, 2.25)) == line


# --- the texts -------------------------------------------------------------------------------


def test_the_pairs_are_the_same_in_every_run() -> None:
    assert all_pairs(3, None) == all_pairs(3, None)


@pytest.mark.parametrize("kind", sorted(EDITS))
def test_an_edit_changes_a_report(kind: str) -> None:
    text = joined(report(make_facts(Random(1)), Random(1)))
    assert EDITS[kind](text, Random(2)) not in {text, None, ""}


@pytest.mark.parametrize(("kind", "share"), [("10 % typed over", 0.1), ("30 % typed over", 0.3)])
def test_typing_over_leaves_numbers_and_units(kind: str, share: float) -> None:
    edited = EDITS[kind]("甲" * 100 + "12.5万元", Random(1))
    assert edited is not None
    assert edited.endswith(("12.5万元", "12.5万" + edited[-1]))
    assert sum(letter != "甲" for letter in edited[:100]) == pytest.approx(100 * share, abs=1)


@pytest.mark.parametrize("kind", ["first paragraph gone", "paragraphs reordered"])
def test_a_flash_has_no_paragraphs_to_move(kind: str) -> None:
    assert EDITS[kind](filled(FORMULAS[0], make_facts(Random(1))), Random(1)) is None


def test_other_numbers_leave_the_names_and_other_names_the_numbers() -> None:
    facts = make_facts(Random(1))
    numbered, named = other_numbers(facts, Random(2)), other_names(facts, Random(2))
    assert (numbered.company, named.money) == (facts.company, facts.money)
    assert numbered.money != facts.money
    assert named.company != facts.company


def test_two_reporters_share_no_paragraph() -> None:
    first, second = retold(make_facts(Random(1)), Random(1))
    assert set(first.split("\n\n")).isdisjoint(second.split("\n\n"))


def test_a_follow_up_quotes_half_of_the_paragraphs() -> None:
    paragraphs = report(make_facts(Random(1)), Random(1))
    later = follow_up(paragraphs, make_facts(Random(1))).split("\n\n")
    assert later[-3:] == paragraphs[:3]
    assert len(later) == 7


# --- the thresholds --------------------------------------------------------------------------


def test_reprints_are_told_from_news_that_is_alike() -> None:
    found = figures(measured(all_pairs(SIZE, None)))
    assert found.precision == 1.0
    assert found.recall > 0.99
