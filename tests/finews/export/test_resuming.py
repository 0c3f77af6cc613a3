"""From number to number: every change comes, none is lost, whoever writes meanwhile."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from finews.export import run as running
from finews.export.files import OutputError
from finews_crawler.errors import ConfigurationError
from finews_crawler.items import Article
from pipelines.store.queries import Filter, newest_change, stream_articles
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.finews.export.conftest import Export, exported, names
from tests.pipelines.store.conftest import START

Make = Callable[..., Article]


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def titles(path: Path) -> list[str]:
    return [row["title"] for row in rows_of(path)]


# --- --after --------------------------------------------------------------------------------------


def test_after_a_number_only_what_has_changed_each_article_once(
    folder: Path, run: Export, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(1), make_article(2), make_article(3)])
    first = run(folder / "1.jsonl")
    writer.write([make_article(2, title="甲")])
    writer.write([make_article(2, title="乙"), make_article(4)])
    second = run(folder / "2.jsonl", after=first.next)
    assert titles(folder / "1.jsonl") == ["第1条", "第2条", "第3条"]
    assert titles(folder / "2.jsonl") == ["乙", "第4条"]
    assert (first.after, second.after) == (None, first.next)


def test_nothing_new_changes_no_file(
    folder: Path, run: Export, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(1)])
    first = run(folder / "news.jsonl")
    second = run(folder / "news.jsonl", after=first.next)
    assert (second.rows, second.files, second.next) == (0, 0, first.next)
    assert titles(folder / "news.jsonl") == ["第1条"]


def test_an_export_as_of_a_moment_goes_on_from_that_moment(
    *, folder: Path, run: Export, writer: Writer, make_article: Make, engine: Engine, clock: Any
) -> None:
    writer.write([make_article(1)])
    clock.forward(hours=2)
    writer.write([make_article(2)])
    early = Filter(as_of=START + timedelta(hours=1))
    first = run(folder / "1.jsonl", wanted=early)
    second = run(folder / "2.jsonl", after=first.next)
    assert (titles(folder / "1.jsonl"), titles(folder / "2.jsonl")) == (["第1条"], ["第2条"])
    assert second.next == newest_change(engine)
    assert run(folder / "3.jsonl", wanted=early, after=second.next).next == second.next


# --- --state --------------------------------------------------------------------------------------


def test_a_state_goes_on_by_itself(
    folder: Path, run: Export, writer: Writer, make_article: Make
) -> None:
    given = {"state": folder / "state"}
    writer.write([make_article(1)])
    first = run(folder / "news-{after}.jsonl", **given)
    writer.write([make_article(2)])
    second = run(folder / "news-{after}.jsonl", **given)
    third = run(folder / "news-{after}.jsonl", **given)
    assert (first.out, second.out) == (
        str(folder / "news-0.jsonl"),
        str(folder / f"news-{first.next}.jsonl"),
    )
    assert titles(Path(second.out)) == ["第2条"]
    assert (third.rows, third.next) == (0, second.next)
    assert names(folder) == sorted(["state", *(Path(one.out).name for one in (first, second))])
    assert json.loads((folder / "state").read_text()) == {"table": "articles", "next": third.next}


def test_a_run_that_dies_before_the_state_is_kept_is_repeated(
    folder: Path,
    run: Export,
    writer: Writer,
    make_article: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer.write([make_article(1)])
    out = folder / "news-{after}.jsonl"
    given: dict[str, Any] = {"state": folder / "state"}

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running, "save_state", dies)
        with pytest.raises(KeyboardInterrupt):
            run(out, **given)
    writer.write([make_article(2)])
    run(out, **given)
    assert titles(folder / "news-0.jsonl") == ["第1条", "第2条"]
    assert names(folder) == ["news-0.jsonl", "state"]


def test_what_a_filter_leaves_out_is_not_looked_at_again(
    folder: Path, run: Export, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(1)])
    given = {"state": folder / "state", "wanted": Filter(sources=("新华社",))}
    done = run(folder / "news.jsonl", **given)
    assert done.rows == 0
    assert run(folder / "news.jsonl", **given).after == done.next
    assert names(folder) == ["state"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"table": "mentions", "next": 1}', "an export of mentions, not of articles"),
        ('{"table": "articles", "next": -1}', "is no state of an export"),
        ("[]", "is no state of an export"),
        ("4711", "is no state of an export"),
        ("", "is no state of an export"),
    ],
)
def test_a_state_that_is_none(folder: Path, run: Export, content: str, message: str) -> None:
    (folder / "state").write_text(content)
    with pytest.raises(OutputError, match=message):
        run(folder / "news.jsonl", state=folder / "state")


def test_what_does_not_go_together(folder: Path, run: Export) -> None:
    with pytest.raises(ConfigurationError, match="the state holds the number"):
        run(folder / "news.jsonl", state=folder / "state", after=1)
    with pytest.raises(ConfigurationError, match="needs a file"):
        run("-", state=folder / "state")
    with pytest.raises(ConfigurationError, match="needs a folder"):
        run("-", partition="day")


# --- with writers beside it -----------------------------------------------------------------------


def written(engine: Engine, make: Make, first: int, count: int) -> None:
    """Articles one by one, some of them revised at once."""
    run = start_run(engine, "category", {}, START)
    writer = Writer(engine, run, timedelta(days=1))
    for number in range(first, first + count):
        writer.write([make(number)])
        if number % 3 == 0:
            writer.write([replace(make(number), title=f"改第{number}条")])


def test_no_article_is_lost_between_runs_while_others_write(
    folder: Path, engine: Engine, make_article: Make
) -> None:
    newest: dict[int, dict[str, Any]] = {}
    out = folder / "news-{after}.jsonl"
    given: dict[str, Any] = {"state": folder / "state"}

    def follow() -> int:
        done = exported(engine, out, **given)
        if done.rows:
            rows = rows_of(Path(done.out))
            assert len({row["id"] for row in rows}) == len(rows)
            newest.update({row["id"]: row for row in rows})
        return done.rows

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(written, engine, make_article, first, 20) for first in (1, 101)]
        runs = 0
        while not all(one.done() for one in writers):
            runs += bool(follow())
        for one in writers:
            one.result()
    follow()
    expected = {row.id: row.title for row in stream_articles(engine)}
    assert {number: row["title"] for number, row in newest.items()} == expected
    assert len(expected) == 40
    assert runs > 0
