"""Rejects by a form, and the page that was kept: never more than text."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from finews.web.pages import rejects
from tests.finews.rejected import GOOD, LISTING, database_of, rejected, settled
from tests.finews.web.pages import crawled
from tests.finews.web.pages.crawled import DEGRADED, code
from tests.finews.web.pages.reading import facts, read, table, words
from tests.finews.web.pages.written import SCRIPT
from tests.finews.web.serving import served

LAYOUT, ABSENT = 1, 2


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    url = f"sqlite:///{tmp_path_factory.mktemp('crawled') / 'finews.db'}"
    crawled.crawled(url, datetime.now(UTC))
    with served(url) as client:
        yield client


def numbers(client: httpx.Client, **asked: Any) -> list[str]:
    return [row[0] for row in table(read(client, "/crawl/rejects", **asked), ".rejects")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["2", "1"]),
        ({"stage": "extract"}, ["1"]),
        ({"reason": "http_404"}, ["2"]),
        ({"stage": "extract", "reason": "http_404"}, []),
        ({"run": DEGRADED}, ["2", "1"]),
        ({"run": 1}, []),
        ({"open": "yes"}, ["2", "1"]),
        ({"before": 2}, ["1"]),
    ],
)
def test_a_form_chooses(crawls: httpx.Client, asked: dict[str, object], found: list[str]) -> None:
    assert numbers(crawls, **asked) == found


def test_settled_ones_can_be_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = database_of(tmp_path_factory.mktemp("rejects"), rejected(code(1)), LISTING)
    settled(url, 1)
    with served(url) as client:
        assert numbers(client) == ["2", "1"]
        assert numbers(client, open="yes") == ["2"]
        row = table(read(client, "/crawl/rejects"), ".rejects")[1]
        assert row[3] == "✓settled"


def test_the_form_keeps_what_was_asked(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl/rejects", stage="extract", reason="gone", run=2, open="yes")
    assert page.css("option[selected]::text").getall() == ["extract", "gone"]
    assert page.css("#r-run::attr(value)").get() == "2"
    assert page.css("[name=open][checked]")
    assert words(page.css(".empty")) == "No reject matches."


@pytest.mark.parametrize("asked", [{"open": "maybe"}, {"run": "x"}, {"run": -1}, {"colour": "red"}])
def test_what_is_not_understood_is_named(crawls: httpx.Client, asked: dict[str, object]) -> None:
    page = read(crawls, "/crawl/rejects", status=422, **asked)
    assert next(iter(asked)) in words(page.css("main"))


def test_empty_fields_of_the_form_mean_nothing(crawls: httpx.Client) -> None:
    answer = crawls.get("/crawl/rejects?stage=&reason=http_404&run=")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/crawl/rejects?reason=http_404"


def test_long_lists_have_pages(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects, "_PAGE", 2)
    url = database_of(tmp_path_factory.mktemp("many"), LISTING, LISTING, LISTING)
    with served(url) as client:
        page = read(client, "/crawl/rejects", stage="extract")
        older = page.css(".pages a::attr(href)").get()
        assert older == "/crawl/rejects?stage=extract&before=2"
        page = read(client, str(older))
        assert [row[0] for row in table(page, ".rejects")] == ["1"]
        assert page.css(".pages a::attr(href)").get() == "/crawl/rejects?stage=extract"


def test_a_reject_is_told_whole(crawls: httpx.Client) -> None:
    found = facts(read(crawls, f"/crawl/rejects/{LAYOUT}"))
    assert found["reason"] == "unknown_layout"
    assert found["detail"] == "no section"
    assert found["code"] == code(90)
    assert found["crawl"] == str(DEGRADED)


def test_the_kept_page_is_text(crawls: httpx.Client) -> None:
    answer = crawls.get(f"/crawl/rejects/{LAYOUT}", headers={"accept-language": "en"})
    assert SCRIPT not in answer.text
    page = read(crawls, f"/crawl/rejects/{LAYOUT}")
    shown = page.css("pre.kept::text").getall()[-1]
    assert shown.strip() == (
        f"<!doctype html><title>坏页</title>{SCRIPT}[U+0000][U+202E]<p>没有正文</p>"
    )
    assert page.css("pre.kept *") == []
    assert "Content-Type: text/html" in page.css("pre.kept::text").getall()[0]


def test_an_address_that_a_browser_would_run_is_no_link(crawls: httpx.Client) -> None:
    page = read(crawls, f"/crawl/rejects/{ABSENT}")
    assert facts(page)["address"] == "javascript:alert(1)"
    assert [one for one in page.css("a::attr(href)").getall() if "javascript" in one] == []
    assert words(page.css("section:last-of-type p")) == "none"


def test_a_long_page_is_cut(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects, "LONGEST", 20)
    url = database_of(tmp_path_factory.mktemp("long"), rejected(code(1)))
    with served(url) as client:
        page = read(client, "/crawl/rejects/1")
    assert page.css("pre.kept::text").getall()[-1].strip() == GOOD[:20].decode().strip()
    assert "Only its begin is shown." in words(page.css("main"))


def test_a_reject_that_is_not_there(crawls: httpx.Client) -> None:
    assert "No reject has the number 77." in words(
        read(crawls, "/crawl/rejects/77", status=404).css("main")
    )
