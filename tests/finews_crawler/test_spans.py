"""Spans of time as arguments."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews_crawler.errors import ArgumentError
from finews_crawler.spans import refresh_window, span

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("20m", timedelta(minutes=20)),
        ("6h", timedelta(hours=6)),
        ("3d", timedelta(days=3)),
        (" 6 H ", timedelta(hours=6)),
        ("0", timedelta()),
        (" 0 ", timedelta()),
        ("0d", timedelta()),
        ("36525d", timedelta(days=36525)),
    ],
)
def test_a_span(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "6", "h", "-6h", "6.5h", "6w", "6hours", "6h 3m", "六h", "1"])
def test_other_words_are_no_span(text: str) -> None:
    with pytest.raises(ArgumentError) as told:
        span(text)
    assert str(told.value) == f"{text!r} is no span of time, such as 90s, 20m, 6h or 3d"


@pytest.mark.parametrize("text", ["36526d", "999999999d", f"1{'0' * 30}h", f"{'9' * 5000}s"])
def test_a_span_that_leads_out_of_the_calendar_is_told_in_a_short_line(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"^'\d+[dhs]?' is too long$") as told:
        span(text)
    assert len(str(told.value)) < 60


@given(st.integers(0, 36525 * 24), st.sampled_from(["{}h", "{} h", " {}H "]))
def test_every_span_of_hours_is_read(hours: int, form: str) -> None:
    assert span(form.format(hours)) == hours * HOUR


@pytest.mark.parametrize(
    ("text", "window"),
    [("all", None), (" ALL ", None), ("6h", 6 * HOUR), ("0", timedelta())],
)
def test_the_window_that_is_read_again(text: str, window: timedelta | None) -> None:
    assert refresh_window(text) == window


@pytest.mark.parametrize("text", ["none", "", "everything", "全部"])
def test_other_words_are_no_window(text: str) -> None:
    with pytest.raises(ArgumentError, match="is no span of time"):
        refresh_window(text)
