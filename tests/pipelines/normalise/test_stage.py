"""What the stage lets through, and what it counts for the operator."""

import pytest
from scrapy.utils.test import get_crawler

from finews_crawler.items import Answer, Article, Listing, RawArticle, Reject
from pipelines.normalise.article import normalise
from pipelines.normalise.stage import NormalisePipeline
from tests.pipelines.making import (
    CODE,
    chart_block,
    linked,
    listing,
    paragraph,
    raw_article,
    reject,
    stated,
)


def processed(
    *items: RawArticle | Listing | Reject,
) -> tuple[list[Article | Listing | Reject], dict[str, object]]:
    """What the stage gives for each item, and the counts that it made."""
    crawler = get_crawler()
    stage = NormalisePipeline.from_crawler(crawler)
    given = [stage.process_item(item) for item in items]
    return given, {key: count for key, count in crawler.stats.get_stats().items() if count}


def counted(prefix: str, *items: RawArticle) -> dict[str, object]:
    """The counts whose names begin so."""
    _, counts = processed(*items)
    return {key: count for key, count in counts.items() if key.startswith(prefix)}


def test_an_article_is_normalised() -> None:
    raw = raw_article(source_line="财联社")
    assert processed(raw)[0] == [normalise(raw)]


def test_listings_and_rejects_pass_uncounted() -> None:
    items: list[Listing | Reject] = [listing(), reject()]
    assert processed(*items) == (items, {})


def test_the_strategies_that_found_fields_are_counted() -> None:
    found = raw_article(strategies={"title": "h1", "body": "section"})
    bare = raw_article(strategies={"title": "og"})
    assert counted("finews/extract/", found, found, bare) == {
        "finews/extract/title/h1": 2,
        "finews/extract/title/og": 1,
        "finews/extract/body/section": 2,
    }


def test_unknown_widgets_are_counted() -> None:
    counts = counted("finews/extract/", raw_article(unknown_widgets=("a", "b")), raw_article())
    assert counts == {"finews/extract/widget/unknown": 2}


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("2022-06-14 17:00:00", "stated"),
        ("2022-06-13 17:00:00", "disagrees"),
        ("2022-06-15 17:00:00", "future"),
        ("不久前", "missing"),
    ],
)
def test_the_quality_of_times_is_counted(text: str, quality: str) -> None:
    counts = counted("finews/normalise/", raw_article(times=stated(meta=text)))
    assert counts == {f"finews/normalise/published_at/{quality}": 1}


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("财联社", {}),
        ("上证报", {}),
        ("新来的报", {"finews/normalise/source/new/新来的报": 1}),
    ],
    ids=["known", "alias", "new"],
)
def test_a_medium_that_the_table_does_not_hold_is_counted(
    line: str, counts: dict[str, object]
) -> None:
    assert counted("finews/normalise/source/", raw_article(source_line=line)) == counts


def test_mentions_without_a_symbol_are_counted() -> None:
    names = paragraph(linked("江苏银行"), linked("某公司", "999.1"))
    counts = counted("finews/normalise/symbol/", raw_article(names, chart_block("999.2")))
    assert counts == {"finews/normalise/symbol/unknown": 2}


def test_a_page_on_which_the_program_fails_is_a_reject_and_costs_no_other() -> None:
    page = Answer(status=200, headers=(), body=b"<html></html>", reader="post")
    broken = raw_article(times=None, page=lambda: page)
    stage = NormalisePipeline.from_crawler(get_crawler())
    rejected = stage.process_item(broken)
    assert isinstance(rejected, Reject)
    assert (rejected.stage, rejected.reason, rejected.code) == ("normalise", "internal_error", CODE)
    assert rejected.detail == "TypeError: 'NoneType' object is not iterable"
    assert rejected.answer == page
    assert isinstance(stage.process_item(raw_article()), Article)
