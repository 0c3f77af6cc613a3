"""The spider `live`: what it tells of the lists themselves, for the alarm of gaps."""

from datetime import timedelta

import pytest

from finews_crawler.items import Listing
from finews_crawler.spiders.live import LiveSpider
from finews_crawler.spiders.stock import StockSpider
from tests.finews_crawler.spiders.driving import kinds
from tests.finews_crawler.spiders.origin_driving import SINCE, Run, awake, crawled
from tests.origin_server import NEWEST, TOO_FAST, Item, Origin, news


def listings(run: Run) -> list[Listing]:
    return [one for one in run.output if isinstance(one, Listing)]


def run_on(origin: Origin, **given: str) -> Run:
    return crawled(awake(LiveSpider, **{"since": SINCE, **given}), origin)


def four() -> list[Item]:
    """The newest first; of the last three, which are too old, the newest is of 70 minutes ago."""
    return [news(1, 10), news(2, 70), news(3, 80), news(4, 90)]


def test_a_list_is_told_under_its_column() -> None:
    (rolling, column) = listings(
        run_on(Origin(rolling=four(), columns={"350": four()[1:]}, size=4), columns="724:102,350")
    )
    back_to = NEWEST - timedelta(minutes=70)
    assert (rolling.slug, rolling.entries, rolling.back_to) == (
        "eastmoney:724:102",
        (four()[0].code,),
        back_to,
    )
    assert (column.slug, column.entries, column.back_to) == ("eastmoney:350", (), back_to)
    assert rolling.url.startswith("https://np-weblist.eastmoney.com/comm/web/getFastNewsList?")


def test_a_list_is_told_when_all_its_articles_have_left() -> None:
    """Else a crawl that is killed would leave a listing of what was never stored."""
    origin = Origin(rolling=[news(1, 10), news(2, 20, page=None), *four()[1:]])
    assert kinds(run_on(origin).output) == ["RawArticle", "RawArticle", "Listing"]


def test_without_texts_too() -> None:
    assert kinds(run_on(Origin(rolling=four()), text="0").output) == ["RawArticle", "Listing"]


def test_the_older_list_counts_as_the_same() -> None:
    origin = Origin(rolling=four(), size=4, instead={"/comm/web/getFastNewsList": [500]})
    (one,) = listings(run_on(origin))
    assert (one.slug, one.entries) == ("eastmoney:724:102", (four()[0].code,))
    assert one.url.startswith("https://newsapi.eastmoney.com/kuaixun/v1/getlist_102_")


def test_a_list_that_could_not_be_read_says_nothing() -> None:
    assert listings(run_on(Origin(), columns="350")) == []


def test_a_list_that_was_cut_short_says_how_far_it_led() -> None:
    origin = Origin(rolling=four()[:1], columns={"350": [news(1, 10), news(2, 20)]}, repeats=True)
    (one,) = listings(run_on(origin, columns="350"))
    assert one.back_to == NEWEST - timedelta(minutes=10)


@pytest.mark.parametrize("columns", ["350,724:102", "724:102,350"])
def test_who_is_refused_tells_of_the_lists_that_he_has_read(columns: str) -> None:
    instead = {"/comm/web/getFastNewsList": [(TOO_FAST,)], "/kuaixun": [(TOO_FAST,)]}
    run = run_on(Origin(columns={"350": four()}, instead=instead), columns=columns)
    read = ["eastmoney:350"] if columns.startswith("350") else []
    assert (run.closed, [one.slug for one in listings(run)]) == ("origin_refused", read)


def test_a_search_is_no_list() -> None:
    spider = awake(StockSpider, symbols="600919.SH", since=SINCE)
    run = crawled(spider, Origin(hits={"600919": four()}))
    assert kinds(run.output) == ["RawArticle"]
