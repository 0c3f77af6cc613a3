"""What readers ask; the only way in which floor 3 reaches the tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select

from pipelines.store.models import (
    Article,
    ArticleRevision,
    Category,
    CrawlRun,
    Mention,
    Reject,
    Source,
    article_category,
)
from pipelines.store.stored import StoredArticle, load_articles


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows the database holds."""

    articles: int
    revisions: int
    mentions: int
    sources: int
    rejects: int


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article as a list shows it."""

    code: str | None
    title: str
    published_at: datetime | None
    source: str | None
    symbols: tuple[str, ...]
    first_seen_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A crawl as a list shows it."""

    id: int
    spider: str
    arguments: dict[str, Any]
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    reason: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class RejectRow:
    """A reject as a list shows it."""

    id: int
    run_id: int
    stage: str
    reason: str
    detail: str
    url: str
    code: str | None
    seen_at: datetime


def counts(engine: Engine) -> Counts:
    """Count the rows of the main tables."""
    tables = (Article, ArticleRevision, Mention, Source, Reject)
    with engine.connect() as connection:
        numbers = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]
    return Counts(*numbers)


def _filtered(
    query: Select[*tuple[Any, ...]], symbol: str | None, source: str | None, category: str | None
) -> Select[*tuple[Any, ...]]:
    if symbol is not None:
        named = select(Mention.article_id).where(Mention.symbol == symbol)
        query = query.where(Article.id.in_(named))
    if source is not None:
        query = query.where(Source.name == source)
    if category is not None:
        listed = (
            select(article_category.c.article_id)
            .join(Category, Category.id == article_category.c.category_id)
            .where(Category.slug == category)
        )
        query = query.where(Article.id.in_(listed))
    return query


def _symbols(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(Mention.article_id, Mention.symbol, Mention.secid)
        .where(Mention.article_id.in_(ids))
        .order_by(Mention.article_id, Mention.position)
    )
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for article_id, symbol, secid in connection.execute(query):
        found[article_id][symbol or secid] = None
    return {article_id: tuple(symbols) for article_id, symbols in found.items()}


def _article_row(row: Row[*tuple[Any, ...]], symbols: tuple[str, ...]) -> ArticleRow:
    return ArticleRow(
        code=row.code,
        title=row.title,
        published_at=row.published_at,
        source=row.name,
        symbols=symbols,
        first_seen_at=row.first_seen_at,
        revision=row.revision,
    )


def latest_articles(
    engine: Engine,
    limit: int,
    symbol: str | None = None,
    source: str | None = None,
    category: str | None = None,
) -> list[ArticleRow]:
    """List the newest articles by the time that they claim; those without a time come last."""
    columns = (Article.id, Article.code, Article.title, Article.published_at)
    more = (Article.first_seen_at, Article.revision, Source.name)
    every: Select[*tuple[Any, ...]] = select(*columns, *more).outerjoin(Source)
    query = _filtered(every, symbol, source, category)
    newest = (Article.published_at.is_(None), Article.published_at.desc(), Article.id.desc())
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(*newest).limit(limit)).all()
        symbols = _symbols(connection, [row.id for row in rows])
    return [_article_row(row, symbols.get(row.id, ())) for row in rows]


def article_by_code(engine: Engine, code: str) -> StoredArticle | None:
    """Find an article by its 18 digits."""
    with engine.connect() as connection:
        found = load_articles(connection, Article.code == code)
    return found[0] if found else None


def runs(engine: Engine, limit: int) -> list[RunRow]:
    """List the latest crawls, newest first."""
    query = select(CrawlRun.__table__).order_by(CrawlRun.id.desc()).limit(limit)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    names = RunRow.__dataclass_fields__
    return [RunRow(**{name: getattr(row, name) for name in names}) for row in rows]


def rejects(engine: Engine, limit: int) -> list[RejectRow]:
    """List the latest rejects, newest first."""
    query = select(Reject.__table__).order_by(Reject.id.desc()).limit(limit)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return [RejectRow(*row) for row in rows]
