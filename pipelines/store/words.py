"""The search index over revisions: the tokens of title and body, in FTS5 or in tsvectors.

Those that nobody could read here (`backfill`) are left out: they would stand in the way of others.

A revision never changes, so nothing is updated or deleted here, and a search of the past finds what
it found then. Both engines keep the same tokens (`pipelines.search.bigrams`) at the same places and
give the same answers.

Only the first `TITLE_CHARACTERS` and `BODY_CHARACTERS` of a revision are indexed, so that no text
is too large for a tsvector (1 MB; a character needs 12 bytes of it at most).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, bindparam, insert, select

from pipelines.search.bigrams import Query, normalise, split
from pipelines.store.models import ArticleRevision
from pipelines.store.remaking import Making, pages
from pipelines.store.words_fts5 import FTS, NAME, fts5_matches
from pipelines.store.words_tsvector import INDEX, TABLE, VECTORS, add_vectors, vector_matches

# Raised whenever the tables, the tokens or their places change on an engine: its index is then
# made anew.
VERSIONS = {"sqlite": 1, "postgresql": 2}
TITLE_CHARACTERS = 4_000
BODY_CHARACTERS = 76_000
NEWEST = 300
# FTS5's tokenizer `ascii` parts words at ASCII signs only, which no token has, and folds nothing
# that is not folded yet; `unicode61` knows the letters of one version of Unicode.
_SQLITE_TABLE = f"CREATE VIRTUAL TABLE {NAME} USING fts5(title, body, content='', tokenize='ascii')"
_MAKING = {
    "sqlite": Making(name=NAME, table=_SQLITE_TABLE),
    "postgresql": Making(name=NAME, table=TABLE, index=INDEX, columns=frozenset(VECTORS.c.keys())),
}


def create_statements(dialect_name: str) -> list[str]:
    """The statements that make the index, empty, on `sqlite` or `postgresql`."""
    return _MAKING[dialect_name].statements


def _title_and_body(title: str, body: str) -> tuple[list[str], list[str]]:
    return (
        split(normalise(title)[:TITLE_CHARACTERS]),
        split(normalise(body)[:BODY_CHARACTERS]),
    )


def _fts_row(revision_id: int, title: str, body: str) -> dict[str, Any]:
    head, rest = _title_and_body(title, body)
    return {"rowid": revision_id, "title": " ".join(head), "body": " ".join(rest)}


def add_words(connection: Connection, rows: Sequence[tuple[int, str, str]]) -> None:
    """Index revisions, given as id, title and body text; each of them once."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(
            insert(FTS).values({name: bindparam(name) for name in ("rowid", "title", "body")}),
            [_fts_row(*row) for row in rows],
        )
    else:
        add_vectors(connection, ((id_, *_title_and_body(*row)) for id_, *row in rows))


def rebuild(connection: Connection, size: int = 1_000) -> int:
    """Make the index anew from all revisions, `size` at a time; gives their number.

    All in the caller's transaction. On PostgreSQL searches wait until that ends.
    """
    making = _MAKING[connection.dialect.name]
    making.begin(connection)
    count = 0
    query = select(ArticleRevision.id, ArticleRevision.title, ArticleRevision.body_text)
    query = query.where(ArticleRevision.kind != "backfill")
    for rows in pages(connection, query, size, NAME):
        add_words(connection, [(row.id, row.title, row.body_text) for row in rows])
        count += len(rows)
    making.finish(connection, count)
    return count


def matches(
    dialect_name: str,
    query: Query,
    *,
    newest: int | None = NEWEST,
    until: int | None = None,
    where: ColumnElement[bool] | None = None,
) -> Subquery:
    """The revisions that a query finds, as `revision_id` and `score` (the higher, the better).

    Only the `newest` of them (the highest ids) are given; None gives all. What a reader filters by
    must be said here, because that choice comes after it: `until` is the highest revision id that
    counts, and `where` a condition on columns of `ArticleRevision`. Scores compare within one
    search only; words of the title weigh more than words of the body.
    """
    make = fts5_matches if dialect_name == "sqlite" else vector_matches
    return make(query, newest, until, where).subquery("matches")
