"""What a list without a range is held against: what it told to earlier crawls of the same work."""

import pytest
from sqlalchemy import Engine

from pipelines.monitors import findings_of
from pipelines.monitors.checks import check
from pipelines.monitors.facts import Usual, usual_posts
from pipelines.monitors.history import load_run, sound_runs
from pipelines.monitors.thresholds import Thresholds
from pipelines.store.engine import writing
from pipelines.store.findings import Finding, write_findings
from tests.pipelines.monitors.filling import DAY, HOUR, NOW, begin, end, good, listing, settings_of
from tests.pipelines.monitors.test_checks import facts, shipped, told

__all__ = ["shipped"]  # the fixture

# --- when it speaks ---------------------------------------------------------------------------


def unusual(shipped: Thresholds, posts: int, usual: Usual, slug: str = "Wind") -> list[str]:
    given_ = {"posts": {slug: posts}, "usual": {slug: usual}}
    return [detail for *_, detail in told(check(facts(**given_), shipped))]


@pytest.mark.parametrize(
    ("posts", "least", "most", "is_odd"),
    [
        pytest.param(100, 300, 400, False, id="a third of the fewest"),
        pytest.param(99, 300, 400, True, id="less than a third"),
        pytest.param(0, 20, 400, True, id="none"),
        pytest.param(0, 19, 400, False, id="once it was fewer than twenty"),
        pytest.param(1200, 300, 400, False, id="three times the most"),
        pytest.param(1201, 300, 400, True, id="more than three times"),
        pytest.param(19, 0, 1, False, id="fewer than twenty in any case"),
        pytest.param(20, 0, 1, True, id="twenty where there was one"),
    ],
)
def test_a_category_without_a_range_is_held_against_what_it_listed(
    shipped: Thresholds, posts: int, least: int, most: int, is_odd: bool
) -> None:
    detail = f"{posts} posts listed; before it were always {least} to {most}"
    usual = Usual(looks=20, least=least, most=most)
    assert unusual(shipped, posts, usual) == ([detail] if is_odd else [])


def test_of_few_looks_nothing_is_learned(shipped: Thresholds) -> None:
    assert unusual(shipped, 0, Usual(looks=19, least=300, most=400)) == []


def test_a_range_goes_before_what_was_learned(shipped: Thresholds) -> None:
    learned = Usual(looks=99, least=2000, most=3000)
    given_ = {"posts": {"emnews": 30}, "usual": {"emnews": learned}}
    assert told(check(facts(listed={"emnews": 30}, **given_), shipped)) == []
    (on_a_copy,) = check(facts(listed=None, **given_), shipped)
    assert on_a_copy.detail.startswith("30 posts listed; before it were always 2000")


# --- what is known of the time before ---------------------------------------------------------


def usual(engine: Engine, *runs: int, slugs: tuple[str, ...] = ("Wind",)) -> dict[str, Usual]:
    with engine.connect() as connection:
        return usual_posts(connection, slugs, NOW - DAY, runs)


def test_what_a_category_listed_in_some_crawls(engine: Engine) -> None:
    runs = [good(engine, NOW) for _ in range(4)]
    for run, posts in zip(runs, (30, 50, 20, 999), strict=True):
        listing(engine, "Wind", posts, run)
    listing(engine, "emnews", 7, runs[0])
    assert usual(engine, *runs[:3]) == {"Wind": Usual(looks=3, least=20, most=50)}
    assert usual(engine, *runs[:2], slugs=("Wind", "emnews", "none")) == {
        "Wind": Usual(looks=2, least=30, most=50),
        "emnews": Usual(looks=1, least=7, most=7),
    }
    assert usual(engine) == {}


def test_what_is_long_ago_does_not_count(engine: Engine) -> None:
    run = good(engine, NOW)
    listing(engine, "Wind", 30, run)
    with engine.connect() as connection:
        assert usual_posts(connection, ["Wind"], NOW + HOUR, [run]) == {}


def test_crawls_that_are_compared_with(engine: Engine) -> None:
    """Not one that found a list out of its usual: else a fault that stays would become the rule."""
    good(engine, NOW - 15 * DAY, job="mirror")
    sound = [good(engine, NOW - back * DAY, job="mirror") for back in (5, 4)]
    degraded = end(engine, begin(engine, NOW - 3 * DAY, job="mirror"), NOW, "degraded")
    end(engine, begin(engine, NOW - 3 * DAY, job="mirror"), NOW, "failed")
    odd = end(engine, begin(engine, NOW - 2 * DAY, job="mirror"), NOW, "degraded")
    good(engine, NOW - DAY, job="nightly")
    with writing(engine).begin() as connection:
        for run, kind in ((odd, "out_of_range"), (degraded, "gap")):
            write_findings(connection, [Finding(kind=kind, subject="a", detail="b")], run, NOW)
    now = begin(engine, NOW, job="mirror")
    with engine.connect() as connection:
        found = sound_runs(connection, load_run(connection, now), NOW - 14 * DAY)
    assert found == {*sound, degraded}


@pytest.mark.parametrize(("posts", "is_odd"), [(70, False), (9, True)])
def test_a_list_of_eastmoney_that_has_become_thin(engine: Engine, posts: int, is_odd: bool) -> None:
    for back in range(20, 0, -1):
        run = good(engine, NOW - back * HOUR, spider="live", arguments={"since": "6h"})
        listing(engine, "eastmoney:724:102", 60 + back, run)
    run = begin(engine, NOW, spider="live", arguments={"since": "6h"})
    listing(engine, "eastmoney:724:102", posts, run)
    found = findings_of(engine, run, {}, settings_of(), NOW)
    detail = "9 posts listed; before it were always 61 to 80"
    expected = [("out_of_range", "eastmoney:724:102", detail)] if is_odd else []
    assert told(found) == expected


def test_a_crawl_of_another_span_is_other_work(engine: Engine) -> None:
    """Who reads an hour of a list finds less in it than who reads six."""
    for back in range(20, 0, -1):
        run = good(engine, NOW - back * HOUR, spider="live", arguments={"since": "6h"})
        listing(engine, "eastmoney:724:102", 60 + back, run)
    run = begin(engine, NOW, spider="live", arguments={"since": "1h"})
    listing(engine, "eastmoney:724:102", 9, run)
    assert findings_of(engine, run, {}, settings_of(), NOW) == []
