"""docs/python.md names every call, every filter and every column, with its type."""

from collections.abc import Iterator

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import finews
from finews.reader import arrow
from finews.reader.wanted import Wanted
from tests.repository.reading import document, quoted, section, table_rows

PYTHON = document("docs/python.md")
HEADINGS = {
    "article": "### An article, or a version of it",
    "mention": "### A mention",
    "change": "### A change",
    "story": "### A story",
}
TIME = str(pa.timestamp("us", tz="Asia/Shanghai"))


def told(kind: pa.DataType) -> str:
    """A type in the words of the document."""
    if pa.types.is_list(kind):
        return f"list of {told(kind.value_type)}"
    return "struct" if pa.types.is_struct(kind) else str(kind).replace(TIME, "timestamp")


def columns(fields: list[pa.Field], before: str = "") -> Iterator[list[str]]:
    for field in fields:
        yield [f"`{before}{field.name}`", told(field.type)]
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            yield from columns(list(field.type.value_type), f"{before}{field.name}.")


def first_words(heading: str) -> list[list[str]]:
    """The words in the first column of each table of a section."""
    rows = table_rows(section(PYTHON, heading))
    return [quoted(row[0]) for row in rows]


@pytest.mark.parametrize("table", HEADINGS)
def test_every_column_has_its_row(table: str) -> None:
    rows = table_rows(section(PYTHON, HEADINGS[table]))
    assert rows == list(columns(list(arrow.schema(table))))


def test_every_call_and_every_filter_has_its_row() -> None:
    calls = [name for name in vars(finews.Reader) if not name.startswith("_") and name != "close"]
    named = [word for words in first_words("## What can be asked") for word in words]
    assert sorted(named) == sorted([*calls, *Wanted.__annotations__])
