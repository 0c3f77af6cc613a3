"""The spider `category` with `rest=1`: others read again what stands in known categories."""

from datetime import timedelta

import pytest

from finews_crawler.spiders.category import CategorySpider, can_be_chosen
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    listed,
    made,
    post,
    started,
    wait,
)
from tests.finews_crawler.spiders.test_category_memory import (
    THIRD,
    Remembered,
    listing,
    remembering,
)

SIX, NONE = timedelta(hours=6), timedelta()


def shown(spider: CategorySpider, *links: str, slug: str = "caijing") -> None:
    """The crawl begins; a category that is known lists these."""
    (request,) = (one for one in started(spider) if one.url == spider.site.category_page(slug))
    answered(request, pages.listing_page(pages.part("新闻", *links)))


def windows(memory: Remembered) -> dict[str, timedelta]:
    """How old each article may be that is read again."""
    return {one.key: refresh for wanted, refresh in memory.asked for one in wanted}


def test_what_a_known_category_lists_is_left_to_others() -> None:
    spider, memory = remembering(listing(), rest="1")
    shown(spider, post(CODE), post(OTHER))
    listed(spider, post(OTHER), post(THIRD), slug="new")
    wait(spider)
    assert windows(memory) == {CODE: NONE, OTHER: NONE, THIRD: SIX}


def test_without_it_all_is_read_again() -> None:
    spider, memory = remembering(listing())
    shown(spider, post(CODE), post(OTHER))
    wait(spider)
    assert windows(memory) == {CODE: SIX, OTHER: SIX}


def test_what_is_not_known_is_read_in_any_case() -> None:
    spider, _ = remembering(listing(), known=[CODE], rest="1")
    shown(spider, post(CODE), post(OTHER))
    assert [one.url for one in wait(spider)] == [f"{SITE}{post(OTHER)}"]


def test_a_category_that_no_argument_can_name_is_read_by_nobody_else() -> None:
    spider, memory = remembering(listing(slug="a,b"), rest="1")
    shown(spider, post(CODE), slug="a,b")
    wait(spider)
    assert windows(memory) == {CODE: SIX}


@pytest.mark.parametrize(
    ("slug", "is_so"),
    [("Wind", True), ("Career In touxingPEVC", True), ("a,b", False), (" a", False), ("", False)],
)
def test_what_an_argument_can_name(slug: str, is_so: bool) -> None:
    assert can_be_chosen(slug) == is_so


def test_a_sample_waits_until_it_is_known_what_lists_it() -> None:
    spider, memory = remembering(listing(), known=[CODE], rest="1")
    page = next(one for one in started(spider) if one.url == f"{SITE}/")
    answered(page, pages.listing_page(pages.part("新闻", post(CODE))))
    assert windows(memory) == {CODE: NONE}
    memory.standings.clear()
    wait(spider)
    assert windows(memory) == {CODE: SIX}


def test_to_read_all_again_is_to_read_all_the_rest_again() -> None:
    spider, memory = remembering(listing(), known=[CODE, OTHER], rest="1", refresh="all")
    shown(spider, post(CODE))
    listed(spider, post(OTHER), slug="new")
    assert [one.url for one in wait(spider)] == [f"{SITE}{post(OTHER)}"]
    assert windows(memory) == {CODE: NONE}


def test_lists_of_eastmoney_are_no_categories() -> None:
    """The same server may answer as both: a demonstration, a test."""
    spider, _ = remembering(listing(slug="eastmoney:350"))
    assert not [one.url for one in started(spider) if "eastmoney" in one.url]


def test_it_is_off_unless_it_is_asked_for() -> None:
    assert made(CategorySpider).values["rest"] is False
