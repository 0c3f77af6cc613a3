"""What docs/database.md promises, tried on both engines: its SQL, and what is written once."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, select

from finews_crawler.items import Article, Image, Link, Listing, Provenance
from finews_crawler.outcome import Verdict
from pipelines.store.models import Base
from pipelines.store.runs import finish_run
from pipelines.store.writer import Writer
from tests.repository.reading import blocks, document, quoted, section, table_rows

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
DATABASE = document("docs/database.md")
NEWEST, KNOWN = 0, 1
WRITTEN_AGAIN = ["article", "category", "listing", "crawl_run"]


def example(engine: Engine, number: int) -> str:
    """The SQL of the document for an engine: newest articles, then what was known."""
    names = {"sqlite": "-- SQLite", "postgresql": "-- PostgreSQL"}
    found = [sql for sql in blocks(DATABASE, "sql") if sql.startswith(names[engine.dialect.name])]
    return found[number]


def answer(engine: Engine, number: int) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(example(engine, number).replace("%", "%%"))
        return [dict(row) for row in rows.mappings()]


@pytest.mark.parametrize("number", [NEWEST, KNOWN], ids=["newest", "known"])
def test_an_example_runs_on_an_empty_database(engine: Engine, number: int) -> None:
    assert answer(engine, number) == []


def test_the_newest_articles_about_a_symbol(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    undated = {"published_at": None, "published_precision": None, "published_quality": "missing"}
    other = make_article(4, mentions=())
    writer.write([make_article(1), make_article(2), make_article(3, **undated), other])
    rows = [(row["code"], row["source"], str(row["published"])) for row in answer(engine, NEWEST)]
    assert rows == [
        ("202206143000000001", "财联社", "2022-06-14 17:59:00"),
        ("202206143000000002", "财联社", "2022-06-14 17:58:00"),
        ("202206143000000003", "财联社", "None"),
    ]


def test_what_the_database_knew_at_a_moment(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    """The document asks for the moment at which the clock of these tests stands at first."""
    clock.now -= timedelta(hours=1)
    writer.write([make_article(1, title="甲"), make_article(2, title="乙")])
    clock.forward(hours=1)
    writer.write([make_article(1, title="甲二")])
    clock.forward(seconds=1)
    writer.write([make_article(1, title="甲三"), make_article(2, title="乙二"), make_article(3)])
    rows = [(row["code"][-1], row["number"], row["title"]) for row in answer(engine, KNOWN)]
    assert rows == [("1", 2, "甲二"), ("2", 1, "乙")]


# --- what is written once --------------------------------------------------------------------


def columns_by_word(table: str) -> dict[str, set[str]]:
    rows = table_rows(section(DATABASE, f"## `{table}`"))
    words = {row[3] for row in rows}
    return {word: {quoted(row[0])[0] for row in rows if row[3] == word} for word in words}


def first_row(engine: Engine, table: str) -> dict[str, Any]:
    model = Base.metadata.tables[table]
    query = select(model).order_by(*model.primary_key.columns)
    with engine.connect() as connection:
        row = connection.execute(query).mappings().first()
    assert row is not None
    return dict(row)


def listing(heading: str | None, clock: "Clock") -> Listing:
    return Listing(
        slug="cailianshe",
        url="https://finews.withounder.com/category/cailianshe.html",
        heading=heading,
        entries=(),
        fetched_at=clock(),
    )


def everything_changes(make_article: Make, clock: "Clock") -> Article:
    """Another page of a higher rank tells the same article otherwise in all its parts."""
    return make_article(
        title="第一条更正",
        published_at=clock(),
        published_precision="minute",
        published_quality="disagrees",
        source="证券时报",
        source_raw="证券时报网",
        digest="另一摘要",
        body_text="江苏银行更正业绩公告。",
        body_html="<p>江苏银行更正业绩公告。</p>",
        tags=("证券时报新闻",),
        images=(Image(url="https://example.test/b.jpg"),),
        share_url="http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW202206143000000001&a=1",
        origin_url="http://finance.eastmoney.com/news/1345,202206143000000001.html",
        fetched_at=clock(),
        extractor="post/2",
        provenance={"title": Provenance(strategy="section h1")},
        related=(Link(url="https://finance.eastmoney.com/a/1.html", text="另一则"),),
    )


def before(make_article: Make) -> Article:
    """A flash as the share page told it: every part can still change."""
    return make_article(
        body_kind="digest",
        page_kind="share_html",
        extractor="share_html/1",
        published_quality="future",
        url="http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW202206143000000001",
    )


def test_written_again_is_what_can_change_and_nothing_else(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([before(make_article), listing(None, clock)])
    old = {table: first_row(engine, table) for table in WRITTEN_AGAIN}
    clock.forward(hours=1)
    writer.write([everything_changes(make_article, clock), listing(None, clock)])
    writer.write([listing("财联社新闻", clock)])
    verdict = Verdict(ok=True, message="articles: 1 new", reason="finished")
    finish_run(engine, old["crawl_run"]["id"], verdict, {"finews/store/new": 1}, clock())
    new = {table: first_row(engine, table) for table in WRITTEN_AGAIN}
    changed = {
        table: {name for name, value in new[table].items() if value != old[table][name]}
        for table in WRITTEN_AGAIN
    }
    changed["listing"] |= {"last_run_id"}  # one run reads both here
    assert changed == {table: columns_by_word(table)["again"] for table in WRITTEN_AGAIN}


def test_rows_of_all_other_tables_are_written_once() -> None:
    others = [name for name in Base.metadata.tables if name not in WRITTEN_AGAIN]
    assert {table: set(columns_by_word(table)) for table in others} == {
        table: {"once"} for table in others
    }
