"""The forms in which Chinese pages print a time, read against the moment of the fetch.

Without a zone a time is China's. dateparser reads the plain relative forms; it takes `05-26 18:21`
for 2005-01-26 and knows neither `12月31日 23:58` nor 十五分钟前 nor 周五下午3点, so those are read
here.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import dateparser

from finews_crawler.items import SHANGHAI, Precision

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a page's clock may be ahead of ours."""

Reading = tuple[datetime, Precision]

_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?"
_NUMBER = r"(\d{1,4}|[一二两三四五六七八九十]{1,3})"
_ABSOLUTE = re.compile(
    rf"((?:19|20)\d\d)[-/年.](\d{{1,2}})[-/月.](\d{{1,2}})(?:日[ T]*|[ T]+|$)(?:{_CLOCK})?"
    r"\s*(Z|[+-]\d\d:?\d\d)?"
)
_MONTH_DAY = re.compile(rf"(\d{{1,2}})[-/月](\d{{1,2}})日?\s+{_CLOCK}")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_DAY_CLOCK = re.compile(rf"(今[天日]|昨[天日]|前天)\s*{_CLOCK}(?:\s*\+08:?00)?")
_AGO = re.compile(rf"{_NUMBER}\s*(秒|分钟|个?小时|天)[钟之以]?前")
_WEEKDAY = re.compile(
    r"(?:周|星期|礼拜)([一二三四五六日天])\s*(凌晨|早上|上午|中午|下午|晚上|晚)?\s*"
    rf"(?:{_CLOCK}|(\d{{1,2}})[点时](?:(\d{{1,2}})分?|(半)|整)?)"
)
_DAYS_BACK = {"今": 0, "昨": 1, "前": 2}
_AFTERNOON = frozenset({"下午", "晚上", "晚"})
_NIGHT = frozenset({"凌晨", "晚上", "晚"})
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九", start=1)} | {"两": 2}
_GRAIN: dict[str, tuple[Precision, dict[str, int]]] = {
    "秒": ("second", {"microsecond": 0}),
    "分钟": ("minute", {"second": 0, "microsecond": 0}),
    # Nobody says 3 hours ago of a minute.
    "小时": ("day", {"minute": 0, "second": 0, "microsecond": 0}),
    "天": ("day", {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}),
}


def _number(text: str) -> int:
    """Read 12, 十二 or 二十; each character alone would make 105 of 十五."""
    if text.isdecimal():
        return int(text)
    tens, has_ten, ones = text.partition("十")
    if not has_ten:
        return _DIGITS[text]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _precision(second: str | None) -> Precision:
    return "second" if second else "minute"


def _china(year: int, month: int, day: int, clock: Sequence[str | None]) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock)
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def _absolute(found: re.Match[str], _: datetime) -> Reading:
    year, month, day, *clock, zone = found.groups()
    precision = _precision(clock[2]) if clock[0] else "day"
    moment = _china(int(year), int(month), int(day), clock)
    if zone:
        shown = moment.replace(tzinfo=None).isoformat()
        moment = datetime.fromisoformat(f"{shown}{'+00:00' if zone == 'Z' else zone}")
    return moment, precision


def _month_day(found: re.Match[str], fetched_at: datetime) -> Reading:
    """The last such moment before the fetch."""
    month, day, *clock = found.groups()
    year = fetched_at.astimezone(SHANGHAI).year
    # 29 February is in every fourth year only.
    for candidate in range(year + 1, year - 5, -1):
        try:
            moment = _china(candidate, int(month), int(day), clock)
        except ValueError:
            continue
        if moment <= fetched_at + CLOCK_TOLERANCE:
            return moment, _precision(clock[2])
    raise ValueError(found[0])


def _epoch(found: re.Match[str], _: datetime) -> Reading:
    return datetime.fromtimestamp(int(found[0][:10]), UTC), "second"


def _day_clock(found: re.Match[str], fetched_at: datetime) -> Reading:
    word, *clock = found.groups()
    today = fetched_at.astimezone(SHANGHAI).date()
    day = today - timedelta(days=_DAYS_BACK[word[0]])
    return _china(day.year, day.month, day.day, clock), _precision(clock[2])


def _ago(found: re.Match[str], fetched_at: datetime) -> Reading:
    unit = found[2].removeprefix("个")
    precision, grain = _GRAIN[unit]
    moment = dateparser.parse(
        f"{_number(found[1])}{unit}前",
        languages=["zh"],
        settings={
            "RELATIVE_BASE": fetched_at.astimezone(SHANGHAI).replace(tzinfo=None),
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    if moment is None:
        raise ValueError(found[0])
    return moment.replace(tzinfo=SHANGHAI, **grain), precision


def _hour(part: str | None, hour: int) -> int:
    """The hour of the day; which midnight 晚上12点 is nobody can tell."""
    if part in _NIGHT and hour == 12:
        raise ValueError(f"{part}12点")
    is_late = part in _AFTERNOON or (part == "中午" and hour < 3)
    return hour + 12 if is_late and hour < 12 else hour


def _weekday(found: re.Match[str], fetched_at: datetime) -> Reading:
    """The last such weekday and time before the fetch."""
    day, part, hour, minute, second, spoken_hour, spoken_minute, half = found.groups()
    hours = _hour(part, int(hour or spoken_hour))
    minutes = 30 if half else int(minute or spoken_minute or 0)
    today = fetched_at.astimezone(SHANGHAI)
    back = (today.weekday() - "一二三四五六日".index(day.replace("天", "日"))) % 7
    moment = today.replace(hour=hours, minute=minutes, second=int(second or 0), microsecond=0)
    moment -= timedelta(days=back)
    late = moment > fetched_at + CLOCK_TOLERANCE
    return moment - timedelta(days=7 if late else 0), _precision(second)


def _just_now(_: re.Match[str], fetched_at: datetime) -> Reading:
    return fetched_at.astimezone(SHANGHAI).replace(microsecond=0), "minute"


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], Reading]], ...] = (
    (_ABSOLUTE, _absolute),
    (_MONTH_DAY, _month_day),
    (_EPOCH, _epoch),
    (_DAY_CLOCK, _day_clock),
    (_AGO, _ago),
    (_WEEKDAY, _weekday),
    (re.compile("刚刚"), _just_now),
)


def read_time(text: str, fetched_at: datetime) -> Reading | None:
    """Read one statement of time; None when it is in no known form or no real date."""
    stripped = text.strip()
    for pattern, reader in _READERS:
        if found := pattern.fullmatch(stripped):
            try:
                return reader(found, fetched_at)
            except (ValueError, KeyError, OverflowError):
                return None
    return None
