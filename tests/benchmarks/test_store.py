"""Each way brings the same rows into the store, and the figures say what they claim."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from benchmarks import store
from benchmarks.databases import Databases, sqlite_databases
from benchmarks.loads import (
    Finished,
    batches,
    load_like_peers,
    load_plainly,
    noted,
    read_back,
    revised,
    write,
)
from benchmarks.store import Figures, Memory, Round, figures, memory, result_line
from benchmarks.synthetic import articles
from pipelines.store.engine import connect, open_engine
from pipelines.store.maintenance import check
from pipelines.store.queries import articles as stored_articles
from pipelines.store.queries import search

COUNT = 210
ITEMS = list(articles(COUNT))
ROUND = Round(first=100, repeat=600, revised=300, plain=200, peers=10)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def told(engine: Engine) -> tuple[Any, ...]:
    """What readers can ask."""
    hits = search(engine, ITEMS[0].title, 10)
    return stored_articles(engine, COUNT + 1), [(one.article, one.score) for one in hits]


def test_plain_inserts_bring_what_the_writer_has_written(databases: Databases) -> None:
    finished = Finished()
    with databases.fresh() as url, opened(url) as engine:
        with noted(engine, finished):
            assert write(engine, ITEMS)[1] == {"new": COUNT}
        read_back(engine, COUNT, finished)
        ours = told(engine)
    with databases.fresh() as url:
        assert load_plainly(url, finished, COUNT) > 0
        with opened(url) as engine:
            assert told(engine) == ours
            findings = [one for one in check(engine) if one.what != "clock_not_behind"]
            assert findings == []


def test_plain_inserts_come_in_as_many_transactions(databases: Databases) -> None:
    finished = Finished()
    with databases.fresh() as url, opened(url) as engine:
        with noted(engine, finished):
            write(engine, ITEMS)
        read_back(engine, COUNT, finished)
    kept = {"sqlite": finished.sqlite, "postgresql": finished.postgres}[databases.name]
    # The first notes the run.
    assert len(kept) == {"sqlite": 3, "postgresql": 2}[databases.name]


def test_peers_store_articles_and_mentions_alone(databases: Databases) -> None:
    finished = Finished()
    with databases.fresh() as url, opened(url) as engine:
        write(engine, ITEMS)
        read_back(engine, COUNT, finished)
    with databases.fresh() as url:
        assert load_like_peers(url, finished, 20) > 0
        engine = connect(url)
        with engine.connect() as connection:
            counted = [
                connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in ("peer_article", "peer_mention", "article")
            ]
        engine.dispose()
    assert counted == [20, 60, 0]


def test_one_article_in_a_hundred_is_revised() -> None:
    changed = [place for place, one in enumerate(revised(ITEMS)) if one is not ITEMS[place]]
    assert changed == [0, 100, 200]


def test_batches_hold_two_hundred() -> None:
    assert [len(batch) for batch in batches(ITEMS)] == [200, 10]


def test_a_round_measures_every_way(databases: Databases) -> None:
    found = store.one_round(databases, ITEMS[:100], 5)
    rates = (found.first, found.repeat, found.revised, found.plain, found.peers)
    assert all(rate > 0 for rate in rates)


def test_figures_are_medians_of_the_ratios_within_rounds() -> None:
    slow = replace(ROUND, first=10, repeat=20, plain=100, peers=10)
    assert figures([ROUND, slow, ROUND]) == Figures(first=0.5, repeat=6.0, vs_peer=10.0)


def test_the_last_line_names_the_engines_that_were_there() -> None:
    one = Figures(first=0.5, repeat=6.0, vs_peer=12.345)
    assert result_line({"sqlite": one}) == (
        "RESULT sqlite_first=0.50 sqlite_repeat=6.00 sqlite_vs_peer=12.35"
    )
    assert result_line({"sqlite": one, "postgresql": one}) == (
        "RESULT sqlite_first=0.50 sqlite_repeat=6.00 sqlite_vs_peer=12.35 "
        "pg_first=0.50 pg_repeat=6.00 pg_vs_peer=12.35"
    )


def test_without_postgres_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store, "has_postgres", lambda: False)
    monkeypatch.setattr(store, "bench_folder", lambda: tmp_path)
    monkeypatch.setattr(store, "memory", lambda _, count: Memory(count, 50.0, 51.0))
    monkeypatch.setenv("FINEWS_TEST_POSTGRES", "postgresql://me:secret@nowhere/test")
    found = store.measured(20, 1)
    assert list(found) == ["sqlite"]
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == ("no PostgreSQL at postgresql://me:***@nowhere/test: its figures are left out")
    assert len(rows) == 6
    assert re.fullmatch(r"sqlite +finews, first load +[\d,]+ articles/s", rows[0])
    assert rows[-1].endswith("50.0 MiB after 10 articles, 51.0 MiB after 40 (+1.0)")


def test_memory_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    with sqlite_databases(tmp_path) as databases:
        used = memory(databases, 10)
    assert 20 < used.before <= used.after < 500
