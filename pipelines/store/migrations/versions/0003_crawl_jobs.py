"""Crawl jobs: what a listing showed and where, what was missed, rejected pages, findings, jobs.

Runs, listings and rejects are copied into tables made anew: SQLite cannot change a constraint.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

import sqlalchemy as sa
from alembic import op

from pipelines.store.migrations import tables_0003 as tables
from pipelines.store.migrations.copy_0002 import continue_numbers, drop_aside, put_aside

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COPIED: Mapping[str, str] = {
    "crawl_run": (
        "id, spider, arguments, started_at, finished_at, reason, outcome, message, counts"
    ),
    "listing": (
        "id, category_id, url, heading, entry_count, entries, first_seen_at, last_seen_at, "
        "first_run_id, last_run_id"
    ),
    "reject": "id, key, run_id, stage, reason, detail, url, code, seen_at",
}
"""What both schemas have of a table; what points to another comes later."""
NEW = (tables.reject_page, tables.missed_page, tables.finding, tables.job_state)


def _remade(makers: Mapping[str, Callable[[], None]], columns: Mapping[str, str]) -> None:
    """Make tables anew with the rows that they hold."""
    names = list(reversed(list(COPIED)))
    put_aside(names)
    for make in makers.values():
        make()
    for name, copied in COPIED.items():
        taken = columns.get(name, copied)
        statement = f"INSERT INTO {name} ({copied}) SELECT {taken} FROM aside_{name}"  # noqa: S608
        op.execute(statement)
    continue_numbers(*COPIED)
    drop_aside(names)


def upgrade() -> None:
    """Make the tables."""
    _remade({name: getattr(tables, name) for name in COPIED}, {})
    for make in NEW:
        make()


def downgrade() -> None:
    """Go back; a degraded run becomes one that is ok."""
    for make in reversed(NEW):
        op.drop_table(make.__name__)
    first = import_module("pipelines.store.migrations.versions.0001_the_first_schema")
    is_ok = "CASE outcome WHEN 'degraded' THEN 'ok' ELSE outcome END"
    runs = COPIED["crawl_run"].replace("outcome", is_ok)
    makers = {name: getattr(first, f"_{name}") for name in COPIED}
    makers["reject"] = _reject_of_0002
    _remade(makers, {"crawl_run": runs})


def _reject_of_0002() -> None:
    first = import_module("pipelines.store.migrations.versions.0001_the_first_schema")
    first._reject()
    op.add_column("reject", sa.Column("key", sa.String(length=32), nullable=True))
    op.create_index("uq_reject_key", "reject", ["key"], unique=True)
