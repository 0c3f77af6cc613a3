"""What a crawl is found to be at its end: from its statistics and the database, on both engines."""

from pathlib import Path
from typing import Any

import pytest
from scrapy.utils.test import get_crawler
from sqlalchemy import Engine, text

from finews_crawler.outcome import FINDINGS
from pipelines.monitors import findings_of, watch
from pipelines.store.engine import writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.queries import findings
from tests.pipelines.monitors.filling import (
    DAY,
    HOUR,
    NOW,
    SITE,
    begin,
    every,
    good,
    listing,
    publish,
    settings_of,
)

Stats = dict[str, object]
READ: Stats = {
    "finish_reason": "finished",
    "finews/category/requested": 30,
    "finews/category/read": 28,
    "finews/category/absent": 2,
    "finews/store/new": 5,
}
LIVE: Stats = {"finews/origin/list/read": 3, "finews/store/new": 5}


def found(engine: Engine, run_id: int, stats: Stats, **settings: str) -> list[tuple[str, str]]:
    all_of_it = findings_of(engine, run_id, stats, settings_of(**settings), NOW)
    return [(one.kind, one.subject) for one in all_of_it]


def watched(engine: Engine) -> None:
    """A month of crawls, and a source that has fallen silent."""
    for back in range(28, 0, -1):
        good(engine, NOW - back * DAY)
    publish(engine, "财联社", every(6 * HOUR, NOW - 30 * HOUR))
    publish(engine, "证券时报", every(6 * HOUR, NOW - 2 * HOUR))


COPY = {"site": "http://127.0.0.1:8000/"}


@pytest.mark.parametrize(
    ("run", "stats"),
    [
        ({"arguments": COPY}, READ),
        ({"arguments": {**COPY, "full": "1", "_job": "a-1"}}, READ),
        ({"spider": "live"}, LIVE),
        ({"spider": "live", "arguments": {"since": "6h"}}, LIVE),
    ],
)
def test_a_silent_source_is_found_by_whoever_reads_everything(
    engine: Engine, run: dict[str, Any], stats: Stats
) -> None:
    watched(engine)
    assert found(engine, begin(engine, NOW, **run), stats) == [("silent_source", "财联社")]


@pytest.mark.parametrize(
    ("run", "stats"),
    [
        pytest.param({"arguments": {**COPY, "categories": "Wind"}}, READ, id="some categories"),
        pytest.param({"arguments": COPY}, {**READ, "finews/category/read": 27}, id="one missed"),
        pytest.param({"arguments": COPY}, {**READ, "finish_reason": "shutdown"}, id="stopped"),
        pytest.param({"arguments": COPY}, {}, id="nothing read"),
        pytest.param({"spider": "live", "arguments": {"columns": "350"}}, LIVE, id="one column"),
        pytest.param({"spider": "live"}, {**LIVE, "finews/origin/list/missed": 1}, id="no list"),
        pytest.param({"spider": "live"}, {**LIVE, "finews/origin/refused": 1}, id="refused"),
        pytest.param({"spider": "share"}, READ, id="share"),
        pytest.param({"spider": "archive"}, READ, id="archive"),
    ],
)
def test_and_by_nobody_else(engine: Engine, run: dict[str, Any], stats: Stats) -> None:
    watched(engine)
    assert found(engine, begin(engine, NOW, **run), stats) == []


def test_thresholds_are_the_operators(engine: Engine, tmp_path: Path) -> None:
    watched(engine)
    own = tmp_path / "own.toml"
    own.write_text("silent_source.factor = 9", encoding="utf-8")
    run = begin(engine, NOW, arguments=COPY)
    assert found(engine, run, READ, FINEWS_MONITORS=str(own)) == []
    own.write_text('off = ["silent_source"]', encoding="utf-8")
    assert found(engine, run, READ, FINEWS_MONITORS=str(own)) == []


# --- ranges -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "has_ranges"),
    [
        ({}, True),
        ({"site": SITE}, True),
        ({"site": "https://finews.zning.me/"}, True),
        (COPY, False),
    ],
)
def test_ranges_are_those_of_the_site(
    engine: Engine, arguments: dict[str, str], has_ranges: bool
) -> None:
    run = begin(engine, NOW, arguments=arguments)
    listing(engine, "emnews", 3, run)
    expected = [("out_of_range", "emnews"), ("out_of_range", "")]
    assert found(engine, run, READ) == (expected if has_ranges else [])


