"""The collector is set up when the spider opens, and not before."""

import gc
from collections.abc import Iterator

import pytest
from scrapy import signals
from scrapy.utils.test import get_crawler

from finews_crawler.garbage import THRESHOLDS, RareCollections


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_collections_become_rare_when_the_spider_opens() -> None:
    crawler = get_crawler()
    before = gc.get_threshold()
    extension = RareCollections.from_crawler(crawler)
    assert gc.get_threshold() == before
    crawler.signals.send_catch_log(signal=signals.spider_opened, spider=None)
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 0
    assert isinstance(extension, RareCollections)
