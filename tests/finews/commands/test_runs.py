"""`finews runs`: what crawls did, as text and as JSON, in both languages."""

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finews_crawler.outcome import Verdict
from pipelines.store.engine import open_engine, writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.runs import LOST_AFTER, finish_run, start_run, tell_alive
from tests.finews.filling import START, filled, written
from tests.finews.running import Run, json_lines, rows, runner

GAP = Finding(kind="gap", subject="Wind", detail="12 posts may be missing", since_at=START)
STATS: Mapping[str, object] = {
    "finews/store/new": 3,
    "downloader/response_bytes": 2_500_000,
    "finews/latency/p50_ms": 14,
    "finews/latency/p95_ms": 43,
    "finews/peak_memory_bytes": 180_000_000,
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Four crawls: ok, degraded, lost, and one that goes on."""
    url = f"sqlite:///{tmp_path_factory.mktemp('runs') / 'finews.db'}"
    filled(url)
    engine = open_engine(url)
    degraded = start_run(engine, "live", {}, START, "hourly")
    with writing(engine).begin() as connection:
        write_findings(connection, [GAP], degraded, START)
    verdict = Verdict(ok=True, message="articles: 3 new", reason="finished", findings=(GAP.line,))
    finish_run(engine, degraded, verdict, STATS, START + timedelta(minutes=1))
    now = datetime.now(UTC)
    start_run(engine, "stock", {}, now - LOST_AFTER)
    going = start_run(engine, "share", {"codes": "NW1"}, now)
    tell_alive(engine, going, {"finews/store/new": 2}, now)
    engine.dispose()
    return url


@pytest.fixture
def run(database: str) -> Run:
    return runner(database)


@pytest.mark.parametrize("words", [("runs",), ("runs", "list")], ids=" ".join)
def test_the_crawls_newest_first_each_with_its_state(run: Run, words: tuple[str, ...]) -> None:
    found = json_lines(run(*words, "--json"))
    assert [(one["id"], one["spider"], one["state"], one["outcome"]) for one in found] == [
        (4, "share", "running", None),
        (3, "stock", "lost", None),
        (2, "live", "degraded", "degraded"),
        (1, "category", "ok", "ok"),
    ]


def test_a_crawl_as_json(run: Run) -> None:
    (found,) = json_lines(run("runs", "show", "2", "--json"))
    assert found == {
        "id": 2,
        "spider": "live",
        "arguments": {},
        "job": "hourly",
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started_at": "2022-06-14T09:30:00+08:00",
        "alive_at": "2022-06-14T09:31:00+08:00",
        "finished_at": "2022-06-14T09:31:00+08:00",
        "outcome": "degraded",
        "reason": "finished",
        "message": "articles: 3 new",
        "counts": {"downloader/response_bytes": 2_500_000, "finews/store/new": 3},
        "received_bytes": 2_500_000,
        "peak_memory_bytes": 180_000_000,
        "latency_p50_ms": 14,
        "latency_p95_ms": 43,
        "state": "degraded",
        "findings": [
            {
                "kind": "gap",
                "subject": "Wind",
                "detail": "12 posts may be missing",
                "since_at": "2022-06-14T09:30:00+08:00",
                "until_at": None,
            }
        ],
    }


def test_crawls_as_a_table(run: Run) -> None:
    heading, *lines = rows(run("runs"))
    assert heading == ["crawl", "started", "spider", "outcome", "message"]
    assert lines[0][3:] == ["share", "running", "so", "far:", "2", "articles,", "0", "rejects"]
    assert lines[1][3:8] == ["stock", "lost", "its", "process", "died"]
    assert lines[3] == [
        *("1", "2022-06-14", "09:30", "category", "ok", "articles:", "3", "new"),
    ]


def test_crawls_in_chinese(database: str) -> None:
    heading, *lines = rows(runner(database, "zh")("runs"))
    assert heading == ["抓取", "开始", "爬虫", "结果", "说明"]
    assert [line[4] for line in lines] == ["运行中", "失联", "有异常", "正常"]


def test_a_crawl_to_read(run: Run) -> None:
    shown = rows(run("runs", "show", "2"))
    assert shown[:3] == [["crawl", "2"], ["spider", "live"], ["job", "hourly"]]
    assert [line for line in shown if line[0] in {"outcome", "received", "ended"}] == [
        ["ended", "2022-06-14", "09:31:00", "(0:01:00)"],
        ["outcome", "degraded"],
        ["received", "2.5", "MB"],
    ]
    assert shown[-5:] == [
        ["findings"],
        ["•", "gap", "Wind:", "12", "posts", "may", "be", "missing"],
        ["counts"],
        ["3", "finews/store/new"],
        ["2,500,000", "downloader/response_bytes"],
    ]


def test_a_crawl_to_read_in_chinese(database: str) -> None:
    shown = rows(runner(database, "zh")("runs", "show", "3"))
    assert [line[0] for line in shown] == ["抓取", "爬虫", "主机", "开始", "结果", "说明"]
    assert shown[4:] == [["结果", "失联"], ["说明", "进程意外中断，最后活动时间", *shown[3][1:]]]


def test_a_list_has_at_most_so_many_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    for number in range(3):
        written(url, [], message=f"run {number}")
    for words in (("runs",), ("runs", "list")):
        found = json_lines(runner(url)(*words, "--json", "--limit", "2"))
        assert [one["message"] for one in found] == ["run 2", "run 1"]


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "No crawl has the number 99.\n"), ("zh", "没有编号为 99 的抓取记录。\n")],
)
@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
def test_a_crawl_that_there_is_not(
    database: str, language: str, told: str, more: tuple[str, ...]
) -> None:
    result = runner(database, language)("runs", "show", "99", *more)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)


@pytest.mark.parametrize(
    "word", ["x", "0", "1.5", "²", "2147483648", "9" * 20, "9" * 5000], ids=lambda word: word[:12]
)
def test_a_word_that_is_no_number_of_a_row(run: Run, word: str) -> None:
    result = run("runs", "show", word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"'NUMBER': {word} is not the number of a row.\n")


def test_a_word_that_is_no_command_is_refused(run: Run) -> None:
    result = run("runs", "shwo")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No such command 'shwo'" in result.stderr


# --- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("-h",), ("--help",), ("show", "-h"), ("list", "--help")])
def test_help(run: Run, words: tuple[str, ...]) -> None:
    result = run("runs", *words)
    command = " ".join(word for word in ("runs", *words) if word[0] != "-")
    assert (result.exit_code, result.stdout.split(" [")[0]) == (0, f"Usage: main {command}")


def test_help_has_examples_each_on_its_line(run: Run) -> None:
    told = run("runs", "--help").stdout.splitlines()
    assert told[-2:] == ["    finews runs --limit 5", "    finews runs show 12"]
