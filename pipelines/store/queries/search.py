"""Find articles by their words."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, Subquery, and_, select

from pipelines.search.bigrams import parse
from pipelines.search.snippets import Piece, snippet
from pipelines.store.models import ArticleRevision
from pipelines.store.queries.filter import Filter, choose
from pipelines.store.queries.moments import settle
from pipelines.store.queries.rows import ArticleRow, article_rows, readable
from pipelines.store.words import matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that a search found."""

    article: ArticleRow
    score: float
    """The higher, the better; compares within one search only."""
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    """What stands around the words in the body."""


def _best(found: Subquery, limit: int) -> Select[*tuple[Any, ...]]:
    """The best of what was found; only these rows are read whole."""
    by_score = (found.c.score.desc(), found.c.revision_id.desc())
    best = select(found).order_by(*by_score).limit(limit).subquery("best")
    query = readable().add_columns(best.c.score)
    query = query.join(best, best.c.revision_id == ArticleRevision.id)
    return query.order_by(best.c.score.desc(), ArticleRevision.id.desc())


def search(engine: Engine, words: str, limit: int, wanted: Filter | None = None) -> list[Hit]:
    """The articles that hold words, the best first, among the newest that do.

    How many of them are looked at says `pipelines.store.words.NEWEST`.
    Words apart by a space must all occur; "words in quotes" stand together; -word must not occur.

    Raises:
        QueryError: no word can be searched for, or `as_of` cannot be answered.
    """
    wanted = wanted or Filter()
    query = parse(words)
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        chosen = choose(connection, wanted)
        if chosen.is_empty:
            return []
        where = and_(*chosen.readable(), *chosen.naming())
        found = matches(engine.dialect.name, query, where=where)
        rows = connection.execute(_best(found, limit)).all()
        articles = article_rows(connection, rows, wanted.as_of)
    return [
        Hit(
            article=article,
            score=row.score,
            title=snippet(article.title, query, width=len(article.title)),
            snippet=snippet(article.body_text, query),
        )
        for row, article in zip(rows, articles, strict=True)
    ]
