"""When an article was published, how exactly that is known, and how far it can be trusted.

A time is never invented. What the page states is read as China time unless it names another zone;
statements are compared with one another and with the date in the article's id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from finews_crawler.items import SHANGHAI, Precision, Quality, RawArticle, StatedTime
from finews_crawler.reference import load_table
from pipelines.normalise.time_forms import CLOCK_TOLERANCE, Reading, read_time

# The first that is present is the article's time; the rest must agree with it.
_ORDER = ("front_matter", "meta", "json_ld", "small", "feed", "json", "html", "url")
_SHIFT = timedelta(hours=8)
# The kinds of page that Jekyll dated; a Markdown post states the time as it was written.
_SHIFTED = frozenset({"post", "feed"})


@dataclass(frozen=True, slots=True)
class Published:
    """The claimed time of publishing: an aware instant, or None with quality `missing`."""

    at: datetime | None
    precision: Precision | None
    quality: Quality
    stated: str | None = None
    """Where the page states it."""


MISSING = Published(None, None, "missing")


def _readings(raw: RawArticle) -> list[tuple[StatedTime, Reading]]:
    ordered = sorted(raw.times, key=lambda stated: _ORDER.index(stated.where))
    # Most statements of a page are the same words.
    words = {stated.text for stated in ordered}
    read_words = {text: read_time(text, raw.fetched_at) for text in words}
    read = ((stated, read_words[stated.text]) for stated in ordered)
    return [(stated, reading) for stated, reading in read if reading is not None]


def _agree(first: Reading, second: Reading) -> bool:
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
    if at > raw.fetched_at + CLOCK_TOLERANCE:
        return Published(at, precision, "future", stated.where)
    if raw.page_kind in _SHIFTED and stated.where != "front_matter":
        quality = zone_quality(raw, at)
        if quality != "stated":
            shown = at - _SHIFT if quality == "zone_corrected" else at
            return Published(shown, precision, quality, stated.where)
    agree = all(_agree((at, precision), other) for _, other in others)
    agree = agree and _id_date_agrees(raw.code, at)
    return Published(at, precision, "stated" if agree else "disagrees", stated.where)


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
