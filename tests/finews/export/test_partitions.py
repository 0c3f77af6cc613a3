"""A folder with a file for each day or month of publishing, in China."""

import json
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Engine

from finews.export import files, partitions
from finews.export.files import OutputError
from finews.export.tables import TABLES
from finews_crawler.items import Article
from pipelines.store.queries import stream_articles
from pipelines.store.writer import Writer
from tests.finews.export.conftest import Export, exported, names

Make = Callable[..., Article]
# The last minute of a day in China, and the first of the next; both on the 13th in UTC.
BEFORE_MIDNIGHT = datetime(2022, 6, 13, 15, 59, tzinfo=UTC)
MIDNIGHT = BEFORE_MIDNIGHT + timedelta(minutes=1)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def titles(place: Path) -> dict[str, list[str]]:
    """By file."""
    found = sorted(place.rglob("*.jsonl"))
    return {
        path.relative_to(place).as_posix(): [row["title"] for row in rows_of(path)]
        for path in found
    }


@pytest.fixture
def undated(make_article: Make) -> Article:
    return make_article(3, published_at=None, published_precision=None, published_quality="missing")


@pytest.fixture
def three(writer: Writer, make_article: Make, undated: Article) -> None:
    writer.write(
        [
            undated,
            make_article(2, published_at=MIDNIGHT),
            make_article(1, published_at=BEFORE_MIDNIGHT),
        ]
    )


@pytest.mark.usefixtures("three")
def test_a_day_is_a_day_in_china(folder: Path, run: Export) -> None:
    done = run(folder / "news", partition="day")
    number = f"{done.next:012}"
    assert titles(folder / "news") == {
        f"day=2022-06-13/part-{number}.jsonl": ["第1条"],
        f"day=2022-06-14/part-{number}.jsonl": ["第2条"],
        f"day=unknown/part-{number}.jsonl": ["第3条"],
    }
    assert (done.rows, done.files) == (3, 3)
    assert {one.partition("/")[0] for one in names(folder)} == {"news"}


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("table", TABLES)
def test_months_of_every_table_hold_all_rows(folder: Path, run: Export, table: str) -> None:
    run(folder / "whole.jsonl", table)
    run(folder / "news", table, form="jsonl", partition="month")
    parts = [row for path in (folder / "news").rglob("*.jsonl") for row in rows_of(path)]
    assert sorted(map(str, parts)) == sorted(map(str, rows_of(folder / "whole.jsonl")))
    made = {path.name for path in (folder / "news").iterdir()}
    assert made <= {"month=2022-06", "month=unknown"}


@pytest.mark.usefixtures("three")
def test_a_dataset_for_arrow(folder: Path, engine: Engine, run: Export) -> None:
    run(folder / "news", form="parquet", partition="day")
    found = ds.dataset(folder / "news", partitioning="hive").to_table()
    assert sorted(found["day"].to_pylist()) == ["2022-06-13", "2022-06-14", "unknown"]
    told = set(found["revision_id"].to_pylist())
    assert told == {row.revision_id for row in stream_articles(engine)}


@pytest.mark.usefixtures("three")
def test_an_export_of_everything_takes_the_place_of_the_one_before(
    folder: Path, run: Export, writer: Writer, make_article: Make, undated: Article
) -> None:
    run(folder / "news", partition="day")
    (folder / "news" / "notes.txt").write_text("not ours")
    dated = replace(
        undated, published_at=MIDNIGHT, published_precision="second", published_quality="stated"
    )
    writer.write([dated])
    done = run(folder / "news", partition="day")
    number = f"{done.next:012}"
    assert titles(folder / "news") == {
        f"day=2022-06-13/part-{number}.jsonl": ["第1条"],
        f"day=2022-06-14/part-{number}.jsonl": ["第2条", "第3条"],
    }
    assert {path.name for path in (folder / "news").iterdir()} == {
        "day=2022-06-13",
        "day=2022-06-14",
        "notes.txt",
    }


@pytest.mark.usefixtures("three")
def test_an_export_of_changes_adds_parts(
    folder: Path, run: Export, writer: Writer, make_article: Make
) -> None:
    first = run(folder / "news", partition="day")
    writer.write([make_article(1, published_at=BEFORE_MIDNIGHT, title="改过")])
    second = run(folder / "news", partition="day", after=first.next)
    assert second.next > first.next
    assert titles(folder / "news") == {
        f"day=2022-06-13/part-{first.next:012}.jsonl": ["第1条"],
        f"day=2022-06-13/part-{second.next:012}.jsonl": ["改过"],
        f"day=2022-06-14/part-{first.next:012}.jsonl": ["第2条"],
        f"day=unknown/part-{first.next:012}.jsonl": ["第3条"],
    }


@pytest.mark.usefixtures("three")
def test_one_file_is_open_at_a_time(
    folder: Path, run: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, most = [], []
    synced = files.synced

    def counted(path: Path) -> Any:
        context = synced(path)
        now.append(path)
        most.append(len(now))

        class Watched:
            def __enter__(self) -> Any:
                return context.__enter__()

            def __exit__(self, *given: Any) -> Any:
                now.pop()
                return context.__exit__(*given)

        return Watched()

    monkeypatch.setattr(partitions, "synced", counted)
    run(folder / "news", partition="day")
    assert most == [1, 1, 1]


@pytest.mark.usefixtures("three")
def test_a_fault_in_the_middle_changes_nothing(
    folder: Path, engine: Engine, run: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder / "news", partition="day")
    before = names(folder)

    def failing(*_: Any) -> Generator[list[dict[str, Any]], None, None]:
        yield [{"published_at": BEFORE_MIDNIGHT, "title": "甲"}]
        raise OSError(28, "No space left on device")

    broken = replace(TABLES["articles"], read=failing)
    monkeypatch.setitem(TABLES, "articles", broken)
    with pytest.raises(OutputError, match="news cannot be written: No space left on device"):
        exported(engine, folder / "news", partition="day")
    assert names(folder) == before


def test_a_file_is_no_folder(folder: Path, run: Export) -> None:
    (folder / "news.jsonl").touch()
    (folder / "news").mkdir()
    with pytest.raises(OutputError, match=r"news\.jsonl is a file"):
        run(folder / "news.jsonl", partition="day")
    with pytest.raises(OutputError, match="news is a folder"):
        run(folder / "news")
