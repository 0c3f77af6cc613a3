"""How long to wait before a host or a page is asked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Headers

from finews_crawler.fetching.waiting import Backoff, retry_after
from tests.finews_crawler.fetching.stubs import NOON

SOON = "Wed, 25 Nov 2026 12:01:30 GMT"
EARLIER = "Wed, 25 Nov 2026 11:00:00 GMT"


def wanted(text: str | None, date: str | None = None) -> float | None:
    named = {"Retry-After": text, "Date": date}
    headers = Headers({name: value for name, value in named.items() if value is not None})
    return retry_after(headers, lambda: NOON)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("99999999999999999999", 1e20),
        (SOON, 90.0),
        ("Wednesday, 25-Nov-26 12:01:30 GMT", 90.0),
        ("Wed Nov 25 12:01:30 2026", 90.0),
        (EARLIER, 0.0),
    ],
)
def test_seconds_and_dates(text: str, seconds: float) -> None:
    assert wanted(text) == seconds


@pytest.mark.parametrize(
    "text", [None, "", "soon", "-5", "1.5", "１２", "1e3", "Wed, 99 Nov 2026 12:00:00 GMT", "²"]
)
def test_what_cannot_be_understood_says_nothing(text: str | None) -> None:
    assert wanted(text) is None


def test_a_date_counts_from_the_servers_own_clock() -> None:
    assert wanted(SOON, date=EARLIER) == 3690.0
    assert wanted(SOON, date="nonsense") == 90.0


@given(st.text(max_size=40))
def test_any_header_gives_seconds_or_nothing(text: str) -> None:
    headers = Headers({"Retry-After": text.encode("utf-8", "replace")})
    found = retry_after(headers, lambda: NOON)
    assert found is None or found >= 0


def test_pauses_double_up_to_the_longest() -> None:
    backoff = Backoff(first=2.0, longest=60.0)
    pauses = [backoff.pause(times, lambda low, _high: low) for times in range(1, 8)]
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_chance_adds_up_to_half() -> None:
    pauses = [Backoff(2.0, 60.0).pause(times, lambda _low, high: high) for times in (1, 2, 5)]
    assert pauses == [3.0, 6.0, 48.0]


def test_a_pause_is_bounded_after_any_number_of_failures() -> None:
    assert Backoff(2.0, 600.0).pause(100_000, lambda low, _high: low) == 600.0
