"""When an article was published, how exactly that is known, and how far it can be trusted.

A time is never invented. What the page states is read as China time unless it names another zone;
statements are compared with one another and with the date in the article's id.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import dateparser

from finews_crawler.items import SHANGHAI, Precision, Quality, RawArticle, StatedTime
from finews_crawler.reference import load_table

_ABSOLUTE = re.compile(
    r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?"
)
_MONTH_DAY = re.compile(r"(\d{1,2})[-/月](\d{1,2})日?\s+(\d{1,2}):(\d\d)(?::(\d\d))?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_RELATIVE = re.compile(r"(?:今天|昨天|前天)\s*\d{1,2}:\d\d(?::\d\d)?|\d+\s*(?:秒|分钟|小时)前|刚刚")
# The first that is present is the article's time; the rest must agree with it.
_ORDER = ("front_matter", "meta", "json_ld", "small", "feed", "json", "html", "url")
_CLOCK_TOLERANCE = timedelta(minutes=5)
_SHIFT = timedelta(hours=8)
# The kinds of page that Jekyll dated; a Markdown post states the time as it was written.
_SHIFTED = frozenset({"post", "feed"})


@dataclass(frozen=True, slots=True)
class Published:
    """The claimed time of publishing: an aware instant, or None with quality `missing`."""

    at: datetime | None
    precision: Precision | None
    quality: Quality


MISSING = Published(None, None, "missing")

_Reading = tuple[datetime, Precision]


def _zone(text: str | None) -> str:
    return "+00:00" if text == "Z" else (text or "")


def _absolute(found: re.Match[str], _: datetime) -> _Reading:
    year, month, day, hour, minute, second, zone = found.groups()
    precision: Precision = "second" if second else "minute" if hour else "day"
    naive = f"{year}-{int(month):02}-{int(day):02}T{int(hour or 0):02}:{minute or '00'}"
    moment = datetime.fromisoformat(f"{naive}:{second or '00'}{_zone(zone)}")
    return (moment if zone else moment.replace(tzinfo=SHANGHAI)), precision


def _month_day(found: re.Match[str], fetched_at: datetime) -> _Reading:
    """`12月31日 23:58`, `05-26 18:21`: the last such moment before the fetch."""
    month, day, hour, minute, second = found.groups()
    precision: Precision = "second" if second else "minute"
    year = fetched_at.astimezone(SHANGHAI).year
    parts = (int(month), int(day), int(hour), int(minute), int(second or 0))
    moment = datetime(year, *parts, tzinfo=SHANGHAI)
    late = moment > fetched_at + _CLOCK_TOLERANCE
    return (moment.replace(year=year - 1) if late else moment), precision


def _epoch(found: re.Match[str], _: datetime) -> _Reading:
    return datetime.fromtimestamp(int(found[0][:10]), UTC), "second"


def _relative(found: re.Match[str], fetched_at: datetime) -> _Reading:
    base = fetched_at.astimezone(SHANGHAI).replace(tzinfo=None)
    moment = dateparser.parse(
        found[0].replace("刚刚", "0秒前"),
        languages=["zh"],
        settings={"RELATIVE_BASE": base, "RETURN_AS_TIMEZONE_AWARE": False},
    )
    if moment is None:
        raise ValueError(found[0])
    precision: Precision = "second" if re.search(r":\d\d:|秒|刚刚", found[0]) else "minute"
    return moment.replace(tzinfo=SHANGHAI), precision


# dateparser reads `05-26 18:21` as 2005-01-26 and `12月31日 23:58` not at all, so only the relative
# forms that it reads right are left to it.
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], _Reading]], ...] = (
    (_ABSOLUTE, _absolute),
    (_MONTH_DAY, _month_day),
    (_EPOCH, _epoch),
    (_RELATIVE, _relative),
)


def read_time(text: str, fetched_at: datetime) -> _Reading | None:
    """Read one statement of time; None when it is in no known form or no real date."""
    stripped = text.strip()
    for pattern, reader in _READERS:
        if found := pattern.fullmatch(stripped):
            try:
                return reader(found, fetched_at)
            except (ValueError, OverflowError):
                return None
    return None


def _readings(raw: RawArticle) -> list[tuple[StatedTime, _Reading]]:
    ordered = sorted(raw.times, key=lambda stated: _ORDER.index(stated.where))
    read = ((stated, read_time(stated.text, raw.fetched_at)) for stated in ordered)
    return [(stated, reading) for stated, reading in read if reading is not None]


def _agree(first: _Reading, second: _Reading) -> bool:
    if "day" in (first[1], second[1]):
        return first[0].astimezone(SHANGHAI).date() == second[0].astimezone(SHANGHAI).date()
    if "minute" in (first[1], second[1]):
        return first[0].replace(second=0) == second[0].replace(second=0)
    return first[0] == second[0]


def _id_date_agrees(code: str | None, at: datetime) -> bool:
    return code is None or at.astimezone(SHANGHAI).strftime("%Y%m%d") == code[:8]


def published(raw: RawArticle) -> Published:
    """Weigh the page's statements of time and give the article's."""
    readings = _readings(raw)
    if not readings:
        return MISSING
    (stated, (at, precision)), others = readings[0], readings[1:]
    if at > raw.fetched_at + _CLOCK_TOLERANCE:
        return Published(at, precision, "future")
    if raw.page_kind in _SHIFTED and stated.where != "front_matter":
        quality = zone_quality(raw, at)
        if quality != "stated":
            return Published(at - _SHIFT if quality == "zone_corrected" else at, precision, quality)
    agree = all(_agree((at, precision), other) for _, other in others)
    agree = agree and _id_date_agrees(raw.code, at)
    return Published(at, precision, "stated" if agree else "disagrees")


# --- the site's own clock fault of December 2021 ----------------------------------------------


def zone_quality(raw: RawArticle, at: datetime) -> Quality:
    """Whether the page's time is 8 hours late because its front matter had no zone.

    Until 8 December 2021 the site's generator wrote dates without `+0800`; Jekyll read them as UTC
    and printed China time, 8 hours on. The form of the 返回 line tells the generator's version. One
    form (`bar`) was written by the last version without and the first with a zone, both on 8
    December: there the id's serial, which rises through the day, decides.
    """
    era = load_table("sites")["zone_fault"]
    day = raw.code[:8] if raw.code else (at - _SHIFT).astimezone(SHANGHAI).strftime("%Y%m%d")
    if day > era["last_day"] or raw.footer_form == "lines_zning":
        return "stated"
    if raw.footer_form != "bar":
        return "zone_corrected"
    expected = _time_by_serial(raw.code)
    if expected is None:
        return "zone_doubtful"
    shifted = abs(at - _SHIFT - expected) < abs(at - expected)
    return "zone_corrected" if shifted else "stated"


def _time_by_serial(code: str | None) -> datetime | None:
    """Interpolate the time of day from the serials of articles whose time is certain."""
    anchors = [
        (int(anchor["code"]), datetime.fromisoformat(anchor["at"]))
        for anchor in load_table("sites")["zone_fault"]["anchor"]
    ]
    if code is None or code[:8] != str(anchors[0][0])[:8]:
        return None
    number = int(code)
    segments = list(pairwise(anchors))
    (low, low_at), (high, high_at) = next(
        (segment for segment in segments if number <= segment[1][0]), segments[-1]
    )
    return low_at + (high_at - low_at) * ((number - low) / (high - low))
