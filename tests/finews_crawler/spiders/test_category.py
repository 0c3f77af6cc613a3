"""The spider `category`: which URL next, and in which order articles leave."""

import pytest

from finews_crawler.items import Listing, RawArticle
from finews_crawler.post_reading import WINDOW
from finews_crawler.reference import load_table
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    category_request,
    count,
    failed,
    home,
    items,
    kinds,
    listed,
    made,
    made_with,
    post,
    reasons,
    started,
    urls,
    wait,
)

PUBLIC = "https://finews.withounder.com"


@pytest.fixture
def spider() -> CategorySpider:
    return made(CategorySpider, site=SITE)


# --- the first requests -----------------------------------------------------------------------


def test_home_feed_and_the_known_categories_come_first(spider: CategorySpider) -> None:
    known = load_table("sites")["site"]["known_categories"]
    asked = urls(started(spider))
    assert asked[:3] == [f"{SITE}/", f"{SITE}/feed.xml", f"{SITE}/category/emnews.html"]
    assert len(asked) == 2 + len(known)


def test_chosen_categories_are_all_that_is_asked() -> None:
    chosen = made(CategorySpider, site=SITE, categories="Wind, Career In touxingPEVC,Wind")
    assert urls(started(chosen)) == [
        f"{SITE}/category/Wind.html",
        f"{SITE}/category/Career%20In%20touxingPEVC.html",
    ]


@pytest.mark.parametrize(
    ("settings", "given", "root"),
    [
        pytest.param({}, {}, f"{PUBLIC}/", id="default"),
        pytest.param({"FINEWS_SITE": "http://a.test"}, {}, "http://a.test/", id="setting"),
        pytest.param({"FINEWS_SITE": "http://a.test"}, {"site": SITE}, f"{SITE}/", id="argument"),
    ],
)
def test_the_site_is_named_by_argument_then_setting(
    settings: dict[str, str], given: dict[str, str], root: str
) -> None:
    assert urls(started(made_with(settings, CategorySpider, **given)))[0] == root


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        pytest.param({"site": SITE}, ["127.0.0.1"], id="a copy here leads nowhere else"),
        pytest.param(
            {},
            ["choicewzp1.eastmoney.com", "finews.withounder.com", "finews.zning.xyz"],
            id="the real site leads to share pages",
        ),
        pytest.param(
            {"site": SITE, "endpoint": "http://localhost:1"},
            ["127.0.0.1", "localhost"],
            id="an endpoint here",
        ),
    ],
)
def test_the_hosts_that_a_crawl_may_ask(given: dict[str, str], hosts: list[str]) -> None:
    assert made(CategorySpider, **given).allowed_domains == hosts


# --- home and feed ----------------------------------------------------------------------------


def test_one_post_of_each_group_of_the_home_page_is_read(spider: CategorySpider) -> None:
    page = pages.listing_page(
        pages.part("证券日报新闻", post(CODE, "zhengquanribao"), post(OTHER, "zhengquanribao")),
        pages.part("TechWeb新闻", post("202206143000000003", "techweb")),
        pages.part("Techweb新闻", post("202206143000000004", "techweb")),
        pages.part("空", "/about.html"),
    )
    assert urls(home(spider, page)) == [
        f"{SITE}{post(CODE, 'zhengquanribao')}",
        f"{SITE}{post('202206143000000003', 'techweb')}",
        f"{SITE}{post('202206143000000004', 'techweb')}",
    ]


def test_the_posts_of_home_that_were_no_sample_wait_for_their_turn(spider: CategorySpider) -> None:
    home(spider, pages.listing_page(pages.part("新闻", post(CODE), post(OTHER))))
    assert urls(wait(spider)) == [f"{SITE}{post(OTHER)}"]


def test_a_sample_leads_to_the_category_in_its_footer_once(spider: CategorySpider) -> None:
    page = pages.listing_page(pages.part("甲", post(CODE, "a")), pages.part("乙", post(OTHER, "b")))
    first, second = home(spider, page)
    sample = pages.post_page(back=("//finews.withounder.com/category/xinhuashe.html", f"{PUBLIC}/"))
    assert urls(answered(first, sample)) == [f"{SITE}/category/xinhuashe.html"]
    assert answered(second, sample) == []


def test_a_footer_to_another_site_is_not_followed(spider: CategorySpider) -> None:
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    page = pages.post_page(back=("http://elsewhere.test/category/xinhuashe.html",))
    assert answered(sample, page) == []


def test_a_home_page_of_another_site_is_a_reject(spider: CategorySpider) -> None:
    output = home(spider, pages.EMPTY_PAGE)
    assert (kinds(output), reasons(output)) == (["Reject"], [("extract", "unknown_layout")])


def test_the_feed_names_posts_that_no_list_has(spider: CategorySpider) -> None:
    broken = f"/2022/06/15/2022-06-12-NW{CODE}.html"
    feed = started(spider)[1]
    assert answered(feed, pages.feed(f"{PUBLIC}{broken}", "https://elsewhere.test/a.html")) == []
    assert urls(wait(spider)) == [f"{SITE}{broken}"]
    assert count(spider, "feed/offsite") == 1


