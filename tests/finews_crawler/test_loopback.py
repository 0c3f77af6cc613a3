"""Requests to this machine go without delays, all others politely."""

import pytest
from scrapy import Request
from scrapy.settings import Settings

from finews_crawler.addresses import is_loopback
from finews_crawler.loopback import SLOT, LoopbackMiddleware


def processed(url: str, **meta: object) -> dict[str, object]:
    """The request's meta after the middleware."""
    request = Request(url, meta=dict(meta))
    LoopbackMiddleware().process_request(request)
    return request.meta


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/a",
        "http://127.8.9.10/",
        "http://localhost/",
        "http://LOCALHOST:80",
        "http://[::1]:8000/",
        "//127.0.0.1",
    ],
)
def test_addresses_of_this_machine(url: str) -> None:
    assert is_loopback(url) is True


@pytest.mark.parametrize(
    "url",
    [
        "https://finews.withounder.com/",
        "http://128.0.0.1/",
        "http://192.168.0.1/",
        "http://127.0.0.1.elsewhere.test/",
        "http://localhost.elsewhere.test/",
        "http://127.0.0.1@elsewhere.test/",
        "/127.0.0.1",
        "data:,",
        "",
    ],
)
def test_addresses_of_other_machines(url: str) -> None:
    assert is_loopback(url) is False


def test_a_request_to_this_machine_gets_the_slot_without_delays() -> None:
    assert processed("http://127.0.0.1:8000/") == {
        "download_slot": SLOT,
        "autothrottle_dont_adjust_delay": True,
    }


def test_a_slot_that_was_chosen_stays() -> None:
    assert processed("http://127.0.0.1/", download_slot="own")["download_slot"] == "own"


def test_a_request_to_another_machine_is_left_alone() -> None:
    assert processed("https://finews.withounder.com/") == {}


def test_the_slot_is_the_only_one_without_politeness() -> None:
    settings = Settings()
    settings.setmodule("finews_crawler.settings", priority="project")
    slots = settings["DOWNLOAD_SLOTS"]
    assert [name for name, slot in slots.items() if slot["delay"] < 0.5] == [SLOT]
    assert slots[SLOT]["delay"] == 0
    assert (settings["DOWNLOAD_DELAY"], settings["CONCURRENT_REQUESTS_PER_DOMAIN"]) == (0.5, 2)
    assert (settings["ROBOTSTXT_OBEY"], settings["AUTOTHROTTLE_ENABLED"]) == (True, True)
