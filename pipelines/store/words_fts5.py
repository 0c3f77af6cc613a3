"""How the search index is asked on SQLite: FTS5, which gives the newest rows first."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    case,
    column,
    func,
    literal_column,
    select,
    table,
)

from pipelines.search.bigrams import Phrase, Query
from pipelines.store.models import ArticleRevision

NAME = "revision_words"
TITLE_WEIGHT = 5.0
FTS = table(NAME, column("rowid", BigInteger), *map(column, ("title", "body", NAME)))


def holds(where: ColumnElement[bool], revision_id: ColumnElement[Any], words: FromClause) -> Any:
    """A condition on a revision; as a scalar it cannot become a join in another order."""
    said = select(where).where(ArticleRevision.id == revision_id)
    return said.select_from(ArticleRevision).correlate(words).scalar_subquery()


def _fts_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{" *" if phrase.is_prefix else ""}'


def _fts_expression(query: Query) -> str:
    wanted = " AND ".join(map(_fts_phrase, query.wanted))
    if not query.excluded:
        return wanted
    return f"({wanted}) NOT ({' OR '.join(map(_fts_phrase, query.excluded))})"


def fts5_matches(
    query: Query, newest: int | None, until: int | None, where: ColumnElement[bool] | None
) -> Select[Any]:
    """The matches of a query: see `pipelines.store.words.matches`."""
    expression = _fts_expression(query)
    limits = [FTS.c.rowid <= until] if until is not None else []
    if where is not None:
        limits.append(holds(where, FTS.c.rowid, FTS))
    ids = select(FTS.c.rowid).where(FTS.c[NAME].op("MATCH")(expression), *limits)
    ids = ids.order_by(FTS.c.rowid.desc()).limit(newest)
    # FTS5's score is the smaller, the better.
    score: ColumnElement[Any] = -func.bm25(literal_column(NAME), TITLE_WEIGHT, 1.0)
    if newest is not None:
        score = case((_is_full(ids, newest), _in_title(expression, ids)), else_=score)
    return ids.add_columns(score.label("score")).with_only_columns(
        FTS.c.rowid.label("revision_id"), score.label("score")
    )


def _is_full(ids: Select[Any], newest: int) -> ColumnElement[bool]:
    """Whether there are more matches than are given.

    To score one row, bm25 counts the matches of the whole index: of a word that stands everywhere
    that takes longer than all the rest.
    """
    return select(func.count()).select_from(ids.subquery("found")).scalar_subquery() >= newest


def _in_title(expression: str, ids: Select[Any]) -> ColumnElement[Any]:
    """The score of a frequent word: whether it stands in the title."""
    oldest = select(func.min(ids.subquery("given").c.rowid)).scalar_subquery()
    titled = FTS.alias("titled")
    hits = select(titled.c.rowid).where(
        literal_column(f"titled.{NAME}").op("MATCH")(f"title : ({expression})"),
        titled.c.rowid >= oldest,
    )
    return case((FTS.c.rowid.in_(hits), 1.0), else_=0.0)
