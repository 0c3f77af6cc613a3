"""Each check: when it speaks, what it says, and when it keeps quiet. Pure: no database."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.monitors import KINDS
from pipelines.monitors.checks import Facts, check
from pipelines.monitors.facts import Rhythm
from pipelines.monitors.history import Before, DeadRun
from pipelines.monitors.thresholds import Thresholds, read_thresholds
from pipelines.store.findings import Finding
from tests.pipelines.monitors.filling import DAY, HOUR, NOW

Stats = dict[str, object]


@pytest.fixture(scope="module")
def shipped() -> Thresholds:
    return read_thresholds("", KINDS)


def facts(**changed: Any) -> Facts:
    known: dict[str, Any] = {"spider": "category", "stats": {}, "now": NOW, "shown": 3 * DAY}
    return Facts(**{**known, **changed})


def told(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.subject, one.detail) for one in found]


def test_nothing_known_is_nothing_found(shipped: Thresholds) -> None:
    assert check(facts(), shipped) == []


# --- silent_source ----------------------------------------------------------------------------

HOURLY = [NOW - back * HOUR for back in range(100, 0, -1)]


def rhythm(silence: timedelta, pause: timedelta = 6 * HOUR, source: str = "财联社") -> Rhythm:
    last = NOW - silence
    return Rhythm(source=source, articles=80, days=20, longest_pause=pause, last_at=last)


def silent(shipped: Thresholds, *rhythms: Rhythm, ends: list[Any] = HOURLY) -> list[Finding]:
    return check(facts(rhythms=rhythms, good_ends=ends), shipped)


def test_a_silence_twice_as_long_as_ever(shipped: Thresholds) -> None:
    (found,) = silent(shipped, rhythm(17 * HOUR, 8 * HOUR))
    expected = "nothing for 17.0 hours; its longest pause in 28 days was 8.0 hours, with 80 "
    assert found.detail == f"{expected}articles on 20 days"
    assert (found.kind, found.subject) == ("silent_source", "财联社")
    assert (found.since_at, found.until_at) == (NOW - 17 * HOUR, NOW)


@pytest.mark.parametrize(
    ("silence", "pause"),
    [
        pytest.param(16 * HOUR, 8 * HOUR, id="twice its longest, not more"),
        pytest.param(12 * HOUR, HOUR, id="twelve hours, not more"),
        pytest.param(5 * DAY, 64 * HOUR, id="rests at weekends"),
    ],
)
def test_a_silence_as_it_was_before(
    shipped: Thresholds, silence: timedelta, pause: timedelta
) -> None:
    assert silent(shipped, rhythm(silence, pause)) == []


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param([], id="nobody ever looked"),
        pytest.param([NOW - 10 * DAY, NOW - 9 * DAY], id="nobody looked for nine days"),
        pytest.param([NOW - 10 * DAY, NOW - HOUR], id="nobody looked until an hour ago"),
    ],
)
def test_what_nobody_looked_for_is_not_silent(shipped: Thresholds, ends: list[Any]) -> None:
    assert silent(shipped, rhythm(8 * DAY), ends=ends) == []


def test_a_long_silence_under_watch_is_told(shipped: Thresholds) -> None:
    daily = [NOW - back * DAY for back in range(20, 0, -1)]
    assert len(silent(shipped, rhythm(8 * DAY), ends=daily)) == 1


def test_a_site_that_stands_still_is_one_finding(shipped: Thresholds) -> None:
    quiet = [rhythm((20 + number) * HOUR, source=str(number)) for number in range(5)]
    lively = [rhythm(HOUR, source=f"lively {number}") for number in range(4)]
    (found,) = silent(shipped, *quiet, *lively)
    assert (found.subject, found.since_at) == ("", NOW - 20 * HOUR)
    assert found.detail == (
        "5 of 9 regular sources are silent, the last for 20.0 hours: has the site stopped?"
    )


def test_half_of_the_sources_are_told_one_by_one(shipped: Thresholds) -> None:
    quiet = [rhythm(20 * HOUR, source=str(number)) for number in range(5)]
    lively = [rhythm(HOUR, source=f"lively {number}") for number in range(5)]
    assert [one.subject for one in silent(shipped, *quiet, *lively)] == ["0", "1", "2", "3", "4"]


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_longer_pause_never_makes_an_alarm(silence: int, pause: int) -> None:
    thresholds = read_thresholds("", KINDS)
    found = silent(thresholds, rhythm(silence * HOUR, pause * HOUR))
    longer = silent(thresholds, rhythm(silence * HOUR, (pause + 1) * HOUR))
    assert len(longer) <= len(found)


# --- out_of_range -----------------------------------------------------------------------------

WHOLE = {"emnews": 400} | {f"slug{number}": 3 for number in range(20)}


def ranges(shipped: Thresholds, listed: dict[str, int], *, is_whole: bool = True) -> list[Any]:
    return told(check(facts(listed=listed, is_whole=is_whole), shipped))


def test_counts_within_their_ranges(shipped: Thresholds) -> None:
    assert ranges(shipped, WHOLE) == []


@pytest.mark.parametrize(
    ("slug", "posts", "detail"),
    [
        ("emnews", 29, "29 posts listed; expected are 30 to 10000"),
        ("emnews", 10_001, "10001 posts listed; expected are 30 to 10000"),
    ],
)
def test_a_count_out_of_its_range(shipped: Thresholds, slug: str, posts: int, detail: str) -> None:
    assert ranges(shipped, {**WHOLE, slug: posts}) == [("out_of_range", slug, detail)]


@pytest.mark.parametrize(("slug", "posts"), [("emnews", 30), ("emnews", 10_000), ("slug1", 99_999)])
def test_the_ends_of_a_range_belong_to_it(shipped: Thresholds, slug: str, posts: int) -> None:
    assert ranges(shipped, {**WHOLE, slug: posts}) == []


def test_what_must_be_listed_and_is_not_there(shipped: Thresholds) -> None:
    listed = {slug: posts for slug, posts in WHOLE.items() if slug != "emnews"}
    detail = "its page is not there; expected are 30 to 10000 posts"
    assert ranges(shipped, listed) == [("out_of_range", "emnews", detail)]
    assert ranges(shipped, listed, is_whole=False) == []


def test_too_few_listings(shipped: Thresholds) -> None:
    few = dict(list(WHOLE.items())[:14])
    detail = "14 listings read; expected are 15 or more"
    assert ranges(shipped, few) == [("out_of_range", "", detail)]
    assert ranges(shipped, few, is_whole=False) == []


def test_another_site_has_no_ranges(shipped: Thresholds) -> None:
    assert check(facts(listed=None, is_whole=True), shipped) == []


# --- what the statistics tell -----------------------------------------------------------------

REJECTS: Stats = {
    "finews/store/new": 60,
    "finews/store/unchanged": 20,
    "finews/reject/fetch/http_404": 4,
    "finews/reject/fetch/timeout": 9,
    "finews/reject/extract/unknown_layout": 6,
    "finews/reject/validate/no_body": 1,
    "finews/reject/argument/bad_code": 50,
    "finews/store/reject": 70,
}


def test_many_rejects(shipped: Thresholds) -> None:
    told_of = "20 of 100 pages gave no article (20%): timeout 9, unknown_layout 6, http_404 4"
    assert told(check(facts(stats=REJECTS), shipped)) == [("many_rejects", "", told_of)]


def test_hosts_that_were_left_alone_are_told_by_their_own_monitor(shipped: Thresholds) -> None:
    stats: Stats = {"finews/store/new": 80, "finews/reject/fetch/host_refuses": 20}
    assert check(facts(stats=stats), shipped) == []


def test_of_what_was_rejected_before_most_is_rejected_again(shipped: Thresholds) -> None:
    assert check(facts(stats=REJECTS, spider="pages"), shipped) == []


@pytest.mark.parametrize(
    "stats",
    [
        pytest.param({"finews/store/new": 91, "finews/reject/fetch/http_404": 9}, id="9 in 100"),
        pytest.param({"finews/store/new": 9, "finews/reject/fetch/http_404": 40}, id="49 pages"),
    ],
)
def test_few_rejects(shipped: Thresholds, stats: Stats) -> None:
    assert check(facts(stats=stats), shipped) == []


@pytest.mark.parametrize(("number", "pages"), [(1, "1 page"), (2, "2 pages")])
def test_an_internal_error_is_told_from_the_first_on(
    shipped: Thresholds, number: int, pages: str
) -> None:
    stats: Stats = {"finews/reject/normalise/internal_error": number, "finews/store/new": 900}
    ((kind, _, detail),) = told(check(facts(stats=stats), shipped))
    assert kind == "internal_error"
    assert detail.startswith(f"{pages} on which this program failed")


def times(**qualities: int) -> Stats:
    return {f"finews/normalise/published_at/{name}": number for name, number in qualities.items()}


@pytest.mark.parametrize(
    ("stats", "expected"),
    [
        (times(stated=40, missing=10), [("no_time", "10 of 50 articles state no time (20%)")]),
        (times(stated=41, missing=10), []),
        (times(stated=5, missing=44), []),
        (
            times(stated=95, future=5),
            [("future_times", "5 of 100 articles state a time that lies ahead (5%)")],
        ),
        (times(stated=96, future=4), []),
    ],
)
def test_shares_of_times(shipped: Thresholds, stats: Stats, expected: list[Any]) -> None:
    found = check(facts(stats=stats), shipped)
    assert [(one.kind, one.detail) for one in found] == expected


@pytest.mark.parametrize(
    ("stats", "expected"),
    [
        ({"finews/unasked/a.test": 1}, [("a.test", "1 page was not asked for: the host ")]),
        ({"finews/unasked/a.test": 9}, [("a.test", "9 pages were not asked for: the host ")]),
        ({"finews/origin/refused": 3}, [("eastmoney", "it refused 3 times and was waited for")]),
        ({"finews/origin/refused": 2}, []),
    ],
)
def test_hosts_that_refuse(shipped: Thresholds, stats: Stats, expected: list[Any]) -> None:
    found = check(facts(stats=stats), shipped)
    assert [one.subject for one in found] == [subject for subject, _ in expected]
    for one, (_, begin) in zip(found, expected, strict=True):
        assert (one.kind, one.detail.startswith(begin)) == ("host_refuses", True)


# --- strategy_shift ---------------------------------------------------------------------------


def before(runs: int = 10, **fields: dict[str, int]) -> Before:
    counted = {name: Counter(counts) for name, counts in fields.items()}
    return Before(runs=runs, articles=1000, strategies=counted)


def shifted(shipped: Thresholds, articles: int, now: dict[str, int], then: Before) -> list[Any]:
    stats = times(stated=articles) | {
        f"finews/extract/title/{name}": number for name, number in now.items()
    }
    return told(check(facts(stats=stats, before=then), shipped))


def test_another_strategy_finds_a_field(shipped: Thresholds) -> None:
    found = shifted(shipped, 100, {"h1": 40, "title": 60}, before(title={"h1": 980, "title": 20}))
    detail = "found by 'h1' in 40% of 100 articles; in the last 10 good crawls it was 98% of 1000"
    assert found == [("strategy_shift", "title", detail)]


def test_a_field_that_nothing_finds_any_more(shipped: Thresholds) -> None:
    ((_, field, detail),) = shifted(shipped, 50, {}, before(title={"h1": 900}))
    assert (field, detail[:21]) == ("title", "found by 'h1' in 0% o")


@pytest.mark.parametrize(
    ("articles", "now", "then"),
    [
        pytest.param(100, {"h1": 70}, before(title={"h1": 980}), id="not by so much"),
        pytest.param(19, {"h1": 0}, before(title={"h1": 980}), id="too few articles"),
        pytest.param(100, {"h1": 0}, before(2, title={"h1": 980}), id="too few runs"),
        pytest.param(20, {"h1": 4}, before(title={"h1": 500}), id="chance"),
        pytest.param(100, {"h1": 99}, before(title={"h1": 500}), id="it rose"),
        pytest.param(100, {}, before(), id="no history of the field"),
    ],
)
def test_no_shift(shipped: Thresholds, articles: int, now: dict[str, int], then: Before) -> None:
    assert shifted(shipped, articles, now, then) == []


# --- the rest ---------------------------------------------------------------------------------


def test_a_crawl_that_died(shipped: Thresholds) -> None:
    dead = DeadRun(id=7, host="a", pid=12, started_at=NOW - 9 * HOUR, alive_at=NOW - 3 * HOUR)
    (found,) = check(facts(dead=[dead]), shipped)
    detail = "crawl 7 (process 12 on a) has no end: it was last heard of 3.0 hours ago"
    assert (found.kind, found.subject, found.detail) == ("previous_run_died", "7", detail)
    assert (found.since_at, found.until_at) == (NOW - 3 * HOUR, NOW)


def test_a_monitor_that_is_off_keeps_quiet(shipped: Thresholds) -> None:
    dead = DeadRun(id=7, host=None, pid=None, started_at=NOW, alive_at=NOW)
    known = facts(dead=[dead], stats=REJECTS)
    off = Thresholds(**{**_fields(shipped), "off": frozenset({"many_rejects"})})
    assert [one.kind for one in check(known, shipped)] == ["many_rejects", "previous_run_died"]
    assert [one.kind for one in check(known, off)] == ["previous_run_died"]


def _fields(thresholds: Thresholds) -> dict[str, Any]:
    return {name: getattr(thresholds, name) for name in Thresholds.__dataclass_fields__}
