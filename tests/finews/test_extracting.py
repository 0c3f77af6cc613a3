"""`finews.extract`: any page that finews reads, without a database."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import finews
from finews.extracting import kind_of
from finews_crawler.extraction.readers import READERS

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample_site"
ORIGIN = SAMPLE / "eastmoney" / "page-of-today"
FETCHED = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
CODE = "202206143000000001"
QUOTE = "http://quote.eastmoney.com/unify/r/1.600919"
LINKED = f'<a href="{QUOTE}" class="keytip" data-code="1,600919">江苏银行</a>'
POST = f"""<html><head>
<link rel="canonical" href="https://finews.withounder.com/emnews/2022/06/14/{CODE}.html"></head>
<body><div class="wrapper"><section><small>2022-06-14 09:30:00</small><h1>江苏银行公布业绩</h1>
<p>{LINKED}公布业绩。</p></section></div></body></html>"""
URL = f"https://finews.withounder.com/emnews/2022/06/14/{CODE}.html"
MARKDOWN = f"""---
layout: post
title: 江苏银行公布业绩
date: 2022-06-14 09:30:00 +0800
categories: emnews
---
{LINKED}公布业绩。
"""
ANSWER = json.dumps({"Id": f"NW{CODE}", "Title": "标题", "text": "<p>正文。</p>"})
ENDPOINT = "http://finews.zning.xyz"


# --- kinds of pages -------------------------------------------------------------------------------


def test_a_post() -> None:
    article = finews.extract(POST, url=URL, fetched_at=FETCHED)
    assert isinstance(article, finews.Article)
    assert (article.code, article.title, article.page_kind) == (CODE, "江苏银行公布业绩", "post")
    assert article.published_at == datetime(2022, 6, 14, 1, 30, tzinfo=UTC)
    assert article.body_text == "江苏银行公布业绩。"
    assert [one.symbol for one in article.mentions] == ["600919.SH"]
    assert article.categories == ("emnews",)
    assert article.fetched_at == FETCHED


def test_text_bytes_and_a_file_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(POST, encoding="utf-8")
    pages = (POST, POST.encode(), tmp_path / "page.html")
    first, *others = (finews.extract(page, url=URL, fetched_at=FETCHED) for page in pages)
    assert others == [first, first]


def test_a_post_tells_its_own_address() -> None:
    assert finews.extract(POST, fetched_at=FETCHED) == finews.extract(
        POST, url=URL, fetched_at=FETCHED
    )


def test_a_markdown_file_needs_no_address(tmp_path: Path) -> None:
    path = tmp_path / f"2022-06-14-{CODE}.md"
    path.write_text(MARKDOWN, encoding="utf-8")
    article = finews.extract(path)
    assert (article.page_kind, article.code, article.title) == (
        "markdown",
        CODE,
        "江苏银行公布业绩",
    )
    assert article.url == URL


def test_a_page_of_eastmoney() -> None:
    expected = json.loads((ORIGIN / "expected.json").read_text(encoding="utf-8"))
    article = finews.extract(ORIGIN / "page.html", url=expected["url"])
    assert (article.page_kind, article.code) == ("origin", expected["code"])
    assert article.body_text == expected["body_text"]


def test_the_answer_of_the_share_endpoint() -> None:
    url = f"{ENDPOINT}/NewsData/GetNewsText.do?id=NW{CODE}"
    for answer in (ANSWER, f"callback({ANSWER})"):
        article = finews.extract(answer, url=url)
        assert (article.page_kind, article.body_text) == ("share_json", "正文。")


def test_a_kind_that_is_said_is_believed() -> None:
    url = f"{ENDPOINT}/html_News/NewsShare.html?infoCode=NW{CODE}"
    page = '<h1>标题</h1><div id="ContentBody"><p>正文。</p></div>'
    assert finews.extract(page, url=url).page_kind == "share_html"
    assert finews.extract(page, url=url, kind="origin").page_kind == "origin"


@pytest.mark.parametrize(
    ("body", "url", "kind"),
    [
        (POST, URL, "post"),
        ("﻿---\ntitle: 甲\n---\n", URL, "markdown"),
        ("<p>", "http://finance.eastmoney.com/a/1.html", "origin"),
        ("<p>", "http://noteastmoney.com/a/1.html", "post"),
        ("<div id='ContentBody'>", "", "origin"),
        ("<section><p>ContentBody", "", "post"),
        ('  {"text": 1}', "", "share_json"),
        ('jQuery1_2({"text": 1})', "", "share_json"),
        ("", f"{ENDPOINT}/html_News/NewsShare.html", "share_html"),
        ("", "not an address [", "post"),
    ],
)
def test_what_tells_a_kind(body: str, url: str, kind: str) -> None:
    assert kind_of(body.encode(), url) == kind


# --- times ----------------------------------------------------------------------------------------


def test_without_a_moment_it_was_fetched_now() -> None:
    before = datetime.now(UTC)
    article = finews.extract(POST, url=URL)
    assert before <= article.fetched_at <= datetime.now(UTC)
    assert article.fetched_at.utcoffset() == timedelta(0)


# --- what is no article ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "given", "told"),
    [
        ("page.html", {"url": URL}, "page.html: this text is no page; of a file give its Path"),
        (POST.replace("canonical", "other"), {}, "the page: give its url"),
        (Path("/none.html"), {"url": URL}, "/none.html: cannot be read: No such file"),
        ("<p>甲</p>", {"url": URL}, f"{URL}: no div.wrapper > section"),
        ("", {"url": URL}, f"{URL}: not HTML"),
        (POST, {"url": URL, "kind": "blog"}, "kind 'blog' is none of post, markdown, origin,"),
        (POST, {"url": URL, "fetched_at": FETCHED.replace(tzinfo=None)}, "has no zone"),
        (ANSWER, {"url": f"{ENDPOINT}/NewsData/GetNewsText.do?id=NW{CODE[:-1]}9"}, "answered"),
    ],
)
def test_what_cannot_be_read_says_why(
    page: str | Path, given: dict[str, object], told: str
) -> None:
    with pytest.raises(finews.ExtractionError, match=told):
        finews.extract(page, **given)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=150)
@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)),
    front=st.sampled_from(["", "---\n", '{"text": "', "<div class='wrapper'><section><h1>甲</h1>"]),
    url=st.one_of(st.just(URL), st.text(max_size=30)),
    kind=st.sampled_from([None, *READERS]),
)
def test_anything_is_an_article_or_says_why_not(
    body: bytes, front: str, url: str, kind: str | None
) -> None:
    with suppress(finews.ExtractionError):
        article = finews.extract(front.encode() + body, url=url, kind=kind, fetched_at=FETCHED)
        assert article.fetched_at == FETCHED
