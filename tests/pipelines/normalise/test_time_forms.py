"""The forms in which pages print a time: those that are read, and those that are refused.

Moments are written as China time, the zone in which the site states them.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finews_crawler.items import SHANGHAI, Precision
from pipelines.normalise.time_forms import read_time


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


FETCHED = china("2022-06-14 18:00:30")
JUST_AFTER_NEW_YEAR = china("2022-01-01 00:05:00")
JUST_BEFORE_NEW_YEAR = china("2021-12-31 23:59:30")
JUST_AFTER_MIDNIGHT = datetime(2022, 6, 14, 16, 5, 20, tzinfo=UTC)

ABSOLUTE: list[tuple[str, str, Precision]] = [
    ("2022-01-04 17:28:33", "2022-01-04 17:28:33", "second"),
    ("2022-01-04 17:28", "2022-01-04 17:28:00", "minute"),
    ("2022-01-04", "2022-01-04 00:00:00", "day"),
    ("2022-01-04T17:28:33", "2022-01-04 17:28:33", "second"),
    ("2022-01-04T17:28:33+08:00", "2022-01-04 17:28:33", "second"),
    ("2022-01-04 17:28:33 +0800", "2022-01-04 17:28:33", "second"),
    ("2022-01-04T09:28:33Z", "2022-01-04 17:28:33", "second"),
    ("2022-01-04T09:28:33.512Z", "2022-01-04 17:28:33", "second"),
    ("2022-01-04 04:28 -0500", "2022-01-04 17:28:00", "minute"),
    ("2022/1/4 7:05", "2022-01-04 07:05:00", "minute"),
    ("2022.01.04 17:28:33", "2022-01-04 17:28:33", "second"),
    ("2022年1月4日", "2022-01-04 00:00:00", "day"),
    ("2022年01月04日 17:28", "2022-01-04 17:28:00", "minute"),
    ("2022年1月4日17:28", "2022-01-04 17:28:00", "minute"),
    (" \n2022-01-04 17:28:33\xa0 ", "2022-01-04 17:28:33", "second"),
]
EPOCH = [
    ("1655200800", "2022-06-14 18:00:00"),
    ("1655200800000", "2022-06-14 18:00:00"),
    ("1655200800999", "2022-06-14 18:00:00"),
    ("1000000000", "2001-09-09 09:46:40"),
]
RELATIVE: list[tuple[str, str, Precision]] = [
    ("今天 00:01", "2022-06-15 00:01:00", "minute"),
    ("今天00:01", "2022-06-15 00:01:00", "minute"),
    ("今天 00:01:02", "2022-06-15 00:01:02", "second"),
    ("昨天 23:58", "2022-06-14 23:58:00", "minute"),
    ("昨天 9:05", "2022-06-14 09:05:00", "minute"),
    ("前天 23:58", "2022-06-13 23:58:00", "minute"),
    ("30秒前", "2022-06-15 00:04:50", "second"),
    ("刚刚", "2022-06-15 00:05:20", "minute"),
    ("5分钟前", "2022-06-15 00:00:00", "minute"),
    ("10分钟前", "2022-06-14 23:55:00", "minute"),
    ("十五分钟前", "2022-06-14 23:50:00", "minute"),
    ("两分钟之前", "2022-06-15 00:03:00", "minute"),
    ("3 小时前", "2022-06-14 21:00:00", "day"),
    ("一个小时前", "2022-06-14 23:00:00", "day"),
    ("24小时前", "2022-06-14 00:00:00", "day"),
    ("3天前", "2022-06-12 00:00:00", "day"),
    ("二十天前", "2022-05-26 00:00:00", "day"),
]
# FETCHED is a Tuesday, 18:00:30.
WEEKDAY = [
    ("周二 17:30", "2022-06-14 17:30:00"),
    ("周二 18:05", "2022-06-14 18:05:00"),
    ("周二 18:06", "2022-06-07 18:06:00"),
    ("周三上午9点", "2022-06-08 09:00:00"),
    ("星期日晚上8点半", "2022-06-12 20:30:00"),
    ("礼拜天下午3点05分", "2022-06-12 15:05:00"),
    ("周一凌晨2点整", "2022-06-13 02:00:00"),
    ("周一中午12点", "2022-06-13 12:00:00"),
    ("周一中午1点", "2022-06-13 13:00:00"),
]
MONTH_DAY: list[tuple[datetime, str, str, Precision]] = [
    (FETCHED, "05-26 18:21", "2022-05-26 18:21:00", "minute"),
    (FETCHED, "5月26日 18:21:07", "2022-05-26 18:21:07", "second"),
    (FETCHED, "06/14 17:59", "2022-06-14 17:59:00", "minute"),
    (FETCHED, "06-14 18:05", "2022-06-14 18:05:00", "minute"),
    (FETCHED, "06-14 18:06", "2021-06-14 18:06:00", "minute"),
    (FETCHED, "12-31 23:58", "2021-12-31 23:58:00", "minute"),
    (JUST_AFTER_NEW_YEAR, "12月31日 23:58", "2021-12-31 23:58:00", "minute"),
    (JUST_AFTER_NEW_YEAR, "01-01 00:02", "2022-01-01 00:02:00", "minute"),
    (JUST_AFTER_NEW_YEAR, "01-02 00:02", "2021-01-02 00:02:00", "minute"),
    (JUST_BEFORE_NEW_YEAR, "12-31 23:58", "2021-12-31 23:58:00", "minute"),
    # The site's clock may be some minutes ahead of ours.
    (JUST_BEFORE_NEW_YEAR, "01-01 00:01", "2022-01-01 00:01:00", "minute"),
]
REFUSED = [
    *("", " ", "时间", "2022", "2022-01", "17:28", "17:28:33", "20220104", "20220104172833"),
    *("2022-13-01", "2022-02-30", "2022-01-04 24:00", "2022-01-04 17:60", "2022-01-04 17:28:60"),
    *("2022-01-04 1728", "22-01-04 17:28", "2022-01-04 17:28 +99:00", "2022-01-04 下午"),
    *("发布于 2022-01-04", "2022-01-04 17:28 发布", "Jan 4, 2022", "0000-01-04"),
    *("13-01 10:00", "02-30 10:00", "06-14", "6月14日"),
    *("165520080", "16552008000", "16552008000000", "2000000000", "202206143000000001"),
    *("今天", "昨天", "今天 25:00", "今天 10:60", "明天 10:00", "大前天 10:00", "前 5分钟"),
    *("百天前", "3月前", "前", "十十分钟前"),
    # 1 January, 17:28, or 11 January, 7:28?
    "2022-01-117:28",
    # Midnight, but of which day?
    *("周一凌晨12点", "周一晚上12点", "周一 24点", "周八 10:00"),
    # Times that no clock in UTC can show.
    *("0001-01-01 00:00:00", "9999-12-31T23:59:59-01:00"),
]


@pytest.mark.parametrize(("text", "expected", "precision"), ABSOLUTE)
def test_dates_are_china_time_unless_they_name_a_zone(
    text: str, expected: str, precision: Precision
) -> None:
    assert read_time(text, FETCHED) == (china(expected), precision)


@pytest.mark.parametrize(("text", "expected"), EPOCH)
def test_seconds_and_milliseconds_of_the_epoch(text: str, expected: str) -> None:
    assert read_time(text, FETCHED) == (china(expected), "second")


@pytest.mark.parametrize(("text", "expected", "precision"), RELATIVE)
def test_relative_words_count_from_the_fetch_in_china(
    text: str, expected: str, precision: Precision
) -> None:
    assert read_time(text, JUST_AFTER_MIDNIGHT) == (china(expected), precision)


@pytest.mark.parametrize(("text", "expected"), WEEKDAY)
def test_a_weekday_is_the_last_one_before_the_fetch(text: str, expected: str) -> None:
    assert read_time(text, FETCHED) == (china(expected), "minute")


@pytest.mark.parametrize(("fetched_at", "text", "expected", "precision"), MONTH_DAY)
def test_month_and_day_are_the_last_such_moment_before_the_fetch(
    fetched_at: datetime, text: str, expected: str, precision: Precision
) -> None:
    assert read_time(text, fetched_at) == (china(expected), precision)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_in_no_known_form_or_no_real_date_is_refused(text: str) -> None:
    assert read_time(text, FETCHED) is None


def nearly_times() -> st.SearchStrategy[str]:
    """Any text, and near misses: the right signs round any numbers."""
    number = st.integers(0, 10**30).map(str) | st.text("0123456789٣９", min_size=1, max_size=4)
    signs = st.sampled_from(
        [*"-/.年月日: TZ+", "今天", "昨天 ", "前天", "分钟前", "小时前", "秒前"]
    )
    moments = st.datetimes().map(str) | st.datetimes().map(lambda at: f"{at:%m-%d %H:%M}")
    zoned = st.tuples(moments, st.sampled_from(["Z", "+14:00", "-12:00"])).map("".join)
    return st.text() | st.lists(number | signs).map("".join) | moments | zoned


def fetches() -> st.SearchStrategy[datetime]:
    return st.integers(1_600_000_000, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@settings(deadline=None)
@given(nearly_times(), fetches())
@example("02-29 10:00", china("2023-03-01 00:00:00"))
@example("02-29 10:00", china("2024-01-10 00:00:00"))
@example("9" * 30 + "小时前", FETCHED)
@example("0001-01-01 00:00:00", FETCHED)
def test_any_text_gives_nothing_or_an_instant_in_utc(text: str, fetched_at: datetime) -> None:
    reading = read_time(text, fetched_at)
    assert reading is None or reading[0].tzinfo is not None
    assert reading is None or reading[0].astimezone(UTC) == reading[0]
