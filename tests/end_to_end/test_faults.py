"""Crawls of a server that misbehaves: one reject for each bad page, every good article stored."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from finews.sample_site.server import sample_site_root
from finews_crawler.extraction.ids import article_code
from tests.misbehaving_server import Misbehaving, misbehaving

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

# So that waiting costs no time; an answer that comes at all comes within seconds.
QUICK = ("-s", "FINEWS_RETRY_PAUSE_SECONDS=0.01", "-s", "RETRY_TIMES=1", "-s", "DOWNLOAD_TIMEOUT=5")
SMALL = ("-s", "DOWNLOAD_MAXSIZE=1000000")
# Another name of this machine, and none of the crawl's hosts.
ELSEWHERE = "http://localhost:1/there"

# Whether so many bad pages are worth a finding (3) is for the monitors.
DID_NOT_FAIL = (0, 3)

Options = dict[str, str]
RULES = {"text": "User-agent: *\nDisallow: /forbidden/\n"}

BAD: dict[str, tuple[str, Options, str]] = {
    "404": ("404", {}, "http_404"),
    "410": ("410", {}, "http_410"),
    "429": ("429", {"after": "0"}, "http_429"),
    "500": ("500", {}, "http_500"),
    "503": ("503", {}, "http_503"),
    "529": ("529", {}, "http_529"),
    "redirect off site": ("redirect", {"to": ELSEWHERE}, "offsite_redirect"),
    "redirect to a forbidden page": ("redirect", {"to": "/forbidden/a.html"}, "robots"),
    "redirect to a missing page": ("redirect", {"to": "/nowhere.html"}, "http_404"),
    "circle": ("loop", {}, "too_many_redirects"),
    "long way": ("hops", {"left": "9"}, "too_many_redirects"),
    "redirect without a place": ("no_location", {}, "http_302"),
    "redirect to no address": ("bad_location", {}, "bad_redirect"),
    "silence": ("silence", {}, "timeout"),
    "drip": ("drip", {}, "timeout"),
    "hang up": ("hang_up", {}, "reset"),
    "reset": ("reset", {}, "reset"),
    "half a head": ("half_head", {}, "reset"),
    "huge head": ("huge_head", {}, "reset"),
    "no http": ("not_http", {}, "not_http"),
    "bad length": ("bad_length", {}, "not_http"),
    "truncated": ("truncated", {}, "truncated"),
    "reset in the body": ("reset_in_body", {}, "truncated"),
    "cut": ("cut", {}, "truncated"),
    "half a length": ("short_length", {}, "truncated"),
    "broken chunks": ("broken_chunks", {}, "truncated"),
    "unfinished chunks": ("unfinished_chunks", {}, "truncated"),
    "cut gzip": ("cut_gzip", {}, "truncated"),
    "spoilt gzip": ("spoilt_gzip", {}, "truncated"),
    "no gzip": ("not_gzip", {}, "bad_encoding"),
    "too large": ("too_large", {}, "too_large"),
    "endless": ("endless", {}, "too_large"),
    "endless chunks": ("endless_chunks", {}, "too_large"),
    "bomb": ("bomb", {}, "too_large"),
    "empty": ("empty", {}, "unknown_layout"),
}
"""Name -> fault in front of a page, its options, and the reason of the reject."""

HARMLESS: dict[str, tuple[str, Options]] = {
    "another charset": ("charset", {}),
    "unknown charset": ("charset", {"name": "klingon"}),
    "another kind": ("kind", {}),
    "a line that is no header": ("no_colon", {}),
    "no length": ("no_length", {}),
    "packed": ("packed", {}),
    "slow": ("none", {"wait": "3"}),
}

PASSING = ("429", "500", "503", "hang up", "reset", "no http", "truncated", "cut", "broken chunks",
           "cut gzip", "spoilt gzip", "no gzip", "half a head", "reset in the body")  # fmt: skip
"""Faults after which the page may come."""

Row = tuple[str, str, str]


def rejects(crawl: "Crawl") -> list[Row]:
    """Path, reason and detail of what was rejected, the paths not percent-coded."""
    with crawl.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT url, reason, detail FROM reject").all()
    return [(unquote(url.partition("://")[2]), reason, detail) for url, reason, detail in found]


def bodies(crawl: "Crawl") -> dict[str, Any]:
    return {one["code"] or one["url"]: one["body_text"] for one in crawl.articles}


@dataclass
class Undisturbed:
    """A crawl of the same site without faults."""

    crawl: "Crawl"
    posts: list[str]
    """Paths of posts that are the only page of an article."""


@pytest.fixture(scope="module")
def undisturbed(new_crawler: Callable[[], "Crawler"]) -> Undisturbed:
    with misbehaving(sample_site_root()) as server:
        crawl = new_crawler().run("category", "-a", f"site={server.url}")
        paths: dict[str, list[str]] = {}
        for one in server.asked:
            if code := article_code(one.path):
                paths.setdefault(code, []).append(one.path)
    stored = crawl.by_code()
    only = [found[0] for code, found in paths.items() if len(found) == 1 and code in stored]
    return Undisturbed(crawl, sorted(only))


@dataclass
class Disturbed:
    """A crawl in which each fault stood in front of a page of its own."""

    crawl: "Crawl"
    server: Misbehaving
    place: dict[str, str]
    """Name of a fault -> the path of its page."""


@pytest.fixture(scope="module")
def disturbed(
    undisturbed: Undisturbed, new_crawler: Callable[[], "Crawler"]
) -> Iterator[Disturbed]:
    """Every fault, for good."""
    place = dict(zip([*BAD, *HARMLESS], undisturbed.posts, strict=False))
    with misbehaving(sample_site_root()) as server:
        server.put("/robots.txt", "say", RULES)
        for name, path in place.items():
            fault, options, *_ = (BAD | HARMLESS)[name]
            server.put(path, fault, options)
        crawl = new_crawler().run("category", "-a", f"site={server.url}", *QUICK, *SMALL)
        yield Disturbed(crawl, server, place)


def test_there_is_a_page_for_every_fault(disturbed: Disturbed) -> None:
    assert set(disturbed.place) == set(BAD) | set(HARMLESS)


def test_the_crawl_ends_well_and_shows_no_traceback(disturbed: Disturbed) -> None:
    assert disturbed.crawl.exit_code in DID_NOT_FAIL
    assert "Traceback" not in disturbed.crawl.told
    assert "Unhandled" not in disturbed.crawl.told
    assert " ERROR: " not in disturbed.crawl.told


@pytest.mark.parametrize("name", BAD)
def test_each_bad_page_is_one_reject(disturbed: Disturbed, name: str) -> None:
    path = disturbed.server.url.partition("://")[2] + disturbed.place[name]
    assert [why for url, why, _ in rejects(disturbed.crawl) if url == path] == [BAD[name][2]]


def test_nothing_else_is_rejected(disturbed: Disturbed, undisturbed: Undisturbed) -> None:
    usual = len(rejects(undisturbed.crawl))
    assert len(rejects(disturbed.crawl)) == usual + len(BAD)


def test_every_good_article_is_stored_as_without_faults(
    disturbed: Disturbed, undisturbed: Undisturbed
) -> None:
    lost = {article_code(disturbed.place[name]) for name in BAD}
    wanted = {code: body for code, body in bodies(undisturbed.crawl).items() if code not in lost}
    found = {code: body for code, body in bodies(disturbed.crawl).items() if code not in lost}
    assert found == wanted
    assert len(wanted) > len(undisturbed.crawl.articles) - len(BAD) - 1


def test_nobody_was_asked_off_site_or_in_vain(disturbed: Disturbed) -> None:
    server, place = disturbed.server, disturbed.place
    assert [one.path for one in server.asked if "forbidden" in one.path] == []
    once = ("404", "410", "circle", "redirect off site", "too large", "endless", "bomb")
    assert {name: server.asked_for(place[name]) for name in once} == dict.fromkeys(once, 1)
    # Twisted itself asks once more where a connection that was kept is closed without a word.
    twice = ("500", "truncated", "cut gzip", "no gzip", "broken chunks", "no http")
    assert {name: server.asked_for(place[name]) for name in twice} == dict.fromkeys(twice, 2)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("redirect off site", f"offsite_redirect: to {ELSEWHERE}"),
        (
            "too large",
            "too_large: the body is too large: more than 1000000 bytes (DOWNLOAD_MAXSIZE)",
        ),
        ("silence", "timeout: no whole answer in time: 5 seconds; asked 2 times"),
        ("circle", "too_many_redirects: in a circle, to "),
    ],
)
def test_the_operator_is_told(disturbed: Disturbed, name: str, line: str) -> None:
    lines = [unquote(one) for one in disturbed.crawl.told.splitlines()]
    assert len([one for one in lines if f"{disturbed.place[name]}: {line}" in one]) == 1


@pytest.mark.parametrize("name", ["truncated", "cut gzip"])
def test_half_a_page_is_no_article(disturbed: Disturbed, name: str) -> None:
    assert article_code(disturbed.place[name]) not in disturbed.crawl.by_code()


def test_faults_that_pass_cost_no_article(undisturbed: Undisturbed, crawler: "Crawler") -> None:
    with misbehaving(sample_site_root()) as server:
        pages = ("/", "/feed.xml", *(f"/category/{one}.html" for one in ("Wind", "TechWeb")))
        for path, name in zip((*pages, *undisturbed.posts), PASSING * 3, strict=False):
            fault, options, _ = BAD[name]
            server.put(path, fault, options, times=1)
        crawl = crawler.run("category", "-a", f"site={server.url}", *QUICK)
    assert (crawl.exit_code, "Traceback" in crawl.told) == (0, False)
    assert bodies(crawl) == bodies(undisturbed.crawl)
    assert len(rejects(crawl)) == len(rejects(undisturbed.crawl))


# --- the share endpoint -------------------------------------------------------------------------

JSON = "/NewsData/GetNewsText.do?id=NW"


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The sample's share answers, one under many codes."""
    root = tmp_path_factory.mktemp("shared")
    (root / "share").mkdir()
    (good,) = list((sample_site_root() / "share").glob("NW*.json"))[:1]
    text = good.read_text(encoding="utf-8")
    codes = [f"20220614{3_000_000_000 + number}" for number in range(len(BAD) + 5)]
    for code in codes:
        answer = text.replace(good.stem.removeprefix("NW"), code)
        (root / "share" / f"NW{code}.json").write_text(answer, encoding="utf-8")
    return root, codes


