"""Securities: what mentions point to, and how articles call it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from pipelines.store.models import Mention, Security, SecurityAlias
from pipelines.store.queries.filter import Filter, choose

NEWEST = 200
"""How many of a security's newest mentions tell its names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A symbol that a security has or had."""

    symbol: str
    since: date | None
    """First trading day under it; None: since the listing."""
    until: date | None
    """First trading day under the next one; None: valid today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRow:
    """A security as it is known now."""

    key: str
    """The newest symbol; the secid where the symbol is not certain."""
    symbol: str | None
    """Canonical; None when it is not certain."""
    secid: str
    """As the first mention printed it; others may differ."""
    mic: str | None
    asset_class: str
    first_seen_at: datetime
    aliases: tuple[Alias, ...]
    """Its symbols, the newest first."""
    names: tuple[str, ...]
    """Words that its newest mentions stand on, the most frequent first."""


def security(engine: Engine, symbol: str) -> SecurityRow | None:
    """A security by any symbol that it has had, or by its secid; None: no article names it.

    As long as two rows are not known to be one security, they are told as one.
    """
    with engine.connect() as connection:
        ids = choose(connection, Filter(symbols=(symbol,))).securities or ()
        query = select(Security.__table__).where(Security.id.in_(ids)).order_by(Security.id)
        row = connection.execute(query).first()
        return None if row is None else _told(connection, row, ids)


def securities(engine: Engine, limit: int, after: str = "") -> list[SecurityRow]:
    """List securities by their keys; `after` is the key at which the page before ended."""
    query = select(Security.__table__).where(Security.key > after).order_by(Security.key)
    with engine.connect() as connection:
        rows = connection.execute(query.limit(limit)).all()
        return [_told(connection, row, (row.id,)) for row in rows]


_COLUMNS = ("key", "symbol", "secid", "mic", "asset_class", "first_seen_at")


def _told(connection: Connection, row: Row[Any], ids: Collection[int]) -> SecurityRow:
    return SecurityRow(
        **{name: getattr(row, name) for name in _COLUMNS},
        aliases=_aliases(connection, ids),
        names=_names(connection, ids),
    )


def _aliases(connection: Connection, ids: Collection[int]) -> tuple[Alias, ...]:
    alias = SecurityAlias
    query = select(alias.symbol, alias.since, alias.until).where(alias.security_id.in_(ids))
    found = [Alias(**row._asdict()) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: one.until or date.max, reverse=True))


def _names(connection: Connection, ids: Collection[int]) -> tuple[str, ...]:
    """Of the newest mentions by the index; names inside longer words are probably none."""
    query = select(Mention.surface, Mention.inside_word).where(Mention.security_id.in_(ids))
    query = query.where(Mention.published_at.is_not(None))
    query = query.order_by(Mention.published_at.desc(), Mention.revision_id.desc())
    rows = connection.execute(query.limit(NEWEST)).all()
    counted = Counter(row.surface for row in rows if row.surface and not row.inside_word)
    return tuple(name for name, _ in counted.most_common())
