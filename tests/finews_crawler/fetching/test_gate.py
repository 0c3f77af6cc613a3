"""Requests wait while their host rests, and are refused when it is not asked again."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, ResponseDataLossError

from finews_crawler.fetching.gate import NOT_BEFORE, HostGate
from finews_crawler.fetching.hosts import ROUNDS
from finews_crawler.fetching.pace import EASE
from finews_crawler.fetching.reasons import NotFetched
from tests.finews_crawler.fetching.stubs import (
    HOST,
    PAGE,
    FakeEngine,
    FakeTime,
    answer,
    asked,
    crawl,
    run,
    slot_of,
)

ROBOTS = f"{HOST}/robots.txt"


class Scene:
    """A gate in a crawl whose time the test moves."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.crawler: Crawler
        self.engine: FakeEngine
        self.crawler, self.engine = crawl()
        self.gate = HostGate(self.crawler, self.time.world())

    def sends(self, url: str = PAGE, not_before: float = 0.0) -> float:
        """Send a request through the gate; gives the seconds that it waited."""
        before, request = self.time.at, asked(url, **{NOT_BEFORE: not_before})

        async def both() -> None:
            await self.gate.process_request(request)
            await self.gate.leave(request)

        run(both())
        return self.time.at - before

    def answers(self, status: int, url: str = PAGE, after: str = "") -> None:
        """Send a request at once and answer it, with Retry-After if it is not empty."""
        request = asked(url, finews_sent=self.time.at)
        headers = {"Retry-After": after} if after else {}
        self.gate.process_response(request, answer(request, status, headers=headers))

    def refused(self, url: str = PAGE) -> str:
        """The word with which a request is refused; empty when it is not."""
        try:
            self.sends(url)
        except NotFetched as error:
            return error.reason
        return ""


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_without_trouble_nobody_waits(scene: Scene) -> None:
    for status in (200, 304, 404, 410, 302, 418):
        scene.answers(status)
    assert (scene.sends(), scene.time.naps) == (0.0, [])


@pytest.mark.parametrize("status", [429, 503, 500, 529])
def test_a_whole_host_waits_as_long_as_it_asks(scene: Scene, status: int) -> None:
    scene.answers(status, after="7")
    assert scene.sends(f"{HOST}/another.html") == 7.0
    assert scene.sends() == 0.0


def test_a_date_is_understood(scene: Scene) -> None:
    scene.answers(429, after="Wed, 25 Nov 2026 12:01:30 GMT")
    assert scene.sends() == 90.0


@pytest.mark.parametrize("status", [429, 503])
def test_without_a_time_the_pauses_double(scene: Scene, status: int) -> None:
    waited = []
    for _ in range(4):
        scene.answers(status)
        waited.append(scene.sends())
    assert waited == [2.0, 4.0, 8.0, 16.0]


def test_a_plain_server_error_is_for_its_page_alone(scene: Scene) -> None:
    scene.answers(500)
    assert scene.sends() == 0.0


def test_other_hosts_go_on(scene: Scene) -> None:
    scene.answers(429, after="60")
    assert scene.sends("http://other.test/") == 0.0
    assert scene.sends(f"{HOST}:8080/") == 0.0


def test_who_stands_in_the_slots_queue_waits_too(scene: Scene) -> None:
    request = asked()
    run(scene.gate.process_request(request))
    scene.answers(429, after="5")
    before = scene.time.at
    run(scene.gate.leave(request))
    assert scene.time.at - before == 5.0


def test_a_page_that_is_asked_again_has_a_time_of_its_own(scene: Scene) -> None:
    assert scene.sends(not_before=scene.time.at + 8.0) == 8.0
    assert scene.sends(f"{HOST}/another.html") == 0.0


def test_everything_waits_for_the_later_of_two_moments(scene: Scene) -> None:
    scene.answers(429, after="5")
    assert scene.sends(not_before=scene.time.at + 8.0) == 8.0


def test_what_is_no_http_is_let_through(scene: Scene) -> None:
    for url in ("data:,", "file:///a.md"):
        request = asked(url)
        run(scene.gate.process_request(request))
        assert scene.gate.process_response(request, answer(request)).url == url


# --- hosts that are not asked again -------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_host_that_refuses_is_not_asked_again(
    scene: Scene, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        scene.answers(status)
        scene.answers(status, f"{HOST}/b.html")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [f"news.test answered {status}: it is not asked again in this crawl"]
    assert scene.refused(f"{HOST}/c.html") == "host_refuses"
    assert scene.refused("http://other.test/") == ""


def test_the_refusal_itself_goes_to_the_spider(scene: Scene) -> None:
    request = asked()
    page = answer(request, 403)
    assert scene.gate.process_response(request, page) is page


