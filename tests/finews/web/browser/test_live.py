"""New articles come into the open page as they are committed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from finews.sample_site.server import sample_site_root
from finews_crawler.items import Article
from tests.conftest import Crawler
from tests.finews.filling import BANK_ARTICLE, START, written
from tests.finews.web.browser.conftest import Open
from tests.finews.web.pages.written import STORY_ARTICLE
from tests.finews.web.serving import many, numbered
from tests.finews.web.serving import served as served_app


def news(number: int) -> Article:
    """Newer than all that `many` writes."""
    code = f"20220614{3_000_900_000 + number}"
    return replace(
        BANK_ARTICLE,
        code=code,
        identity=code,
        title=f"刚刚的第{number}条",
        published_at=START + timedelta(minutes=number),
        url=f"https://finews.withounder.com/emnews/2022/06/14/{code}.html",
    )


def test_news_comes_in_at_the_top_and_is_announced(open_page: Open, own_url: str) -> None:
    many(own_url)
    with served_app(own_url) as client:
        page = open_page(str(client.base_url))
        expect(page.locator("#live-state")).to_have_text("live")
        written(own_url, [news(1), news(2)])
        expect(page.locator("li.item .title").first).to_have_text("刚刚的第2条")
        expect(page.get_by_role("status")).to_have_text("2 new articles")
        expect(page.locator("li.item.fresh")).to_have_count(2)
        written(own_url, [news(3)])
        expect(page.locator("li.item .title").first).to_have_text("刚刚的第3条")
        expect(page.get_by_role("status")).to_have_text("1 new article")
        page.close()


def test_nothing_moves_while_somebody_reads(open_page: Open, own_url: str) -> None:
    many(own_url)
    with served_app(own_url) as client:
        page = open_page(str(client.base_url))
        expect(page.locator("#live-state")).to_have_text("live")
        first = page.locator("li.item .title a").first
        first.focus()
        before = first.text_content()
        written(own_url, [news(1)])
        shown = page.get_by_role("button", name="1 new article")
        expect(shown).to_be_visible()
        assert page.locator("li.item .title").first.text_content() == before
        shown.click()
        expect(page.locator("li.item .title").first).to_have_text("刚刚的第1条")
        assert page.evaluate("document.activeElement.textContent") == "刚刚的第1条"
        page.close()


def test_the_filter_decides_what_is_news(open_page: Open, own_url: str) -> None:
    many(own_url)
    with served_app(own_url) as client:
        page = open_page(f"{client.base_url}/?category=emnews")
        expect(page.locator("#live-state")).to_have_text("live")
        written(own_url, [replace(news(1), categories=("Wind",))], [news(2)])
        expect(page.locator("li.item .title").first).to_have_text("刚刚的第2条")
        expect(page.get_by_text("刚刚的第1条")).to_have_count(0)
        page.close()


def test_a_new_version_takes_the_place_of_the_old_one(open_page: Open, own_url: str) -> None:
    many(own_url, 5)
    with served_app(own_url) as client:
        page = open_page(str(client.base_url))
        expect(page.locator("#live-state")).to_have_text("live")
        written(own_url, [replace(numbered(1), title="更正后的标题")])
        expect(page.get_by_text("更正后的标题")).to_be_visible()
        page.close()


def test_a_running_crawl_arrives(
    open_page: Open, new_crawler: Callable[[], Crawler], served: Callable[[Path], str]
) -> None:
    crawler = new_crawler()
    url = f"sqlite:///{crawler.database}"
    written(url, [STORY_ARTICLE])
    with served_app(url) as client:
        page = open_page(str(client.base_url))
        expect(page.locator("li.item")).to_have_count(1)
        expect(page.locator("#live-state")).to_have_text("live")
        crawl = crawler.run("category", "-a", f"site={served(sample_site_root())}", "-a", "full=1")
        assert crawl.exit_code == 0, crawl.told
        expect(page.locator("li.item")).to_have_count(40)
        page.close()
