"""docs/database.md, made from the models, the views and the prose in the file beside this one.

`python -m pipelines.store.contract` writes it anew.
"""

import re
from collections.abc import Iterable
from inspect import cleandoc
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from pipelines.store.engine import newest_schema
from pipelines.store.models import Base
from pipelines.store.models.base import AGAIN
from pipelines.store.types import UtcDateTime
from pipelines.store.views import VIEWS, View

PROSE = Path(__file__).with_name("contract.md.in")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "database.md"
# The modules of the models in the order of the document: what is read most comes first.
_MODULES = ("article", "revision", "names", "story", "crawl", "jobs")
# The first kind that fits; a big integer is an integer, too.
_TYPES = (
    (BigInteger, "integer (64)"),
    (Integer, "integer"),
    (Boolean, "boolean"),
    (Float, "number"),
    (UtcDateTime, "time"),
    (Date, "date"),
    (JSON, "JSON"),
    (LargeBinary, "bytes"),
    (String, "text"),
)
# What columns mean whose names say enough to those who read the models.
_PLAIN = {
    "id": "Number of the row.",
    "article_id": "The article.",
    "category_id": "The category.",
    "first_run_id": "The crawl that first read this.",
    "last_run_id": "The crawl that last read this.",
    "made_at": "When it was made.",
    "revision_id": "The revision.",
    "run_id": "The crawl.",
    "security_id": "The security.",
    "seen_at": "When it happened, by the clock of the machine that crawled.",
    "started_at": "When the crawl began, by the clock of its machine.",
    "story_id": "The story.",
    "version": "The version of the program's part that made it.",
}
_ELSEWHERE = re.compile(r"As in `(\w+)`")
_PICKED = re.compile(r"(\w+)\.(\w+)(?: AS (\w+))?")
_JOINED = re.compile(r"(LEFT JOIN|JOIN|FROM) (\w+)(?: AS (\w+))?")


def type_name(column: Column[Any], *, nullable: bool) -> str:
    """The type of a column in the words of the document, `text (18) or null`."""
    name = next(name for kind, name in _TYPES if isinstance(column.type, kind))
    length = column.type.length if isinstance(column.type, String) else None
    return f"{name}{f' ({length})' if length else ''}{' or null' if nullable else ''}"


def _told(column: Column[Any]) -> str:
    """What the models tell of a column; a revision's columns are an article's, too."""
    if column.doc:
        return column.doc
    is_copy = column.table.name == "article_revision" and column.name not in _PLAIN
    return "As in `article`." if is_copy else _PLAIN[column.name]


def meaning(column: Column[Any]) -> str:
    """What a column of a table means, and null in it.

    Raises:
        KeyError: neither the models nor this module say so.
    """
    told = _told(column)
    says_null = "null" in told.lower() or _ELSEWHERE.match(told)
    return told if says_null or not column.nullable else f"{told} Null: no page says it."


def _meaning_here(column: Column[Any]) -> str:
    """The same without sending the reader to another table."""
    elsewhere = _ELSEWHERE.match(_told(column))
    if elsewhere:
        return meaning(Base.metadata.tables[elsewhere[1]].c[column.name])
    return meaning(column)


# --- tables ----------------------------------------------------------------------------------


def _unique(table: Table) -> list[tuple[str, ...]]:
    together = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [one.columns for one in table.indexes if one.unique and _where(one) is None]
    return sorted(tuple(column.name for column in one) for one in (*together, *indexes))


def _where(index: Index) -> str | None:
    condition = index.dialect_options["postgresql"]["where"]
    return None if condition is None else str(condition)


def _key(table: Table, column: Column[Any]) -> str:
    words = ["primary"] if column.primary_key else []
    words += ["unique"] if (column.name,) in _unique(table) else []
    targets = sorted(f"`{key.target_fullname}`" for key in column.foreign_keys)
    return ", ".join([*words, *targets])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _column_rows(table: Table) -> list[str]:
    rows = [
        (
            f"`{column.name}`",
            type_name(column, nullable=bool(column.nullable)),
            _key(table, column),
            "again" if column.info == AGAIN else "once",
            meaning(column),
        )
        for column in table.columns
    ]
    head = [_row(("column", "type", "key", "written", "meaning")), "|---" * 5 + "|"]
    return [*head, *map(_row, rows)]


def _listed(word: str, groups: Iterable[str]) -> list[str]:
    line = "; ".join(groups)
    return ["", f"{word}: {line}."] if line else []


def _indexed(index: Index) -> str:
    names = ", ".join(column.name for column in index.columns)
    condition = _where(index)
    return f"`{names}`" if condition is None else f"`{names}` where `{condition}`"


def _checks(table: Table) -> list[str]:
    checks = [one for one in table.constraints if isinstance(one, CheckConstraint)]
    # A pattern is checked on each engine in its own words; PostgreSQL's are shown.
    shown = sorted(str(one.sqltext) for one in checks if " GLOB " not in str(one.sqltext))
    return ["", "Checks:", "", *(f"- `{check}`" for check in shown)] if shown else []


def _table_part(model: type[Base]) -> str:
    table = Base.metadata.tables[model.__tablename__]
    together = [f"`{', '.join(names)}`" for names in _unique(table) if len(names) > 1]
    partly = [_indexed(one) for one in table.indexes if one.unique and _where(one) is not None]
    plain = sorted(_indexed(one) for one in table.indexes if not one.unique)
    lines = [f"### `{table.name}`", "", cleandoc(model.__doc__ or ""), "", *_column_rows(table)]
    lines += _listed("Unique", [*together, *partly])
    lines += _listed("Indexes" if len(plain) > 1 else "Index", plain)
    return "\n".join(lines + _checks(table))


def _models() -> list[type[Base]]:
    models = [mapper.class_ for mapper in Base.registry.mappers]
    tables = list(Base.metadata.tables)
    return sorted(
        models,
        key=lambda one: (
            _MODULES.index(one.__module__.rpartition(".")[2]),
            tables.index(one.__tablename__),
        ),
    )


# --- views -----------------------------------------------------------------------------------


def view_columns(view: View) -> dict[str, tuple[Column[Any], bool]]:
    """The columns of a view by name: which column each is taken from, and whether it can be null.

    Raises:
        KeyError: the view names a table or a column that there is not.
    """
    picked, _, joined = view.query.partition(" FROM ")
    tables = {
        alias or name: (Base.metadata.tables[name], how == "LEFT JOIN")
        for how, name, alias in _JOINED.findall(f"FROM {joined}")
    }
    found: dict[str, tuple[Column[Any], bool]] = {}
    for place, name, alias in _PICKED.findall(picked):
        table, can_miss = tables[place]
        column = table.c[name]
        found[alias or name] = (column, can_miss or bool(column.nullable))
    return found


def _view_part(name: str, view: View) -> str:
    rows = [
        (
            f"`{shown}`",
            type_name(column, nullable=nullable),
            view.meanings.get(shown) or _meaning_here(column),
        )
        for shown, (column, nullable) in view_columns(view).items()
    ]
    head = [_row(("column", "type", "meaning")), "|---" * 3 + "|"]
    return "\n".join([f"### `{name}`", "", view.about, "", *head, *map(_row, rows)])


def document() -> str:
    """The text of docs/database.md."""
    parts = {
        "schema": newest_schema(),
        "views": "\n\n".join(_view_part(name, view) for name, view in VIEWS.items()),
        "tables": "\n\n".join(_table_part(model) for model in _models()),
    }
    text = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{{{name}}}}}", part)
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
