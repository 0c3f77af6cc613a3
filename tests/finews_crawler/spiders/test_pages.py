"""The spider `pages`: posts and share pages by their address."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy import Request

from finews_crawler.errors import ArgumentError
from finews_crawler.items import Miss, RawArticle
from finews_crawler.memory import Standing, Wanted
from finews_crawler.spiders.pages import PagesSpider, is_page, root_of
from tests.finews_crawler.spiders import pages
from tests.finews_crawler.spiders.driving import (
    CODE,
    OTHER,
    SITE,
    answered,
    count,
    failed,
    items,
    kinds,
    made,
    made_with,
    post,
    reasons,
    started,
    urls,
)
from tests.finews_crawler.spiders.test_category_memory import Remembered

SHARE = "http://finews.zning.xyz"
FIRST, SECOND = f"{SITE}{post(CODE)}", f"{SITE}{post(OTHER)}"
NOTICE = f"{SITE}/sitenews/2021/12/02/notice.html"


def json_of(code: str, host: str = SHARE) -> str:
    return f"{host}/NewsData/GetNewsText.do?id=NW{code}"


def page_of(code: str, host: str = SHARE) -> str:
    return f"{host}/html_News/NewsShare.html?infoCode=NW{code}"


def begun(spider: PagesSpider) -> tuple[list[Any], list[Any]]:
    """What it asks at once, and what when it is idle: the posts."""
    at_once = started(spider)
    waiting = Request("data:,", callback=spider.parse_waiting)
    return at_once, answered(waiting, "") if spider.plan.has_more else []


def asked(*words: str, **given: str) -> list[str]:
    """All addresses that a spider asks for."""
    at_once, idle = begun(made(PagesSpider, urls=",".join(words), **given))
    return urls([*at_once, *idle])


def remembering(standing: Standing, *keys: str, **given: str) -> tuple[PagesSpider, Remembered]:
    spider = made(PagesSpider, **given)
    memory = Remembered(standings=dict.fromkeys(keys, standing))
    spider.memory = memory
    return spider, memory


# --- what is asked ----------------------------------------------------------------------------


def test_posts_of_one_site_are_read_when_all_are_noted() -> None:
    at_once, idle = begun(made(PagesSpider, urls=f"{FIRST},{SECOND},{NOTICE}"))
    assert (at_once, urls(idle)) == ([], [FIRST, SECOND, NOTICE])


def test_share_addresses_are_asked_on_their_own_hosts() -> None:
    here = json_of(OTHER, "http://127.0.0.1:9000")
    assert asked(page_of(CODE), here) == [json_of(CODE), here]


def test_posts_and_share_addresses_at_once() -> None:
    at_once, idle = begun(made(PagesSpider, urls=f"{FIRST},{page_of(OTHER, SITE)}"))
    assert (urls(at_once), urls(idle)) == ([json_of(OTHER, SITE)], [FIRST])


def test_a_text_is_asked_for_once_whichever_of_its_addresses_are_given() -> None:
    """A share page without text leaves two rejects: of the JSON and of the page."""
    assert asked(json_of(CODE), page_of(CODE), f"NW{CODE}", CODE) == [json_of(CODE)]


def test_an_address_given_twice_is_asked_once() -> None:
    assert asked(FIRST, FIRST, f"{FIRST}#top") == [FIRST]


def test_a_given_endpoint_beats_the_host_of_an_address() -> None:
    assert asked(page_of(CODE), endpoint=SITE) == [json_of(CODE, SITE)]


def test_the_addresses_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pages.txt"
    file.write_text(f"# rejected\n{FIRST}\n\n{page_of(OTHER)}  # no text\n", encoding="utf-8")
    spider = made(PagesSpider, file=str(file), urls=f"{SECOND},{FIRST}")
    at_once, idle = begun(spider)
    assert (urls(at_once), urls(idle)) == ([json_of(OTHER)], [SECOND, FIRST])
    assert spider.expected == 3


def test_copies_of_an_article_leave_as_one() -> None:
    _, (request,) = begun(made(PagesSpider, urls=f"{FIRST},{SITE}{post(CODE, 'emnews')}"))
    (second,) = answered(request, pages.post_page())
    (article,) = answered(second, pages.post_page())
    assert (article.code, len(article.copies)) == (CODE, 1)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"urls": ""}, {"urls": " , "}], ids=str)
def test_without_an_address_there_is_nothing_to_start(given: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match="spider pages: give urls=… or file=PATH"):
        made(PagesSpider, **given)


def test_an_empty_file_is_no_address(tmp_path: Path) -> None:
    file = tmp_path / "pages.txt"
    file.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match="give urls=… or file=PATH"):
        made(PagesSpider, file=str(file))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"pages\.txt"):
        made(PagesSpider, file=str(tmp_path / "pages.txt"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(f"https://finews.withounder.com{post(OTHER)}", id="another host"),
        pytest.param(f"http://127.0.0.1:8001{post(OTHER)}", id="another port"),
        pytest.param(f"https://127.0.0.1:8000{post(OTHER)}", id="another scheme"),
    ],
)
def test_posts_of_several_sites_are_refused_before_anything_is_asked(other: str) -> None:
    with pytest.raises(ArgumentError, match=r"posts of several sites: http\S+, http"):
        made(PagesSpider, urls=f"{FIRST},{other}")


@pytest.mark.parametrize(
    "word",
    [
        "NW12",
        f"{SITE}/category/Wind.html",
        f"{SITE}/feed.xml",
        f"{SITE}/",
        f"https://finance.eastmoney.com/a/{CODE}.html",
        "ftp://127.0.0.1/wind/2022/06/14/a.html",
        "http://[/wind/2022/06/14/a.html",
        "/wind/2022/06/14/a.html",
    ],
)
def test_what_names_no_page_is_a_reject_and_the_next_is_read(word: str) -> None:
    at_once, idle = begun(made(PagesSpider, urls=f"{word},{FIRST}"))
    (reject,) = at_once
    assert (reject.stage, reject.reason, reject.url) == ("argument", "bad_address", word)
    assert (is_page(word), urls(idle)) == (False, [FIRST])


@pytest.mark.parametrize(
    ("url", "root"),
    [
        (FIRST, f"{SITE}/"),
        (NOTICE, f"{SITE}/"),
        (f"{SITE}/2022/06/14/{CODE}.html", f"{SITE}/"),
        (f"https://finews.withounder.com{post(CODE)}", "https://finews.withounder.com/"),
        (f"{SITE}/%E5%9B%8D/2022/06/14/a.html", f"{SITE}/"),
        (page_of(CODE), None),
        (f"{SITE}/category/Wind.html", None),
    ],
)
def test_the_site_of_a_post(url: str, root: str | None) -> None:
    assert root_of(url) == root


@pytest.mark.parametrize("url", [FIRST, NOTICE, page_of(CODE), json_of(CODE)])
def test_what_can_be_asked_for(url: str) -> None:
    assert is_page(url)


@pytest.mark.parametrize("word", [CODE, f"NW{CODE}", f"file:///a?id={CODE}", ""])
def test_what_is_no_address_on_a_server(word: str) -> None:
    assert not is_page(word)


# --- hosts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([f"https://finews.withounder.com{post(CODE)}"], id="the site"),
        pytest.param([FIRST], id="a copy on this machine"),
        pytest.param([page_of(CODE)], id="a share page"),
        pytest.param([page_of(CODE, "http://news.test:81")], id="on another host"),
        pytest.param([json_of(CODE, "http://127.0.0.1:9000")], id="on this machine"),
        pytest.param([FIRST, page_of(OTHER, "http://news.test")], id="here and there"),
        pytest.param([f"NW{CODE}"], id="a code"),
    ],
)
@pytest.mark.parametrize("endpoint", [None, SITE, "http://texts.test"])
def test_every_host_that_is_asked_is_allowed(words: list[str], endpoint: str | None) -> None:
    more = {"endpoint": endpoint} if endpoint else {}
    spider = made(PagesSpider, urls=",".join(words), **more)
    hosts = {urlsplit(url).hostname for found in begun(spider) for url in urls(found)}
    assert hosts - set(spider.allowed_domains or []) == set()


def test_a_copy_on_this_machine_leads_nowhere_else() -> None:
    spider = made_with({"FINEWS_OLD_POSTS": ""}, PagesSpider, urls=FIRST, full="1")
    assert spider.allowed_domains == ["127.0.0.1"]


# --- what is known ----------------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["known", "missed"])
def test_what_is_settled_is_left_out_with_a_refresh(standing: Standing) -> None:
    words = f"{FIRST},{SECOND},{page_of(CODE)},{page_of('202206143000000003')}"
    spider, memory = remembering(standing, CODE, urls=words, refresh="0")
    at_once, idle = begun(spider)
    assert urls([*at_once, *idle]) == [json_of("202206143000000003"), SECOND]
    assert count(spider, f"memory/{standing}") == 2
    texts, posts = memory.asked
    assert texts[0] == [Wanted(key=CODE, full=True), Wanted(key="202206143000000003", full=True)]
    assert texts[1] == posts[1] == timedelta()
    assert [one.key for one in posts[0]] == [CODE, OTHER]


def test_without_a_refresh_all_is_asked_for_whatever_is_known() -> None:
    """So does a retry: what was missed an hour ago is what it is about."""
    spider, memory = remembering("missed", CODE, OTHER, urls=f"{FIRST},{page_of(OTHER)}")
    at_once, idle = begun(spider)
    assert (urls([*at_once, *idle]), memory.asked) == ([json_of(OTHER), FIRST], [])


# --- what follows an answer -------------------------------------------------------------------


def test_a_post_is_an_article() -> None:
    _, (request,) = begun(made(PagesSpider, urls=FIRST))
    (article,) = answered(request, pages.post_page())
    assert (article.code, article.url, article.page_kind) == (CODE, FIRST, "post")
    assert (article.page().reader, article.page().status) == ("post", 200)


def test_a_flash_leads_to_its_text_when_the_whole_text_is_wanted() -> None:
    for full, expected in (("1", [json_of(CODE, SITE)]), ("0", [])):
        _, (request,) = begun(made(PagesSpider, urls=FIRST, full=full))
        assert urls(answered(request, pages.flash_page(CODE))) == expected


def test_a_text_is_an_article() -> None:
    (request,), _ = begun(made(PagesSpider, urls=page_of(CODE)))
    (article,) = answered(request, pages.share_answer(CODE))
    assert (article.code, article.url, article.share_url) == (CODE, json_of(CODE), page_of(CODE))


def test_a_text_that_cannot_be_read_leads_to_the_share_page() -> None:
    (request,), _ = begun(made(PagesSpider, urls=page_of(CODE)))
    output = answered(request, "neither")
    assert (reasons(output), urls(output)) == ([("extract", "unknown_layout")], [page_of(CODE)])
    (page,) = (one for one in output if isinstance(one, Request))
    (article,) = answered(page, pages.share_page())
    assert isinstance(article, RawArticle)


def test_an_absent_text_is_remembered_and_is_no_new_reject() -> None:
    """Else every retry of a text that there is not would add one."""
    (request,), _ = begun(made(PagesSpider, urls=page_of(CODE)))
    (miss, page) = failed(request, 404)
    assert (isinstance(miss, Miss), urls([page])) == (True, [page_of(CODE)])
    assert kinds(failed(page, 404)) == ["Miss"]


def test_a_post_that_cannot_be_read_is_a_reject_with_its_page() -> None:
    _, (request,) = begun(made(PagesSpider, urls=FIRST))
    (reject,) = answered(request, pages.EMPTY_PAGE)
    assert (reject.stage, reject.reason, reject.code) == ("extract", "unknown_layout", CODE)
    assert reject.answer.body == pages.EMPTY_PAGE.encode()


@pytest.mark.parametrize(("status", "reason"), [(503, "http_503"), (None, "refused_connection")])
def test_a_page_that_does_not_come_is_a_reject(status: int | None, reason: str) -> None:
    _, (request,) = begun(made(PagesSpider, urls=FIRST))
    output = failed(request, status)
    assert (reasons(output), len(items(output))) == ([("fetch", reason)], 1)
    assert (items(output)[0].answer is None) == (status is None)
