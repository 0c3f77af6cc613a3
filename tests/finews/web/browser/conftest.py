"""A real browser on a crawled sample site."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from finews.sample_site.server import sample_site_root
from tests.conftest import Crawler, in_ci
from tests.finews.filling import written
from tests.finews.web.pages.written import COPY_ARTICLE, REVISED_ARTICLE, STORY_ARTICLE
from tests.finews.web.serving import served as served_app

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 30_000  # milliseconds; a machine may have more to do than these tests
Open = Callable[..., Page]


# While Playwright lives its loop counts as running in this thread: a browser of the session would
# forbid `asyncio.run` to every test that comes after these in the same worker.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A newcomer's machine need not have one, CI must."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if in_ci():
            pytest.fail(f"CI needs a browser: one of {', '.join(NAMES)}")
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        # In a container Chromium cannot make its own sandbox; it meets no page but ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(new_crawler: Callable[[], Crawler], served: Callable[[Path], str]) -> Iterator[str]:
    """The address of the pages on a crawl of the sample site, and a story that was revised."""
    crawler = new_crawler()
    crawl = crawler.run("category", "-a", f"site={served(sample_site_root())}", "-a", "full=1")
    assert crawl.exit_code == 0, crawl.told
    url = f"sqlite:///{crawler.database}"
    written(url, [STORY_ARTICLE], [REVISED_ARTICLE], [COPY_ARTICLE])
    with served_app(url) as client:
        yield str(client.base_url)


class Watch:
    """Notes what a page must not do: fail, break the content policy, ask another machine."""

    def __init__(self, page: Page, own: str, expected: str) -> None:
        self.faults: list[str] = []
        self._own, self._expected = own, expected
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        is_expected = bool(self._expected) and self._expected in message.text
        if message.type in {"error", "warning"} and not is_expected:
            self.faults.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._own, "data:")):
            self.faults.append(f"asked {request.url}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a page: `open_page(address, dark=True, width=390, locale="zh-CN")`.

    The test fails if a page did what it must not do, but for messages that hold what is `expected`.
    """
    with ExitStack() as stack:
        watches: list[Watch] = []

        def open_one(
            address: str,
            *,
            dark: bool = False,
            width: int = 1280,
            locale: str = "en-US",
            expected: str = "",
            **more: Any,
        ) -> Page:
            scheme: Any = "dark" if dark else "light"
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale, **more
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            own = "/".join(address.split("/")[:3])
            watches.append(Watch(page, own, expected))
            page.goto(address)
            return page

        yield open_one
        assert [fault for watch in watches for fault in watch.faults] == []
