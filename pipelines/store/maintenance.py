"""Look after a database: check what must hold, give space back, say how large it is."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    bindparam,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import aliased

from finews_crawler.errors import StorageError
from pipelines.store import derived
from pipelines.store.engine import newest_schema, schema_version
from pipelines.store.models import (
    Article,
    ArticleRevision,
    Base,
    Change,
    Clock,
    Mention,
    StoryMember,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a database that must not be."""

    what: str
    """One word: `schema`, `file`, or the name of the rule that is broken."""
    detail: str


@dataclass(frozen=True, slots=True)
class TableSize:
    """How much a table holds."""

    name: str
    rows: int
    bytes: int | None
    """With its indexes; None where the engine cannot tell."""


def _revision_numbers() -> Select[int]:
    newest = select(func.max(ArticleRevision.number)).where(
        ArticleRevision.article_id == Article.id
    )
    return select(Article.id).where(Article.revision.is_distinct_from(newest.scalar_subquery()))


def _open_revisions() -> Select[int]:
    counted = select(func.count()).where(
        ArticleRevision.article_id == Article.id, ArticleRevision.superseded_at.is_(None)
    )
    return select(Article.id).where(counted.scalar_subquery() != 1)


def _gaps_in_time() -> Select[int]:
    following = aliased(ArticleRevision)
    return (
        select(ArticleRevision.id)
        .join(
            following,
            (following.article_id == ArticleRevision.article_id)
            & (following.number == ArticleRevision.number + 1),
        )
        .where(ArticleRevision.kind != "backfill")
        .where(ArticleRevision.superseded_at.is_distinct_from(following.seen_at))
    )


def _numbers_against_time() -> Select[int]:
    """Questions as of a moment pass over higher numbers: those must be later."""
    table = ArticleRevision
    before = func.lag(table.seen_at).over(order_by=table.id).label("before")
    rows = select(table.id, table.seen_at, before).subquery()
    return select(rows.c.id).where(rows.c.seen_at < rows.c.before)


def _surfaces() -> Select[int]:
    length = Mention.end_offset - Mention.start_offset
    found = func.substr(ArticleRevision.body_text, Mention.start_offset + 1, length)
    return (
        select(Mention.revision_id)
        .join(ArticleRevision, ArticleRevision.id == Mention.revision_id)
        .where(Mention.surface.is_not(None), found != Mention.surface)
    )


def _changes_ahead() -> Select[int]:
    return select(Change.seq).where(Change.seq > select(Clock.seq).scalar_subquery())


def _revisions_without_change() -> Select[int]:
    told = select(Change.seq).where(Change.seq == ArticleRevision.id)
    return select(ArticleRevision.id).where(~told.exists())


def _lonely_members() -> Select[int]:
    return (
        select(StoryMember.story_id)
        .where(StoryMember.left_at.is_(None))
        .group_by(StoryMember.story_id)
        .having(func.count() < 2)
    )


# What each query gives are the ids of rows that break the rule.
RULES: Mapping[str, Callable[[], Select[int]]] = {
    "revision_number": _revision_numbers,
    "one_newest_revision": _open_revisions,
    "no_gap_between_revisions": _gaps_in_time,
    "numbers_grow_with_time": _numbers_against_time,
    "surface_at_its_offsets": _surfaces,
    "clock_not_behind": _changes_ahead,
    "every_revision_in_the_feed": _revisions_without_change,
    "no_story_of_one": _lonely_members,
}


def check(engine: Engine) -> list[Finding]:
    """Look for what must not be: the schema, the file, and the rules that no constraint can say."""
    with engine.connect() as connection:
        version = schema_version(connection)
        if version != newest_schema():
            wanted = f"{version or 'none'}; this program needs {newest_schema()}"
            return [Finding("schema", wanted)]
        found = _broken_file(connection) if engine.dialect.name == "sqlite" else []
        if any(one.what == "file" for one in found):
            return found  # what a broken file answers says nothing
        found += [Finding("stale", name) for name in derived.stale(connection)]
        for name, query in RULES.items():
            ids = list(connection.scalars(query().limit(5)))
            if ids:
                found.append(Finding(name, "rows " + ", ".join(map(str, ids))))
        return found


def _broken_file(connection: Connection) -> list[Finding]:
    try:
        told = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars()
        found = [Finding("file", line) for line in told if line != "ok"]
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except DatabaseError as error:
        return [Finding("file", str(error.orig))]
    return found + [Finding("foreign_key", f"{row[0]} row {row[1]}") for row in orphans[:5]]


def vacuum(engine: Engine) -> None:
    """Give space back and renew the planner's statistics.

    Raises:
        StorageError: a SQLite file is in use or cannot be written.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE)"))
        return
    driver = engine.raw_connection()  # no statement of SQLAlchemy's opens a transaction here
    try:
        for statement in ("VACUUM", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"):
            driver.cursor().execute(statement)
    except sqlite3.Error as error:
        raise StorageError(f"the database cannot be tidied: {error}") from error
    finally:
        driver.close()


# Tables of no model: see `pipelines.store.derived`. FTS5 keeps its index in tables beside.
_INDEXES = {
    "revision_bands": ("revision_bands",),
    "revision_words": tuple(
        f"revision_words{part}" for part in ("", "_config", "_data", "_docsize", "_idx")
    ),
}


def sizes(engine: Engine) -> list[TableSize]:
    """How many rows and bytes each table has, the largest first."""
    parts = {name: (name,) for name in Base.metadata.tables} | _INDEXES
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        found = [
            TableSize(name, _rows(connection, name), _bytes(connection, stored))
            for name, stored in parts.items()
            if name in there
        ]
    return sorted(found, key=lambda one: (one.bytes or 0, one.rows), reverse=True)


def _rows(connection: Connection, name: str) -> int:
    return connection.execute(select(func.count()).select_from(table(name))).scalar_one()


def _bytes(connection: Connection, names: Sequence[str]) -> int | None:
    if connection.dialect.name == "postgresql":
        size: int = connection.execute(select(func.pg_total_relation_size(names[0]))).scalar_one()
        return size
    # dbstat is a part of SQLite that some builds leave out.
    has = connection.execute(text("SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'")).first()
    if has is None:
        return None
    query = text(
        "SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema AS schema ON schema.name = dbstat.name "
        "WHERE schema.tbl_name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    found: int | None = connection.execute(query, {"names": list(names)}).scalar_one()
    return found
