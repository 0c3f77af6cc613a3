"""What is filled in bulk is what the writer would have written, and what is measured on it."""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from benchmarks import databases as places
from benchmarks import scale
from benchmarks.databases import Databases
from benchmarks.prefill import BATCH, fill, seen_at, stored
from benchmarks.reader_queries import QUERIES, Latency, asks, latencies, latency
from benchmarks.scale import Measured, affordable, result_line, write_rates
from benchmarks.synthetic import FIRST, articles
from pipelines.store.engine import open_engine
from pipelines.store.maintenance import check
from pipelines.store.queries import articles as stored_articles
from pipelines.store.queries import changes, known_until, search
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

COUNT = 2 * BATCH
LATENCY = Latency(median=1.0, p95=4.0, most=5.0, rows=50)


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    with databases.fresh() as found:
        yield found


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = open_engine(url)
    yield found
    found.dispose()


def write_all(engine: Engine, count: int) -> None:
    run = start_run(engine, "archive", {}, FIRST)
    for first in range(0, count, BATCH):
        writer = Writer(engine, run, timedelta(days=1), now=partial(seen_at, first))
        writer.write(list(articles(BATCH, first)))


def test_a_fill_is_what_the_writer_would_have_written(
    databases: Databases, url: str, engine: Engine
) -> None:
    fill(url, COUNT)
    with databases.fresh() as other:
        written = open_engine(other)
        write_all(written, COUNT)
        for ask in (
            lambda one: stored_articles(one, COUNT + 1),
            lambda one: changes(one, 0, COUNT + 1),
            lambda one: search(one, stored_articles(one, 1)[0].title, 10),
            known_until,
        ):
            assert ask(engine) == ask(written)
        written.dispose()
    assert check(engine) == []


def test_what_is_there_is_kept_and_more_is_added(url: str, engine: Engine) -> None:
    fill(url, BATCH)
    before = stored_articles(engine, COUNT)
    fill(url, COUNT)
    fill(url, BATCH)
    assert stored(engine) == COUNT
    assert stored_articles(engine, COUNT)[BATCH:] == before
    assert check(engine) == []


def test_the_writer_goes_on_where_a_fill_ends(url: str, engine: Engine) -> None:
    fill(url, BATCH)
    rates = write_rates({"large": engine}, 2 * BATCH)
    assert stored(engine) == 4 * BATCH  # one batch more, which is not counted
    assert list(rates) == ["large"]
    assert rates["large"] > 0
    assert check(engine) == []


def test_every_query_finds_something(url: str, engine: Engine) -> None:
    fill(url, COUNT)
    found = latencies(engine, 4, COUNT)
    assert list(found) == [
        "newest",
        "by_symbol",
        "by_source_and_day",
        "words",
        "as_of",
        "change_feed",
    ]
    assert {name for name, one in found.items() if one.rows == 0} <= {"by_symbol"}


def test_a_query_has_the_same_arguments_in_every_run(url: str, engine: Engine) -> None:
    fill(url, BATCH)
    for name in QUERIES:
        first, second = ([ask(engine) for ask in asks(name, 3, BATCH)] for _ in range(2))
        assert first == second


def test_what_warms_is_not_measured(engine: Engine) -> None:
    found = latency(engine, [lambda _: [1] * 99], [lambda _: [1, 2], lambda _: []])
    assert found.rows == 1
    assert 0 <= found.median <= found.p95 <= found.most


def measured(small: float, large: float, *p95: float) -> Measured:
    waits = {str(place): Latency(1.0, one, 9.0, 50) for place, one in enumerate(p95)}
    return Measured({"small": 20, "large": 2000}, {"small": small, "large": large}, waits)


def test_the_last_line_has_the_slowest_query_and_what_is_left_of_the_speed() -> None:
    found = measured(1000, 800, 3.14, 20.06, 7.0)
    assert result_line({"sqlite": found}) == "RESULT sqlite_p95_ms=20.1 sqlite_keep=0.80"
    assert result_line({"sqlite": found, "postgresql": measured(10, 9, 5.0)}) == (
        "RESULT sqlite_p95_ms=20.1 pg_p95_ms=5.0 sqlite_keep=0.80 pg_keep=0.90"
    )


def test_a_small_disk_gets_fewer_articles(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(scale, "bench_folder", lambda: tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=68_000_000))
    assert affordable(500, ["sqlite", "postgresql"]) == 500
    assert affordable(2_000, ["sqlite", "postgresql"]) == 1_000
    told = "the disk has room for 1,000 articles instead of 2,000\n"
    assert capsys.readouterr().out == told


def test_the_whole_run_and_another_on_what_it_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for module in (scale, places):
        monkeypatch.setattr(module, "bench_folder", lambda: tmp_path)
    few = ["--engine=sqlite", "--name=tried", "--further=200", "--arguments=2"]
    for more in (["--articles=400"], ["--kept"]):
        monkeypatch.setattr(sys, "argv", ["scale", *few, *more])
        scale.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * (3 + 6 + 1)
    assert [re.sub(r"\s+", " ", line.partition(":")[0]) for line in lines[:3]] == [
        "sqlite 4 articles",
        "sqlite 40 articles",
        "sqlite 400 articles",
    ]
    assert lines[12].split()[1:3] == ["800", "articles:"]
    for last in (lines[9], lines[19]):
        assert re.fullmatch(r"RESULT sqlite_p95_ms=\d+\.\d sqlite_keep=\d+\.\d\d", last)
