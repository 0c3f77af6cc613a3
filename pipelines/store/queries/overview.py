"""Figures for pages: each is bounded by a span of time or a number of rows, and led by an index."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Subquery, func, select

from pipelines.store.models import (
    Article,
    ArticleRevision,
    Category,
    Mention,
    Security,
    SecurityAlias,
    Source,
)
from pipelines.store.queries.filter import Filter, choose
from pipelines.store.queries.moments import is_readable

# Of an index that every article names, the newest articles tell as much as all.
LATEST_NAMING = 1000
_LATEST_MENTIONS = 3000


@dataclass(frozen=True, slots=True)
class Span:
    """Articles that were published from one moment until before another, as known at a third."""

    begin: datetime
    end: datetime
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSecurity:
    """A security in a list, with in how many articles it was found."""

    key: str
    asset_class: str
    name: str | None
    articles: int


def china_day(engine: Engine, moment: Any) -> ColumnElement[Any]:
    """The day in China of an instant: text on SQLite, a date on PostgreSQL.

    China has had one offset, +08:00, since 1991.
    """
    if engine.dialect.name == "sqlite":
        return func.date(moment, "+8 hours")
    return func.date(func.timezone("Asia/Shanghai", moment))


def number_of_articles(engine: Engine) -> int:
    """How many articles there are; counts an index, so ask now and then only."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(Article)).scalar_one()


def source_names(engine: Engine, limit: int = 500) -> list[str]:
    """Names of sources, those known longest first."""
    with engine.connect() as connection:
        query = select(Source.name).order_by(Source.id).limit(limit)
        return list(connection.execute(query).scalars())


def category_headings(engine: Engine, limit: int = 500) -> dict[str, str | None]:
    """Headings of categories by slug, those known longest first."""
    with engine.connect() as connection:
        query = select(Category.slug, Category.heading).order_by(Category.id).limit(limit)
        return {row.slug: row.heading for row in connection.execute(query)}


# --- securities -----------------------------------------------------------------------------------


def security_ids(engine: Engine, symbol: str) -> tuple[int, ...]:
    """The rows of a security by any symbol that it has had, or by its secid.

    More than one as long as two of them are not known to be one security; none: nothing names it.
    """
    with engine.connect() as connection:
        return choose(connection, Filter(symbols=(symbol,))).securities or ()


def newest_mention(
    engine: Engine, ids: Collection[int], before: datetime, as_of: datetime | None = None
) -> datetime | None:
    """The newest time of publishing, up to a moment, of what names a security."""
    with engine.connect() as connection:
        query = _naming(ids, as_of).where(Mention.published_at <= before)
        query = query.order_by(Mention.published_at.desc(), Mention.revision_id.desc())
        row = connection.execute(query.limit(1)).first()
    return None if row is None else row.published_at


def _naming(ids: Collection[int], as_of: datetime | None) -> Select[*tuple[Any, ...]]:
    """Mentions of a security in readable versions."""
    query: Select[*tuple[Any, ...]] = select(Mention.published_at, Mention.revision_id)
    query = query.join(ArticleRevision, ArticleRevision.id == Mention.revision_id)
    return query.where(Mention.security_id.in_(ids), is_readable(as_of))


def mentions_per_day(engine: Engine, ids: Collection[int], span: Span) -> dict[date, int]:
    """How many articles name a security, by the day in China; days without one are left out."""
    named = _within(ids, span).distinct().subquery()
    day = china_day(engine, named.c.published_at)
    query = select(day, func.count()).group_by(day).order_by(day)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return {date.fromisoformat(str(found)): number for found, number in rows}


def _within(ids: Collection[int], span: Span) -> Select[*tuple[Any, ...]]:
    query = _naming(ids, span.as_of)
    return query.where(Mention.published_at >= span.begin, Mention.published_at < span.end)


def named_beside(
    engine: Engine, ids: Collection[int], span: Span, limit: int = 12
) -> list[NamedSecurity]:
    """What the newest articles of a span (`LATEST_NAMING` of them) name beside a security.

    The most frequent first. Names inside longer words are left out: probably no mentions.
    """
    newest = _within(ids, span).distinct()
    newest = newest.order_by(Mention.published_at.desc(), Mention.revision_id.desc())
    among = newest.limit(LATEST_NAMING).subquery()
    query = _counted(among).where(Mention.security_id.not_in(ids)).limit(limit)
    with engine.connect() as connection:
        return _named(connection, query)


def lively_securities(engine: Engine, limit: int = 200) -> list[NamedSecurity]:
    """What the mentions that became known last name, the most frequent first."""
    newest = select(Mention.revision_id).order_by(Mention.revision_id.desc())
    among = newest.limit(_LATEST_MENTIONS).distinct().subquery()
    with engine.connect() as connection:
        return _named(connection, _counted(among).limit(limit))


def securities_by_code(engine: Engine, code: str, limit: int) -> list[NamedSecurity]:
    """Securities that have or had a symbol with this code, whatever the exchange: `600919`."""
    if not code.isalnum():
        return []
    alias = SecurityAlias
    has_code = alias.symbol.startswith(f"{code}.", autoescape=True)
    with engine.connect() as connection:
        ids = connection.execute(select(alias.security_id).where(has_code).limit(limit)).scalars()
        query = select(Security.key, Security.asset_class).where(Security.id.in_(list(ids)))
        rows = connection.execute(query.order_by(Security.id)).all()
    return [NamedSecurity(**row._asdict(), name=None, articles=0) for row in rows]


def _counted(among: Subquery) -> Select[*tuple[Any, ...]]:
    number = func.count(Mention.revision_id.distinct())
    columns = (Mention.security_id, number.label("articles"), func.max(Mention.surface))
    query: Select[*tuple[Any, ...]] = select(*columns)
    query = query.join(among, among.c.revision_id == Mention.revision_id)
    query = query.where(Mention.inside_word.is_(False)).group_by(Mention.security_id)
    return query.order_by(number.desc(), Mention.security_id)


def _named(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[NamedSecurity]:
    rows: Sequence[Any] = connection.execute(query).all()
    ids = [row.security_id for row in rows]
    facts = select(Security.id, Security.key, Security.asset_class).where(Security.id.in_(ids))
    by_id = {row.id: row for row in connection.execute(facts)}
    return [
        NamedSecurity(
            key=by_id[number].key,
            asset_class=by_id[number].asset_class,
            name=name,
            articles=articles,
        )
        for number, articles, name in rows
    ]
