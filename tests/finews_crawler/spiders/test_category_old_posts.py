"""The spider `category` when posts are gone: what their archive still has."""

from typing import Any

import pytest
from scrapy import Request

from finews_crawler.items import Miss, Reject
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    count,
    failed,
    home,
    items,
    kinds,
    listed,
    made_with,
    post,
    reasons,
    started,
    urls,
    wait,
)

ARCHIVE = "http://127.0.0.1:9/old_post"
TEMPLATE = f"{ARCHIVE}/{{date}}-{{slug}}.md"
KEPT, KEPT_COPY = f"{ARCHIVE}/2022-06-14-NW{CODE}.md", f"{ARCHIVE}/2022-06-14-{CODE}.md"
GONE = [("fetch", "http_404")]


def archiving(**given: str) -> CategorySpider:
    return made_with({"FINEWS_OLD_POSTS": TEMPLATE}, CategorySpider, site=SITE, **given)


@pytest.fixture
def spider() -> CategorySpider:
    return archiving()


def markdown(text: str = "公司披露一项合同。", footer: str = "") -> str:
    head = 'layout: post\ntitle: "签下合同"\ndate: 2022-06-14 09:30:00 +0800'
    return f"---\n{head}\ncategories: Wind\ntags: 证监会网站新闻\n---\n<p>{text}</p>\n\n{footer}\n"


def first_post(spider: CategorySpider, *links: str) -> Request:
    """The request for the first post of a list."""
    listed(spider, *links)
    request: Request = wait(spider)[0]
    return request


def asked(output: list[Any]) -> Request:
    """The one request among what a callback gave, which is all that it gave."""
    (request,) = output
    assert isinstance(request, Request)
    return request


def under_way(spider: CategorySpider) -> int:
    return spider._under_way


# --- found, or not ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_post_that_is_gone_is_asked_for_in_the_archive(
    spider: CategorySpider, status: int
) -> None:
    assert urls([asked(failed(first_post(spider, post(CODE)), status))]) == [KEPT]


def test_a_page_that_only_says_so_is_gone_too(spider: CategorySpider) -> None:
    """Some servers answer 200 with the site's own page for what is not there."""
    output = answered(first_post(spider, post(CODE)), pages.NOT_FOUND_PAGE)
    assert urls([asked(output)]) == [KEPT]


def test_what_the_archive_has_leaves_as_the_article(spider: CategorySpider) -> None:
    request = asked(failed(first_post(spider, post(CODE))))
    article, miss = answered(request, markdown())
    assert (article.code, article.page_kind, article.url) == (CODE, "markdown", KEPT)
    assert article.canonical_url == f"https://finews.withounder.com/wind/2022/06/14/NW{CODE}.html"
    assert set(article.categories) == {"Wind", "caijing"}
    assert miss == Miss(
        stage="fetch",
        reason="http_404",
        url=f"{SITE}{post(CODE)}",
        code=CODE,
        seen_at=miss.seen_at,
    )
    assert (count(spider, "old_post/read"), count(spider, "old_post/absent")) == (1, 0)
    assert under_way(spider) == 0


@pytest.mark.parametrize("status", [404, 410])
def test_what_the_archive_lacks_too_is_a_reject_of_the_post(
    spider: CategorySpider, status: int
) -> None:
    request = asked(failed(first_post(spider, post(CODE))))
    (reject,) = failed(request, status)
    assert isinstance(reject, Reject)
    assert (reject.url, reject.reason, reject.code) == (f"{SITE}{post(CODE)}", "http_404", CODE)
    assert (count(spider, "old_post/read"), count(spider, "old_post/absent")) == (0, 1)
    assert under_way(spider) == 0


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "http_500"), (403, "http_403"), (None, "refused_connection")]
)
def test_an_archive_in_trouble_is_told_of_beside_the_post(
    spider: CategorySpider, status: int | None, reason: str
) -> None:
    output = failed(asked(failed(first_post(spider, post(CODE)))), status)
    assert [(one.url, one.reason) for one in output] == [
        (KEPT, reason),
        (f"{SITE}{post(CODE)}", "http_404"),
    ]


def test_an_archive_that_answers_with_another_page_is_told_of(spider: CategorySpider) -> None:
    request = asked(failed(first_post(spider, post(CODE))))
    output = answered(request, "没有这样的文件")
    assert [(one.url, one.stage) for one in output] == [
        (KEPT, "extract"),
        (f"{SITE}{post(CODE)}", "fetch"),
    ]
    assert count(spider, "old_post/read") == 0


# --- who is not asked -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 500, 503, None])
def test_a_site_in_trouble_has_not_lost_its_post(
    spider: CategorySpider, status: int | None
) -> None:
    output = failed(first_post(spider, post(CODE)), status)
    assert kinds(output) == ["Reject"]


def test_without_an_archive_a_post_that_is_gone_is_a_reject() -> None:
    spider = made_with({}, CategorySpider, site=SITE)
    assert reasons(failed(first_post(spider, post(CODE)))) == GONE


def test_a_page_that_cannot_be_read_is_there(spider: CategorySpider) -> None:
    output = answered(first_post(spider, post(CODE)), pages.EMPTY_PAGE)
    assert (urls(output), reasons(output)) == ([], [("extract", "unknown_layout")])


