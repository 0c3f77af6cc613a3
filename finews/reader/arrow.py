"""Rows as Arrow columns: one schema for the Python API and the exports.

Times are instants, `timestamp[us, tz=Asia/Shanghai]`: kept in UTC, shown as China's clocks.
`pyarrow` is imported when it is first used.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from functools import cache
from itertools import accumulate, chain, islice
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from finews.reader.columns import columns, value_of
from finews.reader.extras import extra
from finews_crawler.items import SHANGHAI
from pipelines.store.queries import ArticleRow, ChangeRow, Hit, MentionRow, StoryRow

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

    ARTICLE_SCHEMA: pa.Schema
    REVISION_SCHEMA: pa.Schema
    MENTION_SCHEMA: pa.Schema
    CHANGE_SCHEMA: pa.Schema
    STORY_SCHEMA: pa.Schema
    HIT_SCHEMA: pa.Schema

ROWS = 5_000
"""Rows of a batch."""

_FOUND = {"score": float, "snippet": str, **columns(ArticleRow)}
TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "article": columns(ArticleRow),
        "revision": columns(ArticleRow),
        "mention": columns(MentionRow),
        "change": columns(ChangeRow),
        "story": columns(StoryRow),
        "hit": MappingProxyType(_FOUND),
    }
)
"""Name of a table -> its columns, each with its Python type."""

_SCALARS: Mapping[type, tuple[str, tuple[str, ...]]] = {
    str: ("string", ()),
    bool: ("bool_", ()),
    int: ("int64", ()),
    float: ("float64", ()),
    date: ("date32", ()),
    datetime: ("timestamp", ("us", SHANGHAI.key)),
}


def arrow() -> Any:
    """The package pyarrow.

    Raises:
        MissingExtraError: it is not installed.
    """
    return extra("pyarrow", "arrow")


def _type(hint: Any) -> "pa.DataType":
    """The Arrow type of a Python one: lists of tuples, structs of dataclasses."""
    pa = arrow()
    if get_origin(hint) is tuple:
        return pa.list_(_type(get_args(hint)[0]))
    inner = next((one for one in get_args(hint) if one is not NoneType), None)
    if inner is not None:  # a choice of texts, or what may be None
        return _type(type(inner) if isinstance(inner, str) else inner)
    if is_dataclass(hint):
        return pa.struct([pa.field(*one) for one in _fields(columns(hint))])
    name, given = _SCALARS[hint]
    return getattr(pa, name)(*given)


def _fields(given: Mapping[str, Any]) -> list[tuple[str, "pa.DataType"]]:
    return [(name, _type(hint)) for name, hint in given.items()]


@cache
def schema(table: str) -> "pa.Schema":
    """The schema of a table of `TABLES`.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    return arrow().schema(_fields(TABLES[table]), metadata={"finews.table": table})


def __getattr__(name: str) -> Any:
    """`ARTICLE_SCHEMA` and its like, made when they are first used."""
    table = name.removesuffix("_SCHEMA").lower()
    if name != f"{table.upper()}_SCHEMA" or table not in TABLES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return schema(table)


def _array(values: list[Any], kind: "pa.DataType") -> "pa.Array":
    """A column; lists and structs by their parts, which is faster than object by object."""
    pa = arrow()
    if pa.types.is_list(kind):
        offsets = pa.array([0, *accumulate(map(len, values))], pa.int32())
        inner = _array(list(chain.from_iterable(values)), kind.value_type)
        return pa.ListArray.from_arrays(offsets, inner, type=kind)
    if pa.types.is_struct(kind):
        parts = [_array([value_of(one, part.name) for one in values], part.type) for part in kind]
        return pa.StructArray.from_arrays(parts, fields=list(kind))
    return pa.array(values, kind)


def batch(rows: list[Any], asked: "pa.Schema") -> "pa.RecordBatch":
    """Rows (objects, or mappings with the same names) as one batch of a schema."""
    arrays = [_array([value_of(row, one.name) for row in rows], one.type) for one in asked]
    return arrow().RecordBatch.from_arrays(arrays, schema=asked)


def batches(
    rows: Iterable[Any], asked: "pa.Schema", size: int = ROWS
) -> Iterator["pa.RecordBatch"]:
    """Rows as batches of a schema, `size` rows in each; no more are in memory at a time."""
    left = iter(rows)
    while part := list(islice(left, size)):
        yield batch(part, asked)


def flat_hit(hit: Hit) -> dict[str, Any]:
    """What a search found as a row of `HIT_SCHEMA`."""
    found = {name: getattr(hit.article, name) for name in columns(ArticleRow)}
    return {"score": hit.score, "snippet": "".join(one.text for one in hit.snippet), **found}