def test_the_share_endpoint_misbehaves(
    shared_site: tuple[Path, list[str]], crawler: "Crawler"
) -> None:
    root, codes = shared_site
    bad = dict(zip(codes, BAD.values(), strict=False))
    with misbehaving(root) as server:
        server.put("/robots.txt", "say", RULES)
        for code, (fault, options, _) in bad.items():
            server.put(f"{JSON}{code}", fault, options)
        given = ("-a", f"codes={','.join(codes)}", "-a", f"endpoint={server.url}")
        crawl = crawler.run("share", *given, *QUICK, *SMALL)
    assert crawl.exit_code in DID_NOT_FAIL
    assert "Traceback" not in crawl.told
    assert {one["code"] for one in crawl.articles} == set(codes) - set(bad)
    told = {url.partition("=NW")[2]: why for url, why, _ in rejects(crawl) if "GetNewsText" in url}
    # Only HTML shows that its end is missing; half of any other text is no JSON.
    expected = {
        code: "unknown_layout" if fault in {"cut", "short_length"} else why
        for code, (fault, _, why) in bad.items()
    }
    assert told == expected


# --- what a page prints ---------------------------------------------------------------------------


def test_a_share_page_off_site_costs_no_article(
    undisturbed: Undisturbed, crawler: "Crawler", tmp_path: Path
) -> None:
    """A post may print any address for its text; nothing off site is asked for."""
    root = shutil.copytree(sample_site_root(), tmp_path / "site")
    printed = (b"http://finews.zning.xyz", b"http://localhost:1")
    for page in root.rglob("*.html"):
        page.write_bytes(page.read_bytes().replace(*printed))
    with misbehaving(root) as server:
        crawl = crawler.run("category", "-a", f"site={server.url}", "-a", "full=1", *QUICK)
    assert crawl.exit_code in DID_NOT_FAIL
    assert bodies(crawl).keys() == bodies(undisturbed.crawl).keys()
    assert {why for url, why, _ in rejects(crawl) if url.startswith("localhost:1/")} == {"offsite"}
