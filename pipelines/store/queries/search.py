"""Find articles by their words."""

from dataclasses import dataclass

from sqlalchemy import Engine, and_, select

from pipelines.search.bigrams import parse
from pipelines.search.snippets import Piece, snippet
from pipelines.store.models import ArticleRevision, Mention
from pipelines.store.queries.articles import (
    ArticleRow,
    Filter,
    article_rows,
    conditions,
    readable,
    security_id,
)
from pipelines.store.queries.moments import settle
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


def search(engine: Engine, words: str, limit: int, wanted: Filter | None = None) -> list[Hit]:
    """The articles that hold words, the best first, among the newest thousand that do.

    Words apart by a space must all occur; "words in quotes" stand together; -word must not occur.

    Raises:
        QueryError: no word can be searched for, or `as_of` cannot be answered.
    """
    wanted = wanted or Filter()
    query = parse(words)
    settle(engine, wanted.as_of)
    with engine.connect() as connection:
        asked = conditions(wanted)
        if wanted.symbol is not None:
            security = security_id(connection, wanted.symbol)
            named = select(Mention.revision_id).where(Mention.security_id == security)
            asked.append(ArticleRevision.id.in_(named))
        found = matches(engine.dialect.name, query, where=and_(*asked))
        columns = readable().add_columns(found.c.score)
        best = columns.join(found, found.c.revision_id == ArticleRevision.id)
        best = best.order_by(found.c.score.desc(), ArticleRevision.id.desc()).limit(limit)
        rows = connection.execute(best).all()
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
