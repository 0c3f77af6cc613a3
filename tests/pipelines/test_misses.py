"""How long a page that gave no article is left alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.misses import ABSENT, DAY, HOUR, UNREADABLE, pause_after

TIMES = st.integers(1, 10_000)
REASONS = st.sampled_from(["unknown_layout", "internal_error", "no_body"])


@pytest.mark.parametrize("reason", ["http_404", "http_410", "not_found_page", "empty_answer"])
@pytest.mark.parametrize("stage", ["fetch", "extract", "share"])
@pytest.mark.parametrize("times", [1, 2, 100])
def test_a_page_that_is_not_there_is_asked_for_once_a_day(
    stage: str, reason: str, times: int
) -> None:
    assert pause_after(stage, reason, times) == timedelta(days=1)


@pytest.mark.parametrize(
    ("times", "hours"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (7, 24), (10_000, 24)]
)
def test_a_page_that_cannot_be_read_waits_twice_as_long_each_time_up_to_a_day(
    times: int, hours: int
) -> None:
    assert pause_after("extract", "unknown_layout", times) == timedelta(hours=hours)


@pytest.mark.parametrize("stage", ["extract", "share", "validate", "normalise"])
def test_stages_that_had_the_page(stage: str) -> None:
    assert pause_after(stage, "no_body", 1) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        ("fetch", "http_500"),
        ("fetch", "http_503"),
        ("fetch", "http_429"),
        ("fetch", "http_403"),
        ("fetch", "timeouterror"),
        ("fetch", "connectionrefusederror"),
        ("store", "dataerror"),
        ("argument", "no_code"),
        ("list", "too_many_pages"),
    ],
)
def test_what_says_nothing_about_the_page_is_asked_again_by_the_next_crawl(
    stage: str, reason: str
) -> None:
    assert pause_after(stage, reason, 1) is None


@given(st.sampled_from(sorted(UNREADABLE)), REASONS, TIMES)
def test_no_wait_is_shorter_than_the_one_before_or_longer_than_a_day(
    stage: str, reason: str, times: int
) -> None:
    first, second = (pause_after(stage, reason, times + more) for more in (0, 1))
    assert first is not None
    assert second is not None
    assert HOUR <= first <= second <= DAY


@given(st.text(max_size=10), st.sampled_from(sorted(ABSENT)), TIMES)
def test_what_is_absent_is_absent_at_whatever_stage(stage: str, reason: str, times: int) -> None:
    assert pause_after(stage, reason, times) == DAY
