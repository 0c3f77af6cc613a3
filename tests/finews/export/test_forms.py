"""Each format, read back with the programs that people read it with."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews.export import parquet
from finews.export.csv import guarded, unguarded
from finews.export.forms import form_of
from finews.export.tables import TABLES, About
from finews.reader.arrow import schema
from finews.reader.plain import plain_row
from finews_crawler.errors import ConfigurationError
from finews_crawler.items import Article
from pipelines.store.engine import newest_schema
from pipelines.store.queries import (
    Filter,
    feed,
    stream_articles,
    stream_mentions,
    stream_revisions,
)
from pipelines.store.writer import Writer
from tests.finews.export.conftest import Export
from tests.pipelines.store.conftest import START

Make = Callable[..., Article]
LISTS: dict[str, Callable[[Engine], Any]] = {
    "articles": stream_articles,
    "mentions": stream_mentions,
    "revisions": stream_revisions,
    "changes": lambda engine: feed(engine, 0, 100, Filter()).changes,
}
TRICKY = '=1+1, "quoted"\r\nsecond line，逗号'


@pytest.fixture
def rows(engine: Engine, writer: Writer, make_article: Make) -> Callable[[str], list[Any]]:
    """The rows that an export must hold: a revision, an article without a time, a formula."""
    undated = replace(
        make_article(2), published_at=None, published_precision=None, published_quality="missing"
    )
    tricky = replace(make_article(3), title=TRICKY, digest="'-5%", source=None, mentions=())
    writer.write([make_article(1), undated, tricky])
    writer.write([make_article(1, title="改过")])
    return lambda table: [plain_row(row) for row in LISTS[table](engine)]


# --- JSON Lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_json_lines_are_the_rows(
    tmp_path: Path, run: Export, rows: Callable[[str], list[Any]], table: str
) -> None:
    done = run(tmp_path / "news.jsonl", table)
    lines = (tmp_path / "news.jsonl").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == rows(table)
    assert (done.rows, done.files, done.format) == (len(lines), 1, "jsonl")


def test_compressed_lines(tmp_path: Path, run: Export, rows: Callable[[str], list[Any]]) -> None:
    run(tmp_path / "news.jsonl.zst")
    packed = (tmp_path / "news.jsonl.zst").read_bytes()
    with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
        lines = reader.read().splitlines()
    assert [json.loads(line) for line in lines] == rows("articles")
    assert pl.read_ndjson(lines[0])["title"].to_list() == [rows("articles")[0]["title"]]


# --- CSV ------------------------------------------------------------------------------------------


def cell(value: Any) -> str:
    """What a reader must find in a cell."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("table", TABLES)
def test_csv_is_the_rows(
    tmp_path: Path, run: Export, rows: Callable[[str], list[Any]], table: str
) -> None:
    run(tmp_path / "news.csv", table)
    text = (tmp_path / "news.csv").read_bytes().decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    expected = rows(table)
    assert head == list(expected[0])
    assert [list(map(unguarded, line)) for line in lines] == [
        [cell(value) for value in row.values()] for row in expected
    ]


def test_csv_as_a_spreadsheet_wants_it(
    tmp_path: Path, run: Export, rows: Callable[[str], list[Any]]
) -> None:
    run(tmp_path / "news.csv")
    written = (tmp_path / "news.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfid,identity,")
    assert written.endswith(b"\r\n")
    frame = pd.read_csv(tmp_path / "news.csv", dtype=str)
    assert list(frame["title"]) == ["第2条", f"'{TRICKY}", "改过"]
    assert frame["digest"].tolist() == ["摘要", "''-5%", "摘要"]
    assert frame["published_at"].tolist()[2] == "2022-06-14T17:59:00+08:00"
    assert frame["code"].tolist() == [row["code"] for row in rows("articles")]


@given(st.text(st.sampled_from("'=+-@\t\r\n＝＋－＠a,\"中")))
def test_no_cell_is_a_formula_and_every_text_comes_back(text: str) -> None:
    assert guarded(text)[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert unguarded(guarded(text)) == text


# --- Parquet --------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_parquet_is_the_rows(
    tmp_path: Path, run: Export, rows: Callable[[str], list[Any]], table: str
) -> None:
    run(tmp_path / "news.parquet", table)
    found = pq.read_table(tmp_path / "news.parquet")
    assert found.schema.equals(schema(TABLES[table].schema))
    assert [plain_row(row) for row in found.to_pylist()] == rows(table)


def test_parquet_says_what_it_is_of(
    tmp_path: Path, run: Export, rows: Callable[[str], list[Any]]
) -> None:
    done = run(tmp_path / "news.parquet", after=1)
    assert rows("articles")
    told = pq.read_metadata(tmp_path / "news.parquet").metadata
    assert {key: value for key, value in told.items() if key.startswith(b"finews.")} == {
        b"finews.table": b"articles",
        b"finews.schema": newest_schema().encode(),
        b"finews.as_of": done.as_of.isoformat().encode(),
        b"finews.after": b"1",
        b"finews.next": str(done.next).encode(),
    }


def test_parquet_for_polars_and_pandas(
    tmp_path: Path, run: Export, rows: Callable[[str], list[Any]]
) -> None:
    run(tmp_path / "news.parquet")
    expected = rows("articles")
    polars, frame = (read(tmp_path / "news.parquet") for read in (pl.read_parquet, pd.read_parquet))
    assert polars["mentions"].list.len().to_list() == [2, 0, 2]
    assert polars["published_at"].dtype == pl.Datetime("us", "Asia/Shanghai")
    assert list(frame["title"]) == [row["title"] for row in expected]
    assert [list(one) for one in frame["categories"]] == [row["categories"] for row in expected]


def test_row_groups_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet, "GROUP_BYTES", 4_000)
    out = io.BytesIO()
    about = About(table=TABLES["changes"], database_schema="1", as_of=START, after=None, next=1)
    writer = parquet.Parquet(out, about)
    change = dict.fromkeys(TABLES["changes"].columns) | {"kind": "new", "committed_at": START}
    for number in range(100):
        writer.write([{**change, "seq": number}])
    writer.close()
    file = pq.ParquetFile(pa.BufferReader(out.getvalue()))
    groups = [file.metadata.row_group(one) for one in range(file.num_row_groups)]
    assert len(groups) > 1
    assert {one.column(0).compression for one in groups} == {"ZSTD"}
    assert file.read()["seq"].to_pylist() == list(range(100))


# --- which format ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "out", "zstd", "suffix"),
    [
        (None, "-", False, ".jsonl"),
        (None, "a/news.parquet", False, ".parquet"),
        (None, "news.csv.zst", False, ".csv.zst"),
        (None, "news.2022", True, ".jsonl.zst"),
        ("csv", "news.jsonl", False, ".csv"),
        ("jsonl", "news.zst", False, ".jsonl.zst"),
    ],
)
def test_the_format_of_a_name(name: str | None, out: str, zstd: bool, suffix: str) -> None:
    assert form_of(name, out, zstd).suffix == suffix


def test_parquet_is_not_compressed_twice() -> None:
    with pytest.raises(ConfigurationError, match="compressed with zstd inside"):
        form_of("parquet", "news", True)