# --- several copies ---------------------------------------------------------------------------


def test_a_copy_that_is_there_makes_the_archive_needless(spider: CategorySpider) -> None:
    copy = asked(failed(first_post(spider, post(CODE), post(CODE, "emnews"))))
    assert copy.url == f"{SITE}{post(CODE, 'emnews')}"
    article, miss = answered(copy, pages.post_page())
    assert (article.page_kind, article.copies) == ("post", ())
    assert (miss.url, miss.reason) == (f"{SITE}{post(CODE)}", "http_404")


def test_a_copy_that_went_after_another_was_read_is_missed(spider: CategorySpider) -> None:
    copy = asked(answered(first_post(spider, post(CODE), post(CODE, "emnews")), pages.post_page()))
    article, miss = failed(copy)
    assert (article.url, miss.url) == (f"{SITE}{post(CODE)}", f"{SITE}{post(CODE, 'emnews')}")


def test_where_all_copies_are_gone_one_that_is_kept_is_enough(spider: CategorySpider) -> None:
    second = asked(failed(first_post(spider, post(CODE), post(CODE, "emnews"))))
    archived = asked(failed(second))
    assert archived.url == KEPT_COPY
    article, *misses = answered(archived, markdown())
    assert (article.code, kinds(misses)) == (CODE, ["Miss", "Miss"])


def test_where_the_last_copy_is_not_kept_the_others_are_sought(spider: CategorySpider) -> None:
    second = asked(failed(first_post(spider, post(CODE), post(CODE, "emnews"))))
    other = asked(failed(asked(failed(second))))
    assert other.url == KEPT
    assert reasons(failed(other)) == GONE * 2
    assert count(spider, "old_post/absent") == 2


def test_each_post_has_its_own_end(spider: CategorySpider) -> None:
    listed(spider, post(CODE), post(OTHER))
    first, second = wait(spider)
    archived = asked(failed(first))
    (other,) = answered(second, pages.post_page())
    assert other.code == OTHER
    assert [one.code for one in answered(archived, markdown())] == [CODE, CODE]
    assert under_way(spider) == 0


# --- beside the other ways to an article ------------------------------------------------------


def test_a_sample_that_is_gone_is_sought_in_its_turn(spider: CategorySpider) -> None:
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    assert failed(sample, 404) == []
    archived = asked(wait(spider))
    assert archived.url == KEPT
    assert kinds(answered(archived, markdown())) == ["RawArticle", "Miss"]


def test_a_sample_that_only_says_that_it_is_gone_is_sought_too(spider: CategorySpider) -> None:
    (sample,) = home(spider, pages.listing_page(pages.part("甲", post(CODE))))
    assert answered(sample, pages.NOT_FOUND_PAGE) == []
    assert urls(wait(spider)) == [KEPT]


def test_what_neither_site_nor_archive_has_may_stand_in_the_feed(spider: CategorySpider) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>签下合同</title>'
        f'<link rel="alternate" href="{SITE}{post(CODE)}"/>'
        "<content type='html'>&lt;p&gt;公司披露一项合同。&lt;/p&gt;</content></entry></feed>"
    )
    assert answered(started(spider)[1], feed) == []
    archived = asked(failed(asked(wait(spider))))
    article, miss = failed(archived)
    assert (article.page_kind, kinds([miss])) == ("feed", ["Miss"])


def test_a_broken_post_is_kept_under_the_day_of_its_file(spider: CategorySpider) -> None:
    broken = f"/2022/06/15/2022-06-12-NW{CODE}.html"
    answered(started(spider)[1], pages.feed(f"{SITE}{broken}"))
    archived = asked(failed(asked(wait(spider))))
    assert archived.url == f"{ARCHIVE}/2022-06-12-NW{CODE}.md"


def test_the_text_behind_an_archived_flash_is_asked_for() -> None:
    spider = archiving(full="1")
    archived = asked(failed(first_post(spider, post(CODE, "emnews"))))
    footer = f"<http://finance.eastmoney.com/news/1351,{CODE}.html>"
    share = asked(answered(archived, markdown("某公司今日公告。", footer)))
    assert "GetNewsText" in share.url
    article, miss = answered(share, pages.share_answer(CODE))
    assert {one.page_kind for one in (article, *article.copies)} == {"markdown", "share_json"}
    assert (miss.stage, miss.reason) == ("fetch", "http_404")


# --- hosts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "more"),
    [
        ("", []),
        (TEMPLATE, ["127.0.0.1"]),
        ("https://archive.test:8443/{date}/{slug}", ["archive.test"]),
    ],
)
def test_the_archive_may_be_asked(template: str, more: list[str]) -> None:
    spider = made_with({"FINEWS_OLD_POSTS": template}, CategorySpider, site=SITE)
    assert sorted(set(spider.allowed_domains or [])) == sorted({"127.0.0.1", *more})


def test_nothing_of_the_archive_is_asked_without_need(spider: CategorySpider) -> None:
    (article,) = items(answered(first_post(spider, post(CODE)), pages.post_page()))
    assert (article.code, article.page_kind) == (CODE, "post")
