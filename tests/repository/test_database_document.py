"""docs/database.md held against the models: tables, columns, keys, JSON shapes."""

import re
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from finews_crawler.items import Image, Mention
from pipelines.store.models import Base
from pipelines.store.types import UtcDateTime
from tests.repository.reading import document, quoted, section, table_rows

DATABASE = document("docs/database.md")
TABLES = list(Base.metadata.tables)
Row = tuple[str, str, str]


def part(table: str) -> str:
    return section(DATABASE, f"## `{table}`")


def type_name(column: Column[Any]) -> str:
    kinds = {Boolean: "boolean", Integer: "integer", UtcDateTime: "time", JSON: "JSON"}
    name = kinds.get(type(column.type), "text")
    length = column.type.length if isinstance(column.type, String) else None
    return f"{name}{f' ({length})' if length else ''}{' or null' if column.nullable else ''}"


def is_unique(column: Column[Any]) -> bool:
    table: Any = column.table
    together = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return any(list(one.columns) == [column] for one in together)


def key_name(column: Column[Any]) -> str:
    primary = ["primary"] if column.primary_key else []
    unique = ["unique"] if is_unique(column) else []
    targets = [f"`{key.target_fullname}`" for key in column.foreign_keys]
    return ", ".join([*primary, *unique, *targets])


def model_rows(table: Table) -> list[Row]:
    return [(f"`{one.name}`", type_name(one), key_name(one)) for one in table.columns]


def column_groups(found: Any) -> set[str]:
    return {", ".join(column.name for column in one.columns) for one in found}


def told_groups(table: str, word: str) -> set[str]:
    """The column lists of the line `Indexes: …` or `Unique: …` under a table."""
    return {group for line in re.findall(rf"{word}: (.*)\.", part(table)) for group in quoted(line)}


def test_every_table_has_its_section() -> None:
    assert sorted(re.findall(r"^## `(\w+)`", DATABASE, re.MULTILINE)) == sorted(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_of_a_table(table: str) -> None:
    rows = [(row[0], row[1], row[2]) for row in table_rows(part(table))]
    assert rows == model_rows(Base.metadata.tables[table])


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_when_it_is_written(table: str) -> None:
    assert {row[3] for row in table_rows(part(table))} <= {"once", "again"}


@pytest.mark.parametrize("table", TABLES)
def test_the_indexes_of_a_table(table: str) -> None:
    assert told_groups(table, "Index(?:es)?") == column_groups(Base.metadata.tables[table].indexes)


@pytest.mark.parametrize("table", TABLES)
def test_what_is_unique_together(table: str) -> None:
    constraints = Base.metadata.tables[table].constraints
    together = [one for one in constraints if isinstance(one, UniqueConstraint)]
    assert told_groups(table, "Unique") == column_groups(
        one for one in together if len(one.columns) > 1
    )


def test_foreign_keys_have_one_column() -> None:
    """So that the documents can name each beside its column."""
    constraints = [one for table in Base.metadata.tables.values() for one in table.constraints]
    keys = [one for one in constraints if isinstance(one, ForeignKeyConstraint)]
    assert {len(key.columns) for key in keys} == {1}


def json_shapes() -> dict[str, str]:
    rows = table_rows(section(DATABASE, "## JSON"))
    return {name: row[1] for row in rows for name in quoted(row[0])}


def test_every_json_column_has_its_shape() -> None:
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    names = [f"{one.table.name}.{one.name}" for one in columns if isinstance(one.type, JSON)]
    assert sorted(json_shapes()) == sorted(names)


@pytest.mark.parametrize(
    ("column", "item"), [("article.images", Image), ("article_revision.mentions", Mention)]
)
def test_the_names_in_a_json_object(column: str, item: Any) -> None:
    names = [name for name in quoted(json_shapes()[column]) if name != "mention"]
    assert names == [field.name for field in fields(item)]
