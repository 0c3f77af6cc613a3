"""Post pages that are damaged: what is still read of them, and which are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import ExtractionError, NotFoundPageError, UnknownLayoutError
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import RawArticle
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FETCHED_AT,
    NO_ADDRESS,
    NOT_FOUND,
    POST_URL,
    SHARE_URL,
    SITE,
    Layout,
    chart_image,
    key,
    outcome,
    page,
    post_page,
    shown,
    spoilt,
    tags_line,
)
from tests.rounds import rounds

BROKEN_URL = f"{SITE}/2026/11/24/2022-06-14-NW{CODE}.html"
TABLE = "<table><tbody><tr><td>A股</td><td>港股：甲</td></tr></tbody></table>"
PRINTED = "<hr />\n<p>layout: post\ntitle: “乙”\ndate: 2021-12-08 10:39:01\n</p>\n"


def read(body: bytes, url: str = POST_URL) -> RawArticle:
    return extract_post(body, url, FETCHED_AT)


def words(article: RawArticle) -> list[str]:
    return [shown(block) for block in article.body]


# --- text that a parser could lose ------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    ["<p>甲</p><!-- 注 -->乙<p>丙</p>", "<p>甲</p>乙<p>丙</p>", "<p>甲</p><?注 ?>乙<p>丙</p>"],
    ids=["after a comment", "after a paragraph", "after an instruction"],
)
def test_words_between_the_blocks_stay(body: str) -> None:
    assert words(read(post_page(body))) == ["甲", "乙", "丙"]


def test_the_end_that_an_unclosed_tag_swallowed_is_read() -> None:
    link = "[返回Wind新闻](//finews.withounder.com/category/Wind.html)"
    end = f"\n\n&lt;{SHARE_URL}&gt;\n\n{link}｜[返回首页](//finews.withounder.com/)\n"
    found = read(post_page(f"<p><strong>甲{end}</strong></p>", footer=tags_line("Wind新闻")))
    assert (words(found), found.share_url, found.categories) == (["甲"], SHARE_URL, ("Wind",))
    assert (found.footer_form, found.tags) == ("bar", ("Wind新闻",))


@pytest.mark.parametrize("spoil", [b"\xff", b"\0"], ids=["no utf-8", "nul"])
def test_a_stray_byte_spoils_no_more_than_itself(spoil: bytes) -> None:
    body = post_page("<p>甲</p><p>@</p>").replace(b"@", "乙".encode() + spoil + "丙".encode())
    assert [line.replace("\ufffd", "") for line in words(read(body))] == ["甲", "乙丙"]


@pytest.mark.parametrize(
    "markup",
    [
        f'<p><a href="{NO_ADDRESS}">甲</a></p>',
        f'<p>甲<img src="{NO_ADDRESS}" /></p>',
        f'<p>甲</p><p><a href="{NO_ADDRESS}/category/Wind.html">返回Wind新闻</a></p>',
        f'<p>甲</p><p><a href="{NO_ADDRESS}">{NO_ADDRESS}</a></p>',
        f"<p>甲&lt;{NO_ADDRESS}&gt;</p>",
    ],
    ids=["link", "picture", "back line", "address line", "swallowed"],
)
def test_a_broken_address_costs_no_article(markup: str) -> None:
    assert words(read(post_page(markup, footer=""))) == ["甲"]


# --- errors -----------------------------------------------------------------------------------


def test_the_404_page_is_told_apart() -> None:
    with pytest.raises(NotFoundPageError) as raised:
        read(NOT_FOUND)
    assert (raised.value.url, raised.value.reason) == (POST_URL, "not_found_page")


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        (page("<h2>Wind新闻</h2><ul><li>甲</li></ul>"), "no h1 in the section"),
        (page(""), "no h1 in the section"),
        (b"<html><body><h1>a</h1><p>b</p></body></html>", "no div.wrapper > section"),
        (b"<div class='wrapper'><h1>a</h1></div>", "no div.wrapper > section"),
        (b'{"text": "a"}', "no div.wrapper > section"),
        (b"", "not HTML"),
    ],
    ids=["listing", "empty section", "other site", "no section", "json", "empty"],
)
def test_the_message_says_what_is_missing(body: bytes, missing: str) -> None:
    with pytest.raises(UnknownLayoutError, match=missing) as raised:
        read(body)
    assert raised.value.url == POST_URL


def test_a_post_without_a_body_is_an_article_without_blocks() -> None:
    assert read(post_page("")).body == ()


@pytest.mark.parametrize("depth", [100, 300, 3000])
@pytest.mark.parametrize("tag", ["b", "div", "blockquote", "section"])
def test_deep_nesting_is_read_or_refused(depth: int, tag: str) -> None:
    body = post_page(f"<{tag}>" * depth + "甲")
    assert isinstance(outcome(lambda: read(body)), RawArticle | ExtractionError)


GOOD = [
    post_page(f"<p>甲{key('106.NIO', '蔚来')}</p><p>{chart_image()}</p>"),
    post_page(f"<blockquote><p>乙</p></blockquote>{TABLE}<p>甲</p>", layout=Layout.OLD),
    post_page(f"{PRINTED}<p>甲</p>", footer=""),
    NOT_FOUND,
]


@given(
    body=st.one_of(st.binary(max_size=100), spoilt(*GOOD)),
    url=st.sampled_from([POST_URL, BROKEN_URL, f"{SITE}/old_post/2022-06-14-a.html"]),
)
@settings(deadline=None, max_examples=rounds(300))
def test_any_bytes_are_an_article_or_an_extraction_error(body: bytes, url: str) -> None:
    assert isinstance(outcome(lambda: read(body, url)), RawArticle | ExtractionError)
