"""What came in hour by hour, and what categories list; on both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from finews_crawler.items import SHANGHAI, Article, Listing
from pipelines.store.queries import coverage, volume
from pipelines.store.queries.coverage import Entry
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
LISTING = Listing(
    slug="emnews",
    url="http://127.0.0.1:1/category/emnews.html",
    heading="东方财富",
    entries=("202206143000000001", "202206143000000009"),
    fetched_at=START,
)


def category(engine: Engine, slug: str) -> int:
    found = volume.category(engine, slug)
    assert found is not None
    return found.id


def hour(day: int, number: int) -> datetime:
    return datetime(2022, 6, day, number, tzinfo=SHANGHAI)


def test_articles_count_in_the_hour_of_china_in_which_they_came(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    began = clock.now = START.replace(hour=15)
    writer.write([make_article(1), make_article(2, categories=("emnews",))])
    clock.forward(minutes=60)
    writer.write([make_article(3, categories=("emnews",)), make_article(1, title="更正")])
    found = coverage.arrived(engine, began)
    assert found.by_hour == {
        category(engine, "cailianshe"): {hour(14, 23): 1},
        category(engine, "emnews"): {hour(14, 23): 2, hour(15, 0): 1},
    }
    assert found.begin == began


def test_what_came_before_does_not_count(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1)])
    clock.forward(hours=3)
    writer.write([make_article(2, categories=("emnews",))])
    found = coverage.arrived(engine, START + timedelta(hours=1))
    assert found.by_hour == {category(engine, "emnews"): {hour(14, 21): 1}}
    assert coverage.arrived(engine, START + timedelta(hours=9)).by_hour == {}


def test_of_too_many_changes_the_newest_count(
    engine: Engine,
    writer: Writer,
    make_article: Make,
    clock: "Clock",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage, "MOST_CHANGES", 2)
    for number in (1, 2, 3):
        clock.forward(hours=1)
        writer.write([make_article(number, categories=("emnews",))])
    found = coverage.arrived(engine, START)
    assert found.by_hour == {category(engine, "emnews"): {hour(14, 20): 1, hour(14, 21): 1}}
    assert found.begin == START + timedelta(hours=2)


def test_an_hour_in_china() -> None:
    assert coverage.hour_of("2022-06-14 09") == hour(14, 9)


def test_what_stood_is_told_back_to_a_moment(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    looks = [START, START + timedelta(hours=1), START + timedelta(hours=4)]
    entries = (LISTING.entries, LISTING.entries, ("202206143000000011",))
    for at, listed in zip(looks, entries, strict=True):
        clock.now = at
        writer.write([replace(LISTING, entries=listed)])
    one = category(engine, "emnews")
    both = ((looks[2], looks[2]), (looks[0], looks[1]))
    assert coverage.stood(engine, [one], START) == {one: both}
    assert coverage.stood(engine, [one], looks[1]) == {one: both}
    assert coverage.stood(engine, [one], looks[2]) == {one: both[:1]}


def test_the_newest_listing_of_each_category(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1), LISTING, replace(LISTING, slug="Wind", entries=())])
    clock.forward(hours=1)
    writer.write([LISTING])
    found = {one.category_id: one for one in coverage.newest_listings(engine)}
    newest = found[category(engine, "emnews")]
    assert newest == coverage.newest_listing(engine, category(engine, "emnews"))
    assert (newest.entry_count, newest.first_seen_at, newest.last_seen_at) == (
        2,
        START,
        START + timedelta(hours=1),
    )
    assert found[category(engine, "Wind")].entry_count == 0
    assert coverage.newest_listing(engine, category(engine, "cailianshe")) is None
    assert coverage.entries(engine, newest.id, 50) == [
        Entry("202206143000000001", "第1条", START - timedelta(minutes=1)),
        Entry("202206143000000009", None, None),
    ]
    assert len(coverage.entries(engine, newest.id, 1)) == 1
