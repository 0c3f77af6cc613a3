"""The search index over revisions: the tokens of title and body, in FTS5 or in a tsvector.

A revision never changes, so nothing is updated or deleted here, and a search of the past finds what
it found then. Both engines keep the same tokens (`pipelines.search.bigrams`) at the same places and
give the same answers.

Only the first `TITLE_CHARACTERS` and `BODY_CHARACTERS` of a revision are indexed, so that no text
is too large for a tsvector (1 MB; a character needs 12 bytes of it at most).

PostgreSQL has no index in which a word's newest rows stand first, and it compares phrases in the
rows themselves. So every vector also names the blocks of ids in which its revision lies, and a
search goes through blocks that grow as they get older, until it has found enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TSQUERY, TSVECTOR

from pipelines.search.bigrams import Phrase, Query, normalise, split
from pipelines.store.models import ArticleRevision
from pipelines.store.words_fts5 import FTS, NAME, TITLE_WEIGHT, fts5_matches, holds

# Raised whenever the tables, the tokens or their places change: the index is then made anew.
VERSION = 1
TITLE_CHARACTERS = 4_000
BODY_CHARACTERS = 76_000
NEWEST = 300
# FTS5's tokenizer `ascii` parts words at ASCII signs only, which no token has, and folds nothing
# that is not folded yet; `unicode61` knows the letters of one version of Unicode.
_SQLITE_TABLE = f"CREATE VIRTUAL TABLE {NAME} USING fts5(title, body, content='', tokenize='ascii')"
# Every search reads the pending list through, so that holds a batch of articles and no more.
_POSTGRES_INDEX = (
    f"CREATE INDEX ix_{NAME}_words ON {NAME} USING gin (words) WITH (gin_pending_list_limit = 1024)"
)
_POSTGRES_TABLE = f"""CREATE TABLE {NAME} (
    revision_id BIGINT CONSTRAINT pk_{NAME} PRIMARY KEY
        CONSTRAINT fk_{NAME}_revision_id_article_revision REFERENCES article_revision (id),
    words TSVECTOR NOT NULL,
    tokens TEXT
)"""
_VECTORS = table(
    NAME, column("revision_id", BigInteger), column("words", TSVECTOR), column("tokens", Text)
)

# What a tsvector can tell of places.
_LAST_POSITION = 16_383
_POSITIONS_OF_A_TOKEN = 255
# The lexeme of a text whose vector cannot tell all places; its `tokens` can.
_LONG = "#long"
# Powers of two: four blocks are one of the next size.
_BLOCKS = (9, 11, 13, 15, 17, 19)


def create_statements(dialect_name: str) -> list[str]:
    """The statements that make the index, empty, on `sqlite` or `postgresql`."""
    return [_SQLITE_TABLE] if dialect_name == "sqlite" else [_POSTGRES_TABLE, _POSTGRES_INDEX]


# --- writing ----------------------------------------------------------------------------------


def _title_and_body(title: str, body: str) -> tuple[list[str], list[str]]:
    return (
        split(normalise(title)[:TITLE_CHARACTERS]),
        split(normalise(body)[:BODY_CHARACTERS]),
    )


def _block(shift: int, number: int) -> str:
    return f"#{shift}:{number}"


def _places(title: Sequence[str], body: Sequence[str]) -> dict[str, list[str]]:
    """A vector's places of each token; one place is left free, so that no phrase crosses it."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, token in enumerate(title, 1):
        places[token].append(f"{place}A")
    for place, token in enumerate(body, len(title) + 2):
        places[token].append(str(place))
    return places


def _is_long(count: int, places: dict[str, list[str]]) -> bool:
    return count + 1 > _LAST_POSITION or any(
        len(found) > _POSITIONS_OF_A_TOKEN for found in places.values()
    )


def _vector_row(revision_id: int, title: str, body: str) -> dict[str, Any]:
    head, rest = _title_and_body(title, body)
    places = _places(head, rest)
    words = [
        f"{token}:{','.join(found[:_POSITIONS_OF_A_TOKEN])}" for token, found in places.items()
    ]
    words += [f"'{_block(shift, revision_id >> shift)}'" for shift in _BLOCKS]
    tokens = None
    if _is_long(len(head) + len(rest), places):
        words.append(f"'{_LONG}'")
        tokens = f" {' '.join(head)} \n {' '.join(rest)} "
    return {"revision_id": revision_id, "words": " ".join(words), "tokens": tokens}


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
        words = cast(bindparam("words", type_=Text), TSVECTOR)
        connection.execute(
            insert(_VECTORS).values(
                revision_id=bindparam("revision_id", type_=BigInteger),
                words=words,
                tokens=bindparam("tokens", type_=Text),
            ),
            [_vector_row(*row) for row in rows],
        )


