"""When a job is due: moments of spans and of crontab lines."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews.jobs.timing import WEEKDAYS, Cron, Every, Timetable, parse_cron, shortest_gap
from finews_crawler.errors import ConfigurationError

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Wednesday.
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SHANGHAI)
MOMENTS = st.integers(0, 20 * 366 * 86400 * 1000).map(
    lambda number: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)
)


def local(timetable: Timetable, count: int, moment: datetime = NOON) -> list[str]:
    """Its next moments on the clock of Shanghai."""
    told = []
    for _ in range(count):
        moment = timetable.after(moment)
        told.append(moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
    return told


# --- every -----------------------------------------------------------------------------------


def test_moments_are_a_span_apart() -> None:
    every = Every(timedelta(minutes=20), NOON)
    assert local(every, 3) == ["11-25 12:20", "11-25 12:40", "11-25 13:00"]


def test_the_first_moment_is_the_first() -> None:
    every = Every(timedelta(minutes=20), NOON)
    assert every.after(NOON - timedelta(days=3)) == NOON


@settings(deadline=None)
@given(
    seconds=st.integers(1, 366 * 86400),
    first=MOMENTS,
    moment=MOMENTS,
)
def test_the_next_moment_is_on_the_grid_and_the_soonest(
    seconds: int, first: datetime, moment: datetime
) -> None:
    span = timedelta(seconds=seconds)
    found = Every(span, first).after(moment)
    assert moment < found
    assert (found - first) % span == timedelta()
    assert found == first or found - span <= moment
    assert found.tzinfo is UTC


# --- cron ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/20 9-15 * * mon-fri", ["11-25 12:20", "11-25 12:40", "11-25 13:00"]),
        ("5 12 * * *", ["11-25 12:05", "11-26 12:05", "11-27 12:05"]),
        ("0,30 8-9 * * *", ["11-26 08:00", "11-26 08:30", "11-26 09:00"]),
        ("0 0 1 */6 *", ["01-01 00:00", "07-01 00:00", "01-01 00:00"]),
        ("0 0 1 jan-mar *", ["01-01 00:00", "02-01 00:00", "03-01 00:00"]),
        ("0 0 29 2 *", ["02-29 00:00", "02-29 00:00", "02-29 00:00"]),
        ("0 0 * * MON", ["11-30 00:00", "12-07 00:00", "12-14 00:00"]),
    ],
)
def test_moments_of_a_crontab_line(text: str, expected: list[str]) -> None:
    assert local(parse_cron(text, "Asia/Shanghai"), 3) == expected


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("*", "*"),
        ("0", "sun"),
        ("7", "sun"),
        ("1-5", "mon,tue,wed,thu,fri"),
        ("5-7", "sun,fri,sat"),
        ("6-1", "sun,mon,sat"),
        ("sat-mon", "sun,mon,sat"),
        ("*/2", "sun,tue,thu,sat"),
        ("1-5/2", "mon,wed,fri"),
        ("wed,0", "sun,wed"),
    ],
)
def test_weekdays_are_those_of_a_crontab(field: str, days: str) -> None:
    """Not those of APScheduler, whose week begins on Monday."""
    assert parse_cron(f"0 8 * * {field}", "Asia/Shanghai").day_of_week == days


@settings(deadline=None)
@given(day=st.integers(0, 7), moment=MOMENTS)
def test_a_weekday_falls_on_that_day(day: int, moment: datetime) -> None:
    found = parse_cron(f"30 6 * * {day}", "Asia/Shanghai").after(moment).astimezone(SHANGHAI)
    assert found.strftime("%a %H:%M").lower() == f"{WEEKDAYS[day % 7]} 06:30"


@settings(deadline=None)
@given(moment=MOMENTS, minute=st.integers(0, 59), hour=st.integers(0, 23))
def test_the_next_moment_is_later_and_within_a_day(
    moment: datetime, minute: int, hour: int
) -> None:
    found = parse_cron(f"{minute} {hour} * * *", "Asia/Shanghai").after(moment)
    assert moment < found <= moment + timedelta(days=1)
    assert (found.second, found.microsecond, found.tzinfo) == (0, 0, UTC)


def test_a_moment_is_on_the_clock_of_its_zone() -> None:
    cron = parse_cron("0 9 * * *", "Europe/Berlin")
    winter, summer = (cron.after(datetime(2026, month, 10, tzinfo=UTC)) for month in (1, 7))
    assert (winter.hour, summer.hour) == (8, 7)


def test_a_moment_that_a_clock_leaps_over_is_not_lost() -> None:
    cron = parse_cron("30 2 * * *", "Europe/Berlin")
    leap = datetime(2024, 3, 30, 12, tzinfo=UTC)
    assert cron.after(leap) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' has 0 fields; cron has 5: minute hour day month weekday"),
        ("* * * *", "has 4 fields"),
        ("@hourly", "has 1 fields"),
        ("60 * * * *", "'60 * * * *': Error validating expression '60': the last value (60)"),
        ("x * * * *", "'x' is no minute"),
        ("1-x * * * *", "'1-x' is no minute"),
        ("*/0 * * * *", "'*/0': a step is 1 or more, of a range: */5 or 0-30/5"),
        ("5/15 * * * *", "'5/15': a step is 1 or more"),
        ("* * last * *", "'last' is no day"),
        ("* * * * 8", "8 is no weekday: 0 to 7 or mon to sun"),
        ("* * * * xyz", "xyz is no weekday"),
        ("* * * foo *", "foo"),
        ("0 8 1 * 1", "names days of the month and weekdays: cron takes either, others both"),
        ("0 0 31 2 *", "no such moment will ever come"),
        ("-5 * * * *", "'-5' is no minute"),
    ],
)
def test_what_is_no_crontab_line(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        parse_cron(text, "Asia/Shanghai")


@settings(deadline=None)
@given(text=st.text(st.sampled_from("*0123456789,-/ monsu"), max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cron = parse_cron(text, "Asia/Shanghai")
    except ConfigurationError:
        return
    assert cron.after(NOON) > NOON


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("*/20 9-15 * * *", timedelta(minutes=20)),
        ("0 8,9 * * *", timedelta(hours=1)),
        ("0 0 * * mon", timedelta(days=7)),
        ("59,0 * * * *", timedelta(minutes=1)),
    ],
)
def test_the_shortest_time_between_two_moments(text: str, gap: timedelta) -> None:
    assert shortest_gap(parse_cron(text, "Asia/Shanghai")) == gap


def test_moments_of_a_crontab_line_grow() -> None:
    cron = parse_cron("*/7 * * * *", "Asia/Shanghai")
    assert isinstance(cron, Cron)
    told = local(cron, 200)
    assert all(sooner < later for sooner, later in pairwise(told))
