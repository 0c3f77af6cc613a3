"""Every page, light and dark, at a desk and on a phone: nothing hidden, nothing unreadable."""

from urllib.parse import quote

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.finews.web.browser.conftest import Open
from tests.finews.web.pages.written import STORY

PAGES = {
    "stream": "/",
    "filtered": f"/?symbol=600919.SH&source={quote('证券日报')}&late=yes",
    "search": f"/?q={quote('净息差')}",
    "article": f"/article/{STORY}",
    "article then": f"/article/{STORY}?as_of={{first}}",
    "difference": f"/article/{STORY}/diff",
    "security": "/security/600919.SH",
}


@pytest.fixture(scope="session")
def addresses(site: str) -> dict[str, str]:
    """The address of each page; `first` is when the first version of the story was known."""
    told = httpx.get(f"{site}/api/v1/articles/{STORY}", trust_env=False).json()
    first = quote(told["first_seen_at"])
    return {name: site + path.format(first=first) for name, path in PAGES.items()}


def serious(page: Page) -> list[tuple[str, str]]:
    """Faults by axe's rules that keep people out: the rule, and where."""
    return [
        (one["id"], node["html"][:200])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_fault(
    open_page: Open, addresses: dict[str, str], name: str, dark: bool
) -> None:
    page = open_page(addresses[name], dark=dark)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert serious(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_none_on_an_error_either(open_page: Open, site: str, dark: bool) -> None:
    page = open_page(f"{site}/?symbol=600919x", dark=dark, expected="422 (Unprocessable Entity)")
    expect(page.get_by_text("'600919x' is no symbol")).to_be_visible()
    assert serious(page) == []


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(
    open_page: Open, addresses: dict[str, str], name: str, width: int
) -> None:
    page = open_page(addresses[name], width=width)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_filter_is_folded_on_a_phone_only(open_page: Open, site: str) -> None:
    expect(open_page(site).get_by_role("button", name="Apply")).to_be_visible()
    phone = open_page(site, width=390)
    expect(phone.get_by_role("button", name="Apply")).to_be_hidden()
    phone.locator(".filters > summary").click()
    expect(phone.get_by_role("button", name="Apply")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_chart_is_drawn(open_page: Open, site: str, dark: bool) -> None:
    page = open_page(f"{site}/security/600919.SH", dark=dark)
    expect(page.locator(".plot canvas")).to_be_visible()
    colours = page.locator(".plot canvas").evaluate(
        """canvas => {
          const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const found = new Set();
          for (let at = 0; at < all.length; at += 4)
            if (all[at + 3] === 255) found.add([all[at], all[at + 1], all[at + 2]].join(","));
          return [...found];
        }"""
    )
    # The colour of the bars: `--heat-5`.
    assert ("165,212,238" if dark else "15,79,118") in colours
