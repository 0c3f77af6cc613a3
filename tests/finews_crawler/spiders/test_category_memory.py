"""The spider `category` when earlier crawls have learned something: what it asks for, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from finews_crawler.items import Listing
from finews_crawler.memory import KnownListing, Standing, Wanted
from finews_crawler.reference import load_table
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    count,
    failed,
    given,
    home,
    items,
    listed,
    made,
    post,
    reasons,
    started,
    urls,
    wait,
)

THIRD = "202206143000000003"
PAGE = f"{SITE}/category/caijing.html"
DATE = "Tue, 14 Jun 2022 10:00:00 GMT"
VALIDATORS = {"etag": '"1"', "last_modified": DATE}


@dataclass
class Remembered:
    """A memory that is told what it knows, by key, and notes what it is asked."""

    standings: dict[str, Standing] = field(default_factory=dict)
    known: tuple[KnownListing, ...] = ()
    asked: list[tuple[list[Wanted], timedelta]] = field(default_factory=list)

    async def listings(self, root: str) -> Mapping[str, KnownListing]:
        assert root == f"{SITE}/"
        return {one.slug: one for one in self.known}

    async def settled(self, wanted: Sequence[Wanted], refresh: timedelta) -> Mapping[str, Standing]:
        self.asked.append((list(wanted), refresh))
        return {one.key: self.standings[one.key] for one in wanted if one.key in self.standings}

    @property
    def last(self) -> dict[str, list[str]]:
        """What it was asked last: addresses by key."""
        return {one.key: sorted(one.addresses) for one in self.asked[-1][0]}


def listing(*addresses: str, slug: str = "caijing", **changed: Any) -> KnownListing:
    url = f"{SITE}/category/{slug}.html"
    said = {"url": url, "heading": "新闻", "addresses": addresses, **VALIDATORS, **changed}
    return KnownListing(slug=slug, **said)


def remembering(
    *listings: KnownListing, known: Sequence[str] = (), **arguments: str
) -> tuple[CategorySpider, Remembered]:
    """A spider and its memory, which knows these listings and articles."""
    spider = made(CategorySpider, site=SITE, **arguments)
    memory = Remembered(known=listings)
    memory.standings |= dict.fromkeys(known, "known")
    spider.memory = memory
    return spider, memory


def category_page(spider: CategorySpider, slug: str = "caijing") -> Request:
    """The request for a category page, after a start."""
    asked: list[Request] = started(spider)
    (request,) = (one for one in asked if one.url == f"{SITE}/category/{slug}.html")
    return request


def replied(
    request: Request, status: int = 304, body: str = "", headers: Mapping[str, str] | None = None
) -> tuple[Listing, list[Any]]:
    """What comes of a category page: its listing, and the rest."""
    response = HtmlResponse(
        request.url, status, headers, body.encode(), request=request, encoding="utf-8"
    )
    assert request.callback is not None
    found, *rest = given(request.callback(response, **request.cb_kwargs))
    assert isinstance(found, Listing)
    return found, rest


def conditions(request: Request) -> dict[str, str]:
    names = ("If-None-Match", "If-Modified-Since")
    found = {name: request.headers.get(name) for name in names}
    return {name: value.decode() for name, value in found.items() if value}


# --- category pages ---------------------------------------------------------------------------


def test_category_pages_that_earlier_crawls_found_are_asked_for_each_once() -> None:
    spider, _ = remembering(listing(slug="xinhuashe"), listing(slug="Wind"))
    asked = urls(started(spider))
    assert asked[-1] == f"{SITE}/category/xinhuashe.html"
    assert asked.count(f"{SITE}/category/Wind.html") == 1
    assert len(asked) == 3 + len(load_table("sites")["site"]["known_categories"])


def test_chosen_categories_are_all_that_is_asked_whatever_is_known() -> None:
    spider, _ = remembering(listing(slug="xinhuashe"), categories="Wind")
    assert urls(started(spider)) == [f"{SITE}/category/Wind.html"]


@pytest.mark.parametrize(
    ("changed", "arguments", "expected"),
    [
        pytest.param(
            {},
            {},
            {"If-None-Match": '"1"', "If-Modified-Since": DATE},
            id="the same page",
        ),
        pytest.param({"etag": None, "last_modified": None}, {}, {}, id="a server that says none"),
        pytest.param({"url": "http://127.0.0.1:9/category/caijing.html"}, {}, {}, id="elsewhere"),
        pytest.param({}, {"refresh": "all"}, {}, id="all is read again"),
        pytest.param({"last_modified": None}, {"refresh": "0"}, {"If-None-Match": '"1"'}, id="0"),
        pytest.param(
            {"etag": None}, {"categories": "caijing"}, {"If-Modified-Since": DATE}, id="chosen"
        ),
    ],
)
def test_a_server_may_say_that_the_same_page_has_not_changed(
    changed: dict[str, Any], arguments: dict[str, str], expected: dict[str, str]
) -> None:
    spider, _ = remembering(listing(post(CODE), **changed), **arguments)
    request = category_page(spider)
    assert conditions(request) == expected
    assert request.meta.get("handle_httpstatus_list", []) == ([304] if expected else [])


def test_a_page_that_nobody_has_read_is_asked_for_without_a_condition() -> None:
    spider, _ = remembering(listing(post(CODE)))
    assert conditions(category_page(spider, "Wind")) == {}


def test_a_page_that_has_not_changed_lists_what_it_listed() -> None:
    notice = "/sitenews/2021/12/02/notice.html"
    spider, memory = remembering(listing(post(OTHER), post(CODE), notice), known=[OTHER])
    found, rest = replied(category_page(spider))
    assert (found.slug, found.url, found.heading) == ("caijing", PAGE, "新闻")
    assert (found.entries, found.addresses) == (
        (OTHER, CODE, notice),
        (post(OTHER), post(CODE), notice),
    )
    assert rest == []
    names = ("not_modified", "read", "filled", "empty", "dropped")
    assert [count(spider, f"category/{name}") for name in names] == [1, 1, 1, 0, 0]
    assert urls(wait(spider)) == [f"{SITE}{post(CODE)}", f"{SITE}{notice}"]
    assert memory.last == {
        OTHER: [f"{SITE}{post(OTHER)}"],
        CODE: [f"{SITE}{post(CODE)}"],
        notice: [f"{SITE}{notice}"],
    }


def test_an_empty_page_that_has_not_changed_is_empty() -> None:
    spider, _ = remembering(listing(heading=None))
    found, _ = replied(category_page(spider))
    assert (found.heading, found.entries, count(spider, "category/empty")) == (None, (), 1)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, ('"1"', DATE)), ({"ETag": '"2"'}, ('"2"', DATE)), ({"Last-Modified": "W"}, ('"1"', "W"))],
    ids=["need not be repeated", "may be renewed", "either of them"],
)
def test_what_an_unchanged_page_is_called(
    headers: dict[str, str], expected: tuple[str, str]
) -> None:
    spider, _ = remembering(listing(post(CODE)))
    found, _ = replied(category_page(spider), headers=headers)
    assert (found.etag, found.last_modified) == expected


def test_a_page_that_has_changed_is_called_as_it_says_itself() -> None:
    """An old name for new words would let the server say that nothing has changed."""
    spider, _ = remembering(listing(post(CODE)))
    request = category_page(spider)
    body = pages.listing_page(pages.part("新闻", post(OTHER), post(CODE)))
    found, _ = replied(request, 200, body)
    assert (found.etag, found.last_modified) == (None, None)
    assert found.addresses == (post(OTHER), post(CODE))
    found, _ = replied(request, 200, body, {"ETag": 'W/"2"'})
    assert (found.etag, found.last_modified) == ('W/"2"', None)
    assert count(spider, "category/not_modified") == 0


def test_a_server_that_says_so_without_being_asked_is_told_of() -> None:
    spider, _ = remembering()
    request = category_page(spider, "Wind")
    assert reasons(failed(request, 304)) == [("fetch", "http_304")]


# --- posts that are listed no more ------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "asked"),
    [(None, [post(OTHER)]), ("known", []), ("missed", [])],
    ids=["never read", "known", "missed"],
)
@pytest.mark.parametrize("refresh", ["6h", "all"])
def test_a_post_that_is_listed_no_more_is_read_if_it_never_was(
    standing: Standing | None, asked: list[str], refresh: str
) -> None:
    """However much is read again: what is gone is not read twice."""
    spider, memory = remembering(listing(post(OTHER), post(CODE)), refresh=refresh)
    memory.standings |= {OTHER: standing} if standing else {}
    body = pages.listing_page(pages.part("新闻", post(THIRD), post(CODE)))
    found, _ = replied(category_page(spider), 200, body)
    assert found.entries == (THIRD, CODE)
    assert (memory.last, memory.asked[-1][1]) == ({OTHER: [f"{SITE}{post(OTHER)}"]}, timedelta())
    assert count(spider, "category/dropped") == len(asked)
    memory.standings[CODE] = memory.standings[THIRD] = "known"
    fresh = [] if refresh == "6h" else [post(THIRD), post(CODE)]
    assert sorted(urls(wait(spider))) == sorted(f"{SITE}{one}" for one in [*asked, *fresh])


def test_what_earlier_crawls_were_kept_from_reading_is_read() -> None:
    kept = listing(post(CODE), unfinished=(post(OTHER), post(THIRD)))
    spider, memory = remembering(kept, known=[THIRD])
    replied(category_page(spider))
    assert sorted(memory.last) == [OTHER, THIRD]
    assert urls(wait(spider)) == [f"{SITE}{post(CODE)}", f"{SITE}{post(OTHER)}"]


def test_a_dropped_post_of_another_site_is_not_asked_for() -> None:
    spider, memory = remembering(listing("https://elsewhere.test/a/2022/06/14/x.html"))
    replied(category_page(spider), 200, pages.listing_page())
    assert memory.asked == []
    assert wait(spider) == []


# --- samples ----------------------------------------------------------------------------------


def test_a_sample_that_is_known_is_not_read_and_keeps_its_place() -> None:
    spider, memory = remembering(known=[CODE])
    page = pages.listing_page(pages.part("甲", post(CODE, "a")), pages.part("乙", post(OTHER, "b")))
    assert urls(home(spider, page)) == [f"{SITE}{post(OTHER, 'b')}"]
    assert memory.last == {CODE: [f"{SITE}{post(CODE, 'a')}"], OTHER: [f"{SITE}{post(OTHER, 'b')}"]}
    memory.standings.clear()  # it has just come into the window that is read again
    assert urls(wait(spider)) == [f"{SITE}{post(CODE, 'a')}"]


def test_a_sample_that_is_known_is_asked_about_with_its_copies() -> None:
    spider, memory = remembering(known=[CODE])
    assert home(spider, pages.listing_page(pages.part("甲", post(CODE)))) == []
    listed(spider, post(CODE, "emnews"))
    assert wait(spider) == []
    assert memory.last == {CODE: [f"{SITE}{post(CODE, 'emnews')}", f"{SITE}{post(CODE)}"]}
    assert count(spider, "memory/known") == 1


@pytest.mark.parametrize("standing", ["known", "missed"])
def test_what_came_of_a_sample_in_this_crawl_does_not_settle_it(standing: Standing) -> None:
    """Its reject may be in the database before the other posts are asked about."""
    spider, memory = remembering()
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    assert reasons(answered(sample, pages.EMPTY_PAGE)) == [("extract", "unknown_layout")]
    listed(spider, post(CODE, "emnews"))
    memory.standings[CODE] = standing
    (request,) = wait(spider)
    assert request.url == f"{SITE}{post(CODE, 'emnews')}"
    (article,) = items(answered(request, pages.post_page()))
    assert article.code == CODE


def test_a_sample_that_was_read_leaves_whatever_is_known() -> None:
    spider, memory = remembering()
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    assert answered(sample, pages.post_page()) == []
    memory.standings[CODE] = "known"
    output = answered(Request("data:,", callback=spider.parse_waiting), "")
    assert [one.code for one in output] == [CODE]


# --- posts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["known", "missed"])
def test_what_is_settled_is_not_asked_for_and_is_counted(standing: Standing) -> None:
    spider, memory = remembering()
    memory.standings[CODE] = standing
    listed(spider, post(CODE), post(CODE, "emnews"), post(OTHER))
    assert urls(wait(spider)) == [f"{SITE}{post(OTHER)}"]
    assert count(spider, f"memory/{standing}") == 1


@pytest.mark.parametrize(
    ("arguments", "full", "refresh"),
    [
        ({}, False, timedelta(hours=6)),
        ({"full": "1"}, True, timedelta(hours=6)),
        ({"refresh": "0"}, False, timedelta()),
        ({"refresh": "3d"}, False, timedelta(days=3)),
    ],
)
def test_the_memory_is_told_what_is_wanted(
    arguments: dict[str, str], full: bool, refresh: timedelta
) -> None:
    spider, memory = remembering(**arguments)
    listed(spider, post(CODE))
    wait(spider)
    wanted = Wanted(key=CODE, addresses=(f"{SITE}{post(CODE)}",), full=full)
    assert memory.asked == [([wanted], refresh)]


def test_who_reads_all_again_asks_no_memory() -> None:
    spider, memory = remembering(known=[CODE], refresh="all")
    listed(spider, post(CODE))
    assert urls(wait(spider)) == [f"{SITE}{post(CODE)}"]
    assert memory.asked == []


def test_a_category_that_comes_late_asks_only_about_what_is_new() -> None:
    spider, memory = remembering(known=[CODE, THIRD])
    listed(spider, post(CODE))
    assert wait(spider) == []
    late = listed(spider, post(CODE), post(OTHER), post(THIRD), slug="late")
    assert urls(late) == [f"{SITE}{post(OTHER)}"]
    assert memory.last == {OTHER: [f"{SITE}{post(OTHER)}"], THIRD: [f"{SITE}{post(THIRD)}"]}


def test_a_copy_that_comes_late_of_a_known_article_is_asked_about() -> None:
    spider, memory = remembering(known=[CODE])
    listed(spider, post(CODE))
    wait(spider)
    memory.standings.clear()
    late = listed(spider, post(CODE, "emnews"), slug="late")
    assert urls(late) == [f"{SITE}{post(CODE, 'emnews')}"]
