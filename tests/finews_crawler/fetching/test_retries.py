"""Retries come later each time; what is retried, and how often, is Scrapy's."""

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError

from finews_crawler.fetching.gate import NOT_BEFORE
from finews_crawler.fetching.reasons import NotFetched
from finews_crawler.fetching.retries import BackoffRetry
from tests.finews_crawler.fetching.stubs import FakeTime, answer, asked, crawl


class Scene:
    """Retries in a crawl whose time the test moves."""

    def __init__(self, **settings: object) -> None:
        self.time = FakeTime(at=100.0)
        self.crawler, _ = crawl(settings={"RETRY_TIMES": 3, **settings})
        self.retries = BackoffRetry(self.crawler.settings, self.time.world())
        self.retries.crawler = self.crawler

    def fails(self, request: Request, error: Exception | None = None) -> Request | None:
        return self.retries.process_exception(request, error or DownloadTimeoutError())


def pauses(scene: Scene, answered: int | None) -> list[float]:
    """How long each further request for a page waits, until it is given up."""
    found: list[float] = []
    request = asked()
    while True:
        if answered is None:
            again = scene.fails(request)
        else:
            result = scene.retries.process_response(request, answer(request, answered))
            again = result if isinstance(result, Request) else None
        if again is None:
            return found
        request = again
        found.append(request.meta[NOT_BEFORE] - scene.time.at)


@pytest.mark.parametrize("answered", [None, 500, 502, 503, 504, 429, 408])
def test_each_comes_later_and_the_last_is_given_up(answered: int | None) -> None:
    assert pauses(Scene(), answered) == [2.0, 4.0, 8.0]


def test_the_answer_after_the_last_goes_to_the_spider() -> None:
    request = asked(retry_times=3)
    page = answer(request, 500)
    assert Scene().retries.process_response(request, page) is page


def test_the_settings_say_how_long() -> None:
    settings = {"FINEWS_RETRY_PAUSE_SECONDS": 50.0, "FINEWS_LONGEST_PAUSE_SECONDS": 90.0}
    assert pauses(Scene(**settings), None) == [50.0, 90.0, 90.0]


@pytest.mark.parametrize("status", [200, 304, 403, 404, 410])
def test_what_no_retry_can_change_is_not_retried(status: int) -> None:
    request = asked()
    page = answer(request, status)
    assert Scene().retries.process_response(request, page) is page


@pytest.mark.parametrize("error", [NotFetched("robots"), ValueError()])
def test_errors_that_no_retry_can_change_are_not_retried(error: Exception) -> None:
    assert Scene().fails(asked(), error) is None


def test_damage_is_retried_as_any_failure() -> None:
    scene, request = Scene(), asked()
    first = scene.retries.after_damage(request)
    assert first is not None
    assert first.meta[NOT_BEFORE] == 102.0
    assert scene.retries.after_damage(asked(retry_times=3)) is None
