"""Earlier crawls of the same work: which died, which were good."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from pipelines.monitors.history import (
    Before,
    Work,
    articles_of,
    dead_runs,
    good_ends,
    good_runs,
    load_run,
    strategies_of,
)
from tests.pipelines.monitors.filling import DAY, HOUR, NOW, begin, change, end, good

MINUTE = timedelta(minutes=1)


def died(engine: Engine, run_id: int) -> list[int]:
    with engine.connect() as connection:
        return [one.id for one in dead_runs(connection, load_run(connection, run_id), NOW)]


def begun(engine: Engine, ago: timedelta, **given: Any) -> int:
    return begin(engine, NOW - ago, **given)


# --- the same work ----------------------------------------------------------------------------


def work(job: str | None = None, spider: str = "category", **arguments: str) -> Work:
    return Work(spider=spider, arguments=arguments, job=job)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (work(full="1"), work(full="1"), True),
        (work(full="1"), work(full="0"), False),
        (work(a="1", b="2"), work(b="2", a="1"), True),
        (work(), work(spider="live"), False),
        (work(_job="mirror-1"), work(_job="mirror-2"), True),
        (work("mirror", full="1"), work("mirror"), True),
        (work("mirror"), work("nightly"), False),
        (work("mirror"), work(), False),
        (work(""), work(), True),
    ],
)
def test_what_is_the_same_work(one: Work, other: Work, same: bool) -> None:
    assert (one.key == other.key) is same


# --- dead runs --------------------------------------------------------------------------------


def test_a_run_without_an_end_is_told_by_the_next(engine: Engine) -> None:
    dead = begun(engine, 2 * HOUR)
    now = begun(engine, HOUR)
    with engine.connect() as connection:
        (one,) = dead_runs(connection, load_run(connection, now), NOW)
    assert (one.id, one.alive_at) == (dead, NOW - 2 * HOUR)
    assert (one.host is not None, one.pid is not None) == (True, True)


def test_it_is_told_once(engine: Engine) -> None:
    begun(engine, 3 * HOUR)
    end(engine, begun(engine, 2 * HOUR), NOW - HOUR)
    assert died(engine, begun(engine, MINUTE)) == []


def test_several_are_told_together(engine: Engine) -> None:
    dead = [begun(engine, 3 * HOUR), begun(engine, 2 * HOUR)]
    assert sorted(died(engine, begun(engine, HOUR))) == dead


def test_what_was_not_yet_known_to_be_dead_is_told_by_the_one_after(engine: Engine) -> None:
    dead = begun(engine, 20 * MINUTE)
    end(engine, begun(engine, 19 * MINUTE), NOW - 17 * MINUTE)
    assert died(engine, begun(engine, MINUTE)) == [dead]


def test_one_that_lives_is_not_dead(engine: Engine) -> None:
    living = begun(engine, 3 * HOUR)
    change(engine, living, alive_at=NOW - MINUTE)
    assert died(engine, begun(engine, HOUR)) == []


@pytest.mark.parametrize(
    "other", [{"spider": "live"}, {"arguments": {"full": "1"}}, {"job": "nightly"}]
)
def test_a_run_of_other_work_is_not_told(engine: Engine, other: dict[str, Any]) -> None:
    begun(engine, 3 * HOUR, **other)
    assert died(engine, begun(engine, HOUR)) == []


def test_runs_from_before_they_said_that_they_live_are_not_told(engine: Engine) -> None:
    change(engine, begun(engine, 3 * HOUR), alive_at=None)
    assert died(engine, begun(engine, HOUR)) == []


def test_a_failed_run_has_told_it_too(engine: Engine) -> None:
    begun(engine, 3 * HOUR)
    end(engine, begun(engine, 2 * HOUR), NOW - HOUR, "failed")
    assert died(engine, begun(engine, MINUTE)) == []


# --- good runs --------------------------------------------------------------------------------

COUNTS = {
    "finews/extract/title/section h1": 8,
    "finews/extract/title/none": 2,
    "finews/extract/widget/unknown": 1,
    "finews/normalise/published_at/stated": 9,
    "finews/normalise/published_at/missing": 1,
    "finews/store/new": 10,
}


def test_strategies_are_counted_by_field() -> None:
    assert strategies_of(COUNTS) == {"title": Counter({"section h1": 8, "none": 2})}


def test_a_strategy_may_have_a_slash_in_its_name() -> None:
    assert strategies_of({"finews/extract/body/a/b": 2}) == {"body": Counter({"a/b": 2})}


def test_articles_are_counted_by_their_times() -> None:
    assert articles_of(COUNTS) == 10


def before(engine: Engine, most: int = 20) -> Before:
    with engine.connect() as connection:
        run = load_run(connection, begun(engine, MINUTE))
        return good_runs(connection, run, NOW - 7 * DAY, most)


def test_good_runs_are_added_up(engine: Engine) -> None:
    for ago in (1, 2, 3):
        good(engine, NOW - ago * DAY, COUNTS)
    found = before(engine)
    assert (found.runs, found.articles) == (3, 30)
    assert found.strategies == {"title": Counter({"section h1": 24, "none": 6})}


def test_others_are_not(engine: Engine) -> None:
    good(engine, NOW - 8 * DAY, COUNTS)
    good(engine, NOW - DAY, COUNTS, spider="archive")
    end(engine, begun(engine, DAY), NOW - DAY, "degraded", COUNTS)
    assert before(engine) == Before(runs=0, articles=0, strategies={})


def test_only_the_last_count(engine: Engine) -> None:
    good(engine, NOW - 2 * DAY, {"finews/extract/title/none": 5})
    good(engine, NOW - DAY, COUNTS)
    assert before(engine, most=1).strategies == strategies_of(COUNTS)


def test_when_somebody_looked(engine: Engine) -> None:
    good(engine, NOW - 40 * DAY)
    good(engine, NOW - 3 * DAY)
    end(engine, begun(engine, 2 * DAY), NOW - 2 * DAY, "degraded")
    end(engine, begun(engine, DAY), NOW - DAY, "failed")
    good(engine, NOW - HOUR, spider="share")
    with engine.connect() as connection:
        found = good_ends(connection, ("category", "live"), NOW - 28 * DAY)
    assert found == [NOW - 3 * DAY + MINUTE, NOW - 2 * DAY]