def test_ranges_for_every_site_when_the_operator_says_so(engine: Engine, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[out_of_range]\napply_to_all = true\n", encoding="utf-8")
    run = begin(engine, NOW, arguments={**COPY, "categories": "emnews"})
    listing(engine, "emnews", 3, run)
    assert found(engine, run, READ, FINEWS_MONITORS=str(own)) == [("out_of_range", "emnews")]


def test_the_site_of_the_settings_counts_where_no_argument_names_one(engine: Engine) -> None:
    run = begin(engine, NOW)
    listing(engine, "emnews", 3, run)
    assert found(engine, run, READ, FINEWS_SITE="http://127.0.0.1:8000") == []


# --- history ----------------------------------------------------------------------------------


def test_a_shift_and_a_death_are_found_in_the_history_of_the_same_work(engine: Engine) -> None:
    counts = {"finews/extract/title/h1": 95, "finews/normalise/published_at/stated": 100}
    for back in (4, 3, 2):
        good(engine, NOW - back * DAY, counts, job="mirror")
    dead = begin(engine, NOW - DAY, job="mirror")
    stats: Stats = {**counts, "finews/extract/title/h1": 20, "finews/extract/title/title": 80}
    run = begin(engine, NOW, job="mirror")
    assert found(engine, run, stats) == [
        ("strategy_shift", "title"),
        ("previous_run_died", str(dead)),
    ]
    assert found(engine, begin(engine, NOW, job="nightly"), stats) == []


def test_a_new_database_is_no_reason_to_cry(engine: Engine) -> None:
    run = begin(engine, NOW, arguments=COPY)
    publish(engine, "财联社", every(HOUR, NOW - 20 * HOUR, days=3))
    assert found(engine, run, READ) == []


# --- what a run keeps and tells ---------------------------------------------------------------


def test_findings_are_kept_and_told_with_those_from_while_it_ran(engine: Engine) -> None:
    run = begin(engine, NOW)
    gap = Finding(kind="gap", subject="Wind", detail="nothing that was listed before")
    with writing(engine).begin() as connection:
        write_findings(connection, [gap], run, NOW)
    stats = get_crawler(settings_dict={}).stats
    stats.set_value("finews/unasked/a.test", 3)
    lines = watch(engine, run, stats, settings_of())
    told = "host_refuses a.test: 3 pages were not asked for: the host refused, was busy or did "
    assert lines == ["gap Wind: nothing that was listed before", f"{told}not answer"]
    assert stats.get_value(FINDINGS) == lines
    assert stats.get_value("finews/finding/gap") == 1
    assert [one.line for one in findings(engine, run)] == lines


def test_of_a_quiet_run_nothing_is_told(engine: Engine) -> None:
    stats = get_crawler(settings_dict={}).stats
    assert watch(engine, begin(engine, NOW), stats, settings_of()) == []
    assert stats.get_stats() == {}


def test_a_monitor_that_breaks_is_a_finding(engine: Engine) -> None:
    run = begin(engine, NOW)
    with writing(engine).begin() as connection:
        connection.execute(text("DROP TABLE finding"))
    stats = get_crawler(settings_dict={}).stats
    stats.set_value("finews/unasked/a.test", 1)
    first, second = watch(engine, run, stats, settings_of())
    assert first.startswith("host_refuses a.test: ")
    assert second.startswith("monitors_failed: ")
    assert "\n" not in second


def test_a_threshold_that_was_spoilt_while_the_crawl_ran_is_a_finding(
    engine: Engine, tmp_path: Path
) -> None:
    stats = get_crawler(settings_dict={}).stats
    settings = settings_of(FINEWS_MONITORS=str(tmp_path / "gone.toml"))
    (line,) = watch(engine, begin(engine, NOW), stats, settings)
    assert line.startswith(f"monitors_failed: {tmp_path / 'gone.toml'}: ")
    assert stats.get_value("finews/finding/monitors_failed") == 1
