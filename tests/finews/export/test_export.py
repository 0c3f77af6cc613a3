"""`finews export`: every form holds the same rows; what is new; partitions; faults."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
import zstandard

from finews.reader.plain import plain_row
from pipelines.store.engine import newest_schema, open_engine
from pipelines.store.queries import Filter, stream_articles, stream_mentions
from tests.finews.filling import (
    BANK,
    BANK_ARTICLE,
    CONTRACT,
    CONTRACT_ARTICLE,
    NOTICE,
    START,
    filled,
    written,
)
from tests.finews.running import Run, json_lines, runner

Lines = list[dict[str, Any]]


@pytest.fixture
def url(database_url: str) -> str:
    filled(database_url)
    return database_url


@pytest.fixture
def run(url: str) -> Run:
    return runner(url)


def expected(url: str, **wanted: Any) -> Lines:
    engine = open_engine(url)
    rows = [plain_row(row) for row in stream_articles(engine, Filter(**wanted))]
    engine.dispose()
    return rows


def exported(run: Run, out: Path, *words: str, form: str = "jsonl") -> dict[str, Any]:
    (told,) = json_lines(run("export", *words, "--format", form, "--out", str(out), "--json"))
    return told


def lines(path: Path) -> Lines:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- forms ----------------------------------------------------------------------------------------


def test_json_lines_are_the_rows_of_the_reader(run: Run, url: str, tmp_path: Path) -> None:
    told = exported(run, tmp_path / "a.jsonl")
    assert lines(tmp_path / "a.jsonl") == expected(url)
    assert (told["rows"], told["files"], told["out"]) == (3, 1, str(tmp_path / "a.jsonl"))


def test_mentions_are_the_rows_of_the_reader(run: Run, url: str, tmp_path: Path) -> None:
    exported(run, tmp_path / "m.jsonl", "mentions", "--symbol", "600919.SH")
    engine = open_engine(url)
    rows = stream_mentions(engine, Filter(symbols=("600919.SH",)))
    assert lines(tmp_path / "m.jsonl") == [plain_row(row) for row in rows]
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("revisions", [BANK, CONTRACT, None, BANK]),
        ("changes", [BANK, CONTRACT, None, BANK, CONTRACT, BANK]),
    ],
)
def test_versions_and_changes(
    run: Run, tmp_path: Path, table: str, codes: list[str | None]
) -> None:
    exported(run, tmp_path / "a.jsonl", table)
    assert [row["code"] for row in lines(tmp_path / "a.jsonl")] == codes


def test_a_spreadsheet_finds_its_mark_and_the_texts_whole(run: Run, tmp_path: Path) -> None:
    exported(run, tmp_path / "a.csv", form="csv")
    whole = (tmp_path / "a.csv").read_bytes()
    assert whole.startswith(b"\xef\xbb\xbfid,identity,code,")
    rows = list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"), newline="")))
    by_code = {row["code"]: row for row in rows}
    assert by_code[BANK]["body_text"] == BANK_ARTICLE.body_text
    assert by_code[BANK]["published_at"] == "2022-06-14T09:30:00+08:00"
    assert json.loads(by_code[BANK]["categories"]) == ["cailianshe", "emnews"]
    assert [one["secid"] for one in json.loads(by_code[BANK]["mentions"])] == ["1.600919"] * 2
    assert (by_code[""]["identity"], by_code[""]["published_at"]) == (NOTICE, "")


def test_parquet_has_types_and_says_what_it_is(run: Run, url: str, tmp_path: Path) -> None:
    told = exported(run, tmp_path / "a.parquet", form="parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.field("published_at").type == pa.timestamp("us", "Asia/Shanghai")
    assert pa.types.is_struct(table.schema.field("mentions").type.value_type)
    assert [row["code"] for row in table.to_pylist()] == [CONTRACT, None, BANK]
    bank = table.to_pylist()[-1]
    (link, _) = bank["mentions"]
    assert bank["body_text"][link["start"] : link["end"]] == link["surface"]
    assert bank["published_at"] == START
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert metadata["finews.schema"] == newest_schema()
    assert metadata["finews.next"] == str(told["next"])
    assert metadata["finews.table"] == "articles"


def test_zstd(run: Run, url: str, tmp_path: Path) -> None:
    for name, words in (("a.jsonl.zst", ()), ("a", ("--zstd",))):
        exported(run, tmp_path / name, *words)
        with (
            (tmp_path / name).open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as reader,
        ):
            text = reader.read().decode("utf-8")
        assert [json.loads(line) for line in text.splitlines()] == expected(url)


def test_standard_output_carries_rows_and_nothing_else(run: Run, url: str) -> None:
    result = run("export", "--format", "jsonl", "--out", "-", "--symbol", "600919.SH")
    assert result.exit_code == 0
    assert result.stderr.startswith("1 rows as jsonl to standard output, as of 2022-06-14T09:30:00")
    assert result.stderr.endswith(" Next: --after 7\n")
    assert [json.loads(line) for line in result.stdout.splitlines()] == expected(
        url, symbols=("600919.SH",)
    )


# --- what is new ----------------------------------------------------------------------------------


def test_only_what_is_new_each_article_once(run: Run, url: str, tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "new.jsonl"
    first = exported(run, out, "--state", str(state))
    assert (first["rows"], json.loads(state.read_text())["next"]) == (3, 7)
    written(url, [replace(BANK_ARTICLE, title="改了")], [replace(BANK_ARTICLE, title="又改了")])
    second = exported(run, out, "--state", str(state))
    assert [(row["title"], row["revision"]) for row in lines(out)] == [("又改了", 4)]
    assert (second["rows"], json.loads(state.read_text())["next"]) == (1, second["next"])
    before = out.stat().st_mtime_ns
    third = run("export", "--out", str(out), "--state", str(state))
    assert (third.exit_code, out.stat().st_mtime_ns) == (1, before)
    assert "no file was changed" in third.stderr


def test_as_of_a_moment_later_versions_are_not_there(run: Run, url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    first = min(row.first_seen_at for row in stream_articles(engine))
    engine.dispose()
    exported(run, tmp_path / "a.jsonl", "--as-of", first.isoformat())
    titles = {row["code"]: row["title"] for row in lines(tmp_path / "a.jsonl")}
    assert titles[BANK] == "江苏银行将公布业绩"


# --- partitions -----------------------------------------------------------------------------------


def parts(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jsonl"))


def test_a_folder_with_a_file_for_each_day_in_china(run: Run, url: str, tmp_path: Path) -> None:
    late = datetime(2022, 6, 14, 17, tzinfo=UTC)  # the 15th in China
    written(url, [replace(CONTRACT_ARTICLE, title="改了", published_at=late)])
    news = tmp_path / "news"
    told = exported(run, news, "--partition-by", "day")
    number = f"{told['next']:012}"
    assert parts(news) == [
        f"day=2022-06-14/part-{number}.jsonl",
        f"day=2022-06-15/part-{number}.jsonl",
        f"day=unknown/part-{number}.jsonl",
    ]
    codes = [row["code"] for name in parts(news) for row in lines(news / name)]
    assert codes == [BANK, CONTRACT, None]


def test_what_is_new_is_added_and_a_whole_export_takes_the_place_of_all(
    run: Run, url: str, tmp_path: Path
) -> None:
    news = tmp_path / "news"
    words = ("--partition-by", "month")
    with_state = (*words, "--state", str(tmp_path / "state"))
    first = exported(run, news, *with_state)["next"]
    written(url, [replace(BANK_ARTICLE, title="改了")])
    second = exported(run, news, *with_state)["next"]
    old, new = f"part-{first:012}.jsonl", f"part-{second:012}.jsonl"
    added = [f"month=2022-06/{old}", f"month=2022-06/{new}", f"month=unknown/{old}"]
    assert parts(news) == added
    assert [row["title"] for row in lines(news / f"month=2022-06/{new}")] == ["改了"]
    exported(run, news, *words)
    assert parts(news) == [f"month=2022-06/{new}", f"month=unknown/{new}"]


# --- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--out", "-", "--partition-by", "day"), "--partition-by needs a folder; - is none"),
        (("--out", "x", "--after", "3", "--state", "s"), "the state holds the number"),
        (("--out", "x", "--as-of", "2099-01-01"), "lies ahead of the database"),
        (("--out", "/proc/nothing/a"), "/proc/nothing/a cannot be written"),
        (("--out", "x", "--symbol", "600919"), "is no symbol"),
    ],
)
def test_a_fault_is_one_line(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("export", "--format", "jsonl", *words)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert told in result.stderr
    assert list(tmp_path.glob("x*")) == []


def test_a_reader_that_has_seen_enough_ends_it_quietly(url: str) -> None:
    command = [sys.executable, "-m", "finews", "export", "--format", "jsonl", "--out", "-"]
    process = subprocess.Popen(
        [*command, "--database", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert "Traceback" not in told
