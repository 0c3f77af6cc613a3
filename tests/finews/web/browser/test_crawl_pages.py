"""Media, categories and crawls in a real browser: looks, keyboard, and a crawl that is watched."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from finews_crawler.outcome import Verdict
from pipelines.store.engine import open_engine
from pipelines.store.runs import finish_run, start_run
from tests.finews.web.browser.conftest import Open
from tests.finews.web.pages.crawled import DEGRADED, RUNNING, crawled
from tests.finews.web.serving import served

PAGES = {
    "sources": "/sources",
    "source": "/source/cailianshe",
    "categories": "/categories",
    "category": "/category/emnews",
    "crawl": "/crawl",
    "week": "/crawl?hours=168",
    "runs": "/crawl/runs",
    "run": f"/crawl/runs/{DEGRADED}",
    "running": f"/crawl/runs/{RUNNING}",
    "rejects": "/crawl/rejects",
    "reject": "/crawl/rejects/1",
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages on some crawls."""
    url = f"sqlite:///{tmp_path_factory.mktemp('crawled') / 'finews.db'}"
    crawled(url, datetime.now(UTC))
    with served(url) as client:
        yield str(client.base_url).rstrip("/")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_serious_fault(open_page: Open, watched: str, path: str, dark: bool) -> None:
    page = open_page(watched + path, dark=dark)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page).response["violations"]
    told = [
        (one["id"], node["html"][:200])
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
    assert told == []


@pytest.mark.parametrize("width", [320, 768])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_nothing_is_wider_than_the_screen(
    open_page: Open, watched: str, path: str, width: int
) -> None:
    page = open_page(watched + path, width=width, locale="zh-CN")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_the_newest_hours_first(open_page: Open, watched: str) -> None:
    page = open_page(f"{watched}/crawl", width=390)
    newest = page.locator(".heat tbody tr:first-child td").nth(47)
    assert newest.evaluate("one => one.getBoundingClientRect().right") < 390
    room = page.locator(".heat-room")
    assert room.evaluate("one => Math.round(one.scrollLeft)") == 0
    room.focus()
    page.keyboard.press("ArrowLeft")
    # Not `wait_for_function`: it would evaluate a text, which the page's policy forbids.
    for _ in range(200):
        if room.evaluate("one => one.scrollLeft") < 0:
            break
        page.wait_for_timeout(50)
    assert room.evaluate("one => one.scrollLeft") < 0


def test_a_reader_goes_from_a_reason_to_the_kept_page(open_page: Open, watched: str) -> None:
    page = open_page(f"{watched}/crawl")
    page.get_by_role("link", name="unknown_layout").press("Enter")
    page.get_by_role("link", name="1", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Reject 1")
    expect(page.locator("pre.kept").last).to_contain_text("<script>alert(1)</script>")


def test_without_scripts_all_is_told(open_page: Open, watched: str) -> None:
    page = open_page(f"{watched}/sources", java_script_enabled=False)
    page.get_by_text("As a table").click()
    expect(page.locator("#per-day tbody tr").first).to_be_visible()
    page.get_by_role("link", name="Crawl", exact=True).click()
    expect(page.locator("#runs tbody tr")).to_have_count(RUNNING)
    expect(page.locator("#live-state")).to_be_hidden()


def test_a_crawl_is_watched(open_page: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'finews.db'}"
    crawled(url, datetime.now(UTC) - timedelta(days=3))
    engine = open_engine(url)
    with served(url) as client:
        page = open_page(f"{client.base_url}/crawl")
        expect(page.locator("#live-state")).to_have_text("live")
        run = start_run(engine, "category", {}, datetime.now(UTC))
        row = page.locator(f"#runs tr[data-run='{run}']")
        expect(row).to_contain_text("running")
        expect(page.get_by_role("status")).to_have_text(f"crawl {run}: running")
        expect(page.locator("#now")).to_contain_text(f"category {run}")
        verdict = Verdict(ok=True, message="articles: 7 new", reason="finished")
        finish_run(engine, run, verdict, {"finews/store/new": 7}, datetime.now(UTC))
        expect(row).to_contain_text("articles: 7 new")
        expect(page.get_by_role("status")).to_have_text(f"crawl {run}: ok")
        page.close()
    engine.dispose()


def test_what_a_reader_has_opened_stays_open(open_page: Open, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'finews.db'}"
    crawled(url, datetime.now(UTC))
    engine = open_engine(url)
    with served(url) as client:
        page = open_page(f"{client.base_url}/crawl")
        page.get_by_text("Rules that found").click()
        run = start_run(engine, "category", {}, datetime.now(UTC))
        counts = {"finews/extract/title/og:title": 9, "finews/extract/title/section h1": 1}
        verdict = Verdict(ok=True, message="articles: 7 new", reason="finished")
        finish_run(engine, run, verdict, counts, datetime.now(UTC))
        expect(page.locator(".shares")).to_contain_text("90 % (9)")
        expect(page.locator(".shares")).to_be_visible()
        page.close()
    engine.dispose()
