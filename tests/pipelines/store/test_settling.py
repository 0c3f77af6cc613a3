"""When a reject is settled: its article is in the database, and of a flash its text."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, select

from finews_crawler.items import Article, Miss
from finews_crawler.share_requests import json_url, page_url
from pipelines.store.models import Reject as RejectTable
from pipelines.store.rejects import readable, settle
from pipelines.store.writer import Writer
from tests.pipelines.making import CODE, PAGE, reject
from tests.pipelines.store.conftest import START
from tests.pipelines.store.test_rejects import PAGE_ANSWER, ids

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
OTHER_CODE = "202206143000000002"
OTHER = PAGE.replace(CODE, OTHER_CODE)
NOTICE = "http://127.0.0.1:1/a/2022/06/14/init.html"
HOST = "http://127.0.0.1:1/"
JSON, TEXT_PAGE = json_url(HOST, CODE), page_url(HOST, CODE)
TEXTS = (JSON, TEXT_PAGE, f"https://finance.eastmoney.com/a/{CODE}.html")


def times(engine: Engine, name: str) -> list[datetime | None]:
    column = getattr(RejectTable, name)
    with engine.connect() as connection:
        return list(connection.scalars(select(column).order_by(RejectTable.id)))


def test_a_reject_is_settled_when_its_article_is_there(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    pages = {CODE: PAGE, OTHER_CODE: OTHER, None: NOTICE}
    writer.write([reject(url=url, code=code) for code, url in pages.items()])
    first, _, third = tried = ids(engine)
    assert settle(engine, tried, clock()) == set()
    assert times(engine, "retried_at") == [clock()] * 3
    writer.write([make_article(1), make_article(code=None, identity=NOTICE, url=NOTICE)])
    clock.forward(hours=1)
    assert settle(engine, tried, clock()) == {first, third}
    assert times(engine, "settled_at") == [clock(), None, clock()]


def test_what_is_settled_stays_as_it_was_noted(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([reject(), reject(url=OTHER, code=OTHER_CODE), make_article(1)])
    first, second = ids(engine)
    assert settle(engine, [first, second], clock()) == {first}
    clock.forward(hours=1)
    assert settle(engine, [first, second], clock()) == {first}
    assert times(engine, "settled_at") == [START, None]
    assert times(engine, "retried_at") == [START, clock()]


def test_only_those_that_were_tried_are_noted(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([reject(), reject(), make_article(1)])
    first, second = ids(engine)
    assert settle(engine, [second], clock()) == {second}
    assert times(engine, "retried_at") == [None, clock()]
    assert (settle(engine, [], clock()), first) == (set(), first)


# --- pages whose address has no code ----------------------------------------------------------


def test_an_article_may_have_a_code_that_its_address_has_not(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    """Its page names it in a link; settled when it has come just now."""
    writer.write([reject(url=NOTICE, code=None), make_article(1, url=NOTICE)])
    assert settle(engine, ids(engine), clock() + timedelta(hours=1)) == set(ids(engine))


def test_a_copy_on_this_machine_is_known_by_its_address(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    public = "https://finews.withounder.com/a/2022/06/14/init.html"
    writer.write([reject(url=NOTICE, code=None), reject(url=public, code=None)])
    writer.write([make_article(code=None, identity=public, url=NOTICE)])
    assert settle(engine, ids(engine), clock() + timedelta(days=9)) == set(ids(engine))


# --- the text behind a flash ------------------------------------------------------------------


@pytest.fixture
def flash(writer: Writer, make_article: Make) -> Article:
    """A flash that is stored, and its text that servers in trouble did not give."""
    digest = make_article(1, body_kind="digest")
    writer.write([digest, *(refused(url) for url in TEXTS)])
    return digest


def refused(url: str) -> Any:
    return reject(url=url, code=CODE, stage="fetch", reason="http_503", seen_at=START)


def absent(clock: "Clock", url: str, reason: str = "http_404") -> Miss:
    return Miss(stage="share", reason=reason, url=url, code=CODE, seen_at=clock())


@pytest.mark.usefixtures("flash")
def test_a_text_has_not_come_as_long_as_there_is_only_the_flash(
    engine: Engine, clock: "Clock"
) -> None:
    assert settle(engine, ids(engine), clock()) == set()


@pytest.mark.usefixtures("flash")
def test_a_text_has_come_when_the_article_is_whole(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1, page_kind="share_json", url=JSON)])
    assert settle(engine, ids(engine), clock()) == set(ids(engine))


@pytest.mark.usefixtures("flash")
@pytest.mark.parametrize("reason", ["http_404", "empty_answer"])
def test_a_text_that_there_is_not_is_waited_for_no_more(
    engine: Engine, writer: Writer, clock: "Clock", reason: str
) -> None:
    waiting = ids(engine)
    clock.forward(hours=1)
    for number, url in enumerate(TEXTS, 1):
        writer.write([absent(clock, url, reason)])
        assert settle(engine, waiting, clock()) == set(waiting[:number])


@pytest.mark.usefixtures("flash")
def test_a_text_that_still_cannot_be_read_is_waited_for(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    clock.forward(hours=1)
    writer.write([absent(clock, JSON, "unknown_layout")])
    assert settle(engine, ids(engine), clock()) == set()


def test_that_there_was_no_text_before_says_nothing(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1, body_kind="digest"), absent(clock, JSON)])
    clock.forward(hours=1)
    writer.write([reject(url=JSON, code=CODE, stage="fetch", seen_at=clock(), reason="http_503")])
    assert settle(engine, ids(engine), clock()) == set()


def test_an_absent_text_is_no_article_where_there_is_no_flash(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    writer.write([refused(JSON)])
    clock.forward(hours=1)
    writer.write([absent(clock, JSON)])
    assert settle(engine, ids(engine), clock()) == set()


# --- what is asked of the database ------------------------------------------------------------


def test_of_which_rejects_an_article_page_is_kept(engine: Engine, writer: Writer) -> None:
    listing = reject(answer=type(PAGE_ANSWER)(status=200, headers=(), body=b"1"))
    writer.write([reject(answer=PAGE_ANSWER), reject(), listing, reject(answer=PAGE_ANSWER)])
    first, second, third, last = ids(engine)
    assert readable(engine, [last, third, second, first]) == [first, last]
    assert readable(engine, []) == []


def test_articles_are_found_by_their_indexes(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    """With a million articles, and their texts, reading them all would take minutes."""
    writer.write([reject(), reject(url=NOTICE, code=None)])
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        asked.append((text, values))

    event.listen(engine, "before_cursor_execute", note)
    settle(engine, ids(engine), clock())
    event.remove(engine, "before_cursor_execute", note)
    ((text, values),) = [one for one in asked if "UNION ALL" in one[0]]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {text}", values)
        told = [str(row) for row in plan]
    assert [line for line in told if "SCAN article" in line or "Seq Scan" in line] == []
