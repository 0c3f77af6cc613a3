"""Another check in the place of one: SQLite has no statement for it."""

import sqlalchemy as sa
from alembic import op

_FIND = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
_WRITE = sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name")


def replace_check(table: str, name: str, old: str, new: str) -> None:
    """Replace the condition of a check; what is stored must meet the new one.

    Raises:
        RuntimeError: the table has no such check.
    """
    constraint = f"ck_{table}_{name}"
    if op.get_bind().dialect.name == "sqlite":
        _write_schema(table, f"{constraint} CHECK ({old})", f"{constraint} CHECK ({new})")
    else:
        op.drop_constraint(op.f(constraint), table, type_="check")
        op.create_check_constraint(op.f(constraint), table, new)


def _write_schema(table: str, old: str, new: str) -> None:
    """The way that SQLite's own documents name for it (ALTER TABLE, section 7).

    The other way is to copy the table: of a large database all texts, and as much disk again.
    """
    bind = op.get_bind()
    before = bind.execute(_FIND, {"name": table}).scalar_one()
    after = before.replace(old, new)
    if after == before:
        raise RuntimeError(f"{table} has no {old}")
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar_one()
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    bind.execute(_WRITE, {"name": table, "sql": after})
    bind.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = OFF"))
