"""How far a crawl is: plain lines in a file, a bar on a terminal."""

from io import StringIO

import pytest
from rich.console import Console
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from finews.progress import PLAIN_LINE_EVERY, ProgressExtension
from finews_crawler.options import option_values
from finews_crawler.spiders.category import CategorySpider

SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


def crawler_with(found: int, *extensions: str) -> Crawler:
    """A crawl whose plan holds so many articles, with no extensions but these."""
    own = {"EXTENSIONS_BASE": {}, "EXTENSIONS": dict.fromkeys(extensions, 500)}
    crawler = get_crawler(CategorySpider, {**option_values({}), **own})
    spider = CategorySpider.from_crawler(crawler, site=SITE)
    for number in range(found):
        spider.plan.add_post(f"{SITE}/wind/2022/06/14/NW20220614{3_000_000_000 + number}.html")
    crawler.spider = spider
    return crawler


def followed(found: int, stored: int, *, terminal: bool) -> str:
    """What a reader sees of a crawl from beginning to end."""
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, color_system=None)
    extension = ProgressExtension(crawler_with(found), console)
    extension.opened()
    extension.answered()
    for _ in range(stored):
        extension.stored()
    extension.closed()
    return out.getvalue()


def test_a_file_gets_a_plain_line_now_and_then() -> None:
    lines = followed(70, 2 * PLAIN_LINE_EVERY + 5, terminal=False).splitlines()
    assert [line for line in lines if line.strip()] == [
        "stored 20 of 70 articles found so far",
        "stored 40 of 70 articles found so far",
    ]


def test_a_short_crawl_says_nothing_in_a_file() -> None:
    assert followed(5, PLAIN_LINE_EVERY - 1, terminal=False).strip() == ""


def test_more_articles_than_were_planned_count_as_found() -> None:
    assert "stored 20 of 20 articles" in followed(3, 20, terminal=False)


def test_a_terminal_gets_a_bar_that_ends_full() -> None:
    told = followed(3, 3, terminal=True)
    assert "stored" not in told
    last = [line for line in told.splitlines() if "Crawling" in line][-1]
    assert "3/3" in last


def test_the_words_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "zh")
    assert "已入库 20 篇，目前共发现 70 篇" in followed(70, 20, terminal=False)


def test_the_extension_follows_a_crawls_signals(capsys: pytest.CaptureFixture[str]) -> None:
    crawler = crawler_with(70, "finews.progress.ProgressExtension")
    known: dict[str, object] = {
        "spider": crawler.spider,
        "reason": "finished",
        "item": {},
        "response": None,
    }
    for signal in (
        signals.spider_opened,
        signals.response_received,
        *[signals.item_scraped] * PLAIN_LINE_EVERY,
        signals.spider_closed,
    ):
        crawler.signals.send_catch_log(signal, **known)
    told = capsys.readouterr()
    assert (told.out, told.err.strip()) == ("", "stored 20 of 70 articles found so far")
