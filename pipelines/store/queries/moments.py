"""What could be read at a moment."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, ScalarSelect, and_, func, or_, select

from finews_crawler.errors import QueryError
from pipelines.store.clock import database_now, wait_for_writers
from pipelines.store.engine import writing
from pipelines.store.models import ArticleRevision, Clock, StoryMember


def known_until(engine: Engine) -> datetime:
    """The newest moment at which something became readable.

    Note it beside what you have read: `as_of` this moment gives exactly that, for ever.
    """
    with engine.connect() as connection:
        return connection.execute(select(Clock.at)).scalar_one()


def settle(engine: Engine, as_of: datetime | None) -> None:
    """Make sure that nothing more can become known as of a moment; None is now.

    A writer that has taken its time may not have committed yet; it is waited for. Everything that
    comes after has a later time.

    Raises:
        QueryError: the database has not come so far yet.
    """
    if as_of is None or as_of <= known_until(engine):
        return
    waiting = writing(engine) if engine.dialect.name == "sqlite" else engine
    with waiting.begin() as connection:
        wait_for_writers(connection, shared=True)
        _check_past(connection, as_of)


def _check_past(connection: Connection, as_of: datetime) -> None:
    now = max(database_now(connection), connection.execute(select(Clock.at)).scalar_one())
    if as_of > now:
        raise QueryError(f"as_of {as_of.isoformat()} lies ahead of the database, which is at {now}")


def is_readable(as_of: datetime | None) -> ColumnElement[bool]:
    """The condition that a revision is the one that could be read; None is now."""
    return _spans(ArticleRevision.seen_at, ArticleRevision.superseded_at, as_of)


def newest_known(as_of: datetime) -> ScalarSelect[int]:
    """The highest number of a revision that was known at a moment; null before the first.

    Numbers and times are given out together and grow together (`pipelines.store.clock`). Indexes
    hold the number: what came later is passed over without being fetched.
    """
    last = select(func.max(ArticleRevision.seen_at)).where(ArticleRevision.seen_at <= as_of)
    of_last = ArticleRevision.seen_at == last.scalar_subquery()
    return select(func.max(ArticleRevision.id)).where(of_last).scalar_subquery()


def is_member(member: type[StoryMember], as_of: datetime | None) -> ColumnElement[bool]:
    """The condition that an article belonged to a story; None is now."""
    return _spans(member.seen_at, member.left_at, as_of)


def _spans(begin: Any, end: Any, as_of: datetime | None) -> ColumnElement[bool]:
    if as_of is None:
        over: ColumnElement[bool] = end.is_(None)
        return over
    return and_(begin <= as_of, or_(end.is_(None), end > as_of))