@pytest.mark.parametrize("status", [401, 403, 404])
def test_rules_that_are_refused_are_no_rules(scene: Scene, status: int) -> None:
    request = asked(ROBOTS, dont_obey_robotstxt=True)
    scene.gate.process_response(request, answer(request, status))
    assert scene.refused() == ""


def test_a_page_called_robots_is_a_page(scene: Scene) -> None:
    scene.answers(403, ROBOTS)
    assert scene.refused() == "host_refuses"


def test_a_host_that_asks_for_too_long_is_left_alone(scene: Scene) -> None:
    with pytest.raises(NotFetched) as raised:
        scene.answers(503, after="601")
    error = raised.value
    assert (error.reason, error.response is not None) == ("retry_after_too_long", True)
    assert error.detail == (
        "news.test answered 503 and asks to wait 601 seconds, more than 600 "
        "(FINEWS_LONGEST_PAUSE_SECONDS)"
    )
    assert scene.refused() == "host_busy"


def test_the_longest_pause_is_waited(scene: Scene) -> None:
    scene.answers(503, after="600")
    assert scene.sends() == 600.0


def test_who_waits_is_refused_when_the_host_is_given_up(scene: Scene) -> None:
    async def closes_after(seconds: float) -> None:
        await FakeTime.sleep(scene.time, seconds)
        scene.answers(403)

    scene.answers(429, after="60")
    world = scene.time.world()
    scene.gate = HostGate(scene.crawler, world)
    scene.answers(429, after="60")
    object.__setattr__(world, "sleep", closes_after)
    assert scene.refused() == "host_refuses"


def test_a_host_that_only_complains_is_given_up(scene: Scene) -> None:
    for _ in range(ROUNDS):
        scene.answers(429)
        scene.sends()
    with pytest.raises(NotFetched, match="answered 429 8 times in a row"):
        scene.answers(429)
    assert scene.refused() == "host_busy"


def test_silence_is_told_apart_from_damage(scene: Scene) -> None:
    request = asked(finews_sent=scene.time.at)
    for _ in range(20):
        scene.gate.process_exception(request, ResponseDataLossError())
        request.meta["finews_sent"] = scene.time.at = scene.time.at + 700.0
    assert scene.refused() == ""


def test_a_silent_host_is_given_up(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(4):
        scene.sends()
        request = asked(finews_sent=scene.time.at)
        scene.gate.process_exception(request, DownloadTimeoutError())
        scene.time.at += 2.0
    assert scene.refused() == "host_silent"
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["news.test gives no answer (timeout): it is not asked again in this crawl"]


# --- the end of the crawl -----------------------------------------------------------------------


def test_who_waits_does_not_keep_a_crawl_from_ending(scene: Scene) -> None:
    scene.answers(429, after="600")
    scene.engine._slot.closing = object()
    assert (scene.refused(), scene.time.naps) == ("stopped", [])


def test_it_is_noticed_within_a_second(scene: Scene) -> None:
    scene.answers(429, after="600")

    async def stopped_while_waiting() -> None:
        waiting = asyncio.create_task(scene.gate.process_request(asked()))
        while len(scene.time.naps) < 3:
            await asyncio.wait([waiting], timeout=0)
        scene.engine._slot = SimpleNamespace(closing=object())
        await waiting

    with pytest.raises(NotFetched, match="stopped"):
        run(stopped_while_waiting())
    assert max(scene.time.naps) == 1.0


# --- afterwards ---------------------------------------------------------------------------------


def test_a_host_that_complained_is_asked_slower(scene: Scene) -> None:
    slot = slot_of(scene.engine, 1.0)
    scene.answers(429, after="5")
    scene.answers(429, after="5")
    assert slot.delay == 2.0


def test_a_page_that_fails_again_slows_nobody(scene: Scene) -> None:
    slot = slot_of(scene.engine, 1.0)
    request = asked(finews_sent=scene.time.at, retry_times=1)
    scene.gate.process_response(request, answer(request, 503))
    assert slot.delay == 1.0


def test_only_answers_since_the_complaint_ease_it(scene: Scene) -> None:
    slot = slot_of(scene.engine, 4.0)
    scene.answers(429)
    for _ in range(EASE):
        scene.answers(200)
    assert slot.delay == 8.0
    scene.sends()
    for _ in range(EASE):
        scene.answers(200)
    assert slot.delay == 4.0


def test_a_host_that_is_given_up_holds_its_queue_no_longer(scene: Scene) -> None:
    slot = slot_of(scene.engine, 1.0)
    scene.answers(429)
    scene.answers(403)
    assert slot.delay == 1.0


def test_a_crawl_that_ends_does_not_linger_over_a_slow_queue(scene: Scene) -> None:
    slot = slot_of(scene.engine, 1.0)
    scene.answers(429)
    scene.sends()
    assert slot.delay == 2.0
    scene.engine._slot.closing = object()
    scene.sends()
    assert slot.delay == 1.0