def rebuild(connection: Connection, size: int = 1_000) -> int:
    """Empty the index and fill it from all revisions, `size` at a time; gives their number.

    All in the caller's transaction. On PostgreSQL searches wait until that ends.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.execute(insert(FTS).values({NAME: "delete-all"}))
    else:
        connection.execute(text(f"TRUNCATE {NAME}"))
        connection.execute(text(f"DROP INDEX ix_{NAME}_words"))
    count, last = 0, 0
    columns = (ArticleRevision.id, ArticleRevision.title, ArticleRevision.body_text)
    query = select(*columns).order_by(ArticleRevision.id).limit(size)
    while rows := connection.execute(query.where(ArticleRevision.id > last)).all():
        add_words(connection, [(row.id, row.title, row.body_text) for row in rows])
        count, last = count + len(rows), rows[-1].id
    if not is_sqlite:
        connection.execute(text(_POSTGRES_INDEX))
    return count


# --- searching --------------------------------------------------------------------------------


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
    make = fts5_matches if dialect_name == "sqlite" else _vector_matches
    return make(query, newest, until, where).subquery("matches")


def _lexemes(phrase: Phrase, between: str) -> str:
    joined = f" {between} ".join(f"'{token}'" for token in phrase.tokens)
    return f"{joined}:*" if phrase.is_prefix else f"({joined})"


def _is_placed(phrase: Phrase) -> bool:
    """Whether places say if a vector has it."""
    return len(phrase.tokens) > 1


def _needs_places(query: Query) -> bool:
    return any(map(_is_placed, (*query.wanted, *query.excluded)))


def _tsquery(parts: Iterable[str]) -> ColumnElement[Any]:
    return cast(literal(" & ".join(parts), Text), TSQUERY)


def _by_places(query: Query) -> ColumnElement[Any]:
    """What the vector of a text that is not long must fulfil."""
    parts = [_lexemes(phrase, "<->") for phrase in query.wanted]
    parts += [f"!{_lexemes(phrase, '<->')}" for phrase in query.excluded]
    if _needs_places(query):
        parts.append(f"!'{_LONG}'")
    return _tsquery(parts)


def _by_tokens(query: Query) -> ColumnElement[bool]:
    """What a long text must fulfil: its vector has all tokens, its `tokens` have the phrases."""
    parts = [f"'{_LONG}'", *(_lexemes(phrase, "&") for phrase in query.wanted)]
    parts += [f"!{_lexemes(one, '&')}" for one in query.excluded if not _is_placed(one)]

    def place(phrase: Phrase) -> ColumnElement[int]:
        return func.strpos(_VECTORS.c.tokens, f" {' '.join(phrase.tokens)} ")

    return and_(
        _VECTORS.c.words.op("@@")(_tsquery(parts)),
        *(place(phrase) > 0 for phrase in query.wanted if _is_placed(phrase)),
        *(place(phrase) == 0 for phrase in query.excluded if _is_placed(phrase)),
    )


def _shifted(value: ColumnElement[Any], operator: str, bits: int) -> ColumnElement[Any]:
    # PostgreSQL shifts a bigint by an integer only.
    return value.op(operator)(literal_column(str(bits)))


@lru_cache(maxsize=16)  # putting the statement together takes longer than PostgreSQL needs for it
def _blocks(until: int | None) -> FromClause:
    """The blocks of ids from the newest down, none larger than all that comes before it.

    So no more than twice the rows that are needed are read. Of each size there are five to eight.
    """
    start: ColumnElement[Any] = select(func.max(_VECTORS.c.revision_id)).scalar_subquery()
    if until is not None:
        start = func.least(start, until)
    start = _shifted(start, ">>", _BLOCKS[0])
    series = []
    for shift in _BLOCKS:
        larger = _shifted(start, ">>", 2)
        stop = literal(0) if shift == _BLOCKS[-1] else func.greatest(larger - 1, 0)
        number = func.generate_series(start, _shifted(stop, "<<", 2), -1)
        block = number.column_valued(f"block_{shift}")
        lexeme = func.concat(f"'#{shift}:", block, "'").label("lexeme")
        series.append(select(lexeme, _shifted(block, "<<", shift).label("first")))
        start = larger - 2
    every = union_all(*series).subquery("every")
    # Planned apart: with the rest, PostgreSQL would start parallel workers for thirty numbers.
    ordered = select(every.c.lexeme).order_by(every.c.first.desc())
    return ordered.cte(nesting=True).prefix_with("MATERIALIZED", dialect="postgresql")


def _found(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    found = select(_VECTORS.c.revision_id, _VECTORS.c.words).where(*conditions)
    return found.order_by(_VECTORS.c.revision_id.desc())


def _vector_matches(
    query: Query, newest: int | None, until: int | None, where: ColumnElement[bool] | None
) -> Select[Any]:
    limits: list[ColumnElement[bool]] = []
    if until is not None:
        limits.append(_VECTORS.c.revision_id <= until)
    if where is not None:
        limits.append(holds(where, _VECTORS.c.revision_id, _VECTORS))
    blocks = _blocks(until)
    in_block = _by_places(query).op("&&")(cast(blocks.c.lexeme, TSQUERY))
    block = _found([_VECTORS.c.words.op("@@")(in_block), *limits]).lateral("block")
    # A loop over the blocks, which ends where enough is found.
    found = select(block.c.revision_id, block.c.words)
    found = found.select_from(blocks.join(block, true())).limit(newest)
    if _needs_places(query):
        long = _found([_by_tokens(query), *limits]).limit(newest)
        every = union_all(found, long).subquery("every")
        found = select(every).order_by(every.c.revision_id.desc()).limit(newest)
    chosen = found.subquery("chosen")
    # The weights of D (the body), C, B and A (the title).
    weights = cast([1 / TITLE_WEIGHT, 0.0, 0.0, 1.0], ARRAY(REAL))
    # Joined by `or`: with `and`, what stands near together outweighs what stands in the title.
    tokens = " | ".join(_lexemes(phrase, "|") for phrase in query.wanted)
    score = func.ts_rank(weights, chosen.c.words, _tsquery([tokens]), 1)
    return select(chosen.c.revision_id, score.label("score"))
