"""Rows of versions made whole: what hangs on them is read at once for many.

Values come as the driver gives them and are mended here: on a million rows, a type's own reading of
every time costs as much as fetching the rows, and so does SQLAlchemy's `Row` around each.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, select

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
ARTICLE = _names(ArticleRow, *_ATTACHED)
"""What `finished_articles` takes of a version."""
_ROOM = (*_ATTACHED, "symbols")
_MENTION = _names(MentionItem)
_NAMING = _names(MentionRow)
_OF_NAMING = ("position", "security", *_MENTION)
OF_VERSION = ("id", *(one for one in _NAMING if one not in {"article_id", *_OF_NAMING}))
"""What `finished_mentions` takes of a version."""
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


# PostgreSQL's driver gives times in the session's zone, UTC, answers, and JSON that is read.
_MENDS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "postgresql": {"changed": tuple},
    "sqlite": {
        "published_at": _moment,
        "first_seen_at": _moment,
        "seen_at": _moment,
        "archived_at": _moment,
        "known_late": _answer,
        "inside_word": bool,
        "changed": _texts,
    },
}


def _made(
    connection: Connection, rows: Sequence[tuple[Any, ...]], names: Sequence[str], room: int = 0
) -> list[Plain]:
    """Rows by name; the last names are those of room that is left empty."""
    mends = [one for one in _MENDS[connection.dialect.name].items() if one[0] in names]
    empty, found = (None,) * room, []
    for row in rows:
        made = dict(zip(names, row + empty, strict=True))
        for name, mend in mends:
            made[name] = mend(made[name])
        found.append(made)
    return found


def _fetched(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    result = connection.execute(query)
    rows = list(result.cursor.fetchall())
    result.close()
    return rows


# --- versions -------------------------------------------------------------------------------------


@cache
def columns(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """Select columns of `readable` by their names."""
    query = readable()
    return query.with_only_columns(*(query.selected_columns[name] for name in names))


def versions(
    connection: Connection, query: Select[*tuple[Any, ...]], names: tuple[str, ...]
) -> list[Plain]:
    """The rows of a query of `columns`."""
    room = _ROOM if names == ARTICLE else ()  # a dict that grows later is made twice
    return _made(connection, _fetched(connection, query), (*names, *room), len(room))


# --- what hangs on them ---------------------------------------------------------------------------


def _among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    first, last = min(ids), max(ids)
    is_dense = last - first < _DENSE * len(ids)
    asked: ColumnElement[bool] = column.between(first, last) if is_dense else column.in_(ids)
    return asked


@cache
def _naming_columns(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    known = {"start": Mention.start_offset, "end": Mention.end_offset, "security": Security.key}
    found: list[Any] = [known.get(name, getattr(Mention, name, None)) for name in names]
    query = select(*found, Mention.revision_id).order_by(Mention.revision_id, Mention.position)
    return (
        query.join(Security, Security.id == Mention.security_id) if "security" in names else query
    )


def _naming(
    connection: Connection, ids: Sequence[int], names: tuple[str, ...], *asked: ColumnElement[bool]
) -> list[tuple[Any, ...]]:
    """Columns of the mentions of versions, in reading order; the version's number comes last."""
    query = _naming_columns(names).where(_among(Mention.revision_id, ids), *asked)
    return _fetched(connection, query)


def _mentions(connection: Connection, ids: Sequence[int]) -> dict[int, list[Plain]]:
    """A display is three times as fast as `dict(zip(…))`, and there are more of these than rows."""
    found: dict[int, list[Plain]] = defaultdict(list)
    for (
        secid,
        symbol,
        mic,
        asset_class,
        kind,
        surface,
        start,
        end,
        inside_word,
        version,
    ) in _naming(connection, ids, _MENTION):
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
    for number, slug in _fetched(connection, query):
        found[number].append(slug)
    return found


def _reprints(connection: Connection, ids: Sequence[int], chosen: Chosen) -> dict[int, list[Plain]]:
    as_of = chosen.wanted.as_of
    query = select(StoryMember.article_id).where(_among(StoryMember.article_id, ids))
    members = connection.execute(query.where(is_member(StoryMember, as_of))).scalars().all()
    found = reprints(connection, members, as_of) if members else {}
    return {number: [asdict(one) for one in others] for number, others in found.items()}


# --- rows -----------------------------------------------------------------------------------------


def finished_articles(connection: Connection, found: list[Plain], chosen: Chosen) -> list[Plain]:
    """The fields of `ArticleRow` and its symbols, of versions with the columns `ARTICLE`."""
    ids = [one["id"] for one in found]
    mentions = _mentions(connection, [one["revision_id"] for one in found])
    categories = _categories(connection, ids, chosen)
    others = _reprints(connection, ids, chosen)
    for one in found:
        named = mentions.get(one["revision_id"], ())
        one["mentions"] = tuple(named)
        one["categories"] = tuple(sorted(categories.get(one["id"], ())))
        one["reprints"] = tuple(others.get(one["id"], ()))
        one["symbols"] = tuple(dict.fromkeys([one["symbol"] or one["secid"] for one in named]))
    return found


def finished_mentions(connection: Connection, found: list[Plain], chosen: Chosen) -> list[Plain]:
    """The fields of `MentionRow`, of versions with the columns `OF_VERSION`."""
    asked = () if chosen.securities is None else (Mention.security_id.in_(chosen.securities),)
    rows = _naming(connection, [one["revision_id"] for one in found], _OF_NAMING, *asked)
    named = defaultdict(list)
    for one in _made(connection, rows, (*_OF_NAMING, "revision_id")):
        named[one["revision_id"]].append(one)
    in_order = itemgetter(*_NAMING)
    return [
        dict(zip(_NAMING, in_order({"article_id": one["id"], **one, **mention}), strict=True))
        for one in found
        for mention in named[one["revision_id"]]
    ]
