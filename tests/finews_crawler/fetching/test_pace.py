"""A host that has complained is asked slower, until many of its answers are good."""

import pytest
from scrapy import Request, signals
from scrapy.extensions.throttle import AutoThrottle

from finews_crawler.fetching.pace import EASE, SLOWEST, Pace
from tests.finews_crawler.fetching.stubs import FakeEngine, answer, asked, crawl, slot_of


def paced(least: float = 2.0) -> tuple[Pace, FakeEngine]:
    crawler, engine = crawl()
    return Pace(crawler, least), engine


def test_the_delay_doubles_within_bounds() -> None:
    pace, engine = paced()
    slot = slot_of(engine, 1.5)
    delays = [pace.slow(asked()) for _ in range(5)]
    assert delays == [3.0, 6.0, 12.0, SLOWEST, SLOWEST]
    assert slot.delay == SLOWEST


def test_a_slot_without_a_delay_gets_the_least() -> None:
    pace, engine = paced()
    slot_of(engine, 0.0)
    assert [pace.slow(asked()) for _ in range(3)] == [2.0, 4.0, 8.0]


def test_it_is_eased_step_by_step_and_ends_where_it_was() -> None:
    pace, engine = paced()
    slot = slot_of(engine, 1.0)
    for _ in range(2):
        pace.slow(asked())
    delays = []
    for _ in range(3):
        for _ in range(EASE):
            pace.good(asked())
        delays.append(slot.delay)
    assert delays == [2.0, 1.0, 1.0]


def test_a_complaint_counts_anew() -> None:
    pace, engine = paced()
    slot = slot_of(engine, 1.0)
    pace.slow(asked())
    for _ in range(EASE - 1):
        pace.good(asked())
    pace.slow(asked())
    pace.good(asked())
    assert slot.delay == 4.0


def test_all_is_taken_back_when_nothing_more_is_asked() -> None:
    pace, engine = paced()
    slot = slot_of(engine, 1.0)
    for _ in range(3):
        pace.slow(asked())
    pace.restore(asked())
    pace.hold(asked())
    assert slot.delay == 1.0


def test_a_slot_that_is_no_more_costs_nothing() -> None:
    pace, _ = paced()
    assert pace.slow(asked()) is None
    pace.good(asked())
    pace.restore(asked())
    pace.good(Request("http://news.test/"))


@pytest.mark.parametrize(("latency", "delay"), [(0.1, 4.0), (9.0, 9.0)], ids=["quick", "slow"])
def test_autothrottle_does_not_take_it_back(latency: float, delay: float) -> None:
    settings: dict[str, object] = {"AUTOTHROTTLE_ENABLED": True, "DOWNLOAD_DELAY": 0.5}
    crawler, engine = crawl(settings=settings)
    throttle = crawler.get_extension(AutoThrottle)
    assert throttle is not None
    assert crawler.spider is not None
    throttle._spider_opened(crawler.spider)
    pace, slot = Pace(crawler, 2.0), slot_of(engine, 2.0)
    pace.slow(asked())
    request = asked(download_latency=latency)
    for _ in range(5):
        crawler.signals.send_catch_log(
            signals.response_downloaded,
            request=request,
            response=answer(request),
            spider=crawler.spider,
        )
    assert slot.delay == delay
