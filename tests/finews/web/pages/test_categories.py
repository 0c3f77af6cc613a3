"""Categories: figures, and what each lists now."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.finews.web.pages import crawled
from tests.finews.web.pages.crawled import DEGRADED, code
from tests.finews.web.pages.reading import all_words, facts, read, table, titles, words
from tests.finews.web.serving import served

NOW = datetime(2022, 6, 14, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    url = f"sqlite:///{tmp_path_factory.mktemp('crawled') / 'finews.db'}"
    crawled.crawled(url, NOW)
    with served(url) as client:
        yield client


def test_each_category_has_its_figures_and_its_listing(crawls: httpx.Client) -> None:
    rows = table(read(crawls, "/categories"), ".figures")
    told = [(row[0], row[1], *row[-2:]) for row in rows]
    assert told == [
        ("emnews东方财富", "4", "2", "2022-06-13 20:00"),
        ("cailianshe", "1", "—", "—"),
    ]


def test_a_category_without_articles_tells_when_it_was_looked_at(crawls: httpx.Client) -> None:
    page = read(crawls, "/categories")
    assert table(page, "[aria-labelledby=others-heading]")[0] == [
        "Wind 万得",
        "0",
        "2022-06-13 10:00",
    ]


def test_a_category_lists_its_articles_and_entries(crawls: httpx.Client) -> None:
    page = read(crawls, "/category/emnews")
    assert words(page.css("h1")) == "东方财富 emnews"
    assert titles(page) == ["第4条快讯", "第1条快讯", "第2条快讯", "第3条快讯"]
    assert all_words(page.css(".panel .rows li")) == ["第4条快讯", f"{code(99)} not stored"]
    assert page.css(".panel .rows a::attr(href)").get() == f"/article/{code(4)}"
    found = facts(page)
    assert found["entries"] == "2"
    assert found["so since"] == found["last looked at"] == "2022-06-13 20:00"
    assert found["crawl"] == str(DEGRADED)
    assert table(page, "#per-day") == [["2022-06-11", "1"], ["2022-06-13", "3"]]


def test_a_category_that_was_never_listed(crawls: httpx.Client) -> None:
    page = read(crawls, "/category/cailianshe")
    assert "No crawl has read a listing of it." in words(page.css("aside"))
    assert facts(page)["articles"] == "1"


def test_an_empty_category(crawls: httpx.Client) -> None:
    page = read(crawls, "/category/Wind")
    assert all_words(page.css(".empty")) == [
        "Nothing was published in this span.",
        "No article matches.",
    ]


def test_slugs_are_told_apart_by_case(crawls: httpx.Client) -> None:
    page = read(crawls, "/category/wind", status=404)
    assert "There is no category called wind." in words(page.css("main"))


def test_a_hostile_slug_has_its_page(news: httpx.Client) -> None:
    hrefs = read(news, "/categories").css(".figures th a::attr(href)").getall()
    assert [read(news, href).css("h1::text").get() for href in hrefs if "script" in href] == [
        '"><script>'
    ]
    assert words(read(news, "/category/a%20b%26c%3Dd").css("h1")) == "a b&c=d"
