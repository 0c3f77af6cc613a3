"""Crawls of a host that refuses, asks for time, or falls silent: it is left in peace."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import DNSLookupError

from finews.sample_site.server import sample_site_root
from finews_crawler.outcome import judge
from tests.misbehaving_server import Misbehaving, misbehaving

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

QUICK = ("-s", "FINEWS_RETRY_PAUSE_SECONDS=0.01", "-s", "RETRY_TIMES=1")
OFTEN = ("-s", "RETRY_TIMES=3")
BEFORE = 40
"""Good answers before the trouble begins: the listings and some posts."""
IN_FLIGHT = 16
"""Requests that may be under way when the host says that it wants none."""


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving(sample_site_root()) as running:
        yield running


Run = Callable[..., "Crawl"]


@pytest.fixture
def run(crawler: "Crawler", server: Misbehaving) -> Run:
    """Crawl the sample site on the server."""

    def crawl(*given: str) -> "Crawl":
        return crawler.run("category", "-a", f"site={server.url}", *QUICK, *given)

    return crawl


def query(crawl: "Crawl", sql: str) -> list[Any]:
    with crawl.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def reasons(crawl: "Crawl") -> dict[str, int]:
    return dict(query(crawl, "SELECT reason, count(*) FROM reject GROUP BY reason"))


def unasked(crawl: "Crawl", server: Misbehaving) -> int:
    """How many pages were not asked for."""
    ((counts,),) = query(crawl, "SELECT counts FROM crawl_run")
    return int(json.loads(counts)[f"finews/unasked/{name_of(server)}"])


def verdict(crawl: "Crawl") -> str:
    assert "Traceback" not in crawl.told
    assert "Unhandled" not in crawl.told
    return crawl.last_line.removeprefix("finews: ")


def ended(reason: str, spider: str = "category") -> str:
    """The verdict on a crawl that got answers and was closed for this reason."""
    return f"{spider}: failed: {judge({'downloader/response_count': 1}, reason).message}"


def lines_with(crawl: "Crawl", words: str) -> list[str]:
    found = [line for line in crawl.told.splitlines() if words in line]
    return [line.partition("WARNING: ")[2] for line in found]


def name_of(server: Misbehaving) -> str:
    return server.url.removeprefix("http://")


# --- a host that refuses --------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["401", "403", "451"])
def test_a_site_that_refuses_is_not_asked_again(run: Run, server: Misbehaving, status: str) -> None:
    server.put("/*", status, begin=BEFORE)
    crawl = run()
    assert (crawl.exit_code, verdict(crawl)) == (1, ended("site_refuses"))
    asked_in_vain = len(server.asked) - BEFORE
    assert 1 <= asked_in_vain <= IN_FLIGHT
    assert reasons(crawl)[f"http_{status}"] == asked_in_vain
    line = f"{name_of(server)} answered {status}: it is not asked again in this crawl"
    assert lines_with(crawl, "not asked again") == [line]
    assert len(crawl.articles) > 0


def test_every_page_that_was_not_asked_for_is_known_by_its_address(
    run: Run, server: Misbehaving
) -> None:
    server.put("/*", "403", begin=BEFORE)
    crawl = run()
    rejected = query(crawl, "SELECT DISTINCT url, detail FROM reject WHERE reason = 'host_refuses'")
    assert (len(rejected), len(rejected) > 10) == (unasked(crawl, server), True)
    assert {detail for _, detail in rejected} == {f"not asked: {name_of(server)} answered 403"}


def test_rules_that_are_refused_forbid_nothing(run: Run, server: Misbehaving) -> None:
    server.put("/robots.txt", "403")
    crawl = run()
    assert (crawl.exit_code, verdict(crawl)) == (0, "category: articles: 92 new")


def test_an_endpoint_that_refuses_costs_no_flash(run: Run, server: Misbehaving) -> None:
    with misbehaving(sample_site_root()) as endpoint:
        endpoint.put("/*", "403")
        crawl = run("-a", "full=1", "-a", f"endpoint={endpoint.url}")
    # What was lost is a finding, no failure: every article is there, some as a digest.
    summary = verdict(crawl).partition("; degraded: ")[0]
    assert (crawl.exit_code, summary) == (3, "category: articles: 92 new")
    # How many pages were under way decides whether `many_rejects` is found, too.
    assert lines_with(crawl, f"host_refuses {name_of(endpoint)}") != []
    assert len(endpoint.asked) <= IN_FLIGHT + 1
    assert reasons(crawl)["http_403"] >= 1


def test_a_share_endpoint_that_refuses_fails_the_crawl(
    crawler: "Crawler", server: Misbehaving
) -> None:
    good = [path.stem for path in (sample_site_root() / "share").glob("NW*.json")][:2]
    codes = [*good, *(f"NW20220614{4_000_000_000 + number}" for number in range(60))]
    server.put("/News*", "403", begin=IN_FLIGHT + 2)
    given = ("-a", f"codes={','.join(codes)}", "-a", f"endpoint={server.url}")
    crawl = crawler.run("share", *given, *QUICK)
    assert crawl.exit_code == 1
    assert verdict(crawl) == ended("site_refuses", "share")
    assert {f"NW{one['code']}" for one in crawl.articles} == set(good)
    rejected = {code for (code,) in query(crawl, "SELECT code FROM reject")}
    assert {f"NW{code}" for code in rejected} == {*codes} - {*good}


# --- a host that asks for time --------------------------------------------------------------------


@pytest.mark.parametrize("status", ["429", "503", "500"])
def test_the_whole_host_waits_and_nothing_is_lost(
    run: Run, server: Misbehaving, status: str
) -> None:
    server.put("/*", status, {"after": "2"}, begin=BEFORE, times=1)
    crawl = run()
    assert (crawl.exit_code, verdict(crawl)) == (0, "category: articles: 92 new")
    began = server.asked[BEFORE].at
    at_once = [one for one in server.asked if began < one.at < began + 1.5]
    # Those under way, and one in the place of each that was answered before the host's word came.
    assert len(at_once) <= 2 * IN_FLIGHT
    line = f"{name_of(server)} answered {status}: nothing is asked of it for 2.0 seconds"
    assert lines_with(crawl, "nothing is asked") == [line]


def test_a_host_that_asks_for_too_long_is_left_alone(run: Run, server: Misbehaving) -> None:
    server.put("/*", "503", {"after": "3600"}, begin=BEFORE)
    crawl = run()
    assert verdict(crawl) == ended("site_busy")
    assert len(server.asked) <= BEFORE + IN_FLIGHT
    found = reasons(crawl)
    assert found["retry_after_too_long"] == len(server.asked) - BEFORE
    assert found["host_busy"] == unasked(crawl, server)
    assert (
        len(lines_with(crawl, "answered 503 and asks to wait 3600 seconds: it is not asked")) == 1
    )


def test_an_operator_says_how_long_is_too_long(run: Run, server: Misbehaving) -> None:
    server.put("/*", "503", {"after": "2"}, begin=BEFORE)
    crawl = run("-s", "FINEWS_LONGEST_PAUSE_SECONDS=1")
    assert verdict(crawl) == ended("site_busy")


def test_a_host_that_is_always_busy_is_given_up(run: Run, server: Misbehaving) -> None:
    server.put("/*", "429", begin=BEFORE)
    crawl = run(*OFTEN)
    assert verdict(crawl) == ended("site_busy")
    assert lines_with(crawl, "8 times in a row: it is not asked again") != []


def test_a_crawl_that_waits_can_be_stopped(crawler: "Crawler", server: Misbehaving) -> None:
    server.put("/*", "429", {"after": "500"}, begin=BEFORE)
    process = crawler.started("category", "-a", f"site={server.url}", *QUICK)
    while len(server.asked) <= BEFORE and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate()
    assert process.returncode == 1
    assert told.strip().splitlines()[-1].endswith("failed: the crawl was stopped: shutdown")
    assert "Traceback" not in told


# --- a host that falls silent ---------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "not_http"])
def test_a_host_that_falls_silent_is_given_up(run: Run, server: Misbehaving, fault: str) -> None:
    server.put("/*", fault, begin=BEFORE)
    crawl = run(*OFTEN)
    assert verdict(crawl) == ended("site_unreachable")
    assert len(lines_with(crawl, f"gives no answer ({fault}): it is not asked again")) == 1
    # `stopped`: pages that wait for their next try when the crawl ends.
    assert reasons(crawl).keys() & {"host_silent", "stopped"}


class NoNames(CachingThreadedResolver):
    """Knows no host."""

    def getHostByName(  # noqa: N802 - Twisted's name
        self, name: str, timeout: Any = ()
    ) -> Deferred[str]:
        return fail(DNSLookupError(f"no address for {name}"))


def test_a_name_without_an_address(crawler: "Crawler") -> None:
    resolver = f"DNS_RESOLVER={NoNames.__module__}.{NoNames.__qualname__}"
    at_once = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
    crawl = crawler.run("category", "-a", "site=http://a.test", *QUICK, *at_once, "-s", resolver)
    expected = "category: failed: the site could not be reached: no answer to any request"
    assert (crawl.exit_code, verdict(crawl)) == (1, expected)
    # `stopped`: on a busy machine a page may still wait for its next try when the crawl ends.
    assert {"dns"} <= reasons(crawl).keys() <= {"dns", "host_silent", "stopped"}


def test_a_site_that_is_not_there_is_soon_told(crawler: "Crawler") -> None:
    crawl = crawler.run("category", "-a", "site=http://127.0.0.1:1", *QUICK)
    expected = "category: failed: the site could not be reached: no answer to any request"
    assert (crawl.exit_code, verdict(crawl)) == (1, expected)
    known = {"refused_connection", "host_silent", "stopped"}
    assert {"refused_connection"} <= set(reasons(crawl)) <= known


# --- a slower host --------------------------------------------------------------------------------


def test_a_host_that_complained_is_asked_slower(run: Run, server: Misbehaving) -> None:
    server.put("/*", "429", begin=BEFORE, times=1)
    crawl = run("-s", "FINEWS_RETRY_PAUSE_SECONDS=0.2")
    assert crawl.exit_code == 0
    # Those under way when it complained come first, then those that waited at the gate.
    first = BEFORE + 2 * IN_FLIGHT
    after = [one.at for one in server.asked][first : first + 12]
    gaps = [later - sooner for sooner, later in pairwise(after)]
    assert sorted(gaps)[len(gaps) // 2] > 0.15
