"""How a page's statements of time are weighed, and the site's clock fault of December 2021.

Moments are written as China time, the zone in which the site states them.
"""

from datetime import datetime

import pytest

from finews_crawler.items import SHANGHAI, Precision, Quality, StatedTime
from pipelines.normalise.clock import published
from tests.pipelines.making import raw_article, stated


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


FETCHED = china("2022-06-14 18:00:30")

Weighed = tuple[datetime | None, Precision | None, Quality]
MISSING: Weighed = (None, None, "missing")


def weighed(*times: StatedTime, **changed: object) -> Weighed:
    """What a page of June 2022 is held to say."""
    page = {"times": times, "fetched_at": FETCHED, **changed}
    time = published(raw_article(**page))
    return time.at, time.precision, time.quality


def test_a_page_without_a_time_has_none() -> None:
    assert weighed() == MISSING


def test_a_time_that_cannot_be_read_is_none() -> None:
    assert weighed(*stated(meta="不久前", small="")) == MISSING


def test_statements_that_agree_are_stated_as_exactly_as_the_first() -> None:
    times = stated(
        url="2022-06-14",
        small="2022-06-14 17:00",
        json_ld="2022-06-14T09:00:21Z",
        meta="2022-06-14T17:00:21+08:00",
    )
    assert weighed(*times) == (china("2022-06-14 17:00:21"), "second", "stated")


def test_what_cannot_be_read_contradicts_nothing() -> None:
    times = stated(meta="2022-06-14 17:00:21", small="不久前")
    assert weighed(*times) == (china("2022-06-14 17:00:21"), "second", "stated")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("front_matter", "meta"),
        ("meta", "json_ld"),
        ("json_ld", "small"),
        ("small", "feed"),
        ("feed", "json"),
        ("json", "html"),
        ("html", "url"),
    ],
)
def test_of_two_statements_the_nearer_to_the_source_is_taken(first: str, then: str) -> None:
    times = stated(**{then: "2022-06-14 09:00:00", first: "2022-06-14 17:00:00"})
    assert weighed(*times) == (china("2022-06-14 17:00:00"), "second", "disagrees")


@pytest.mark.parametrize(
    "other",
    ["2022-06-14 17:00:22", "2022-06-14 17:01", "2022-06-14 16:59", "2022-06-13"],
)
def test_statements_that_differ_disagree(other: str) -> None:
    times = stated(meta="2022-06-14 17:00:21", small=other)
    assert weighed(*times) == (china("2022-06-14 17:00:21"), "second", "disagrees")


def test_the_date_of_the_path_is_a_date_in_china() -> None:
    times = stated(meta="2022-06-13T17:30:00Z", url="2022-06-14")
    assert weighed(*times) == (china("2022-06-14 01:30:00"), "second", "stated")


def test_minutes_ago_agree_with_the_same_minute_whatever_the_fetchs_fractions() -> None:
    times = stated(json="5分钟前", html="06-14 17:55")
    fetched_at = china("2022-06-14 18:00:30.123456")
    assert weighed(*times, fetched_at=fetched_at)[2] == "stated"


def test_a_time_on_another_day_than_the_id_disagrees() -> None:
    times = stated(meta="2022-06-13 17:00:21")
    assert weighed(*times)[2] == "disagrees"
    assert weighed(*times, code=None)[2] == "stated"


@pytest.mark.parametrize(
    ("text", "quality"),
    [("2022-06-14 18:05:30", "stated"), ("2022-06-14 18:05:31", "future")],
    ids=["a_clock_five_minutes_ahead", "later"],
)
def test_a_time_after_the_fetch_is_kept_as_printed_and_marked(text: str, quality: str) -> None:
    assert weighed(*stated(meta=text)) == (china(text), "second", quality)


@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "9999-12-31T23:59:59-12:00"])
@pytest.mark.parametrize("code", ["202206143000000001", None], ids=["code", "no_code"])
def test_a_senseless_time_beside_a_good_one_changes_nothing(text: str, code: str | None) -> None:
    times = stated(meta=text, url="2022-06-14")
    assert weighed(*times, code=code) == (china("2022-06-14 00:00:00"), "day", "stated")
    times = stated(meta="2022-06-14", url=text)
    assert weighed(*times, code=code) == (china("2022-06-14 00:00:00"), "day", "stated")


