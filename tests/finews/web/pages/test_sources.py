"""Media: how much each publishes, how soon it is seen, which have fallen silent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from finews.web.pages import figures
from finews.web.pages.figures import is_silent
from pipelines.store.queries.volume import Figures
from tests.finews.filling import written
from tests.finews.web.pages import crawled
from tests.finews.web.pages.reading import all_words, facts, read, table, titles, words
from tests.finews.web.pages.written import SCRIPT
from tests.finews.web.serving import served

# In China it is four in the afternoon.
NOW = datetime(2022, 6, 14, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    url = f"sqlite:///{tmp_path_factory.mktemp('crawled') / 'finews.db'}"
    crawled.crawled(url, NOW)
    with served(url) as client:
        yield client


def test_each_source_has_a_row_the_most_articles_first(crawls: httpx.Client) -> None:
    page = read(crawls, "/sources")
    heads = all_words(page.css(".figures thead th"))
    rows = [dict(zip(heads, row, strict=True)) for row in table(page, ".figures")]
    assert [(row["source"], row["articles"]) for row in rows] == [
        ("财联社", "3"),
        ("证券日报", "1"),
    ]
    assert rows[0] == {
        "source": "财联社",
        "articles": "3",
        "by day": "",
        "newest article": "2022-06-13 19:30",
        "last arrival": "2022-06-13 20:00",
        "delay, median": "6 min",
        "delay, 90 %": "30 min",
        "backfilled": "1",
        "silent for": "20 h 30 min",
        "longest pause": "2 d 1 h",
    }


def test_the_chart_says_the_same_as_its_table(crawls: httpx.Client) -> None:
    page = read(crawls, "/sources")
    assert table(page, "#per-day") == [["2022-06-11", "1"], ["2022-06-13", "3"]]
    told = "4 articles from 2022-05-15 to 2022-06-13; most on 2022-06-13: 3"
    assert words(page.css("figcaption")) == told
    assert page.css("canvas::attr(aria-label)").get() == told


def test_the_span_can_be_chosen(crawls: httpx.Client) -> None:
    page = read(crawls, "/sources", days=7)
    assert page.css("#per-day::attr(data-begin)").get() == "2022-06-07"
    assert words(page.css(".switch [aria-current]")) == "7 days"
    refused = read(crawls, "/sources", status=422, days=8)
    assert "days: 8 is none of 7, 30, 90" in words(refused.css("main"))


def test_sources_without_an_article_in_the_span_stand_below(own_url: str) -> None:
    old = crawled.article(2, NOW - timedelta(days=40), "emnews", source="证券日报")
    written(own_url, [crawled.article(1, NOW - timedelta(hours=8), "emnews", source="财联社"), old])
    with served(own_url) as client:
        page = read(client, "/sources")
        assert [row[0] for row in table(page, ".figures")] == ["财联社"]
        assert words(page.css("details.section summary")) == "Nothing in this span: 1"
        assert all_words(page.css(".names-list li")) == ["证券日报"]
        page = read(client, "/sources", days=90)
        assert [row[0] for row in table(page, ".figures")] == ["证券日报", "财联社"]


@pytest.mark.parametrize("name", ["财联社", "cailianshe"])
def test_a_source_by_name_or_slug(crawls: httpx.Client, name: str) -> None:
    page = read(crawls, f"/source/{name}")
    assert words(page.css("h1")) == "财联社"
    assert titles(page) == ["第4条快讯", "第1条快讯", "第3条快讯"]
    assert facts(page) == {
        "articles": "3",
        "delay, median": "6 min",
        "delay, 90 %": "30 min",
        "articles with a delay": "2",
        "backfilled": "1",
        "silent for": "20 h 30 min",
        "longest pause": "2 d 1 h",
    }
    assert page.css(".places [aria-current]::attr(href)").get() == "/sources"


def test_a_hostile_name_has_its_page(news: httpx.Client) -> None:
    page = read(news, "/sources")
    href = next(one for one in page.css(".figures th a::attr(href)").getall() if "script" in one)
    assert words(read(news, href).css("h1")) == f"<b>{SCRIPT}</b>"


def test_a_source_that_is_not_there(crawls: httpx.Client) -> None:
    page = read(crawls, "/source/无此来源", status=404)
    assert "No article names a source called 无此来源." in words(page.css("main"))


def test_an_empty_database_says_so(own_url: str) -> None:
    with served(own_url) as client:
        page = read(client, "/sources")
        assert all_words(page.css(".empty")) == ["Nothing was published in this span."]
        assert page.css("script") == []


# --- silence --------------------------------------------------------------------------------------


def regular(articles_a_day: int, days: int) -> Figures:
    first = date(2022, 6, 1)
    per_day = {first + timedelta(days=place): articles_a_day for place in range(days)}
    return Figures(per_day=per_day, longest_pause=timedelta(hours=10))


@pytest.mark.parametrize(
    ("found", "hours", "told"),
    [
        (regular(3, 8), 21, True),
        (regular(3, 8), 20, False),  # twice its longest pause
        (regular(2, 8), 21, False),  # too few articles
        (regular(9, 6), 21, False),  # on too few days
        (Figures(per_day=regular(3, 8).per_day), 12.5, True),
        (Figures(per_day=regular(3, 8).per_day), 12, False),
    ],
)
def test_only_who_publishes_regularly_falls_silent(
    found: Figures, hours: float, told: bool
) -> None:
    assert is_silent(found, timedelta(hours=hours)) is told


def test_the_days_of_a_span() -> None:
    days = figures.Days(number=7, end=date(2022, 6, 14), looked_at=NOW)
    assert days.begin == date(2022, 6, 8)
    assert days.span.begin == datetime(2022, 6, 7, 16, tzinfo=UTC)
    assert days.span.end == datetime(2022, 6, 14, 16, tzinfo=UTC)
