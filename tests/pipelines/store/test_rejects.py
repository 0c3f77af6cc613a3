"""Rejects with the page that was rejected, and pages that gave no article, remembered."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from finews_crawler.items import Answer, Miss, Reject
from pipelines.store.batch import Item
from pipelines.store.models import MissedPage, RejectPage
from pipelines.store.models import Reject as RejectTable
from pipelines.store.rejects import KeptPage, kept_pages, page_key
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.making import CODE, PAGE, reject
from tests.pipelines.store.conftest import START, empty
from tests.rounds import rounds

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
    ("X-Note", "caf\xe9 消息"),
)
BODY = "<html><p>无法辨认的版面</p></html>".encode()
PAGE_ANSWER = Answer(status=200, headers=HEADERS, body=BODY, reader="post")
OTHER = PAGE.replace(CODE, "202206143000000002")


def rows(engine: Engine, table: type[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(table.__table__)).all())


def missed(engine: Engine) -> dict[str, tuple[str, int, timedelta]]:
    """Reason, how often, and how long after the start it is due, by address."""
    return {
        row.url: (row.reason, row.times, row.due_at - START) for row in rows(engine, MissedPage)
    }


def ids(engine: Engine) -> list[int]:
    return [row.id for row in sorted(rows(engine, RejectTable))]


# --- the page ---------------------------------------------------------------------------------


def test_a_rejected_page_is_kept_and_read_back(engine: Engine, writer: Writer) -> None:
    assert writer.write([reject(answer=PAGE_ANSWER)]) == ["reject"]
    assert kept_pages(engine, ids(engine)) == [
        KeptPage(
            reject_id=ids(engine)[0],
            url=PAGE,
            seen_at=START,
            status=200,
            headers=HEADERS,
            body=BODY,
            reader="post",
        )
    ]


def test_a_reject_without_an_answer_has_no_page(engine: Engine, writer: Writer) -> None:
    writer.write([reject(reason="timeouterror", stage="fetch"), reject(answer=PAGE_ANSWER)])
    bare, whole = ids(engine)
    assert [one.reject_id for one in kept_pages(engine, [bare, whole])] == [whole]
    assert len(rows(engine, RejectPage)) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"\0", b"\0" * 100_000, bytes(range(256)), b"\xff\xfe<\0h\0"],
    ids=["empty", "a NUL", "many NULs", "every byte", "another coding"],
)
def test_a_page_of_any_bytes(engine: Engine, writer: Writer, body: bytes) -> None:
    writer.write([reject(answer=replace(PAGE_ANSWER, body=body, headers=()))])
    (kept,) = kept_pages(engine, ids(engine))
    assert (kept.body, kept.headers) == (body, ())
    (row,) = rows(engine, RejectPage)
    assert row.body_bytes == len(body)


def test_a_header_of_any_letters(engine: Engine, writer: Writer) -> None:
    headers = tuple((f"X-{place}", sign) for place, sign in enumerate('\0\x80\xff"\\\n', 1))
    assert writer.write([reject(answer=replace(PAGE_ANSWER, headers=headers))]) == ["reject"]
    (kept,) = kept_pages(engine, ids(engine))
    assert kept.headers == headers


def test_a_large_page_takes_little_room(engine: Engine, writer: Writer) -> None:
    body = BODY * 20_000
    writer.write([reject(answer=replace(PAGE_ANSWER, body=body))])
    (row,) = rows(engine, RejectPage)
    assert (row.body_bytes, len(row.body) * 50 < len(body)) == (len(body), True)


def test_what_is_sent_twice_counts_once(engine: Engine, writer: Writer) -> None:
    once = [reject(key="a" * 32, answer=PAGE_ANSWER), reject(key="b" * 32, url=OTHER)]
    writer.write(once)
    before = [rows(engine, table) for table in (RejectTable, RejectPage, MissedPage)]
    writer.write(once)
    writer.write(once[1:])
    assert [rows(engine, table) for table in (RejectTable, RejectPage, MissedPage)] == before
    assert [len(found) for found in before] == [2, 1, 2]


def test_two_rejects_of_one_page_keep_both_answers(engine: Engine, writer: Writer) -> None:
    writer.write([reject(answer=PAGE_ANSWER), reject(answer=replace(PAGE_ANSWER, body=b"2"))])
    assert [one.body for one in kept_pages(engine, ids(engine))] == [BODY, b"2"]


# --- missed pages -----------------------------------------------------------------------------


def gone(clock: "Clock", **changed: Any) -> Reject:
    return reject(
        **{"stage": "fetch", "reason": "http_404", "seen_at": clock(), "code": CODE, **changed}
    )


def broken(clock: "Clock") -> Reject:
    return reject(seen_at=clock())


def no_text(clock: "Clock", **changed: Any) -> Miss:
    made = Miss(stage="share", reason="unknown_layout", url=PAGE, code=CODE, seen_at=clock())
    return replace(made, **changed)


def test_a_missed_page_is_written_whole(engine: Engine, writer: Writer, clock: "Clock") -> None:
    writer.write([gone(clock)])
    (row,) = rows(engine, MissedPage)
    assert dict(row._mapping) == {
        "key": sha256(PAGE.encode()).hexdigest(),
        "url": PAGE,
        "code": CODE,
        "stage": "fetch",
        "reason": "http_404",
        "times": 1,
        "first_missed_at": START,
        "last_missed_at": START,
        "due_at": START + timedelta(days=1),
    }


def test_each_miss_of_a_page_that_cannot_be_read_doubles_the_wait(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    waits = []
    for _ in range(6):
        writer.write([broken(clock)])
        (row,) = rows(engine, MissedPage)
        waits.append((row.times, row.due_at - clock()))
        assert (row.first_missed_at, row.last_missed_at) == (START, clock())
        clock.now = row.due_at
    hours = [(times, timedelta(hours=many)) for times, many in enumerate((1, 2, 4, 8, 16, 24), 1)]
    assert waits == hours


def test_the_newest_reason_counts(engine: Engine, writer: Writer, clock: "Clock") -> None:
    writer.write([broken(clock)])
    clock.forward(hours=1)
    writer.write([gone(clock)])
    assert missed(engine) == {PAGE: ("http_404", 2, timedelta(hours=25))}


@pytest.mark.parametrize("reason", ["http_500", "timeouterror"])
def test_a_server_in_trouble_leaves_what_is_remembered(
    engine: Engine, writer: Writer, clock: "Clock", reason: str
) -> None:
    writer.write([gone(clock), gone(clock, url=OTHER, reason=reason)])
    clock.forward(hours=1)
    writer.write([gone(clock, reason=reason)])
    assert missed(engine) == {PAGE: ("http_404", 1, timedelta(days=1))}


@pytest.mark.parametrize(
    "batches", ["RM", "MR", "R M"], ids=["together", "the other way round", "one after the other"]
)
def test_of_a_reject_and_a_miss_of_one_page_the_miss_counts_and_once(
    engine: Engine, writer: Writer, clock: "Clock", batches: str
) -> None:
    """A share answer that cannot be read: a page that failed, and a text that is not there."""
    told: dict[str, Item] = {"R": broken(clock), "M": no_text(clock)}
    for batch in batches.split():
        writer.write([told[one] for one in batch])
    (row,) = rows(engine, MissedPage)
    assert (row.stage, row.times, row.due_at) == ("share", 1, START + timedelta(hours=1))
    assert len(ids(engine)) == 1


def test_a_miss_is_no_reject(engine: Engine, writer: Writer, clock: "Clock") -> None:
    assert writer.write([no_text(clock, url=OTHER, code=None)]) == ["missed"]
    assert (ids(engine), list(missed(engine))) == ([], [OTHER])


def test_a_batch_that_waited_on_disk_is_sent_twice_and_counts_once(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    kept: list[Item] = [no_text(clock), gone(clock, url=OTHER, key="a" * 32)]
    clock.forward(hours=2)
    writer.write(kept)
    before = missed(engine)
    clock.forward(hours=2)
    writer.write(kept)
    assert missed(engine) == before
    assert {times for _, times, _ in before.values()} == {1}


def test_the_same_address_with_other_letters_is_another_page() -> None:
    assert page_key(PAGE) != page_key(PAGE.upper())
    assert page_key("http://127.0.0.1/\ud83d") == page_key("http://127.0.0.1/?")


URLS = st.sampled_from([f"http://127.0.0.1:1/{one}.html" for one in "abc"])
KINDS = st.sampled_from([("fetch", "http_404"), ("extract", "no_body"), ("fetch", "http_503")])


@settings(
    deadline=None,
    max_examples=rounds(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(st.tuples(URLS, KINDS), max_size=4), max_size=4))
def test_a_page_counts_once_for_each_crawl_that_missed_it(
    engine: Engine, clock: "Clock", crawls: list[list[tuple[str, tuple[str, str]]]]
) -> None:
    empty(engine)
    writer = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(1), clock)
    expected: dict[str, int] = {}
    for crawl in crawls:
        clock.forward(hours=30)
        last = dict(crawl)
        told = [
            reject(url=url, stage=stage, reason=reason, seen_at=clock())
            for url, (stage, reason) in crawl
        ]
        writer.write(told)
        for url, (_, reason) in last.items():
            expected[url] = expected.get(url, 0) + (reason != "http_503")
    counted = {row.url: row.times for row in rows(engine, MissedPage)}
    assert counted == {url: times for url, times in expected.items() if times}
