"""Rows of versions made whole: what hangs on them is read at once for many.

Values come as the driver gives them and are mended here: on a million rows, a type's own reading of
every time costs as much as fetching the rows.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, select, type_coerce
from sqlalchemy.types import NULLTYPE

from finews_crawler.items import Mention as MentionItem
from pipelines.store.models import ArticleCategory, Category, Mention, Security, StoryMember
from pipelines.store.queries.filter import Chosen
from pipelines.store.queries.mentions import MentionRow
from pipelines.store.queries.moments import is_member
from pipelines.store.queries.rows import ArticleRow, readable
from pipelines.store.queries.stories import reprints

Plain = dict[str, Any]


def _names(kind: type, *without: str) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name not in without)


_ATTACHED = ("mentions", "categories", "reprints")
_ARTICLE = _names(ArticleRow, *_ATTACHED)
_WHOLE = (*_ARTICLE, *_ATTACHED, "symbols")
_MENTION = _names(MentionItem)
_NAMING = _names(MentionRow)
_OF_NAMING = ("position", "security", *_MENTION)
_OF_VERSION = ("id", *(one for one in _NAMING if one not in {"article_id", *_OF_NAMING}))
# Ids as dense as this are asked for as a span, which is read faster than one by one.
_DENSE = 2


# --- values ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _moment(text: str | None) -> datetime | None:
    """Most times are those of a batch, the same for hundreds of rows."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=512)
def _texts(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(text))


def _answer(number: int | None) -> bool | None:
    return None if number is None else bool(number)


Mends = Sequence[tuple[str, Callable[[Any], Any]]]
# PostgreSQL's driver gives times in the session's zone, UTC, answers, and JSON that is read.
_MENDS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "postgresql": {"changed": tuple},
    "sqlite": {
        "published_at": _moment,
        "first_seen_at": _moment,
        "seen_at": _moment,
        "known_late": _answer,
        "inside_word": bool,
        "changed": _texts,
    },
}


def _mends(connection: Connection, names: Sequence[str]) -> Mends:
    return [one for one in _MENDS[connection.dialect.name].items() if one[0] in names]


def _mended(names: Sequence[str], row: Sequence[Any], mends: Mends) -> Plain:
    made = dict(zip(names, row, strict=False))
    for name, mend in mends:
        made[name] = mend(made[name])
    return made


# --- columns --------------------------------------------------------------------------------------


def _raw(column: Any, name: str) -> Any:
    return type_coerce(column, NULLTYPE).label(name)


@cache
def _columns(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    query = readable()
    return query.with_only_columns(*(_raw(query.selected_columns[name], name) for name in names))


def article_columns() -> Select[*tuple[Any, ...]]:
    """What `finished_articles` takes of a version."""
    return _columns(_ARTICLE)


def naming_columns() -> Select[*tuple[Any, ...]]:
    """What `finished_mentions` takes of a version."""
    return _columns(_OF_VERSION)


# --- what hangs on them ---------------------------------------------------------------------------


def _among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    first, last = min(ids), max(ids)
    is_dense = last - first < _DENSE * len(ids)
    asked: ColumnElement[bool] = column.between(first, last) if is_dense else column.in_(ids)
    return asked


def _naming(
    connection: Connection, ids: Sequence[int], names: Sequence[str], *asked: ColumnElement[bool]
) -> Sequence[Sequence[Any]]:
    """Columns of the mentions of versions, in reading order; the version's number comes first."""
    known = {"start": Mention.start_offset, "end": Mention.end_offset, "security": Security.key}
    columns = [_raw(known.get(name, getattr(Mention, name, None)), name) for name in names]
    query = select(Mention.revision_id, *columns).where(_among(Mention.revision_id, ids), *asked)
    if "security" in names:
        query = query.join(Security, Security.id == Mention.security_id)
    return connection.execute(query.order_by(Mention.revision_id, Mention.position)).all()


def _mentions(connection: Connection, ids: Sequence[int]) -> dict[int, list[Plain]]:
    """A display is three times as fast as `dict(zip(…))`, and there are more of these than rows."""
    found: dict[int, list[Plain]] = defaultdict(list)
    for version, secid, symbol, mic, asset_class, kind, surface, start, end, inside_word in _naming(
        connection, ids, _MENTION
    ):
        found[version].append(
            {
                "secid": secid,
                "symbol": symbol,
                "mic": mic,
                "asset_class": asset_class,
                "kind": kind,
                "surface": surface,
                "start": start,
                "end": end,
                "inside_word": bool(inside_word),
            }
        )
    return found


def _categories(connection: Connection, ids: Sequence[int], chosen: Chosen) -> dict[int, list[str]]:
    link = ArticleCategory
    query = select(link.article_id, Category.slug).join(Category, Category.id == link.category_id)
    query = query.where(_among(link.article_id, ids), link.first_seen_at <= chosen.wanted.as_of)
    found: dict[int, list[str]] = defaultdict(list)
    for number, slug in connection.execute(query).all():
        found[number].append(slug)
    return found


def _reprints(connection: Connection, ids: Sequence[int], chosen: Chosen) -> dict[int, list[Plain]]:
    as_of = chosen.wanted.as_of
    query = select(StoryMember.article_id).where(_among(StoryMember.article_id, ids))
    members = connection.execute(query.where(is_member(StoryMember, as_of))).scalars().all()
    found = reprints(connection, members, as_of) if members else {}
    return {number: [asdict(one) for one in others] for number, others in found.items()}


# --- rows -----------------------------------------------------------------------------------------


def finished_articles(
    connection: Connection, rows: Sequence[Row[Any]], chosen: Chosen
) -> list[Plain]:
    """The fields of `ArticleRow` and its symbols, of rows of `article_columns`."""
    mends = _mends(connection, _ARTICLE)
    ids = [row.id for row in rows]
    mentions = _mentions(connection, [row.revision_id for row in rows])
    categories = _categories(connection, ids, chosen)
    others = _reprints(connection, ids, chosen)
    found = []
    for row in rows:
        named = mentions.get(row.revision_id, ())
        symbols = tuple(dict.fromkeys([one["symbol"] or one["secid"] for one in named]))
        attached = (
            tuple(named),
            tuple(sorted(categories.get(row.id, ()))),
            tuple(others.get(row.id, ())),
            symbols,
        )
        found.append(_mended(_WHOLE, (*row[: len(_ARTICLE)], *attached), mends))
    return found


def finished_mentions(
    connection: Connection, rows: Sequence[Row[Any]], chosen: Chosen
) -> list[Plain]:
    """The fields of `MentionRow`, of rows of `naming_columns`."""
    mends, of_naming = _mends(connection, _OF_VERSION), _mends(connection, _OF_NAMING)
    versions = {row.revision_id: _mended(_OF_VERSION, row, mends) for row in rows}
    asked = () if chosen.securities is None else (Mention.security_id.in_(chosen.securities),)
    found: dict[int, list[Plain]] = defaultdict(list)
    for version, *values in _naming(connection, list(versions), _OF_NAMING, *asked):
        if version in versions:
            found[version].append(_mended(_OF_NAMING, values, of_naming))
    in_order = itemgetter(*_NAMING)
    return [
        dict(zip(_NAMING, in_order({"article_id": one["id"], **one, **mention}), strict=True))
        for version, one in versions.items()
        for mention in found[version]
    ]
