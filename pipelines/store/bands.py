"""The index of reprints: which stored revisions share a token of their signatures with a text.

A search costs as much as the tokens that it asks for, however many revisions are stored. Tokens
begin with the period of a text, so what is written together lies together: SQLite's rows in a few
pages of the one tree that their table is, PostgreSQL's arrays in a few pages of a GIN index. That
has no list of pending entries, which every search would read through.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select, text

from pipelines.reprints.signature import Signature, sign
from pipelines.store.models import Article, ArticleRevision
from pipelines.store.remaking import Making, pages

Key = TypeVar("Key")

LIMIT = 20
"""How many candidates of a text are worth a look."""

NAME = "revision_bands"
_MAKING = {
    "sqlite": Making(
        name=NAME,
        table=f"CREATE TABLE {NAME} (token BIGINT NOT NULL, revision_id BIGINT NOT NULL, "
        f"CONSTRAINT pk_{NAME} PRIMARY KEY (token, revision_id)) WITHOUT ROWID",
    ),
    "postgresql": Making(
        name=NAME,
        table=f"CREATE TABLE {NAME} (revision_id BIGINT CONSTRAINT pk_{NAME} PRIMARY KEY "
        f"CONSTRAINT fk_{NAME}_revision_id_article_revision REFERENCES article_revision (id), "
        "tokens BIGINT[] NOT NULL)",
        index=f"CREATE INDEX ix_{NAME}_tokens ON {NAME} USING gin (tokens) WITH (fastupdate = off)",
        columns=frozenset({"revision_id", "tokens"}),
    ),
}
_ADD_ROW = "INSERT INTO revision_bands (token, revision_id) VALUES (?, ?)"
_ADD_ARRAYS = text(
    "INSERT INTO revision_bands (revision_id, tokens) SELECT revision_id, tokens::bigint[] "
    "FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS text[])) AS added (revision_id, tokens)"
)
# A formula may have hundreds of texts of one fortnight under one token: those that share the most
# tokens come first.
_FIND_ROWS = text(
    "SELECT asked.key, (SELECT json_group_array(revision_id) FROM ("
    "SELECT stored.revision_id FROM json_each(asked.value) AS sought "
    "CROSS JOIN revision_bands AS stored ON stored.token = sought.value "
    "GROUP BY stored.revision_id ORDER BY count(*) DESC, stored.revision_id DESC LIMIT :limit)) "
    "FROM json_each(:asked) AS asked"
)
# OFFSET 0 keeps steps apart: an array is read once for a text, and the index is asked before
# anything is sorted.
_FIND_ARRAYS = text(
    "SELECT asked.place, array(SELECT revision_id FROM ("
    "SELECT revision_id, tokens FROM revision_bands WHERE tokens && asked.sought OFFSET 0"
    ") AS stored ORDER BY (SELECT count(*) FROM unnest(stored.tokens) AS token "
    "WHERE token = ANY (asked.sought)) DESC, revision_id DESC LIMIT :limit) "
    "FROM (SELECT place, sought::bigint[] AS sought FROM unnest(CAST(:asked AS text[])) "
    "WITH ORDINALITY AS given (sought, place) OFFSET 0) AS asked"
)


def create_statements(dialect_name: str) -> list[str]:
    """The statements that make the index, empty, on an engine.

    Raises:
        KeyError: the engine is neither `sqlite` nor `postgresql`.
    """
    return _MAKING[dialect_name].statements


def _array(tokens: Sequence[int]) -> str:
    return "{" + ",".join(map(str, tokens)) + "}"


def add_bands(connection: Connection, rows: Sequence[tuple[int, Signature]]) -> None:
    """Index revisions, given as id and signature; each of them once."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        # In order, so that each page is written once.
        pairs = sorted({(token, id_) for id_, signature in rows for token in signature.bands})
        connection.exec_driver_sql(_ADD_ROW, pairs)
    else:
        ids = [id_ for id_, _ in rows]
        tokens = [_array(signature.bands) for _, signature in rows]
        connection.execute(_ADD_ARRAYS, {"ids": ids, "tokens": tokens})


def candidates(
    connection: Connection, signatures: Mapping[Key, Signature], limit: int = LIMIT
) -> dict[Key, list[int]]:
    """Find for each text the revisions that may be its reprints, in one statement for all.

    At most `limit` for each: those that share the most tokens first, of equals the newest.
    `pipelines.reprints.similarity` says which of them are reprints. Revisions of the article itself
    come, too, if they are indexed.
    """
    keys = list(signatures)
    if not keys:
        return {}
    if connection.dialect.name == "sqlite":
        asked = json.dumps([signatures[key].sought for key in keys])
        rows = connection.execute(_FIND_ROWS, {"asked": asked, "limit": limit})
        return {keys[place]: json.loads(ids) for place, ids in rows}
    arrays = [_array(signatures[key].sought) for key in keys]
    rows = connection.execute(_FIND_ARRAYS, {"asked": arrays, "limit": limit})
    return {keys[place - 1]: ids for place, ids in rows}


def rebuild(connection: Connection, size: int = 1_000) -> int:
    """Make the index anew from all revisions, `size` at a time; gives their number.

    Due when `pipelines.reprints.signature.VERSION` is another one than the index was made with.
    All in the caller's transaction; on PostgreSQL searches wait until that ends.
    """
    making = _MAKING[connection.dialect.name]
    making.begin(connection)
    table = ArticleRevision
    columns = (table.id, table.body_text, table.published_at, Article.first_seen_at)
    query = select(*columns).join(Article, Article.id == table.article_id)
    query = query.where(table.kind != "backfill")
    count = 0
    for rows in pages(connection, query, size, NAME):
        signed = [
            (row.id, sign(row.body_text, row.published_at or row.first_seen_at)) for row in rows
        ]
        add_bands(connection, signed)
        count += len(rows)
    making.finish(connection, count)
    return count
