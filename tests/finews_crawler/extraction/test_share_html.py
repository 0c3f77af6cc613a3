"""A share page that holds the text in its own HTML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import EmptyAnswerError, ExtractionError, UnknownLayoutError
from finews_crawler.extraction.share_html import extract_share_html
from finews_crawler.items import Link, Paragraph, RawArticle, Run, StatedTime
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FETCHED_AT,
    NO_ADDRESS,
    NOT_FOUND,
    SHARE_URL,
    outcome,
    shown,
    spoilt,
)
from tests.rounds import rounds

OTHER = "202206143000000002"
RELATED = f"https://finance.eastmoney.com/a/{OTHER}.html"
BODY = '<div class="txtinfos" id="ContentBody"><!--文章主体--><p>\u3000\u3000正文。</p></div>'


def share_page(inside: str = BODY, title: str = "标题_东方财富网") -> bytes:
    head = f'<head><meta charset="UTF-8"><title>{title}</title></head>'
    return f'<!DOCTYPE html>\n<html lang="zh-CN">{head}<body>{inside}</body></html>'.encode()


def read(body: bytes, asked: str | None = CODE, url: str = SHARE_URL) -> RawArticle:
    return extract_share_html(body, url, FETCHED_AT, asked=asked)


def words(inside: str) -> list[str]:
    return [shown(block) for block in read(share_page(inside)).body]


def test_a_share_page() -> None:
    inside = (
        '<h1>标题</h1><div class="infos"><span class="item">2022年06月14日 16:30</span></div>'
        '<div id="ContentBody"><p>正文。</p><p>相关报道</p>'
        f'<p><a href="{RELATED}">另一条</a></p><p><span id="stock_NASDAQ_INTC7">乙</span></p>'
        '<p class="em_media">（文章来源：青岛财经网）</p></div>'
        '<p class="res-edit">责任编辑：某某</p>'
    )
    assert read(share_page(inside)) == RawArticle(
        page_kind="share_html",
        extractor="share_html/1",
        url=SHARE_URL,
        fetched_at=FETCHED_AT,
        body=(Paragraph(runs=(Run(text="正文。"),)), Paragraph(runs=(Run(text="乙"),))),
        code=CODE,
        canonical_url=SHARE_URL,
        title="标题",
        times=(StatedTime(where="html", text="2022年06月14日 16:30"),),
        source_line="青岛财经网",
        share_url=SHARE_URL,
        related=(Link(url=RELATED, text="另一条"),),
        unknown_widgets=("stock_NASDAQ_INTC7",),
        strategies={"body": "#ContentBody and its like"},
    )


@pytest.mark.parametrize(
    "inside",
    [
        '<div id="ContentBody">甲</div><article>乙</article>',
        '<div id="ContentBody"> </div><div id="content">甲</div>',
        '<div class="main newsContent">甲</div><div class="content">乙</div>',
        '<div class="content">甲</div>',
        "<article>甲</article>",
        '<div class="contents">乙</div><article>甲</article>',
    ],
    ids=["first hook", "empty hook", "newsContent", "content", "article", "whole class names"],
)
def test_the_hooks_of_the_body_in_their_order(inside: str) -> None:
    assert words(inside) == ["甲"]


@pytest.mark.parametrize(
    ("heading", "title", "expected"),
    [
        ("<h1>甲</h1>", "乙_东方财富网", "甲"),
        ("<h1> </h1><h1>甲</h1>", "乙", "甲"),
        ('<div class="title">甲</div>', "乙", "甲"),
        ("", "甲_东方财富网", "甲"),
        ("", "甲 _ 东方财富网 ", "甲"),
        ("", "甲 | 金融消息", "甲"),
        ("", "甲_乙", "甲_乙"),
        ("", "", ""),
    ],
    ids=["h1", "empty h1", "class", "suffix", "spaces", "bar", "no suffix", "none"],
)
def test_the_title(heading: str, title: str, expected: str) -> None:
    assert read(share_page(heading + BODY, title)).title == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('<div class="time">2022年06月14日 16:30</div>', "2022年06月14日 16:30"),
        ('<p class="a time">时间：2022-06-14 16:30:05 来源</p>', "2022-06-14 16:30:05"),
        ('<div class="infos">2022/6/14</div>', "2022/6/14"),
        ("<time>2022-06-14T16:30</time>", "2022-06-14T16:30"),
    ],
    ids=["class time", "in words", "date alone", "element time"],
)
def test_the_time(line: str, expected: str) -> None:
    assert read(share_page(line + BODY)).times == (StatedTime(where="html", text=expected),)


@pytest.mark.parametrize(
    "line", ["", '<p class="time">刚刚</p>', '<p class="timer">2022-06-14</p>', "<p>2022-06-14</p>"]
)
def test_no_time(line: str) -> None:
    assert read(share_page(line + BODY)).times == ()


@pytest.mark.parametrize(
    ("line", "media", "expected"),
    [
        ('<span class="source">来源：甲</span>', "", "甲"),
        ('<span class="source">来源: 甲 </span>', "", "甲"),
        ('<span class="source">甲</span>', "", "甲"),
        ('<span class="source">甲</span>', '<p class="em_media">（文章来源：乙）</p>', "乙"),
        ('<span class="source">来源：</span>', "", None),
        ("", "", None),
    ],
    ids=["labelled", "ascii colon", "bare", "the body's own first", "label alone", "none"],
)
def test_the_source(line: str, media: str, expected: str | None) -> None:
    assert read(share_page(f"{line}<article><p>正文</p>{media}</article>")).source_line == expected


@pytest.mark.parametrize(
    ("asked", "url", "code"),
    [
        (CODE, SHARE_URL, CODE),
        (None, SHARE_URL, CODE),
        (None, "http://finews.zning.xyz/html_News/NewsShare.html", None),
    ],
    ids=["asked", "in the address", "nowhere"],
)
def test_the_code(asked: str | None, url: str, code: str | None) -> None:
    assert read(share_page(), asked, url).code == code


def test_a_broken_address_is_no_link() -> None:
    assert words(f'<article><a href="{NO_ADDRESS}">甲</a><img src="{NO_ADDRESS}" /></article>') == [
        "甲"
    ]


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        share_page('<div class="main"><h1 class="newsTitle"></h1></div><script>load()</script>'),
        share_page('<div id="ContentBody"></div>'),
        share_page('<article><p style="display:none">藏</p></article>'),
        share_page("<p>502 Bad Gateway</p>"),
        NOT_FOUND,
        b'{"text": "a"}',
    ],
    ids=["shell", "empty hook", "hidden words", "proxy", "404", "json"],
)
def test_a_page_without_a_text_of_its_own(body: bytes) -> None:
    with pytest.raises(EmptyAnswerError, match="no text of its own") as raised:
        read(body)
    assert raised.value.url == SHARE_URL


@pytest.mark.parametrize("body", [b"", b" \n", b"\0", b"\xff\xfe"])
def test_what_is_no_html(body: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="not HTML"):
        read(body)


@pytest.mark.parametrize("depth", [100, 300, 3000])
@pytest.mark.parametrize("tag", ["b", "div", "blockquote", "article"])
def test_deep_nesting_is_read_or_refused(depth: int, tag: str) -> None:
    body = share_page("<article>" + f"<{tag}>" * depth + "甲")
    assert isinstance(outcome(lambda: read(body)), RawArticle | ExtractionError)


@given(body=st.one_of(st.binary(max_size=100), spoilt(share_page(f"<h1>标题</h1>{BODY}"))))
@settings(deadline=None, max_examples=rounds(300))
def test_any_bytes_are_an_article_or_an_extraction_error(body: bytes) -> None:
    assert isinstance(outcome(lambda: read(body)), RawArticle | ExtractionError)
