"""Gaps: what two listings of a category say of the time between them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.coverage import Listed, missed_between, unread_between

SHOWN = timedelta(days=3)
# 18:00 in Shanghai.
THEN = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
NOTICE = "/sitenews/2021/12/02/notice.html"


def code(day: int, number: int = 1) -> str:
    """The id of an article of a day in June 2022."""
    return f"202206{day:02}{3_000_000_000 + number}"


def missed(before: list[str], now: list[str], **away: float) -> str | None:
    """What is said of a listing of the 14th and one so long after it."""
    later = THEN + timedelta(**away)
    return missed_between(
        Listed(entries=before, seen_at=THEN), Listed(entries=now, seen_at=later), SHOWN
    )


# --- no gap -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param([code(14, 1)], [code(14, 1)], id="the same"),
        pytest.param([code(14, 1)], [code(14, 3), code(14, 2), code(14, 1)], id="grown"),
        pytest.param([code(14, 2), code(14, 1)], [code(14, 3), code(14, 2)], id="moved on"),
        pytest.param([code(14, 2), code(11, 1)], [code(11, 1)], id="only the oldest is left"),
        pytest.param([NOTICE], ["/sitenews/2022/06/14/other.html", NOTICE], id="a path is kept"),
        pytest.param([], [code(14)], id="nothing before"),
        pytest.param([code(14)], [], id="nothing now"),
        pytest.param([], [], id="nothing at all"),
    ],
)
@pytest.mark.parametrize("away", [0.5, 71, 73, 24 * 30], ids=lambda hours: f"{hours}h")
def test_what_overlaps_or_lists_nothing_is_no_gap(
    before: list[str], now: list[str], away: float
) -> None:
    assert missed(before, now, hours=away) is None


@pytest.mark.parametrize(
    ("newest", "hours"),
    [
        pytest.param(12, 1, id="two days and more old, the site's clock may be ahead"),
        pytest.param(11, 1, id="three days old"),
        pytest.param(1, 1, id="an old list"),
        pytest.param(14, 31, id="the newest is two days old by now"),
        pytest.param(14, 72, id="away just as long as the site shows a post"),
    ],
)
def test_a_slow_category_whose_posts_have_run_out_is_no_gap(newest: int, hours: float) -> None:
    assert missed([code(newest), code(1)], [code(15)], hours=hours) is None


def test_without_the_days_of_ids_a_short_absence_is_no_gap() -> None:
    assert missed([NOTICE], ["/sitenews/2022/06/14/other.html"], hours=71) is None


@pytest.mark.parametrize(
    "entry",
    ["202299993000000001", "000000000000000000", "20220614300000001", f"NW{code(14)}", "二〇二二"],
)
def test_what_is_no_day_is_no_evidence(entry: str) -> None:
    assert missed([entry], [code(15)], hours=1) is None


# --- gaps -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "told"),
    [(3.01, "3.0 days"), (4, "4.0 days"), (30, "30.0 days")],
)
@pytest.mark.parametrize("entries", [[code(14)], [code(1)], [NOTICE]], ids=["new", "old", "path"])
def test_who_was_away_for_longer_than_posts_are_shown_may_have_missed_some(
    entries: list[str], days: float, told: str
) -> None:
    assert missed(entries, [code(30)], days=days) == (
        "nothing that was listed before is listed now; the last look was " + told + " ago"
    )


@pytest.mark.parametrize(("hours", "told"), [(0.5, "0.5 hours"), (29, "29.0 hours")])
def test_fresh_posts_that_are_gone_too_early_are_a_gap(hours: float, told: str) -> None:
    assert missed([code(14), code(1)], [code(15)], hours=hours) == (
        f"nothing that was listed {told} ago is listed now, although the site shows a post for "
        "3.0 days"
    )


def test_a_day_begins_in_shanghai() -> None:
    """The 14th begins on the 13th at 16:00 UTC; two days later posts of it may be gone."""
    assert missed([code(14)], [code(15)], hours=29, minutes=59) is not None
    assert missed([code(14)], [code(15)], hours=30) is None


def test_the_newest_day_counts_wherever_it_stands() -> None:
    assert missed([NOTICE, code(1), code(14), code(2)], [code(15)], hours=1) is not None


# --- lists that are walked back ---------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 3_600, 86_400 * 30], ids=lambda seconds: f"{seconds}s")
def test_a_list_that_was_read_back_to_the_last_look_is_no_gap(before: int) -> None:
    """Also when nothing that was listed then is listed now: all that came since was read."""
    assert unread_between(THEN, THEN - timedelta(seconds=before)) is None


def test_a_list_that_was_not_read_back_to_the_last_look_is_a_gap() -> None:
    assert unread_between(THEN, THEN + timedelta(hours=2, minutes=30)) == (
        "the list was read back to 2022-06-14 20:30 (Shanghai) only, and the last look was "
        "2.5 hours before that"
    )


# --- properties -------------------------------------------------------------------------------

ENTRIES = st.lists(
    st.one_of(st.builds(code, st.integers(1, 30), st.integers(1, 4)), st.just(NOTICE)), max_size=6
)
AWAY = st.timedeltas(timedelta(), timedelta(days=100))


def told(before: list[str], now: list[str], away: timedelta) -> str | None:
    return missed(before, now, seconds=away.total_seconds())


@given(ENTRIES, ENTRIES, st.builds(code, st.integers(1, 30)), AWAY)
def test_a_listing_that_keeps_an_entry_is_never_a_gap(
    before: list[str], now: list[str], kept: str, away: timedelta
) -> None:
    assert told([*before, kept], [kept, *now], away) is None


@given(ENTRIES, ENTRIES, AWAY)
def test_the_order_of_entries_does_not_matter(
    before: list[str], now: list[str], away: timedelta
) -> None:
    assert told(before, now, away) == told(before[::-1], now[::-1], away)


@given(ENTRIES, ENTRIES, st.timedeltas(timedelta(days=3, seconds=1), timedelta(days=100)))
def test_a_long_absence_is_a_gap_just_when_nothing_is_left(
    before: list[str], now: list[str], away: timedelta
) -> None:
    is_gap = bool(before) and bool(now) and not set(before) & set(now)
    assert (told(before, now, away) is not None) == is_gap
