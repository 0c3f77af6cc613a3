"""How a crawl is judged: from its statistics and its closing reason to one line."""

import pytest
from scrapy.crawler import Crawler

from finews_crawler.commands.crawl import verdict_of
from finews_crawler.outcome import Verdict, judge
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
