"""How Eastmoney is asked: the table of its lists, their addresses, one slot for all its hosts."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from finews_crawler.addresses import is_of_eastmoney
from finews_crawler.loopback import LoopbackMiddleware
from finews_crawler.origin_requests import (
    SLOT,
    GentleMiddleware,
    allowed_hosts,
    article_page,
    be_gentle,
    list_kind,
    list_url,
    text_endpoint,
)
from finews_crawler.reference import load_table
from finews_crawler.site import checked_root
from finews_crawler.spiders.live import LiveSpider
from finews_crawler.spiders.stock import StockSpider

CODE = "202506163772900001"
LISTS = sorted(load_table("origin")["list"])
COLUMN_QUERY = (
    "client=web&biz=web_news_col&column=102&order=1&needInteractData=0&page_index=3&page_size=50"
    "&req_trace=finews"
)
GENTLE = {"concurrency": 1, "delay": 1.0, "jitter": 0}

# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_whole_and_eastmoneys(name: str) -> None:
    kind = list_kind(name)
    assert is_of_eastmoney(kind.url)
    assert is_of_eastmoney(kind.referer)
    assert (kind.size > 0, kind.pages > 1, kind.success != ()) == (True, True, True)
    assert kind.older is None or list_kind(kind.older).older is None


def test_the_text_stands_on_a_host_of_eastmoney() -> None:
    root = text_endpoint(None)
    assert (checked_root(root), is_of_eastmoney(root)) == (root, True)


def test_columns_are_numbers_with_evidence() -> None:
    for rows in load_table("origin")["columns"].values():
        assert all(number.isdecimal() for number in rows)
        assert {row["sure"] for row in rows.values()} <= {"A", "B", "C", "D"}


def test_politeness_is_polite() -> None:
    table = load_table("origin")["politeness"]
    assert table["delay_seconds"] >= 1.0
    assert (table["pause_seconds"] >= 10, table["refusals"] <= 5) == (True, True)
    assert all(word == word.lower() for word in table["verify_words"])


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "address", "query"),
    [
        (
            "rolling",
            "https://np-weblist.eastmoney.com/comm/web/getFastNewsList",
            "client=web&biz=web_724&fastColumn=102&sortEnd=17&pageSize=50&req_trace=finews",
        ),
        (
            "rolling_older",
            "https://newsapi.eastmoney.com/kuaixun/v1/getlist_102_ajaxResult_50_3_.html",
            "",
        ),
        (
            "columns",
            "https://np-listapi.eastmoney.com/comm/web/getNewsByColumns",
            COLUMN_QUERY,
        ),
    ],
)
def test_the_address_of_a_page(name: str, address: str, query: str) -> None:
    found = list_url(list_kind(name), "102", 3, "17", None)
    assert found.partition("?")[::2] == (address, query)


def test_the_address_of_a_search() -> None:
    url = list_url(list_kind("search"), "600919", 2, "", None)
    query = parse_qs(urlsplit(url).query)
    asked = json.loads(query["param"][0])
    assert (query["cb"], asked["keyword"], asked["type"]) == (
        ["finews"],
        "600919",
        ["cmsArticleWebOld"],
    )
    assert asked["param"]["cmsArticleWebOld"] == {
        "searchScope": "default",
        "sort": "time",
        "pageIndex": 2,
        "pageSize": 50,
        "preTag": "",
        "postTag": "",
    }


@pytest.mark.parametrize("name", LISTS)
def test_another_host_is_asked_for_the_same_path(name: str) -> None:
    there = urlsplit(list_url(list_kind(name), "102", 1, "", None))
    here = urlsplit(list_url(list_kind(name), "102", 1, "", "http://127.0.0.1:8000/"))
    assert (here.path, here.query) == (there.path, there.query)
    assert (here.scheme, here.netloc) == ("http", "127.0.0.1:8000")


def test_the_page_of_an_article() -> None:
    assert article_page(CODE, None) == f"https://finance.eastmoney.com/a/{CODE}.html"
    assert article_page(CODE, "http://[::1]:80/") == f"http://[::1]:80/a/{CODE}.html"


def test_the_hosts_that_may_be_asked() -> None:
    assert allowed_hosts(None) == ["eastmoney.com"]
    assert allowed_hosts("http://127.0.0.1:8000/") == ["127.0.0.1"]


# --- one after the other ------------------------------------------------------------------------


def slot_of(url: str) -> object:
    """The slot that a request goes through, with both middlewares in their order."""
    request = Request(url)
    LoopbackMiddleware().process_request(request)
    GentleMiddleware().process_request(request)
    return request.meta.get("download_slot")


@pytest.mark.parametrize("path", ["/", "/robots.txt"])
def test_all_hosts_of_the_table_share_a_slot(path: str) -> None:
    roots = [list_kind(name).url for name in LISTS] + [
        text_endpoint(None),
        article_page(CODE, None),
    ]
    hosts = {urlsplit(root).netloc for root in roots}
    assert len(hosts) == 6
    assert {slot_of(f"https://{host}{path}") for host in hosts} == {SLOT}


@pytest.mark.parametrize(
    ("url", "slot"),
    [
        ("http://127.0.0.1:8000/a/1.html", "loopback"),
        ("https://finews.withounder.com/", None),
        ("https://eastmoney.com.elsewhere.test/", None),
    ],
)
def test_other_hosts_keep_theirs(url: str, slot: str | None) -> None:
    assert slot_of(url) == slot


def test_autothrottle_does_not_make_it_faster() -> None:
    request = Request("https://finance.eastmoney.com/")
    GentleMiddleware().process_request(request)
    assert request.meta["autothrottle_dont_adjust_delay"] is True


def project_settings() -> Settings:
    settings = Settings()
    settings.setmodule("finews_crawler.settings", priority="project")
    return settings


def test_the_slot_lets_one_call_a_second_pass() -> None:
    settings = project_settings()
    be_gentle(settings)
    assert settings["DOWNLOAD_SLOTS"][SLOT] == GENTLE
    assert settings["DOWNLOAD_SLOTS"]["loopback"]["delay"] == 0


@pytest.mark.parametrize("spider", [LiveSpider, StockSpider])
@pytest.mark.parametrize("settings", [project_settings(), Settings()], ids=["project", "none"])
def test_a_spider_is_gentle_whatever_the_settings(
    spider: type[LiveSpider], settings: Settings
) -> None:
    spider.update_settings(settings)
    named = map(load_object, settings["DOWNLOADER_MIDDLEWARES"])
    assert settings["DOWNLOAD_SLOTS"][SLOT] == GENTLE
    assert list(named).count(GentleMiddleware) == 1


def test_what_the_command_sets_again_changes_nothing() -> None:
    """Scrapy's process puts its settings over those of a crawler that it is given."""
    settings, again = project_settings(), project_settings()
    LiveSpider.update_settings(settings)
    settings.update(again)
    assert settings["DOWNLOAD_SLOTS"][SLOT] == GENTLE
    named = "finews_crawler.origin_requests.GentleMiddleware"
    assert {GentleMiddleware, named} & set(settings["DOWNLOADER_MIDDLEWARES"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({SLOT: {"concurrency": 1, "delay": 10, "jitter": 0}}, {"delay": 10}),
        ({"loopback": {"concurrency": 1, "delay": 0, "jitter": 0}}, {"delay": 1.0}),
    ],
    ids=["slower", "nothing said"],
)
def test_an_operator_may_know_better(
    given: dict[str, dict[str, float]], expected: dict[str, float]
) -> None:
    settings = project_settings()
    settings.set("DOWNLOAD_SLOTS", given, priority="cmdline")
    again = settings.copy()
    be_gentle(settings)
    settings.update(again)
    assert settings["DOWNLOAD_SLOTS"][SLOT] == {**GENTLE, **expected}
