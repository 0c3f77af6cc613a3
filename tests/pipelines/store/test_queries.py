"""What readers ask: lists with their filters, one article, runs, rejects, counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, update

from finews_crawler.items import Article
from pipelines.completion import content_hash
from pipelines.store.engine import writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.models import Reject
from pipelines.store.queries import (
    ArticleRow,
    Counts,
    Filter,
    RejectFilter,
    RejectRow,
    article_by_code,
    articles,
    counts,
    findings,
    rejects,
    runs,
)
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.making import CODE, PAGE, chart, link, reject
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
TEXT = "江苏银行公布业绩。"
BANK = replace(link(TEXT, "江苏银行"), symbol="600919.SH", mic="XSHG", asset_class="stock")
CHART = replace(chart("1.600030"), symbol="600030.SH", mic="XSHG", asset_class="stock")
BOARD = chart("999.1")


def titles(rows: list[ArticleRow]) -> list[str]:
    return [row.title for row in rows]


# --- lists of articles ---------------------------------------------------------------------------


def test_an_empty_database_has_no_articles(engine: Engine) -> None:
    assert articles(engine, 10) == []


def test_a_row_of_a_list(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    article = make_article(mentions=(CHART, BANK, replace(BANK, kind="repeat"), BOARD))
    writer.write([article])
    (row,) = articles(engine, 10)
    assert row == ArticleRow(
        id=1,
        identity=article.identity,
        code=article.code,
        revision_id=1,
        revision=1,
        title="第1条",
        published_at=article.published_at,
        published_precision="second",
        published_quality="stated",
        known_late=False,
        source="财联社",
        source_raw=article.source_raw,
        digest="摘要",
        body_text=article.body_text,
        body_html=article.body_html,
        body_kind="full",
        url=article.url,
        first_seen_at=clock(),
        seen_at=clock(),
        content_hash=content_hash(article),
        changed=(),
        revision_kind="read",
        archived_at=None,
        mentions=article.mentions,
        categories=("cailianshe", "emnews"),
        reprints=(),
    )
    assert row.symbols == ("600030.SH", "600919.SH", "999.1")


def test_an_article_without_source_code_or_mentions_is_listed_too(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(source=None, source_raw=None, mentions=(), code=None)])
    (row,) = articles(engine, 10)
    assert (row.code, row.source, row.symbols) == (None, None, ())


def test_the_newest_come_first_and_those_without_a_time_last(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    timeless = {"published_at": None, "published_precision": None, "published_quality": "missing"}
    writer.write([make_article(4, **timeless), *map(make_article, (2, 1, 3))])
    assert titles(articles(engine, 10)) == ["第1条", "第2条", "第3条", "第4条"]


def test_of_equal_times_the_last_stored_comes_first(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    first = make_article(1)
    writer.write([first])
    writer.write([make_article(2, published_at=first.published_at)])
    assert titles(articles(engine, 10)) == ["第2条", "第1条"]


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (2, 2), (5, 3)])
def test_a_list_has_at_most_so_many_rows(
    engine: Engine, writer: Writer, make_article: Make, limit: int, expected: int
) -> None:
    writer.write([make_article(number) for number in (1, 2, 3)])
    wanted = ["第1条", "第2条", "第3条"][:expected]
    assert titles(articles(engine, limit)) == wanted


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["第1条", "第2条", "第3条"]),
        ({"symbols": ("600919.SH",)}, ["第1条", "第3条"]),
        ({"symbols": ("600030.SH",)}, ["第3条"]),
        ({"symbols": ("600919",)}, []),
        ({"sources": ("财联社",)}, ["第1条", "第2条"]),
        ({"sources": ("新华社",)}, ["第3条"]),
        ({"sources": ("上证报",)}, []),
        ({"categories": ("Wind",)}, ["第1条", "第2条"]),
        ({"categories": ("wind",)}, []),
        ({"symbols": ("600919.SH",), "sources": ("财联社",)}, ["第1条"]),
        ({"symbols": ("600919.SH",), "categories": ("emnews",)}, ["第3条"]),
        ({"symbols": ("600030.SH",), "sources": ("财联社",), "categories": ("Wind",)}, []),
    ],
    ids=lambda value: "+".join(value) or "all" if isinstance(value, dict) else "",
)
def test_filters_choose_articles_that_meet_them_all(
    engine: Engine,
    writer: Writer,
    make_article: Make,
    filters: dict[str, Any],
    expected: list[str],
) -> None:
    first = make_article(1, mentions=(BANK, replace(BANK, kind="repeat")), categories=("Wind",))
    second = make_article(2, mentions=(), categories=("Wind", "emnews"))
    third = make_article(3, mentions=(BANK, CHART), categories=("emnews",), source="新华社")
    writer.write([first, second, third])
    assert titles(articles(engine, 10, Filter(**filters))) == expected


def test_a_filter_is_used_before_the_limit(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(1, mentions=()), make_article(2, mentions=(BANK,))])
    assert titles(articles(engine, 1, Filter(symbols=("600919.SH",)))) == ["第2条"]


def test_a_revised_article_is_listed_once_as_it_is_now(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(mentions=(BANK,))])
    writer.write([make_article(title="改了", mentions=(BANK,))])
    rows = articles(engine, 10)
    assert [(row.title, row.revision, row.symbols) for row in rows] == [("改了", 2, ("600919.SH",))]


# --- one article ---------------------------------------------------------------------------------


def test_an_article_is_found_by_its_code(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    first, second = make_article(1), make_article(2)
    writer.write([first, second])
    found = [article_by_code(engine, article.code or "") for article in (second, first)]
    assert [stored and stored.article for stored in found] == [second, first]


@pytest.mark.parametrize("code", ["202206149999999999", "", "NW202206143000000001", "%"])
def test_a_code_that_is_not_stored_gives_none(
    engine: Engine, writer: Writer, make_article: Make, code: str
) -> None:
    writer.write([make_article(1)])
    assert article_by_code(engine, code) is None


# --- runs, rejects, counts -----------------------------------------------------------------------


def test_the_latest_runs_come_first(engine: Engine, clock: "Clock") -> None:
    for spider in ("category", "share", "category"):
        start_run(engine, spider, {}, clock())
    assert [run.spider for run in runs(engine, 2)] == ["category", "share"]


def test_the_latest_rejects_come_first(engine: Engine, writer: Writer) -> None:
    writer.write([reject(reason=reason) for reason in ("a", "b", "c")])
    assert [row.reason for row in rejects(engine, 2)] == ["c", "b"]


def test_a_row_of_a_reject(engine: Engine, clock: "Clock") -> None:
    run = start_run(engine, "share", {}, clock())
    lost = reject(code=None, seen_at=clock())
    Writer(engine, run, clock() - clock(), clock).write([lost])
    (row,) = rejects(engine, 10)
    assert row == RejectRow(
        id=row.id,
        run_id=run,
        stage="extract",
        reason="unknown_layout",
        detail="no section",
        url=PAGE,
        code=None,
        seen_at=clock(),
        retried_at=None,
        settled_at=None,
    )


def listed(engine: Engine, **wanted: Any) -> list[str]:
    return [row.reason for row in rejects(engine, 10, RejectFilter(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "dcba"),
        ({"stage": "extract"}, "db"),
        ({"reason": "c"}, "c"),
        ({"code": CODE}, "cb"),
        ({"run_id": 1}, "ba"),
        ({"run_id": 3}, ""),
        ({"ids": (1, 4, 9)}, "da"),
        ({"ids": ()}, ""),
        ({"since": START + timedelta(hours=2)}, "dc"),
        ({"open_only": True}, "dca"),
        ({"stage": "extract", "open_only": True}, "d"),
        ({"stage": "fetch", "code": CODE, "run_id": 2}, "c"),
    ],
    ids=lambda value: "+".join(value) or "all" if isinstance(value, dict) else "",
)
def test_filters_choose_rejects_that_meet_them_all(
    engine: Engine, clock: "Clock", wanted: dict[str, Any], expected: str
) -> None:
    stages, codes = ("fetch", "extract", "fetch", "extract"), (None, CODE, CODE, None)
    runs_of = [start_run(engine, "category", {}, clock()) for _ in range(2)]
    for number, (stage, code) in enumerate(zip(stages, codes, strict=True)):
        writer = Writer(engine, runs_of[number // 2], timedelta(days=1), clock)
        seen_at = START + timedelta(hours=number)
        writer.write([reject(stage=stage, reason="abcd"[number], code=code, seen_at=seen_at)])
    with writing(engine).begin() as connection:
        connection.execute(update(Reject).where(Reject.reason == "b").values(settled_at=clock()))
    assert "".join(listed(engine, **wanted)) == expected


def test_what_a_crawl_found_wrong(engine: Engine, clock: "Clock") -> None:
    first, second = (start_run(engine, "category", {}, clock()) for _ in range(2))
    found = [
        Finding(kind="gap", subject="Wind", detail="12 posts lie between", since_at=clock()),
        Finding(kind="no_time", subject="", detail="5 of 9 articles state no time"),
    ]
    with writing(engine).begin() as connection:
        write_findings(connection, found, first, clock())
    assert (findings(engine, first), findings(engine, second)) == (found, [])


def test_the_rows_are_counted(engine: Engine, writer: Writer, make_article: Make) -> None:
    assert counts(engine) == Counts(articles=0, revisions=0, mentions=0, sources=0, rejects=0)
    other = make_article(2, source="新华社", mentions=())
    writer.write([make_article(1, mentions=(BANK, CHART)), other, reject()])
    writer.write([replace(other, title="改了")])
    assert counts(engine) == Counts(articles=2, revisions=3, mentions=2, sources=2, rejects=1)
