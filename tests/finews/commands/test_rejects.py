"""`finews rejects`: lists, and the pages themselves; test_rejects_retry.py has `retry`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finews.commands.rejects import rejects as rejects_group
from tests.finews.rejected import (
    ABSENT,
    GOOD,
    HEADERS,
    LISTING,
    MENDED,
    ODD,
    OTHER,
    THIRD,
    WORD,
    database_of,
    post,
    rejected,
    settled,
)
from tests.finews.running import Run, json_lines, rows, runner
from tests.finews_crawler.spiders.pages import NOT_FOUND_PAGE


@pytest.fixture
def database(tmp_path: Path) -> str:
    return database_of(tmp_path, MENDED, ABSENT, LISTING, WORD)


@pytest.fixture
def run(database: str) -> Run:
    return runner(database)


# --- list -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("rejects",), ("rejects", "list")], ids=" ".join)
def test_rejects_as_json_newest_first(run: Run, words: tuple[str, ...]) -> None:
    found = json_lines(run(*words, "--json"))
    assert [one["id"] for one in found] == [4, 3, 2, 1]
    assert found[2] == {
        "id": 2,
        "run_id": 1,
        "stage": "fetch",
        "reason": "http_404",
        "detail": "the site answered 404",
        "url": post(THIRD),
        "code": THIRD,
        "seen_at": "2022-06-14T09:30:00+08:00",
        "retried_at": None,
        "settled_at": None,
    }


def test_rejects_as_a_table(run: Run) -> None:
    heading, *lines = rows(run("rejects", "--limit", "3"))
    assert heading == ["no.", "seen", "reason", "address"]
    assert lines[-2:] == [
        ["2", "2022-06-14", "09:30", "fetch", post(THIRD)],
        ["open", "http_404", "the", "site", "answered", "404"],
    ]


def test_rejects_as_a_table_in_chinese(database: str) -> None:
    settled(database, 1)
    heading, *lines = rows(runner(database, "zh")("rejects"))
    assert heading == ["序号", "时间", "原因", "网址"]
    assert [line[0] for line in lines[1::2]] == ["未解决", "未解决", "未解决", "已解决"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param("--stage extract", [3, 1], id="stage"),
        pytest.param("--reason http_404", [2], id="reason"),
        pytest.param(f"--code {OTHER}", [1], id="digits"),
        pytest.param(f"--code nw{OTHER}", [1], id="code"),
        pytest.param("--run 1 --limit 1", [4], id="run and limit"),
        pytest.param("--run 2", [], id="another run"),
        pytest.param("--since 36500d", [4, 3, 2, 1], id="long ago"),
        pytest.param("--since 6h", [], id="not so long ago"),
        pytest.param("--open", [4, 3, 1], id="open"),
        pytest.param("--open --stage fetch", [], id="two at once"),
    ],
)
def test_filters(database: str, options: str, expected: list[int]) -> None:
    settled(database, 2)
    for words in (["rejects"], ["rejects", "list"]):
        found = json_lines(runner(database)(*words, *options.split(), "--json"))
        assert [one["id"] for one in found] == expected


def test_an_empty_list_is_told_in_words(run: Run) -> None:
    result = run("rejects", "--reason", "http_500")
    assert (result.exit_code, result.stdout) == (0, "No rejects.\n")
    assert run("rejects", "--reason", "http_500", "--json").stdout == ""


@pytest.mark.parametrize("span", ["yesterday", "6", "99999d", "-1h"])
def test_what_is_no_span_of_time_is_one_clear_word(run: Run, span: str) -> None:
    for command in ("list", "retry"):
        result = run("rejects", command, "--since", span)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"Invalid value for '--since': '{span}' is " in result.stderr


# --- show -------------------------------------------------------------------------------------


def test_the_page_itself_byte_by_byte(run: Run) -> None:
    for number, body in ((1, GOOD), (2, NOT_FOUND_PAGE.encode()), (3, ODD)):
        result = run("rejects", "show", str(number), "--page")
        assert (result.exit_code, result.stderr, result.stdout_bytes) == (0, "", body)


def test_a_reject_as_json(run: Run) -> None:
    (found,) = json_lines(run("rejects", "show", "1", "--json"))
    page = found.pop("page")
    assert (found["id"], found["code"], found["settled_at"]) == (1, OTHER, None)
    assert page == {
        "status": 200,
        "headers": [list(pair) for pair in HEADERS],
        "bytes": len(GOOD),
        "reader": "post",
    }
    (bare,) = json_lines(run("rejects", "show", "4", "--json"))
    assert bare["page"] is None


def test_a_reject_to_read(run: Run) -> None:
    shown = rows(run("rejects", "show", "1"))
    assert shown[:3] == [["no.", "1"], ["state", "open"], ["crawl", "1"]]
    assert shown[-4:] == [
        ["page", "kept", "answer", "200,", f"{len(GOOD)}", "bytes"],
        ["Content-Type:", "text/html;", "charset=utf-8"],
        ["Set-Cookie:", "a=1"],
        ["The", "page", "itself:", "finews", "rejects", "show", "1", "--page", ">", "page.html"],
    ]


def test_a_reject_to_read_in_chinese(database: str) -> None:
    shown = rows(runner(database, "zh")("rejects", "show", "4"))
    assert shown[1:] == [
        ["状态", "未解决"],
        ["抓取", "1"],
        ["时间", "2022-06-14", "09:30:00"],
        ["环节", "argument"],
        ["原因", "bad_code"],
        ["详情", "no", "code"],
        ["网址", "NW12"],
        ["保存的页面", "无"],
    ]


@pytest.mark.parametrize(
    ("language", "words", "told"),
    [
        ("en", "show 9", "No reject has the number 9.\n"),
        ("zh", "show 9 --json", "没有编号为 9 的拒收记录。\n"),
        ("en", "show 9 --page", "No reject has the number 9.\n"),
        ("en", "show 4 --page", "No page is kept of reject 4.\n"),
        ("zh", "show 4 --page", "拒收记录 4 没有保存页面。\n"),
    ],
)
def test_what_there_is_not(database: str, language: str, words: str, told: str) -> None:
    result = runner(database, language)("rejects", *words.split())
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)


# --- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["list", "retry", "show"])
def test_every_command_has_examples_in_its_help(run: Run, name: str) -> None:
    told = run("rejects", name, "--help").stdout.splitlines()
    examples = told[told.index("  Examples:") + 1 :]
    assert examples
    assert [line for line in examples if not line.startswith(f"    finews rejects {name} ")] == []


def test_the_help_is_in_both_languages() -> None:
    helps = {name: command.help or "" for name, command in rejects_group.commands.items()}
    assert [name for name, words in helps.items() if words.isascii()] == []


def test_since_counts_from_now(tmp_path: Path) -> None:
    fresh = rejected(OTHER, seen_at=datetime.now(UTC) - timedelta(hours=2))
    url = database_of(tmp_path, ABSENT, fresh)
    found = json_lines(runner(url)("rejects", "--since", "3h", "--json"))
    assert [one["code"] for one in found] == [OTHER]
    assert json_lines(runner(url)("rejects", "--since", "1h", "--json")) == []
