"""What all tables share: names of constraints, types, and how a column says what it means.

`docs/database.md` is printed from here: a column's `doc` is its meaning; `AGAIN` marks a column
that can be written again after its row was inserted.
"""

from datetime import date, datetime
from typing import Any, get_args

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

from pipelines.store.types import UtcDateTime

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
AGAIN = {"written": "again"}
# SQLite gives a column its row number only when its type is INTEGER by name.
BIG = BigInteger().with_variant(Integer, "sqlite")
_SYMBOL_LETTERS = "0-9A-Za-z._-"


def one_of(column: str, words: object) -> CheckConstraint:
    """A check that a column holds one of a Literal's words (or null)."""
    listed = ", ".join(f"'{word}'" for word in get_args(words))
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def symbol_form(column: str) -> tuple[CheckConstraint, CheckConstraint]:
    """A check, for each engine in its own words, that a column is null or `<code>.<place>`."""
    parts = r"^[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+$"
    posix = CheckConstraint(f"{column} ~ '{parts}'", name=f"{column}_form")
    glob = CheckConstraint(
        f"{column} GLOB '?*.?*' AND {column} NOT GLOB '*.*.*'"
        f" AND {column} NOT GLOB '*[^{_SYMBOL_LETTERS}]*'",
        name=f"{column}_form",
    )
    return posix.ddl_if(dialect="postgresql"), glob.ddl_if(dialect="sqlite")


class Base(DeclarativeBase):
    """All tables, with a naming convention so that migrations can name constraints."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: UtcDateTime,
        date: Date,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }
