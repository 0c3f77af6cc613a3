"""What crawls did, from schema 0002 to 0003 and back: nothing lost, and numbers go on."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from finews_crawler.items import Answer
from pipelines.store.batch import Item
from pipelines.store.engine import connect, open_engine, writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.maintenance import check
from pipelines.store.memory import known_listings
from pipelines.store.rejects import kept_pages
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.making import listing, reject
from tests.pipelines.store.test_upgrade_with_data import (
    ELEVEN,
    FIRST,
    SECOND,
    TEN,
    insert_row,
    make,
    migrate,
)

PAGE = Answer(status=200, headers=(("Content-Type", "text/html"),), body=b"<html>")

SAME = {
    "crawl_run": "id, spider, arguments, started_at, finished_at, reason, outcome, message, counts",
    "listing": "id, category_id, url, heading, entry_count, entries, first_seen_at, last_seen_at, "
    "first_run_id, last_run_id",
    "reject": "id, key, run_id, stage, reason, detail, url, code, seen_at",
    "category": "id, slug, heading, first_seen_at",
    "clock": "at, seq",
}


def fill_crawls(connection: Connection) -> None:
    """Three runs, of which one was killed; two listings of one category; rejects."""
    category = {"id": 1, "slug": "Wind", "heading": "证监会网站新闻", "first_seen_at": TEN}
    insert_row(connection, "category", **category)
    told = {"reason": "finished", "message": "articles: 3 new", "finished_at": ELEVEN}
    ends: dict[int, dict[str, Any]] = {3: {**told, "outcome": "ok"}, 4: {}}
    ends[9] = {**told, "outcome": "failed", "message": "没有存下任何文章"}
    for number, end in ends.items():
        begun = {"spider": "category", "arguments": '{"site": "甲"}', "started_at": TEN}
        insert_row(connection, "crawl_run", id=number, counts='{"finews/a": 1}', **begun, **end)
    for number, entries in ((5, [FIRST]), (8, [SECOND, FIRST])):
        seen = {"first_seen_at": TEN, "last_seen_at": ELEVEN, "first_run_id": 3, "last_run_id": 9}
        page = {"url": "http://127.0.0.1/category/Wind.html", "heading": "证监会网站新闻"}
        listed = {"entry_count": len(entries), "entries": json.dumps(entries)}
        insert_row(connection, "listing", id=number, category_id=1, **page, **listed, **seen)
    for number, key in ((1, None), (7, "a" * 32)):
        why = {"stage": "extract", "reason": "unknown_layout", "detail": "没有正文"}
        where = {"url": "http://127.0.0.1/a.html", "code": FIRST, "seen_at": ELEVEN}
        insert_row(connection, "reject", id=number, key=key, run_id=9, **why, **where)


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that both schemas have, in all columns that both have."""
    with engine.connect() as connection:
        queries = {
            name: f"SELECT {columns} FROM {name} ORDER BY 1" for name, columns in SAME.items()
        }
        return {
            name: [tuple(row) for row in connection.execute(text(query))]
            for name, query in queries.items()
        }


@pytest.fixture
def crawled(empty_url: str) -> Iterator["Crawled"]:
    """The newest schema, and what the older one held."""
    make(empty_url, "0002", fill_crawls)
    looked_at = connect(empty_url)
    older = dump(looked_at)
    looked_at.dispose()
    newest = open_engine(empty_url)
    yield newest, older
    newest.dispose()


Crawled = tuple[Engine, dict[str, list[tuple[Any, ...]]]]


def test_runs_listings_and_rejects_are_all_there(crawled: Crawled) -> None:
    engine, older = crawled
    assert dump(engine) == older
    assert [len(older[name]) for name in ("crawl_run", "listing", "reject")] == [3, 2, 2]
    assert check(engine) == []


def test_what_the_older_schema_did_not_know_is_null(crawled: Crawled) -> None:
    news = {
        "crawl_run": "job, host, pid, alive_at, received_bytes, peak_memory_bytes",
        "listing": "addresses, etag, last_modified",
        "reject": "retried_at, settled_at",
    }
    with crawled[0].connect() as connection:
        for name, columns in news.items():
            rows = connection.execute(text(f"SELECT {columns} FROM {name}")).all()
            assert {value for row in rows for value in row} == {None}
        known = known_listings(connection, "http://127.0.0.1/")
    assert (known["Wind"].addresses, known["Wind"].validators) == ((), {})


def test_numbers_go_on_where_they_were(crawled: Crawled) -> None:
    engine, _ = crawled
    run = start_run(engine, "category", {}, ELEVEN)
    write(engine, run, listing(entries=(SECOND,)), reject(key="b" * 32, answer=PAGE))
    newest = {name: max(row[0] for row in rows) for name, rows in dump(engine).items()}
    assert (run, newest["listing"], newest["reject"]) == (10, 9, 8)
    assert [one.reject_id for one in kept_pages(engine, [7, 8])] == [8]


def write(engine: Engine, run: int, *items: Item) -> None:
    Writer(engine, run, timedelta(days=1), lambda: ELEVEN).write(items)


def test_one_step_back_keeps_the_runs_and_a_degraded_one_is_ok(crawled: Crawled) -> None:
    engine, older = crawled
    gap = Finding(kind="gap", subject="Wind", detail="…")
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE crawl_run SET outcome = 'degraded' WHERE id = 3"))
        write_findings(connection, [gap], 3, ELEVEN)
    write(engine, 9, reject(key="b" * 32, answer=PAGE, seen_at=ELEVEN))
    migrate(engine, "0002")
    back = dump(engine)
    kept = [row for row in back["reject"] if row[0] != 8]
    assert {**back, "reject": kept} == older
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
    assert not there & {"finding", "missed_page", "reject_page", "job_state"}


def test_back_and_forth_numbers_go_on_and_rows_stay(crawled: Crawled, empty_url: str) -> None:
    engine, older = crawled
    migrate(engine, "0002")
    with writing(engine).begin() as connection:
        begun = {"spider": "archive", "arguments": "{}", "counts": "{}", "started_at": TEN}
        insert_row(connection, "crawl_run", **begun)
        assert connection.execute(text("SELECT max(id) FROM crawl_run")).scalar_one() == 10
        with pytest.raises(IntegrityError), connection.begin_nested():
            insert_row(connection, "crawl_run", **begun, outcome="degraded")
    again = open_engine(empty_url)
    found = dump(again)
    assert {**found, "crawl_run": found["crawl_run"][:3]} == older
    assert start_run(again, "category", {}, ELEVEN) > 10
    again.dispose()


def test_an_empty_database_goes_back_and_forth(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine, "0002")
    engine.dispose()
    again = open_engine(empty_url)
    assert start_run(again, "category", {}, ELEVEN) == 1
    assert check(again) == []
    again.dispose()
