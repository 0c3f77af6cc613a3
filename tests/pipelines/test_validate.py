"""What lacks a mandatory part is refused, with the reason; everything else passes."""

from dataclasses import replace

import pytest
from scrapy.utils.test import get_crawler

from finews_crawler.items import Answer, Listing, RawArticle, Reject
from pipelines.validate import ValidatePipeline, missing_part
from tests.pipelines.making import CODE, FETCHED, PAGE, listing, raw_article, reject

WHOLE = raw_article()
BODILESS = raw_article(body=())
ANSWER = raw_article(page_kind="share_json", code=None)


def checked(
    item: RawArticle | Listing | Reject,
) -> tuple[RawArticle | Listing | Reject, dict[str, object]]:
    """What the stage gives, and the counts that it made."""
    crawler = get_crawler()
    given = ValidatePipeline.from_crawler(crawler).process_item(item)
    return given, {key: count for key, count in crawler.stats.get_stats().items() if count}


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        pytest.param(WHOLE, None, id="whole"),
        pytest.param(BODILESS, "body", id="no_body"),
        pytest.param(raw_article(body=(), code=None), "body", id="the_body_is_looked_at_first"),
        pytest.param(raw_article(code=None), None, id="a_notice_is_known_by_its_page"),
        pytest.param(ANSWER, "identity", id="an_answer_without_code"),
        pytest.param(
            raw_article(page_kind="share_json", code=None, canonical_url=PAGE),
            None,
            id="an_answer_with_a_canonical_url",
        ),
    ],
)
def test_the_missing_part_is_named(raw: RawArticle, part: str | None) -> None:
    assert missing_part(raw) == part


@pytest.mark.parametrize("item", [WHOLE, listing(), reject()], ids=lambda item: type(item).__name__)
def test_what_is_whole_passes_uncounted(item: RawArticle | Listing | Reject) -> None:
    assert checked(item) == (item, {})


def test_a_page_without_body_becomes_a_reject_that_says_why() -> None:
    expected = Reject(
        stage="validate",
        reason="no_body",
        detail="the page has no body",
        url=PAGE,
        code=CODE,
        seen_at=FETCHED,
    )
    assert checked(BODILESS) == (expected, {"finews/validate/body/missing": 1})


def test_an_answer_without_identity_becomes_a_reject_that_says_why() -> None:
    expected = Reject(
        stage="validate",
        reason="no_identity",
        detail="the page has no identity",
        url=PAGE,
        code=None,
        seen_at=FETCHED,
    )
    assert checked(ANSWER) == (expected, {"finews/validate/identity/missing": 1})


def test_a_bad_copy_is_left_out_and_counted_and_the_article_stays() -> None:
    good = raw_article(url=f"{PAGE}?copy")
    given = checked(raw_article(copies=(BODILESS, good, ANSWER)))
    assert given == (raw_article(copies=(good,)), {"finews/validate/copy/dropped": 2})


def test_a_list_entry_without_text_stays_as_a_copy_for_its_time_and_securities() -> None:
    listed = raw_article(page_kind="list", body=(), listed_secids=("1.600919",))
    assert checked(raw_article(copies=(listed,)))[0] == raw_article(copies=(listed,))


def test_a_whole_copy_takes_the_place_of_a_page_without_text() -> None:
    good = raw_article(url=f"{PAGE}?copy")
    given = checked(replace(BODILESS, copies=(good,)))
    assert given == (good, {"finews/validate/copy/dropped": 1})


def test_a_refused_page_is_kept_with_its_reject() -> None:
    page = Answer(status=200, headers=(("ETag", "1"),), body=b"<html></html>", reader="post")
    (refused, _) = checked(replace(BODILESS, page=lambda: page))
    assert isinstance(refused, Reject)
    assert refused.answer == page
