"""What a crawl knows of each host: rounds of trouble, pauses, the end."""

import pytest

from finews_crawler.fetching.hosts import ROUNDS, ROUNDS_BEFORE_A_WORD, Closing, Hosts, host_name
from finews_crawler.fetching.waiting import Backoff
from tests.finews_crawler.fetching.stubs import PAGE, FakeTime

START = 1000.0


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(START)


@pytest.fixture
def hosts(time: FakeTime) -> Hosts:
    return Hosts(Backoff(first=2.0, longest=600.0), time.world())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a.test/x", "a.test"),
        ("http://a.test:80/", "a.test"),
        ("https://a.test:443/", "a.test"),
        ("https://a.test:80/", "a.test:80"),
        ("http://127.0.0.1:8000/x", "127.0.0.1:8000"),
        ("http://me:word@A.test/", "a.test"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://a.test:http/", "a.test"),
        ("data:,", ""),
    ],
)
def test_how_a_host_is_called(url: str, name: str) -> None:
    assert host_name(url) == name


def test_a_host_is_one_whatever_its_scheme(hosts: Hosts) -> None:
    one = hosts.at("http://a.test/x")
    assert hosts.at("https://a.test:443/y?z") is one
    assert hosts.at("http://a.test:8000/x") is not one
    assert one.root == "http://a.test/"


def test_a_complaint_makes_everything_wait(hosts: Hosts) -> None:
    host = hosts.at(PAGE)
    assert hosts.complained(host, START, 7.0, "answered 429") is True
    assert (host.until, host.rounds) == (START + 7.0, 1)


def test_a_server_that_asks_for_no_time_gets_a_polite_one(hosts: Hosts) -> None:
    host = hosts.at(PAGE)
    hosts.complained(host, START, 0.0, "answered 429")
    assert host.until == START + 2.0


def test_what_was_sent_before_the_pause_says_nothing_new(hosts: Hosts, time: FakeTime) -> None:
    host = hosts.at(PAGE)
    hosts.complained(host, START, 0.0, "answered 429")
    time.at += 1.0
    assert [hosts.complained(host, START, 0.0, "answered 429") for _ in range(15)] == [False] * 15
    assert (host.rounds, host.until) == (1, START + 2.0)
    hosts.complained(host, START, 5.0, "answered 429")
    assert (host.rounds, host.until) == (1, START + 6.0)


def test_each_round_is_longer(hosts: Hosts, time: FakeTime) -> None:
    host = hosts.at(PAGE)
    pauses = []
    for _ in range(5):
        hosts.complained(host, time.at, 0.0, "answered 503")
        pauses.append(host.until - time.at)
        time.at = host.until
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0]


def test_a_good_answer_after_the_pause_ends_the_count(hosts: Hosts, time: FakeTime) -> None:
    host = hosts.at(PAGE)
    hosts.complained(host, START, 0.0, "answered 503")
    hosts.spoke(host, START)
    assert host.rounds == 1
    hosts.spoke(host, host.until)
    assert host.rounds == 0


def rounds_until_closed(hosts: Hosts, time: FakeTime, trouble: str) -> int:
    host = hosts.at(PAGE)
    for number in range(1, 100):
        if trouble == "silent":
            hosts.was_silent(host, time.at, "reset")
        else:
            hosts.complained(host, time.at, 0.0, "answered 429")
        if host.closing:
            return number
        time.at = host.round_ends
    return 0


def test_a_host_that_only_complains_is_given_up(hosts: Hosts, time: FakeTime) -> None:
    assert rounds_until_closed(hosts, time, "complains") == ROUNDS + 1
    (host,) = hosts.closed
    expected = Closing("host_busy", f"answered 429 {ROUNDS} times in a row", "site_busy")
    assert host.closing == expected
    assert 8 * 60 < time.at - START < 12 * 60


def test_a_host_that_falls_silent_is_given_up(hosts: Hosts, time: FakeTime) -> None:
    hosts.spoke(hosts.at(PAGE), START)
    assert rounds_until_closed(hosts, time, "silent") == ROUNDS + 1
    expected = Closing("host_silent", "gives no answer (reset)", "site_unreachable")
    assert hosts.at(PAGE).closing == expected


def test_a_host_that_never_spoke_is_given_up_soon(hosts: Hosts, time: FakeTime) -> None:
    assert rounds_until_closed(hosts, time, "silent") == ROUNDS_BEFORE_A_WORD + 1
    assert time.at - START == 14.0


def test_one_page_without_an_answer_holds_nobody_up(hosts: Hosts, time: FakeTime) -> None:
    host = hosts.at(PAGE)
    hosts.spoke(host, time.at)
    for _ in range(50):
        hosts.was_silent(host, time.at, "reset")
        assert host.rounds == 1
        assert host.until <= time.at
        time.at += 3.0
        hosts.spoke(host, time.at - 0.1)
    assert host.closing is None


def test_two_rounds_of_silence_hold_everything_up(hosts: Hosts, time: FakeTime) -> None:
    host = hosts.at(PAGE)
    hosts.was_silent(host, time.at, "reset")
    time.at += 2.0
    hosts.was_silent(host, time.at, "reset")
    assert host.until == time.at + 4.0


def test_hosts_do_not_wait_for_one_another(hosts: Hosts) -> None:
    hosts.complained(hosts.at(PAGE), START, 60.0, "answered 429")
    assert hosts.at("http://other.test/").until == 0.0


def test_a_host_is_closed_once(hosts: Hosts) -> None:
    host = hosts.at(PAGE)
    first = Closing("host_refuses", "answered 403", "site_refuses")
    assert hosts.close(host, first) is True
    assert hosts.close(host, Closing("host_busy", "…", "site_busy")) is False
    assert host.closing is first
