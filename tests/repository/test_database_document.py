"""docs/database.md beyond what is printed from the models: JSON shapes, kinds of times."""

from dataclasses import fields

from sqlalchemy import JSON, ForeignKeyConstraint

from finews_crawler.items import Image, Link
from pipelines.store.models import Base
from pipelines.store.types import UtcDateTime
from tests.repository.reading import document, quoted, section, table_rows

DATABASE = document("docs/database.md")
COLUMNS = {
    f"{table.name}.{column.name}": column.type
    for table in Base.metadata.tables.values()
    for column in table.columns
}


def json_shapes() -> dict[str, str]:
    rows = table_rows(section(DATABASE, "## JSON"))
    return {name: row[1] for row in rows for name in quoted(row[0])}


def test_every_json_column_has_its_shape() -> None:
    names = [name for name, kind in COLUMNS.items() if isinstance(kind, JSON)]
    assert sorted(json_shapes()) == sorted(names)


def test_the_names_in_a_json_object() -> None:
    shapes = json_shapes()
    assert quoted(shapes["article.images"]) == [one.name for one in fields(Image)]
    assert quoted(shapes["article.related"]) == [one.name for one in fields(Link)]


def test_the_times_that_the_document_tells_apart_exist() -> None:
    times = {name for name, kind in COLUMNS.items() if isinstance(kind, UtcDateTime)}
    plain = {name.partition(".")[2] for name in times}
    told = [name for name in quoted(section(DATABASE, "## Times")) if name.endswith("_at")]
    assert set(told) - times - plain == set()


def test_foreign_keys_have_one_column() -> None:
    """So that the document can name each beside its column."""
    constraints = [one for table in Base.metadata.tables.values() for one in table.constraints]
    keys = [one for one in constraints if isinstance(one, ForeignKeyConstraint)]
    assert {len(key.columns) for key in keys} == {1}
