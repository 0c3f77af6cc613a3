"""Rows as frames: typed columns, times with their zone, mentions as lists of structs."""

import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import finews
from finews.reader import arrow
from finews.reader.columns import columns, value_of
from finews.reader.reader import Reader
from pipelines.store.queries import ArticleRow, MentionRow
from tests.finews.filling import BANK, START

LISTS: dict[str, Callable[[Reader], finews.Rows[Any]]] = {
    "article": lambda reader: reader.articles(),
    "revision": lambda reader: reader.revisions(),
    "mention": lambda reader: reader.mentions(),
    "change": lambda reader: reader.changes(),
    "story": lambda reader: reader.stories(),
    "hit": lambda reader: reader.search("业绩"),
}
CHINA = pa.timestamp("us", tz="Asia/Shanghai")


# --- the schema -----------------------------------------------------------------------------------


def test_columns_are_the_fields_of_rows_in_their_order() -> None:
    named = [one.name for one in fields(ArticleRow)]
    assert list(columns(ArticleRow)) == [*named, "symbols"]
    assert arrow.ARTICLE_SCHEMA.names == [*named, "symbols"]
    assert arrow.ARTICLE_SCHEMA == arrow.REVISION_SCHEMA
    assert arrow.MENTION_SCHEMA.names == [one.name for one in fields(MentionRow)]
    assert arrow.HIT_SCHEMA.names[:3] == ["score", "snippet", "id"]


def test_the_types_of_columns() -> None:
    schema = arrow.ARTICLE_SCHEMA
    assert {schema.field(name).type for name in ("published_at", "first_seen_at", "seen_at")} == {
        CHINA
    }
    assert schema.field("id").type == pa.int64()
    assert schema.field("known_late").type == pa.bool_()
    assert schema.field("symbols").type == pa.list_(pa.string())
    mention = schema.field("mentions").type.value_type
    assert [(one.name, str(one.type)) for one in mention][-3:] == [
        ("start", "int64"),
        ("end", "int64"),
        ("inside_word", "bool"),
    ]
    member = arrow.STORY_SCHEMA.field("members").type.value_type
    assert member.field("similarity").type == pa.float64()
    assert member.field("seen_at").type == CHINA


def test_no_such_schema() -> None:
    with pytest.raises(AttributeError, match="no attribute 'NEWS_SCHEMA'"):
        arrow.__getattr__("NEWS_SCHEMA")


# --- rows as columns ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", arrow.TABLES)
def test_a_frame_says_what_the_rows_say(kept: Reader, table: str) -> None:
    rows = LISTS[table](kept)
    found = rows.to_arrow()
    assert found.schema == arrow.schema(table)
    assert found.schema.metadata == {b"finews.table": table.encode()}
    assert len(found) > 0
    objects = [arrow.flat_hit(row) if isinstance(row, finews.Hit) else row for row in rows]
    for name in found.column_names:
        told = [finews.plain_row({name: value})[name] for value in found[name].to_pylist()]
        assert told == [finews.plain_row({name: value_of(one, name)})[name] for one in objects]


@pytest.mark.parametrize("table", arrow.TABLES)
def test_an_empty_frame_has_its_columns(kept: Reader, table: str) -> None:
    rows = LISTS[table](kept)
    nothing = finews.Rows(table=table, as_of=rows.as_of, read=lambda _size: iter(()))
    assert nothing.to_arrow().schema == arrow.schema(table)
    assert list(nothing.to_pandas().columns) == arrow.schema(table).names
    assert nothing.to_polars().columns == arrow.schema(table).names


def test_mappings_are_taken_like_objects(kept: Reader) -> None:
    rows = list(kept.articles())
    plain = [
        {
            **{name: getattr(row, name) for name in columns(ArticleRow)},
            "mentions": [
                {one.name: getattr(mention, one.name) for one in fields(mention)}
                for mention in row.mentions
            ],
        }
        for row in rows
    ]
    assert arrow.batch(plain, arrow.ARTICLE_SCHEMA) == arrow.batch(rows, arrow.ARTICLE_SCHEMA)


def test_batches_are_of_a_size(kept: Reader) -> None:
    found = arrow.batches(kept.articles(), arrow.ARTICLE_SCHEMA, 2)
    assert [one.num_rows for one in found] == [2, 1]
    stream = kept.articles().to_batches()
    assert stream.schema == arrow.ARTICLE_SCHEMA
    assert stream.read_all() == kept.articles().to_arrow()


# --- pandas and polars ----------------------------------------------------------------------------


def test_pandas(kept: Reader) -> None:
    frame = kept.articles().to_pandas().set_index("code")
    assert str(frame["published_at"].dtype) == "datetime64[us, Asia/Shanghai]"
    assert frame.loc[BANK, "published_at"] == pd.Timestamp(START)
    assert str(frame.loc[BANK, "published_at"]) == "2022-06-14 09:30:00+08:00"
    assert frame["published_at"].isna().sum() == 1
    assert str(frame["known_late"].dtype) == "boolean"
    (mentions,) = frame["mentions"][frame.index == BANK]
    assert [one["surface"] for one in mentions] == ["江苏银行", None]
    assert list(frame.explode("symbols").loc[BANK:BANK, "symbols"]) == ["600919.SH"]


def test_offsets_that_are_missing_stay_whole_numbers_in_pandas(kept: Reader) -> None:
    frame = kept.mentions().to_pandas()
    assert str(frame["start"].dtype) == "Int64"
    assert list(frame["start"].dropna()) == [0]


def test_polars(kept: Reader) -> None:
    frame = kept.articles(sources="财联社").to_polars()
    assert frame.schema["published_at"] == pl.Datetime("us", "Asia/Shanghai")
    assert isinstance(frame.schema["mentions"], pl.List)
    (moment,) = frame["published_at"].dt.convert_time_zone("UTC")
    assert moment.astimezone(UTC) == START
    assert frame["mentions"].explode().struct.field("surface").to_list() == ["江苏银行", None]


# --- extras ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "form", "name"),
    [
        ("pyarrow", "to_arrow", "arrow"),
        ("pyarrow", "to_batches", "arrow"),
        ("pyarrow", "to_pandas", "pandas"),
        ("pandas", "to_pandas", "pandas"),
        ("polars", "to_polars", "polars"),
        ("pyarrow", "to_polars", "polars"),
    ],
)
def test_an_extra_that_is_missing_is_named(
    kept: Reader, monkeypatch: pytest.MonkeyPatch, missing: str, form: str, name: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    arrow.schema.cache_clear()
    told = rf"{missing} is not installed; install it by: pip install 'finews\[{name}\]'"
    with pytest.raises(finews.MissingExtraError, match=told):
        getattr(kept.articles(), form)()
