"""How the search index is kept and asked on PostgreSQL: a tsvector of each revision, under GIN.

A GIN index is one tree of all lexemes. Were they the bare tokens, each batch of new texts would
touch pages all over that tree, and storing would slow down as it outgrows the server's cache. So
each lexeme begins with the letters of its revision's part, which is a run of ids: in the part `B`
the token 江苏 is `B江苏`. What is new then lies together, in pages that stay in the cache, and no
table has to be split. A token never has a capital letter: it is clear where the letters end.

GIN cannot give a word's newest rows first, and phrases are compared in the rows themselves. So
every vector also names the blocks of ids in which its revision lies, and a search goes through
blocks that grow as they get older, and then through the parts, until it has found enough.

A long text, whose places a tsvector cannot tell, has no part: it keeps the bare tokens, and a text
in which phrases can be looked for.
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

from pipelines.search.bigrams import Phrase, Query
from pipelines.store.words_fts5 import NAME, TITLE_WEIGHT, holds

TABLE = f"""CREATE TABLE {NAME} (
    revision_id BIGINT CONSTRAINT pk_{NAME} PRIMARY KEY
        CONSTRAINT fk_{NAME}_revision_id_article_revision REFERENCES article_revision (id),
    words TSVECTOR NOT NULL,
    tokens TEXT
)"""
_INDEX_NAME = f"ix_{NAME}_words"
# Room for a batch in the list of what is not in the tree yet.
INDEX = (
    f"CREATE INDEX {_INDEX_NAME} ON {NAME} USING gin (words) WITH (gin_pending_list_limit = 4096)"
)
# A search reads that list through again and again, so that nothing is left in it. Only who may act
# as the owner of an index can do this.
_INTO_THE_TREE = text(
    "SELECT gin_clean_pending_list(oid::regclass) FROM pg_class "
    "WHERE oid = to_regclass(:index) AND pg_has_role(relowner, 'USAGE')"
)
VECTORS = table(
    NAME, column("revision_id", BigInteger), column("words", TSVECTOR), column("tokens", Text)
)

# What a tsvector can tell of places.
_LAST_POSITION = 16_383
_POSITIONS_OF_A_TOKEN = 255
# The lexeme of all long texts.
_LONG = "#long"
# Ids of a part and of blocks, as powers of two: four blocks are one of the next size. A part of
# news as short as 300 characters is some 20 MB of the index, one of news three times as long some
# 60 MB; a server caches 128 MB by default.
_PART = 14
_BLOCKS = (8, 10, 12)
# Stands in a query for the letters of a part; no token has it.
_LETTERS = "#"
_HEXADECIMAL, _CAPITALS = "0123456789abcdef", "ABCDEFGHIJKLMNOP"
_AS_LETTERS = str.maketrans(_HEXADECIMAL, _CAPITALS)


# --- writing ----------------------------------------------------------------------------------


def _part_letters(revision_id: int) -> str:
    return f"{revision_id >> _PART:x}".translate(_AS_LETTERS)


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


def _row(revision_id: int, title: Sequence[str], body: Sequence[str]) -> dict[str, Any]:
    places = _places(title, body)
    letters, tokens = _part_letters(revision_id), None
    lexemes = [f"'#{shift}:{revision_id >> shift}'" for shift in _BLOCKS]
    if _is_long(len(title) + len(body), places):
        letters, tokens = "", f" {' '.join(title)} \n {' '.join(body)} "
        lexemes = [f"'{_LONG}'"]
    lexemes += [
        f"{letters}{token}:{','.join(found[:_POSITIONS_OF_A_TOKEN])}"
        for token, found in places.items()
    ]
    return {"revision_id": revision_id, "words": " ".join(lexemes), "tokens": tokens}


def add_vectors(
    connection: Connection, rows: Iterable[tuple[int, Sequence[str], Sequence[str]]]
) -> None:
    """Index revisions, given as id and the tokens of title and body; each of them once."""
    statement = insert(VECTORS).values(
        revision_id=bindparam("revision_id", type_=BigInteger),
        words=cast(bindparam("words", type_=Text), TSVECTOR),
        tokens=bindparam("tokens", type_=Text),
    )
    connection.execute(statement, [_row(*row) for row in rows])
    connection.execute(_INTO_THE_TREE, {"index": _INDEX_NAME})


# --- searching --------------------------------------------------------------------------------


def _lexemes(phrase: Phrase, between: str, letters: str = _LETTERS) -> str:
    joined = f" {between} ".join(f"'{letters}{token}'" for token in phrase.tokens)
    return f"{joined}:*" if phrase.is_prefix else f"({joined})"


def _is_placed(phrase: Phrase) -> bool:
    """Whether places say if a text has it."""
    return len(phrase.tokens) > 1


def _by_places(query: Query) -> str:
    """What the vector of a text must fulfil, for the letters of any part."""
    parts = [_lexemes(phrase, "<->") for phrase in query.wanted]
    parts += [f"!{_lexemes(phrase, '<->')}" for phrase in query.excluded]
    return " & ".join(parts)


def _by_tokens(query: Query) -> ColumnElement[bool]:
    """What a long text must fulfil: its vector has all tokens, its `tokens` have the phrases."""
    parts = [f"'{_LONG}'", *(_lexemes(phrase, "&", "") for phrase in query.wanted)]
    parts += [f"!{_lexemes(one, '&', '')}" for one in query.excluded if not _is_placed(one)]

    def place(phrase: Phrase) -> ColumnElement[int]:
        return func.strpos(VECTORS.c.tokens, f" {' '.join(phrase.tokens)} ")

    return and_(
        VECTORS.c.words.op("@@")(cast(literal(" & ".join(parts), Text), TSQUERY)),
        *(place(phrase) > 0 for phrase in query.wanted if _is_placed(phrase)),
        *(place(phrase) == 0 for phrase in query.excluded if _is_placed(phrase)),
    )


def _shifted(value: ColumnElement[Any], operator: str, bits: int) -> ColumnElement[Any]:
    # PostgreSQL shifts a bigint by an integer only.
    return value.op(operator)(literal_column(str(bits)))


def _letters_of(first: ColumnElement[Any]) -> ColumnElement[str]:
    """The letters of the part in which an id lies."""
    return func.translate(func.to_hex(_shifted(first, ">>", _PART)), _HEXADECIMAL, _CAPITALS)


@lru_cache(maxsize=16)  # putting the statement together takes longer than PostgreSQL needs for it
def _blocks(until: int | None) -> FromClause:
    """The blocks of ids from the newest down, none larger than all that comes before it.

    So no more than twice the rows that are needed are read. Of each size there are five to eight,
    then come whole parts. `within` is what a query must have added to stay in the block.
    """
    start: ColumnElement[Any] = select(func.max(VECTORS.c.revision_id)).scalar_subquery()
    if until is not None:
        start = func.least(start, until)
    start = _shifted(start, ">>", _BLOCKS[0])
    series = []
    for shift in (*_BLOCKS, _PART):
        larger = _shifted(start, ">>", 2)
        stop = literal(0) if shift == _PART else func.greatest(larger - 1, 0)
        number = func.generate_series(start, _shifted(stop, "<<", 2), -1)
        block = number.column_valued(f"block_{shift}")
        within = func.concat(f" & '#{shift}:", block, "'") if shift != _PART else literal("")
        series.append(select(within.label("within"), _shifted(block, "<<", shift).label("first")))
        start = larger - 2
    every = union_all(*series).subquery("every")
    columns = (every.c.within, _letters_of(every.c.first).label("letters"))
    # Planned apart: with the rest, PostgreSQL would start parallel workers for some numbers.
    ordered = select(*columns).order_by(every.c.first.desc())
    return ordered.cte(nesting=True).prefix_with("MATERIALIZED", dialect="postgresql")


def _in_part(query: str, letters: ColumnElement[str]) -> ColumnElement[str]:
    return func.replace(literal(query, Text), _LETTERS, letters)


def _found(condition: ColumnElement[bool], limits: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return select(VECTORS.c.revision_id, VECTORS.c.words).where(condition, *limits)


def _long(query: Query, limits: Sequence[ColumnElement[bool]], newest: int | None) -> Select[Any]:
    # OFFSET 0 lets the index find them: to PostgreSQL it may look as if enough of them stood among
    # the newest rows, and it would look through all rows.
    found = _found(_by_tokens(query), limits).offset(literal_column("0")).subquery("long")
    ordered = select(found, literal("").label("letters")).order_by(found.c.revision_id.desc())
    return ordered.limit(newest)


def vector_matches(
    query: Query, newest: int | None, until: int | None, where: ColumnElement[bool] | None
) -> Select[Any]:
    """The matches of a query: see `pipelines.store.words.matches`."""
    limits: list[ColumnElement[bool]] = []
    if until is not None:
        limits.append(VECTORS.c.revision_id <= until)
    if where is not None:
        limits.append(holds(where, VECTORS.c.revision_id, VECTORS))
    blocks = _blocks(until)
    asked = cast(_in_part(_by_places(query), blocks.c.letters).concat(blocks.c.within), TSQUERY)
    # A loop over the blocks, which ends where enough is found.
    newest_first = VECTORS.c.revision_id.desc()
    matching = _found(VECTORS.c.words.op("@@")(asked), limits).order_by(newest_first)
    block = matching.lateral("block")
    found = select(block.c.revision_id, block.c.words, blocks.c.letters)
    found = found.select_from(blocks.join(block, true())).limit(newest)
    every = union_all(found, _long(query, limits, newest)).subquery("every")
    chosen = select(every).order_by(every.c.revision_id.desc()).limit(newest).subquery("chosen")
    # The weights of D (the body), C, B and A (the title).
    weights = cast([1 / TITLE_WEIGHT, 0.0, 0.0, 1.0], ARRAY(REAL))
    # Joined by `or`: with `and`, what stands near together outweighs what stands in the title.
    tokens = " | ".join(_lexemes(phrase, "|") for phrase in query.wanted)
    wanted = cast(_in_part(tokens, chosen.c.letters), TSQUERY)
    score = func.ts_rank(weights, chosen.c.words, wanted, 1)
    return select(chosen.c.revision_id, score.label("score"))
