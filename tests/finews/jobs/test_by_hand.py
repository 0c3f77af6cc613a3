"""A crawl by hand is told that somebody else reads its site, and goes on."""

from collections.abc import Iterator

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from finews.jobs.by_hand import ByHand
from finews_crawler.options import option_values
from finews_crawler.spiders.category import CategorySpider
from pipelines.store.job_lock import JobLock, job_lock

SITE = "http://site.test/"


def crawler_on(url: str) -> Crawler:
    return get_crawler(settings_dict={**option_values({}), "FINEWS_DATABASE_URL": url})


@pytest.fixture
def crawler(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Crawler:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    monkeypatch.delenv("FINEWS_HOLDS_SITES", raising=False)
    return crawler_on(database_url)


@pytest.fixture
def read(database_url: str) -> Iterator[JobLock]:
    """The site, read by a job or a worker."""
    lock = job_lock(database_url, "site site.test")
    assert lock.take()
    yield lock
    lock.release()


@pytest.mark.usefixtures("read")
def test_a_site_that_somebody_reads(crawler: Crawler, capsys: pytest.CaptureFixture[str]) -> None:
    ByHand.from_crawler(crawler).look(CategorySpider(site=SITE))
    (line,) = capsys.readouterr().err.splitlines()
    told = "finews: category: a job or a worker reads site.test at this moment; "
    assert line.startswith(told)


def test_a_site_that_nobody_reads(crawler: Crawler, capsys: pytest.CaptureFixture[str]) -> None:
    ByHand.from_crawler(crawler).look(CategorySpider(site=SITE))
    assert capsys.readouterr().err == ""


def test_whose_parent_holds_the_locks_is_not_told(
    crawler: Crawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINEWS_HOLDS_SITES", "1")
    with pytest.raises(NotConfigured):
        ByHand.from_crawler(crawler)


@pytest.mark.usefixtures("read")
def test_a_database_without_locks_and_another_spider_are_left_alone(
    crawler: Crawler, capsys: pytest.CaptureFixture[str]
) -> None:
    ByHand.from_crawler(crawler_on("sqlite://")).look(CategorySpider(site=SITE))
    ByHand.from_crawler(crawler).look(Spider(name="other"))
    assert capsys.readouterr().err == ""
