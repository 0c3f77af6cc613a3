"""The figures of the extraction benchmark: what counts as right, and what does not."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from benchmarks.scoring import (
    BodyScore,
    PageScore,
    Reading,
    Truth,
    grams,
    hash_of,
    is_same_clock,
    is_same_time,
    moment,
    score_body,
    score_page,
    summarise,
)

FIELDS = ("title", "time", "source", "body", "mentions", "lead")
SCORED = FIELDS[:-1]
AT = datetime.fromisoformat("2022-06-13T17:28:41+08:00")
TRUTH = Truth(
    title_sha256=hash_of("港口吞吐量回升"),
    published_at=AT,
    source="财联社",
    body="五月份的货物比四月份多。",
    lead="摘要在此。",
    mentions=frozenset({("1.600018", "chart"), ("1.601018", "link")}),
)
RIGHT = Reading(
    title="港口吞吐量回升",
    time="2022-06-13T17:28:41+08:00",
    source="财联社",
    body="五月份的货物比四月份多。",
    mentions=frozenset({("1.600018", "chart"), ("1.601018", "link")}),
)
WORDLESS = replace(TRUTH, title_sha256=hash_of(""), published_at=None, source=None)


def wrong(reading: Reading, truth: Truth = TRUTH) -> list[str]:
    return score_page(truth, reading, FIELDS).wrong(SCORED)


# --- the body --------------------------------------------------------------------------------


def test_grams_are_runs_of_four_as_often_as_they_occur() -> None:
    assert grams("ababab") == Counter({"abab": 2, "baba": 1})


@pytest.mark.parametrize("text", ["甲乙丙丁", "甲乙 丙\n丁", "\u3000甲乙\xa0丙丁"])
def test_grams_know_no_white_space(text: str) -> None:
    assert grams(text) == Counter({"甲乙丙丁": 1})


def test_a_short_text_is_one_run() -> None:
    assert grams("开市") == Counter({"开市": 1})


def test_an_empty_text_has_no_runs() -> None:
    assert grams(" \n") == Counter()


def test_equal_texts_score_in_full() -> None:
    assert score_body("甲乙丙丁戊", "甲乙 丙丁戊") == BodyScore(precision=1.0, recall=1.0)


def test_what_is_too_much_costs_precision() -> None:
    assert score_body("abcdef", "abcdefghi") == BodyScore(precision=0.5, recall=1.0)


def test_what_is_missing_costs_recall() -> None:
    assert score_body("abcdefghi", "abcdef") == BodyScore(precision=1.0, recall=0.5)


def test_a_text_given_twice_is_half_right() -> None:
    given = score_body("aaaa", "aaaaa")
    assert given == BodyScore(precision=0.5, recall=1.0)


@pytest.mark.parametrize(
    ("true", "given", "score"),
    [("", "", (1.0, 1.0)), ("abcd", "", (0.0, 0.0)), ("", "abcd", (0.0, 0.0))],
    ids=["both empty", "nothing given", "nothing true"],
)
def test_empty_texts(true: str, given: str, score: tuple[float, float]) -> None:
    found = score_body(true, given)
    assert (found.precision, found.recall) == score


@pytest.mark.parametrize(
    ("precision", "recall", "f1"), [(1.0, 0.5, 2 / 3), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)]
)
def test_f1_is_the_harmonic_mean(precision: float, recall: float, f1: float) -> None:
    assert BodyScore(precision=precision, recall=recall).f1 == pytest.approx(f1)


# --- the lead --------------------------------------------------------------------------------


def body_of(body: str, fields: tuple[str, ...]) -> BodyScore:
    return score_page(TRUTH, replace(RIGHT, body=body), fields).body


@pytest.mark.parametrize("lead", ["", "摘要在此。"], ids=["left out", "in front"])
def test_a_reader_without_a_field_for_the_lead_may_do_either(lead: str) -> None:
    found = body_of(lead + TRUTH.body, ("body",))
    assert found == BodyScore(precision=1.0, recall=1.0)


def test_a_reader_with_a_field_for_the_lead_keeps_it_out_of_the_body() -> None:
    found = body_of("摘要在此。" + TRUTH.body, FIELDS)
    assert (found.precision < 1.0, found.recall) == (True, 1.0)


# --- the time --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "time", "clock"),
    [
        ("2022-06-13T17:28:41+08:00", True, True),
        ("2022-06-13 09:28:41+00:00", True, False),
        ("2022-06-13 17:28:41", False, True),
        ("2022-06-13T17:28:41+00:00", False, True),
        ("2022-06-13T17:28:42+08:00", False, False),
        ("2022-06-13T00:00:00", False, False),
        ("2022-06-13", False, False),
        ("yesterday at half past five", False, False),
        (None, False, False),
    ],
)
def test_an_instant_and_a_clock(given: str | None, time: bool, clock: bool) -> None:
    assert (is_same_time(AT, given), is_same_clock(AT, given)) == (time, clock)


@pytest.mark.parametrize(("given", "right"), [(None, True), ("", True), ("2022-06-13", False)])
def test_where_no_time_is_stated_none_is_right(given: str | None, right: bool) -> None:
    assert (is_same_time(None, given), is_same_clock(None, given)) == (right, right)


def test_a_bare_date_is_no_midnight() -> None:
    midnight = datetime.fromisoformat("2022-06-13T00:00:00+08:00")
    assert (moment("2022-06-13"), is_same_clock(midnight, "2022-06-13")) == (None, False)


# --- a page ----------------------------------------------------------------------------------


def test_a_right_reading_is_wrong_in_nothing() -> None:
    assert wrong(RIGHT) == []


def test_white_space_around_a_title_does_not_count() -> None:
    assert wrong(replace(RIGHT, title=" 港口吞吐量回升\n")) == []


@pytest.mark.parametrize(
    ("reading", "field"),
    [
        (replace(RIGHT, title="港口吞吐量回升 | 金融消息"), "title"),
        (replace(RIGHT, time="2022-06-13 17:28:41"), "time"),
        (replace(RIGHT, source="金融消息"), "source"),
        (replace(RIGHT, source=None), "source"),
        (replace(RIGHT, body="五月份的货物"), "body"),
        (replace(RIGHT, mentions=frozenset({("1.600018", "chart")})), "mentions"),
        (replace(RIGHT, mentions=TRUTH.mentions | {("1.1", "link")}), "mentions"),
        (
            replace(RIGHT, mentions=frozenset({("1.600018", "link"), ("1.601018", "link")})),
            "mentions",
        ),
    ],
)
def test_one_wrong_field_is_named(reading: Reading, field: str) -> None:
    assert wrong(reading) == [field]


def test_where_a_page_states_nothing_nothing_is_right() -> None:
    assert wrong(replace(RIGHT, title=None, time=None, source=""), WORDLESS) == []


def test_only_claimed_fields_count() -> None:
    found = score_page(TRUTH, Reading(body=TRUTH.body), ("body",))
    assert found.wrong(["body"]) == []


def test_after_a_crash_nothing_is_right_even_where_nothing_is_stated() -> None:
    truth = replace(WORDLESS, body="", mentions=frozenset())
    found = score_page(truth, Reading(crashed="it died"), FIELDS)
    assert found.wrong(SCORED) == list(SCORED)
    assert (found.title, found.time, found.clock, found.source, found.body.f1) == (
        *(False, False, False, False),
        0.0,
    )


# --- many pages ------------------------------------------------------------------------------


def scores(*readings: Reading) -> list[PageScore]:
    return [score_page(TRUTH, reading, FIELDS) for reading in readings]


def test_shares_are_means_over_the_pages() -> None:
    bad = Reading(title="别的", time="2022-06-13 17:28:41", body="")
    found = summarise(scores(RIGHT, bad), [1.0, 2.0, 9.0], FIELDS)
    shares = (found.title, found.time, found.clock, found.source, found.recall, found.f1)
    assert (*shares, found.exact, found.ms) == (0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 1, 2.0)


def test_mentions_are_counted_over_all_pages() -> None:
    half = replace(RIGHT, mentions=frozenset({("1.600018", "chart"), ("1.1", "link")}))
    none = replace(RIGHT, mentions=frozenset())
    found = summarise(scores(RIGHT, half, none), [1.0], FIELDS)
    assert (found.mention_precision, found.mention_recall) == (3 / 4, 3 / 6)


def test_the_mentions_of_a_page_that_crashed_are_missed() -> None:
    found = summarise(scores(RIGHT, Reading(crashed="it died")), [1.0], FIELDS)
    assert (found.mention_precision, found.mention_recall) == (1.0, 0.5)


def test_the_lead_is_no_field_that_can_be_wrong() -> None:
    assert summarise(scores(RIGHT), [1.0], FIELDS).exact == 1
