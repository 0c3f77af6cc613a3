"""What docs/database.md promises, tried on both engines: its SQL, its tables, its words."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, inspect

from finews_crawler.items import Article
from pipelines.store.contract import document as printed
from pipelines.store.models import Base
from pipelines.store.views import VIEWS
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import LINK
from tests.repository.reading import blocks, document, quoted, section, table_rows

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
DATABASE = document("docs/database.md")
HEADINGS = re.findall(r"^## Offsets|^### (?!`|Internal).*", DATABASE, re.MULTILINE)
TABLES = list(Base.metadata.tables)
FORMER = replace(LINK, secid="0.830799", symbol="830799.BJ", mic="BJSE")
NEWEST = replace(LINK, secid="0.920799", symbol="920799.BJ", mic="BJSE")
STORY = (
    "周二晚间，该行公布半年度业绩快报：上半年净利润为133.8亿元，较去年同期增长31.2%，"
    "不良贷款率为0.98%，拨备覆盖率为506%。"
)


def test_the_document_is_what_the_code_prints() -> None:
    assert printed() == DATABASE


# --- tables and views ------------------------------------------------------------------------


def shown(name: str) -> list[list[str]]:
    """The columns of a table or view, each with its cells."""
    return table_rows(section(DATABASE, f"### `{name}`"))


def names(name: str) -> list[str]:
    return [quoted(row[0])[0] for row in shown(name)]


def test_the_document_shows_the_tables_and_views_of_a_database(engine: Engine) -> None:
    stored = inspect(engine)
    found = {*stored.get_table_names(), *stored.get_view_names()} - {"alembic_version"}
    told = set(re.findall(r"^### `(\w+)`", DATABASE, re.MULTILINE))
    assert told == {name for name in found if not re.match("revision_(words|bands)", name)}


@pytest.mark.parametrize("name", [*TABLES, *VIEWS])
def test_every_table_and_view_says_what_it_is_and_what_its_columns_mean(name: str) -> None:
    first, *_ = section(DATABASE, f"### `{name}`").strip().splitlines()
    assert first[0].isalpha()
    assert [row[0] for row in shown(name) if len(row[-1]) < 2] == []


def test_the_columns_of_tables_and_views(engine: Engine) -> None:
    stored = inspect(engine)
    for table in TABLES:
        columns = {one["name"]: one["nullable"] for one in stored.get_columns(table)}
        told = {quoted(row[0])[0]: row[1].endswith(" or null") for row in shown(table)}
        assert told == columns
    for view in VIEWS:
        assert names(view) == [one["name"] for one in stored.get_columns(view)]


def test_views_tell_a_meaning_of_their_own_only_of_columns_that_they_have() -> None:
    foreign = {name: set(view.meanings) - set(names(name)) for name, view in VIEWS.items()}
    assert foreign == {name: set() for name in VIEWS}


def told_indexes(table: str) -> set[str]:
    """The column lists under a table, and the columns that are unique by themselves."""
    text = section(DATABASE, f"### `{table}`")
    lines = re.findall(r"^(?:Unique|Index|Indexes): (.*)\.", text, re.MULTILINE)
    alone = {quoted(row[0])[0] for row in shown(table) if "unique" in row[2]}
    groups = {group for line in lines for group in line.split("; ")}
    return alone | {quoted(group)[0] for group in groups}


def test_the_indexes_of_tables(engine: Engine) -> None:
    stored = inspect(engine)
    for table in TABLES:
        found = {", ".join(map(str, one["column_names"])) for one in stored.get_indexes(table)}
        together = stored.get_unique_constraints(table)
        assert told_indexes(table) == found | {", ".join(one["column_names"]) for one in together}


# --- examples --------------------------------------------------------------------------------


def examples(heading: str) -> dict[str, str]:
    """The SQL under a heading by engine."""
    engines = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    found = blocks(section(DATABASE, heading), "sql")
    return {
        engine: sql
        for engine, name in engines.items()
        for sql in found
        if name in sql.partition("\n")[0].removeprefix("-- ").split(", ")
    }


def answer(engine: Engine, heading: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(examples(heading)[engine.dialect.name])
        return [dict(row) for row in rows.mappings()]


def number(row: dict[str, Any]) -> int:
    return int(row["code"][-1])


def test_every_example_runs_on_an_empty_database(engine: Engine) -> None:
    assert [answer(engine, heading) for heading in HEADINGS] == [[]] * 7


def test_every_sql_of_the_document_is_an_example_for_an_engine() -> None:
    told = {sql for heading in HEADINGS for sql in examples(heading).values()}
    assert told == set(blocks(DATABASE, "sql"))
    assert [len(examples(heading)) for heading in HEADINGS] == [2] * 7


def test_the_newest_articles_about_a_security_under_all_its_codes(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    undated = {"published_at": None, "published_precision": None, "published_quality": "missing"}
    writer.write(
        [
            make_article(1, mentions=(FORMER,)),
            make_article(2, mentions=(NEWEST,)),
            make_article(3, mentions=(FORMER,), **undated),
            make_article(4, mentions=(LINK,)),
            make_article(5, mentions=(FORMER,)),
        ]
    )
    writer.write([make_article(5, mentions=(LINK,))])
    found = answer(engine, "### The newest articles about a security")
    assert [(number(row), row["source"], str(row["published"])) for row in found] == [
        (1, "财联社", "2022-06-14 17:59:00"),
        (2, "财联社", "2022-06-14 17:58:00"),
        (3, "财联社", "None"),
    ]


def test_what_the_database_knew_at_a_moment(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    """The document asks for the moment at which the clock of these tests stands at first."""
    clock.forward(hours=-1)
    writer.write([make_article(1, title="甲"), make_article(2, title="乙")])
    clock.forward(hours=1)
    writer.write([make_article(1, title="甲二")])
    clock.forward(seconds=1)
    writer.write([make_article(1, title="甲三"), make_article(2, title="乙二"), make_article(3)])
    found = answer(engine, "### What was known at a moment")
    rows = [(number(row), row["revision"], row["title"]) for row in found]
    assert rows == [(1, 2, "甲二"), (2, 1, "乙")]


def test_versions_for_a_back_test_come_as_they_became_known(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    late = make_article(2, published_at=clock() - timedelta(days=3))
    undated = {"published_at": None, "published_precision": None, "published_quality": "missing"}
    writer.write([make_article(1), late, make_article(3, **undated)])
    clock.forward(hours=1)
    writer.write([make_article(1, title="改了")])
    clock.forward(hours=5)  # the next day in China
    writer.write([make_article(4)])
    found = answer(engine, "### Versions in the order in which they became known")
    assert [(number(row), row["revision"]) for row in found] == [(1, 1), (3, 1), (1, 2)]


def test_the_changes_after_a_number(engine: Engine, writer: Writer, make_article: Make) -> None:
    writer.write([make_article(1), make_article(2), make_article(3)])
    writer.write([make_article(1, title="改了"), make_article(2, tags=("新",))])
    found = answer(engine, "### The changes after a number")
    rows = [(row["seq"], row["kind"], number(row), row["revision"], row["title"]) for row in found]
    assert rows == [
        (3, "new", 3, 1, "第3条"),
        (4, "revised", 1, 2, "改了"),
        (5, "completed", 2, 1, "第2条"),
    ]


def test_the_reprints_of_an_article(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    for told in (1, 2, 3):
        writer.write([make_article(told, body_text=STORY, mentions=(), source=f"报{told}")])
        clock.forward(minutes=1)
    writer.write([make_article(4)])
    found = answer(engine, "### The reprints of an article")
    rows = [(number(row), row["kind"], row["similarity"], row["source"]) for row in found]
    assert rows == [(1, "first", 1.0, "报1"), (3, "exact", 1.0, "报3")]


def test_the_articles_of_a_source_on_a_day(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    midnight = clock() - timedelta(hours=18)
    times = [midnight, midnight - timedelta(seconds=1), midnight + timedelta(days=1)]
    writer.write([make_article(told, published_at=at) for told, at in enumerate(times, 1)])
    writer.write([make_article(4), make_article(5, source="证券时报")])
    found = answer(engine, "### The articles of a source on a day")
    rows = [(number(row), str(row["published"])) for row in found]
    assert rows == [(1, "2022-06-14 00:00:00"), (4, "2022-06-14 17:56:00")]


def test_offsets_show_the_surface(engine: Engine, writer: Writer, make_article: Make) -> None:
    moved = replace(LINK, start=2, end=6)
    writer.write([make_article(), make_article(2, body_text="𠮷讯江苏银行。", mentions=(moved,))])
    assert answer(engine, "## Offsets") == [{"surface": "江苏银行", "found": "江苏银行"}] * 2
