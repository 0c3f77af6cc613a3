"""What makes a reprint, and what only looks like one."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reprints.signature import WINDOW
from pipelines.reprints.similarity import (
    ALIKE,
    Reprint,
    Story,
    numbers_of,
    reprint_of,
    similarity,
)

AT = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
STORY = (
    "海宁纸业公告，股东赵立群计划自公告之日起三个交易日后的六个月内，以大宗交易方式减持公司股份"
    "不超过1.25%，套现约9000万元，减持原因为自身资金安排。"
)
ADDED = STORY + "本报将继续关注此事的进展。"
SHORT = "两市今日休市。"


def kind(first: str, second: str, later: timedelta = timedelta(0)) -> str | None:
    found = reprint_of(Story.of(first, AT), Story.of(second, AT + later))
    return found.kind if found else None


def test_an_equal_wording_is_exact() -> None:
    found = reprint_of(Story.of(STORY, AT), Story.of(f"财联社6月14日电，{STORY}（完）", AT))
    assert found == Reprint("exact", 1.0)


def test_an_alike_wording_is_near_by_its_similarity() -> None:
    first, second = Story.of(STORY, AT), Story.of(ADDED, AT)
    found = reprint_of(first, second)
    assert found == Reprint("near", similarity(first, second))
    assert round(similarity(first, second), 3) == 0.852


def test_what_is_hardly_alike_is_none() -> None:
    first, second = Story.of(STORY, AT), Story.of(STORY[:24] + "此前" * 30 + "1.25%，9000万元", AT)
    assert 0.1 < similarity(first, second) < ALIKE
    assert reprint_of(first, second) is None


@pytest.mark.parametrize(
    "other",
    [
        ADDED.replace("1.25%", "2.17%"),
        ADDED.replace("9000万", "4300万"),
        ADDED.replace("1.25%", "0.5%").replace("9000万", "1.1亿"),
    ],
)
def test_other_numbers_make_other_news(other: str) -> None:
    assert kind(STORY, other) is None


@pytest.mark.parametrize("same", ["9,000万元", "９０００万元", "0.9亿元", "9000.0万元"])
def test_a_number_in_another_form_is_the_same(same: str) -> None:
    assert kind(STORY, ADDED.replace("9000万元", same)) == "near"


def test_numbers_that_only_one_text_has_do_no_harm() -> None:
    assert kind(STORY, STORY + "该股昨日收报12.30元，跌2.2%。") == "near"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"600001.SH"}, {"600002.SH"}, None),
        ({"600001.SH"}, {"600001.SH"}, "near"),
        ({"600001.SH"}, {"600001.SH", "600002.SH"}, "near"),
        ({"600001.SH"}, set(), "near"),
        (set(), set(), "near"),
    ],
)
def test_other_securities_make_other_news(
    first: set[str], second: set[str], expected: str | None
) -> None:
    found = reprint_of(Story.of(STORY, AT, first), Story.of(ADDED, AT, second))
    assert (found.kind if found else None) == expected


@pytest.mark.parametrize(
    ("first", "second", "later", "expected"),
    [
        (STORY, ADDED, WINDOW, "near"),
        (STORY, ADDED, -WINDOW, "near"),
        (STORY, ADDED, WINDOW + timedelta(seconds=1), None),
        (STORY, STORY, timedelta(days=900), "exact"),
        (SHORT, SHORT, WINDOW, "exact"),
        (SHORT, SHORT, WINDOW + timedelta(seconds=1), None),
        (SHORT, f"{SHORT}明日亦然。", timedelta(0), None),
        ("", "", timedelta(0), None),
        ("……", "。", timedelta(0), None),
    ],
    ids=[
        "near_in_time",
        "near_before",
        "near_too_late",
        "exact_years_later",
        "short_in_time",
        "short_too_late",
        "short_alike",
        "empty",
        "signs_alone",
    ],
)
def test_when_texts_are_one_story(
    first: str, second: str, later: timedelta, expected: str | None
) -> None:
    assert kind(first, second, later) == expected


def test_numbers_are_counted_in_their_worth() -> None:
    worth = {"1.5E+8": 2, "12000": 1, "-0.3": 1, "2E+12": 1}
    expected = Counter({Decimal(number): count for number, count in worth.items()})
    assert numbers_of("共1.5亿元即15000万元另1.2万跌-0.3%约2万亿") == expected


def test_a_number_of_any_length_can_be_compared() -> None:
    assert kind(f"{STORY}{'9' * 5_000}", f"{ADDED}{'9' * 5_000}") == "near"


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_order_of_two_texts_does_not_matter(first: str, second: str) -> None:
    one, other = Story.of(first, AT), Story.of(second, AT)
    assert reprint_of(one, other) == reprint_of(other, one)
    assert 0 <= similarity(one, other) <= 1
