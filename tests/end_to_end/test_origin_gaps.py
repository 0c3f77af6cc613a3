"""`scrapy crawl live` after an absence: what its lists may have shown meanwhile is told."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from pipelines.store.models import Listing
from tests.origin_server import NEWEST, Item, Origin, news, serving

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

OLD = [news(number, 60 + 10 * number) for number in range(1, 5)]
"""The newest is of 12:50 in Shanghai."""
NEW = [news(number, 5 * number) for number in range(5, 9)]
"""From 13:20 to 13:35."""


def crawled(crawler: "Crawler", items: list[Item], since: datetime) -> "Crawl":
    with serving(Origin(rolling=items)) as root:
        told = f"since={since.isoformat()}"
        return crawler.run("live", "-a", f"endpoint={root}", "-a", told, "-a", "text=0")


def looked_at(crawler: "Crawler", moment: datetime) -> None:
    """Let the last look have been at a moment of the fixture's day."""
    with crawler.engine().begin() as connection:
        connection.execute(update(Listing).values(first_seen_at=moment, last_seen_at=moment))


def after(crawler: "Crawler", look: datetime, since: datetime) -> "Crawl":
    """A crawl back to a moment, after one whose look was at another."""
    assert crawled(crawler, OLD, NEWEST - timedelta(hours=2)).exit_code == 0
    looked_at(crawler, look)
    return crawled(crawler, [*NEW, *OLD], since)


def test_a_crawl_that_leads_back_to_the_last_look_misses_nothing(crawler: "Crawler") -> None:
    look = NEWEST - timedelta(minutes=60)
    crawl = after(crawler, look, since=look)
    assert (crawl.exit_code, crawl.last_line) == (0, "finews: live: articles: 4 new")


def test_nor_does_one_whose_list_had_nothing_in_between(crawler: "Crawler") -> None:
    """It went back to 13:10; the newest that it left is of 12:50, ten minutes before the look."""
    crawl = after(crawler, NEWEST - timedelta(minutes=60), since=NEWEST - timedelta(minutes=50))
    assert crawl.exit_code == 0


def test_a_crawl_that_ends_before_the_last_look_says_what_it_may_have_missed(
    crawler: "Crawler",
) -> None:
    """It went back to 13:30, and left what is of 13:25 and 13:20; the look was at 13:00."""
    crawl = after(crawler, NEWEST - timedelta(minutes=60), since=NEWEST - timedelta(minutes=30))
    assert crawl.exit_code == 3
    assert (
        "gap eastmoney:724:102: the list was read back to 2025-06-16 13:25 (Shanghai) only, and "
        "the last look was 0.4 hours before that"
    ) in crawl.told