def test_a_feed_that_is_no_feed_is_a_reject(spider: CategorySpider) -> None:
    assert reasons(answered(started(spider)[1], "<html>")) == [("extract", "unknown_layout")]


# --- category pages ---------------------------------------------------------------------------


def test_a_category_page_is_recorded_in_its_order(spider: CategorySpider) -> None:
    notice = "/sitenews/2021/12/02/notice.html"
    (listing,) = listed(spider, post(OTHER), post(CODE), f"{PUBLIC}{notice}")
    assert isinstance(listing, Listing)
    assert (listing.slug, listing.url, listing.heading, listing.entries) == (
        "caijing",
        f"{SITE}/category/caijing.html",
        "新闻",
        (OTHER, CODE, notice),
    )


def test_category_pages_are_counted(spider: CategorySpider) -> None:
    listed(spider, post(CODE), "https://elsewhere.test/a/2022/06/14/x.html")
    (empty,) = answered(category_request(spider, "99qihuo"), pages.listing_page())
    assert (empty.heading, empty.entries) == (None, ())
    names = ("requested", "read", "filled", "empty", "offsite")
    assert [count(spider, f"category/{name}") for name in names] == [2, 2, 1, 1, 1]


def test_a_post_on_another_site_is_never_asked_for(spider: CategorySpider) -> None:
    listed(spider, f"https://elsewhere.test{post(CODE)}", f"//finews.zning.me{post(OTHER)}")
    assert urls(wait(spider)) == [f"{SITE}{post(OTHER)}"]


def test_no_post_is_read_while_listings_are_under_way(spider: CategorySpider) -> None:
    assert kinds(listed(spider, post(CODE))) == ["Listing"]
    assert urls(wait(spider)) == [f"{SITE}{post(CODE)}"]
    late = listed(spider, post(OTHER), slug="late")
    assert (kinds(late), urls(late)) == (["Listing", "Request"], [f"{SITE}{post(OTHER)}"])


# --- posts ------------------------------------------------------------------------------------


def test_an_article_with_one_copy_leaves_with_its_lists(spider: CategorySpider) -> None:
    listed(spider, post(CODE))
    listed(spider, post(CODE), slug="Career In touxingPEVC")
    (request,) = wait(spider)
    (article,) = answered(request, pages.post_page())
    assert (article.code, article.copies, article.categories) == (
        CODE,
        (),
        ("wind", "Career", "In", "touxingPEVC", "caijing"),
    )


def test_two_copies_leave_as_one_article(spider: CategorySpider) -> None:
    first, second = post(CODE, "wind"), post(CODE, "emnews")
    listed(spider, first, second)
    (request,) = wait(spider)
    (next_copy,) = answered(request, pages.post_page())
    (article,) = answered(next_copy, pages.post_page())
    assert [request.url, next_copy.url] == [f"{SITE}{first}", f"{SITE}{second}"]
    assert isinstance(article, RawArticle)
    assert [article.url, *(one.url for one in article.copies)] == [
        f"{SITE}{second}",
        f"{SITE}{first}",
    ]


def test_a_sample_is_not_read_again(spider: CategorySpider) -> None:
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    assert answered(sample, pages.post_page()) == []
    listed(spider, post(CODE), post(CODE, "emnews"))
    (request,) = wait(spider)
    assert request.url == f"{SITE}{post(CODE, 'emnews')}"
    (article,) = answered(request, pages.post_page())
    assert len(article.copies) == 1


def test_a_category_that_only_a_post_names_is_read_too(spider: CategorySpider) -> None:
    listed(spider, post(CODE))
    (request,) = wait(spider)
    page = pages.post_page(back=("//finews.withounder.com/category/xinhuashe.html",))
    output = answered(request, page)
    assert urls(output) == [f"{SITE}/category/xinhuashe.html"]
    assert kinds(items(output)) == ["RawArticle"]


def test_chosen_categories_stay_the_only_ones() -> None:
    spider = made(CategorySpider, site=SITE, categories="Wind")
    page = pages.listing_page(pages.part("新闻", post(CODE)))
    answered(started(spider)[0], page)
    (request,) = wait(spider)
    back = ("//finews.withounder.com/category/xinhuashe.html",)
    assert kinds(answered(request, pages.post_page(back=back))) == ["RawArticle"]


def test_posts_are_asked_for_a_window_at_a_time(spider: CategorySpider) -> None:
    codes = [f"20220614{3_000_000_000 + number}" for number in range(WINDOW + 2)]
    listed(spider, *map(post, codes))
    window = wait(spider)
    assert urls(window) == [f"{SITE}{post(code)}" for code in codes[:WINDOW]]
    following = answered(window[5], pages.post_page())
    assert kinds(items(following)) == ["RawArticle"]
    assert urls(following) == [f"{SITE}{post(codes[WINDOW])}"]
    assert urls(failed(window[6], 500)) == [f"{SITE}{post(codes[WINDOW + 1])}"]
    assert urls(answered(window[7], pages.post_page())) == []
