"""Bytes to a tree whatever their encoding, and the small questions about its elements."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.html import (
    elements,
    has_class,
    is_element,
    is_hidden,
    parse_fragment,
    parse_html,
    squeeze,
    text_of,
)
from tests.finews_crawler.extraction.conftest import POST_URL, element, outcome


def words(body: bytes) -> str:
    return text_of(parse_html(body, POST_URL))


# --- bytes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<p>股票</p>".encode(),
        "\ufeff<p>股票</p>".encode(),
        '<meta charset="gbk"><p>股票</p>'.encode(),
        '<meta charset="gb2312"><p>股票</p>'.encode("gbk"),
        '<meta http-equiv="Content-Type" content="text/html; charset=GBK"><p>股票</p>'.encode(
            "gbk"
        ),
        "\ufeff<p>股票</p>".encode("utf-16-le"),
        b"\0<p>\0" + "股\0票".encode() + b"</p>\0",
    ],
    ids=["utf-8", "mark", "utf-8 that says gbk", "gb2312", "gbk", "utf-16", "nul bytes"],
)
def test_the_words_of_a_page_in_any_encoding(body: bytes) -> None:
    assert words(body) == "股票"


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert words("<p>股".encode() + b"\xff" + "票</p>".encode()) == "股\ufffd票"


@pytest.mark.parametrize("name", ["hex", "rot13", "idna", "punycode", "undefined", "no-such"])
def test_a_charset_that_is_no_charset_of_text_is_passed_over(name: str) -> None:
    body = f'<meta charset="{name}"><p>股票'.encode() + b"\xff</p>"
    assert words(body) == "股票\ufffd"


@pytest.mark.parametrize("body", [b"", b" \n", b"\0", b"<!-- a -->", b"<!DOCTYPE html>"])
def test_nothing_to_read_is_an_unknown_layout(body: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="not HTML") as raised:
        parse_html(body, POST_URL)
    assert raised.value.url == POST_URL


@given(body=st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_are_a_tree_or_an_unknown_layout(body: bytes) -> None:
    assert isinstance(
        outcome(lambda: parse_html(body, POST_URL)), lxml_html.HtmlElement | UnknownLayoutError
    )


# --- fragments --------------------------------------------------------------------------------


def test_a_field_is_read_under_one_div() -> None:
    fragment = parse_fragment("甲<p>乙</p>", POST_URL)
    assert (fragment.tag, fragment.text, [node.tag for node in fragment]) == ("div", "甲", ["p"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a &lt; b &amp; c", "a < b & c"),
        ("<p>甲</p></div><p>乙</p>", "甲乙"),
        ("甲\0乙", "甲乙"),
        ("甲\ud800乙", "甲?乙"),
        ("<!-- 甲 -->", ""),
        ("", ""),
    ],
    ids=["entities", "a stray end tag", "nul", "half a surrogate pair", "comment", "empty"],
)
def test_all_words_of_a_field_are_kept(text: str, expected: str) -> None:
    assert text_of(parse_fragment(text, POST_URL)) == expected


# --- white space ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  甲 \r\n\t乙  ", "甲 乙"),
        ("\u3000\u3000甲\u3000乙", "甲 乙"),
        ("甲\xa0\u200b\ufeff乙\u200b", "甲 乙"),
        ("甲乙", "甲乙"),
        (" \u3000", ""),
    ],
    ids=["ascii", "ideographic", "zero width", "none", "only"],
)
def test_squeeze_folds_white_space(text: str, expected: str) -> None:
    assert squeeze(text) == expected


@given(text=st.text(st.sampled_from("甲a \t\n\u3000\xa0\u200b\ufeff"), max_size=20))
def test_squeeze_twice_is_squeeze_once(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)


def test_the_text_of_an_element_joins_what_links_cut() -> None:
    markup = "<p>\n 上海<span><a>证券</a></span>报 <!-- 注 --><?注 ?> </p>"
    assert text_of(element(markup)) == "上海证券报"


# --- elements ---------------------------------------------------------------------------------


def test_comments_are_no_elements() -> None:
    paragraph = element("<p><!-- a --><b>b</b><?c ?><i>d</i></p>")
    assert [node.tag for node in elements(paragraph)] == ["b", "i"]
    assert [is_element(node) for node in paragraph] == [False, True, False, True]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [("keytip", True), ("a  keytip\tb", True), ("keytips", False), ("KEYTIP", False), ("", False)],
)
def test_a_class_is_a_whole_word(classes: str, expected: bool) -> None:
    assert has_class(element(f'<p class="{classes}">a</p>'), "keytip") is expected


@pytest.mark.parametrize(
    ("style", "hidden"),
    [
        ("display:none;height:1px;overflow:hidden;", True),
        ("height:1px; DISPLAY : None", True),
        ("text-align:center;", False),
        ("display:block", False),
        ("", False),
    ],
)
def test_an_inline_style_hides(style: str, hidden: bool) -> None:
    assert is_hidden(element(f'<p style="{style}">a</p>')) is hidden


def test_an_element_without_attributes_is_shown_and_has_no_class() -> None:
    bare = element("<p>a</p>")
    assert (is_hidden(bare), has_class(bare, "a")) == (False, False)
