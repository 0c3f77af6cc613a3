"""What a reader does: read, search, filter, follow a mention, compare versions, change language."""

from playwright.sync_api import Page, expect

from tests.finews.web.browser.conftest import Open
from tests.finews.web.pages.written import STORY

TITLE = "江苏银行净利润增长10.1%"


def test_a_reader_goes_from_the_stream_to_an_article_and_its_security(
    open_page: Open, site: str
) -> None:
    page = open_page(site)
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    page.locator(".body a.mention").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("江苏银行 600919.SH")
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()


def test_a_reader_filters_and_takes_the_filter_away(open_page: Open, site: str) -> None:
    page = open_page(site)
    everything = page.locator("li.item").count()
    form = page.locator("#filter-form")
    form.get_by_label("Security").fill("江苏银行")
    form.get_by_label("Source").fill("上海证券报")
    form.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/?symbol=600919.SH&source=*")
    assert page.locator("li.item").count() < everything
    assert set(page.locator(".under > a:not(.flag)").all_text_contents()) == {"上海证券报"}
    for name in ("source:", "security:"):
        page.locator(".asked").get_by_role("link", name=name).click()
    expect(page.locator("li.item")).to_have_count(everything)
    assert page.url == f"{site}/"


def test_a_reader_searches(open_page: Open, site: str) -> None:
    page = open_page(site)
    page.get_by_role("searchbox", name="Search the news").fill("净息差")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search: 净息差")
    expect(page.locator("li.item mark").first).to_have_text("净息差")


def test_a_reader_compares_versions(open_page: Open, site: str) -> None:
    page = open_page(f"{site}/article/{STORY}")
    page.get_by_role("link", name="compare with version 1").click()
    expect(page.locator(".difference del")).to_have_text("约10%")
    expect(page.locator(".difference ins")).to_have_text("10.1%")
    page.get_by_label("to", exact=True).select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("The text is the same.")).to_be_visible()


def test_a_reader_pages_back_in_time(open_page: Open, site: str) -> None:
    page = open_page(site)
    first = set(page.locator("li.item").evaluate_all("all => all.map(one => one.dataset.article)"))
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Back to the newest").wait_for()
    second = set(page.locator("li.item").evaluate_all("all => all.map(one => one.dataset.article)"))
    assert (len(first), first & second) == (40, set())
    page.get_by_role("link", name="Back to the newest").click()
    page.wait_for_url(f"{site}/")


def test_a_reader_changes_the_language_and_it_stays(open_page: Open, site: str) -> None:
    page = open_page(site)
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("新闻流")
    page.goto(f"{site}/article/{STORY}")
    expect(page.get_by_role("heading", name="版本")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Versions")).to_be_visible()


def test_a_browser_that_reads_chinese_is_answered_in_chinese(open_page: Open, site: str) -> None:
    page = open_page(site, locale="zh-CN")
    expect(page.get_by_role("heading", level=1)).to_have_text("新闻流")


def test_all_of_it_works_without_javascript(open_page: Open, site: str) -> None:
    page = open_page(site, java_script_enabled=False)
    page.locator("#f-source-1").fill("证券日报")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name=TITLE).click()
    page.locator(".body a.mention").first.click()
    expect(page.locator("canvas")).to_be_hidden()
    page.get_by_text("As a table").click()
    expect(page.locator("#per-day")).to_contain_text("2022-06-14")


# --- keyboard only --------------------------------------------------------------------------------


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_the_content_is_one_key_away(open_page: Open, site: str) -> None:
    page = open_page(site)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_everything_can_be_reached_and_seen_by_keyboard(open_page: Open, site: str) -> None:
    page = open_page(f"{site}/article/{STORY}")
    seen, outlines = [], set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        if page.evaluate("document.activeElement === document.body"):
            break
        outlines.add(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    for name in ("Stream", "English", "证券日报", "江苏银行 600919.SH", "compare with version 1"):
        assert name in seen
    assert outlines == {"solid"}


def test_a_reader_without_a_mouse_reads_an_article(open_page: Open, site: str) -> None:
    page = open_page(site)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.title') !== null"):
            break
    title = focused(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
