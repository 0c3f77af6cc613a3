"""How a crawl is judged: from its statistics, its closing reason and its findings to one line."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings

from finews_crawler.commands.crawl import closing_lines, tell, verdict_of
from finews_crawler.errors import ConfigurationError
from finews_crawler.outcome import EndedRun, Verdict, judge
from finews_crawler.spiders.category import CategorySpider

Stats = dict[str, object]

ANSWERED: Stats = {"downloader/response_count": 9}
LISTED: Stats = {"finews/category/requested": 3, "finews/category/read": 2}
STORED: Stats = {"finews/store/new": 2}
GOOD: Stats = {**ANSWERED, **LISTED, **STORED}


def test_a_crawl_that_stored_articles_is_good() -> None:
    expected = Verdict(ok=True, message="articles: 2 new", reason="finished")
    assert judge(GOOD, "finished") == expected


def test_every_outcome_is_told_in_its_order() -> None:
    outcomes = ("late", "unchanged", "completed", "revised", "new", "listing", "reject", "refused")
    stats = {f"finews/store/{name}": number for number, name in enumerate(outcomes, 1)}
    verdict = judge({**ANSWERED, **stats}, "finished")
    assert verdict.message == "articles: 5 new, 4 revised, 3 completed, 2 unchanged, 1 late"


@pytest.mark.parametrize("outcome", ["new", "revised", "completed", "unchanged", "late"])
def test_one_article_of_any_outcome_is_enough(outcome: str) -> None:
    stats: Stats = {**ANSWERED, f"finews/store/{outcome}": 1}
    assert judge(stats, "finished").message == f"articles: 1 {outcome}"


def test_a_share_crawl_needs_no_listing() -> None:
    assert judge({**ANSWERED, **STORED}, "finished").ok is True


@pytest.mark.parametrize(
    ("stats", "reason", "message"),
    [
        pytest.param(
            {},
            "finished",
            "the site could not be reached: no answer to any request",
            id="no answer",
        ),
        pytest.param(
            {},
            "site_unreachable",
            "the site could not be reached: no answer to any request",
            id="stopped because of that",
        ),
        pytest.param(GOOD, "shutdown", "the crawl was stopped: shutdown", id="stopped early"),
        pytest.param(
            GOOD,
            "closespider_itemcount",
            "the crawl was stopped: closespider_itemcount",
            id="stopped by a limit",
        ),
        pytest.param(
            {**ANSWERED, **STORED, "finews/category/requested": 3},
            "finished",
            "no listing was found: is this a finews site?",
            id="no listing",
        ),
        pytest.param({**ANSWERED, **LISTED}, "finished", "no article was stored", id="nothing"),
        pytest.param(
            {**ANSWERED, "finews/store/reject": 3, "finews/store/listing": 1},
            "finished",
            "no article was stored",
            id="rejects only",
        ),
        pytest.param(
            {**GOOD, "finews/store/failed": 4},
            "database_failed",
            "4 items could not be written to the database",
            id="database",
        ),
    ],
)
def test_a_crawl_that_failed_says_why(stats: Stats, reason: str, message: str) -> None:
    assert judge(stats, reason) == Verdict(ok=False, message=message, reason=reason)


def test_a_crawl_that_never_began_is_judged_too() -> None:
    expected = Verdict(ok=False, message="the crawl did not start: see the log", reason="none")
    assert verdict_of(Crawler(CategorySpider)) == expected


# --- findings ---------------------------------------------------------------------------------

GAP, SILENT = (
    "gap Wind: nothing of before is listed",
    "silent_source 财联社: nothing for 17.0 hours",
)


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ([GAP], f"articles: 2 new; degraded: 1 finding: {GAP}"),
        ([GAP, SILENT], f"articles: 2 new; degraded: 2 findings: {GAP}"),
    ],
)
def test_a_crawl_with_findings_is_degraded(findings: list[str], message: str) -> None:
    verdict = judge(GOOD, "finished", findings)
    assert (verdict.outcome, verdict.ok, verdict.message) == ("degraded", True, message)
    assert (verdict.findings, verdict.summary) == (tuple(findings), "articles: 2 new")


def test_without_findings_it_is_good() -> None:
    verdict = judge(GOOD, "finished")
    assert (verdict.outcome, verdict.findings, verdict.summary) == ("ok", (), verdict.message)


def test_a_failure_is_worse_than_findings_and_keeps_them() -> None:
    verdict = judge(GOOD, "shutdown", [GAP])
    assert (verdict.outcome, verdict.ok, verdict.findings) == ("failed", False, (GAP,))
    assert verdict.message == "the crawl was stopped: shutdown"


def test_the_closing_lines_of_a_good_crawl() -> None:
    assert closing_lines("category", judge(GOOD, "finished"), 7) == ["category: articles: 2 new"]


def test_the_closing_lines_of_a_degraded_crawl() -> None:
    verdict = judge(GOOD, "finished", [GAP, SILENT])
    assert closing_lines("category", verdict, 7) == [
        f"category: {GAP}",
        f"category: {SILENT}",
        f"category: {verdict.message}",
    ]


@pytest.mark.parametrize(
    ("run_id", "more"), [(7, "and 2 more: finews runs show 7"), (None, "and 2 more")]
)
def test_many_findings_are_not_all_told(run_id: int | None, more: str) -> None:
    verdict = judge(GOOD, "finished", [f"gap {number}: x" for number in range(7)])
    lines = closing_lines("category", verdict, run_id)
    assert lines[:5] == [f"category: gap {number}: x" for number in range(5)]
    assert lines[5:] == [f"category: {more}", f"category: {verdict.message}"]


def test_the_closing_lines_of_a_crawl_that_failed() -> None:
    lines = closing_lines("category", judge(GOOD, "shutdown", [GAP]), 7)
    assert lines == ["category: failed: the crawl was stopped: shutdown"]


# --- who is told ------------------------------------------------------------------------------

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
heard: list[Any] = []


def ended(**changed: Any) -> EndedRun:
    known: dict[str, Any] = {"spider": "category", "arguments": {}, "job": None, "exit_code": 0}
    times = {"started_at": NOW, "finished_at": NOW}
    return EndedRun(**{**known, **times, "verdict": judge(GOOD, "finished"), **changed})


def note(run: EndedRun, settings: BaseSettings) -> None:
    heard.append((run, settings))


def break_with_a_secret(_run: EndedRun, _settings: BaseSettings) -> None:
    raise RuntimeError("json://user:secret@a.test")


def break_clearly(_run: EndedRun, _settings: BaseSettings) -> None:
    raise ConfigurationError("FINEWS_NOTIFY: no")


def test_whoever_the_settings_name_is_told(caplog: pytest.LogCaptureFixture) -> None:
    here, run = __name__, ended()
    names = [f"{here}.{one.__name__}" for one in (break_with_a_secret, break_clearly, note)]
    settings = Settings({"FINEWS_AFTER_RUN": ["finews_crawler.nowhere.hook", *names]})
    heard.clear()
    tell(run, settings)
    assert heard == [(run, settings)]
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [
        (logging.ERROR, "finews_crawler.nowhere.hook: ModuleNotFoundError"),
        (logging.ERROR, f"{names[0]}: RuntimeError"),
        (logging.ERROR, f"{names[1]}: FINEWS_NOTIFY: no"),
    ]


@pytest.mark.parametrize(
    ("changed", "state", "name"),
    [
        ({}, "ok", "category"),
        ({"job": "mirror"}, "ok", "mirror"),
        ({"verdict": judge(GOOD, "finished", [GAP])}, "degraded", "category"),
        ({"verdict": judge(GOOD, "shutdown")}, "failed", "category"),
        ({"verdict": Verdict(False, "no spider a", "not_started")}, "not_started", "category"),
    ],
)
def test_an_ended_run_says_how_and_what_it_is(
    changed: dict[str, Any], state: str, name: str
) -> None:
    run = ended(**changed)
    assert (run.state, run.name) == (state, name)


def test_an_ended_run_counts_its_findings() -> None:
    stats = {"finews/finding/gap": 2, "finews/finding/no_time": 1, "finews/findings": [GAP]}
    assert ended(stats=stats).found == {"gap": 2, "no_time": 1}
