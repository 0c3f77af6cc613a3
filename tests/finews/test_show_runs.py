"""How crawls and rejects look on a terminal, and as JSON."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from finews import show_runs
from pipelines.store.findings import Finding
from pipelines.store.queries import RejectRow, RunRow
from pipelines.store.rejects import KeptPage
from pipelines.store.runs import LOST_AFTER
from tests.finews.filling import BANK, START
from tests.finews.printing import lines

NOW = START + timedelta(minutes=2)
RUN = RunRow(
    id=12,
    spider="category",
    arguments={},
    job=None,
    host=None,
    pid=None,
    started_at=START,
    alive_at=NOW,
    finished_at=None,
    outcome=None,
    reason=None,
    message=None,
    counts={},
    received_bytes=None,
    peak_memory_bytes=None,
    latency_p50_ms=None,
    latency_p95_ms=None,
)
ENDED = replace(
    RUN,
    arguments={"site": "http://127.0.0.1:8000", "full": "1"},
    job="hourly",
    host="box",
    pid=4711,
    finished_at=START + timedelta(seconds=72, microseconds=400_000),
    outcome="ok",
    reason="finished",
    message="articles: 3 new",
    counts={
        "downloader/request_count": 1234,
        "finews/home/read": 1,
        "finews/reject/fetch/http_404": 2,
        "finews/store/new": 3,
        "finews/validate/copy/dropped": 0,
    },
    received_bytes=1_234_567,
    peak_memory_bytes=228_298_752,
    latency_p50_ms=14,
    latency_p95_ms=1430,
)
REJECT = RejectRow(
    id=7,
    run_id=12,
    stage="extract",
    reason="unknown_layout",
    detail="no [section] in it",
    url="http://127.0.0.1/[a].html",
    code=None,
    seen_at=START,
    retried_at=None,
    settled_at=None,
)
KEPT = KeptPage(
    reject_id=7,
    url=REJECT.url,
    seen_at=START,
    status=200,
    headers=(("Content-Type", "text/html"), ("X-Note", "[b]bold[/b]")),
    body=b"x" * 1234,
    reader="post",
)
GAP = Finding(kind="gap", subject="Wind", detail="12 posts [may] be missing", since_at=START)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "zh")


def told(run: RunRow, now: datetime = NOW) -> str:
    """The line of a run in a list."""
    last = lines(show_runs.run_table([run], now))[-1]
    return " ".join(last.split())


def page(run: RunRow, *findings: Finding, now: datetime = NOW, width: int = 100) -> list[str]:
    return lines(show_runs.run_page(run, findings, now), width)


def facts(shown: list[str]) -> dict[str, str]:
    """The facts at the head of a page, by their name."""
    pairs = (line.split("  ", 1) for line in shown if "  " in line and line[0] != " ")
    return {name: value.strip() for name, value in pairs}


# --- crawls -----------------------------------------------------------------------------------


def test_a_run_that_goes_on_says_what_it_has_done() -> None:
    counts = {"finews/store/new": 5, "finews/store/unchanged": 2, "finews/store/reject": 1}
    going = replace(RUN, counts={**counts, "finews/store/listing": 9})
    expected = "12 2022-06-14 09:30 category running so far: 7 articles, 1 rejects"
    assert told(going) == expected
    assert told(RUN).endswith("running so far: 0 articles, 0 rejects")


def test_a_lost_run_says_since_when() -> None:
    expected = "lost its process died without a word; it last lived at 2022-06-14 09:32:00"
    assert told(RUN, NOW + LOST_AFTER).endswith(expected)


def test_a_lost_run_of_an_older_program_does_not_know_since_when() -> None:
    assert told(replace(RUN, alive_at=None)).endswith("it last lived at unknown")


@pytest.mark.parametrize("outcome", ["ok", "degraded", "failed"])
def test_a_run_that_has_ended_says_how(outcome: str) -> None:
    ended = replace(ENDED, outcome=outcome, message="[no] article was stored")
    assert told(ended).endswith(f"category {outcome} [no] article was stored")


@pytest.mark.usefixtures("chinese")
def test_the_states_in_chinese() -> None:
    words = {"ok": "正常", "degraded": "有异常", "failed": "失败"}
    ended = {outcome: told(replace(ENDED, outcome=outcome)).split()[4] for outcome in words}
    assert ended == words
    assert told(RUN).endswith("运行中 目前：文章 0 篇，拒收 0 条")
    assert told(RUN, NOW + LOST_AFTER).endswith(
        "失联 进程意外中断，最后活动时间 2022-06-14 09:32:00"
    )


def test_a_run_whole() -> None:
    assert page(ENDED) == [
        "crawl              12",
        "spider             category",
        "arguments          site=http://127.0.0.1:8000 full=1",
        "job                hourly",
        "machine            box (pid 4711)",
        "started            2022-06-14 09:30:00",
        "ended              2022-06-14 09:31:12 (0:01:12)",
        "outcome            ok",
        "message            articles: 3 new",
        "received           1.2 MB",
        "peak memory        228.3 MB",
        "latency p50 / p95  14 / 1,430 ms",
        "counts",
        "    3  finews/store/new",
        "    2  finews/reject/fetch/http_404",
        "    1  finews/home/read",
        "1,234  downloader/request_count",
    ]


def test_what_is_not_known_of_a_run_takes_no_line() -> None:
    assert list(facts(page(RUN))) == ["crawl", "spider", "started", "outcome", "message"]
    assert "counts" not in page(replace(RUN, counts={"finews/store/new": 0}))


def test_what_a_run_found_wrong_stands_before_its_counts() -> None:
    general = Finding(kind="no_time", subject="", detail="5 of 9 articles state no time")
    message = f"articles: 3 new; degraded: 2 findings: {GAP.line}"
    shown = page(replace(ENDED, outcome="degraded", message=message), GAP, general)
    assert facts(shown)["message"] == "articles: 3 new"
    first = shown.index("findings")
    assert shown[first + 1 : first + 4] == [
        "• gap Wind: 12 posts [may] be missing",
        "• no_time: 5 of 9 articles state no time",
        "counts",
    ]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 kB"), (999_499, "999 kB"), (1_000_000, "1.0 MB"), (12_345_678_901, "12,345.7 MB")],
)
def test_sizes(number: int, shown: str) -> None:
    assert facts(page(replace(ENDED, received_bytes=number)))["received"] == shown


def test_the_page_of_a_run_in_a_narrow_terminal_loses_nothing() -> None:
    long = replace(ENDED, message="articles: " + "many " * 30, arguments={"site": "x" * 120})
    shown = "".join("".join(page(long, width=60)).split())
    assert ("x" * 120 in shown.replace("\n", ""), shown.count("many")) == (True, 30)


def test_a_run_as_json_has_its_state() -> None:
    found = show_runs.run_row(ENDED, NOW)
    assert (found["state"], found["outcome"], found["pid"]) == ("ok", "ok", 4711)
    lost = show_runs.run_row(RUN, NOW + LOST_AFTER)
    assert (lost["state"], lost["outcome"]) == ("lost", None)


# --- rejects ----------------------------------------------------------------------------------


def test_a_reject_is_printed_as_it_is() -> None:
    _, first, second = lines(show_runs.reject_table([REJECT]))
    assert first.split() == ["7", "2022-06-14", "09:30", "extract", "http://127.0.0.1/[a].html"]
    assert second.split(maxsplit=2) == ["open", "unknown_layout", "no [section] in it"]


def test_a_reject_that_is_settled() -> None:
    settled = replace(REJECT, retried_at=START, settled_at=START + timedelta(hours=1))
    assert lines(show_runs.reject_table([settled]))[-1].split()[0] == "settled"


@pytest.mark.usefixtures("chinese")
def test_rejects_in_chinese() -> None:
    settled = replace(REJECT, settled_at=START)
    heading, _, first, _, second = lines(show_runs.reject_table([REJECT, settled]))
    assert heading.split() == ["序号", "时间", "原因", "网址"]
    assert [line.split()[0] for line in (first, second)] == ["未解决", "已解决"]


def test_in_a_narrow_terminal_the_number_and_the_reason_stay_whole() -> None:
    long = replace(REJECT, reason="retry_after_too_long", url="http://127.0.0.1/" + "a" * 90)
    shown = lines(show_runs.reject_table([long]), width=80)
    assert (max(map(len, shown)) <= 80, "retry_after_too_long" in shown[2]) == (True, True)
    words = [word for line in shown for word in line.split()]
    address = "".join(word for word in words if word[:4] == "http" or {*word} == {"a"})
    assert address == long.url


def test_a_reject_whole() -> None:
    tried = replace(REJECT, code=BANK, retried_at=START, settled_at=START + timedelta(hours=1))
    assert lines(show_runs.reject_page(tried, KEPT), 100) == [
        "no.          7",
        "state        settled",
        "crawl        12",
        "seen         2022-06-14 09:30:00",
        "stage        extract",
        "reason       unknown_layout",
        "detail       no [section] in it",
        "address      http://127.0.0.1/[a].html",
        f"code         {BANK}",
        "tried again  2022-06-14 09:30:00",
        "settled      2022-06-14 10:30:00",
        "page kept    answer 200, 1,234 bytes",
        "Content-Type: text/html",
        "X-Note: [b]bold[/b]",
        "The page itself: finews rejects show 7 --page > page.html",
    ]


def test_a_reject_of_which_no_page_is_kept() -> None:
    shown = lines(show_runs.reject_page(REJECT, None), 100)
    assert shown[-1] == "page kept  none"
    assert list(facts(shown)) == [
        *("no.", "state", "crawl", "seen", "stage", "reason", "detail", "address", "page kept")
    ]


def test_what_is_kept_as_json() -> None:
    assert show_runs.page_row(None) is None
    expected: dict[str, Any] = {
        "status": 200,
        "headers": KEPT.headers,
        "bytes": 1234,
        "reader": "post",
    }
    assert show_runs.page_row(KEPT) == expected
