"""An article leaves the pipeline once in a run; what comes later only completes it."""

from dataclasses import replace

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from finews_crawler.items import Article, LateCopy, Listing, Miss, Reject
from pipelines.dedupe import DedupePipeline
from tests.pipelines.making import article, listing, reject

FIRST = article()
OTHER_PAGE = "https://finews.withounder.com/cailianshe/2022/06/14/NW202206143000000001.html"

Given = Article | LateCopy | Listing | Miss | Reject | str


def passed(*items: Article | Listing | Reject) -> tuple[list[Given], dict[str, object]]:
    """What one run lets through, in order, and the counts that it made."""
    crawler = get_crawler()
    stage = DedupePipeline.from_crawler(crawler)

    def one(item: Article | Listing | Reject) -> Given:
        try:
            return stage.process_item(item)
        except DropItem as dropped:
            return f"dropped: {dropped}"

    return [one(item) for item in items], crawler.stats.get_stats()


def test_an_article_passes_once() -> None:
    dropped = "dropped: 202206143000000001: read twice"
    expected = ([FIRST, dropped, dropped], {"finews/dedupe/article/repeated": 2})
    assert passed(FIRST, FIRST, FIRST) == expected


@pytest.mark.parametrize(
    "later",
    [replace(FIRST, url=OTHER_PAGE), replace(FIRST, title="改了")],
    ids=["another_page", "an_edit"],
)
def test_a_different_copy_is_late(later: Article) -> None:
    expected = ([FIRST, LateCopy(article=later)], {"finews/dedupe/article/late": 1})
    assert passed(FIRST, later) == expected


def test_a_late_copy_is_late_only_once() -> None:
    later = replace(FIRST, url=OTHER_PAGE)
    given, _ = passed(FIRST, later, later, FIRST)
    dropped = "dropped: 202206143000000001: read twice"
    assert given == [FIRST, LateCopy(article=later), dropped, dropped]


def test_articles_are_told_apart_by_identity() -> None:
    other = replace(FIRST, identity="202206143000000002")
    assert passed(FIRST, other) == ([FIRST, other], {})


def test_another_run_knows_nothing_of_the_first() -> None:
    assert passed(FIRST) == passed(FIRST) == ([FIRST], {})


def test_listings_and_rejects_pass_as_often_as_they_come() -> None:
    items: list[Listing | Reject] = [listing(), reject(), listing(), reject()]
    assert passed(*items) == (items, {})


def test_a_drop_is_told_at_debug_level_only() -> None:
    stage = DedupePipeline.from_crawler(get_crawler())
    stage.process_item(FIRST)
    with pytest.raises(DropItem) as dropped:
        stage.process_item(FIRST)
    assert dropped.value.log_level == "DEBUG"