# --- the clock fault of December 2021 ----------------------------------------------------------

EARLY = "202112082206736198"
ANCHOR = "202112082206945215"  # its front matter names the zone: 12:58:23
LAST_WITHOUT_ZONE = "202112082207168450"


def of_2021(text: str, **changed: object) -> tuple[datetime | None, str]:
    at, _, quality = weighed(*stated(meta=text), **changed)
    return at, quality


@pytest.mark.parametrize("form", ["none", "relative", "lines_withounder"])
def test_before_zones_were_written_a_post_was_eight_hours_late(form: str) -> None:
    time = of_2021("2021-12-08 18:39:01", code=EARLY, footer_form=form)
    assert time == (china("2021-12-08 10:39:01"), "zone_corrected")


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (EARLY, "2021-12-09 06:39:01", "2021-12-08 22:39:01"),
        (None, "2021-12-09 06:39:01", "2021-12-08 22:39:01"),
        ("202112012206000000", "2021-12-01 18:00:00", "2021-12-01 10:00:00"),
        (None, "2021-12-01 18:00:00", "2021-12-01 10:00:00"),
    ],
    ids=["code_of_the_day_before", "no_code_past_midnight", "first_days", "no_code"],
)
def test_the_day_of_a_late_clock_is_the_ids_or_eight_hours_before(
    code: str | None, text: str, expected: str
) -> None:
    time = of_2021(text, code=code, footer_form="relative")
    assert time == (china(expected), "zone_corrected")


@pytest.mark.parametrize(
    ("code", "text", "changed"),
    [
        (EARLY, "2021-12-08 10:46:18", {"footer_form": "lines_zning"}),
        (EARLY, "2021-12-08 10:46:18", {"page_kind": "share_json"}),
        ("202112092207300000", "2021-12-09 09:00:00", {"footer_form": "relative"}),
        (None, "2021-12-09 09:00:00", {"footer_form": "relative"}),
    ],
    ids=["written_with_a_zone", "no_post", "the_day_after", "the_day_after_by_its_time"],
)
def test_a_clock_that_was_right_stays(
    code: str | None, text: str, changed: dict[str, object]
) -> None:
    assert of_2021(text, code=code, **changed) == (china(text), "stated")


def test_printed_front_matter_was_never_shifted() -> None:
    times = stated(front_matter="2021-12-08 10:39:01")
    time = weighed(*times, code=EARLY, footer_form="relative")
    assert time == (china("2021-12-08 10:39:01"), "second", "stated")


@pytest.mark.parametrize(
    ("code", "text", "expected", "quality"),
    [
        (ANCHOR, "2021-12-08 12:58:23", "2021-12-08 12:58:23", "stated"),
        (ANCHOR, "2021-12-08 20:58:23", "2021-12-08 12:58:23", "zone_corrected"),
        (LAST_WITHOUT_ZONE, "2021-12-08 23:46:00", "2021-12-08 15:46:00", "zone_corrected"),
        (LAST_WITHOUT_ZONE, "2021-12-08 15:46:00", "2021-12-08 15:46:00", "stated"),
        (EARLY, "2021-12-08 19:10:00", "2021-12-08 11:10:00", "zone_corrected"),
        (EARLY, "2021-12-08 11:10:00", "2021-12-08 11:10:00", "stated"),
    ],
)
def test_on_the_day_of_the_change_the_serial_tells(
    code: str, text: str, expected: str, quality: str
) -> None:
    time = of_2021(text, code=code, footer_form="bar")
    assert time == (china(expected), quality)


@pytest.mark.parametrize(
    "code", [None, "202112072206600000"], ids=["no_code", "a_day_without_anchors"]
)
def test_without_a_serial_of_that_day_the_doubt_is_told(code: str | None) -> None:
    time = of_2021("2021-12-07 20:00:00", code=code, footer_form="bar")
    assert time == (china("2021-12-07 20:00:00"), "zone_doubtful")
