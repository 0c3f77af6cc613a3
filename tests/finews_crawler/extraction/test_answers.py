"""Eastmoney's answers: a page of a list, the end of a list, or a refusal in the form of success."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import EmptyAnswerError, ExtractionError, UnknownLayoutError
from finews_crawler.extraction.answers import (
    AskedArticle,
    ListPage,
    RefusedAnswerError,
    VerifyPageError,
    extract_article,
    extract_list_page,
    extract_text,
)
from finews_crawler.origin_requests import list_kind
from finews_crawler.reference import load_table
from tests.finews_crawler.extraction.conftest import spoilt
from tests.origin_server import (
    NO_NEWS,
    TOO_FAST,
    VERIFY_PAGE,
    column_answer,
    news,
    older_answer,
    rolling_answer,
    search_answer,
)

FETCHED_AT = datetime(2025, 6, 16, 7, 0, tzinfo=UTC)
URL = "https://np-weblist.eastmoney.com/comm/web/getFastNewsList"
ITEMS = [news(1, 10), news(2, 20)]
ONE = ITEMS[0]
SHAPES = {
    "rolling": rolling_answer,
    "rolling_older": older_answer,
    "columns": column_answer,
    "search": search_answer,
}
PAGE = f"https://finance.eastmoney.com/a/{ONE.code}.html"
SHARE = f"http://choicewzp1.eastmoney.com/html_News/NewsShare.html?infoCode=NW{ONE.code}"
ASKED = AskedArticle(ONE.code, SHARE, tuple(load_table("origin")["politeness"]["verify_words"]))


def read(kind: str, answer: Any) -> ListPage:
    body = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    known = list_kind(kind)
    return extract_list_page(
        body.encode(), URL, FETCHED_AT, holds=known.holds, success=known.success
    )


# --- lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SHAPES)
def test_a_page_of_every_list(kind: str) -> None:
    found = read(kind, SHAPES[kind](ITEMS))
    assert [one.code for one in found.articles] == [one.code for one in ITEMS]
    assert [one.title for one in found.articles] == [one.title for one in ITEMS]
    assert found.cursor == (ITEMS[1].sort if kind == "rolling" else None)


@pytest.mark.parametrize("kind", SHAPES)
def test_the_end_of_every_list(kind: str) -> None:
    assert read(kind, SHAPES[kind]([])) == ListPage(articles=(), cursor=None)


def test_a_search_whose_items_lie_deeper() -> None:
    assert len(read("search", search_answer(ITEMS, is_nested=True)).articles) == 2


def test_the_answers_own_place_stands_in_for_the_last_items() -> None:
    answer = rolling_answer(ITEMS)
    for one in answer["data"]["fastNewsList"]:
        del one["realSort"]
    assert read("rolling", answer).cursor == ITEMS[1].sort
    del answer["data"]["sortEnd"]
    assert read("rolling", answer).cursor is None


@pytest.mark.parametrize(
    ("kind", "answer", "told"),
    [
        ("rolling", TOO_FAST, "访问过于频繁 (code 0)"),
        ("rolling", {"code": 403, "message": ""}, "no message (code 403)"),
        ("rolling", {"code": "0", "data": {"fastNewsList": []}}, "no message (code 0)"),
        ("rolling_older", {"rc": 0, "me": "停止服务", "LivesList": None}, "停止服务 (code 0)"),
        ("columns", {"code": -1, "message": "参数错误", "data": None}, "参数错误 (code -1)"),
        ("search", {"code": 500, "msg": "系统繁忙", "result": {}}, "系统繁忙 (code 500)"),
    ],
)
def test_an_error_code_is_a_refusal_with_its_message(kind: str, answer: Any, told: str) -> None:
    with pytest.raises(RefusedAnswerError) as error:
        read(kind, answer)
    assert (error.value.reason, error.value.detail) == ("refused_answer", told)


def test_an_answer_with_articles_is_good_whatever_its_code() -> None:
    assert len(read("rolling", {**rolling_answer(ITEMS), "code": "0"}).articles) == 2


@pytest.mark.parametrize(
    ("kind", "answer", "told"),
    [
        ("search", NO_NEWS, "no cmsArticleWebOld in the answer, only passportWeb"),
        ("search", {"code": 0, "result": None}, "no cmsArticleWebOld in the answer, only code, "),
        ("rolling", {"code": "1", "data": None}, "no fastNewsList in the answer, only code, data"),
        ("rolling", {}, "no fastNewsList in the answer, only nothing"),
        ("columns", [], "no list in the answer, only nothing"),
        ("columns", None, "no list in the answer, only nothing"),
    ],
)
def test_an_answer_without_a_list_is_no_end_of_one(kind: str, answer: Any, told: str) -> None:
    with pytest.raises(EmptyAnswerError) as error:
        read(kind, answer)
    assert error.value.detail.startswith(told)


@pytest.mark.parametrize("start", ["", "\ufeff", "\r\n  "])
def test_a_page_instead_of_a_list_is_a_refusal(start: str) -> None:
    with pytest.raises(VerifyPageError) as error:
        read("rolling", start + VERIFY_PAGE)
    assert error.value.reason == "verify_page"
    assert error.value.detail == "a page instead of a list: 安全验证请拖动滑块完成验证"


def test_what_a_script_says_is_not_told() -> None:
    with pytest.raises(VerifyPageError, match=r"instead of a list: 请稍候$"):
        read("rolling", "<html><script>var a = 1;</script><style>p {}</style><p>请稍候</p></html>")


@pytest.mark.parametrize("body", ["", "{", "cb({]);", "访问过于频繁"])
def test_what_is_neither_is_named(body: str) -> None:
    with pytest.raises(UnknownLayoutError, match="neither JSON nor JSONP"):
        read("rolling", body)


def test_what_is_kept_of_a_long_message_is_short() -> None:
    with pytest.raises(RefusedAnswerError) as error:
        read("rolling", {"code": "0", "message": "忙" * 5000})
    assert len(error.value.detail) == 200


@settings(deadline=None)
@given(
    st.sampled_from(sorted(SHAPES)),
    spoilt(*(json.dumps(shape(ITEMS), ensure_ascii=False).encode() for shape in SHAPES.values())),
)
def test_a_spoilt_answer_is_a_page_or_an_extraction_error(kind: str, body: bytes) -> None:
    known = list_kind(kind)
    try:
        found = extract_list_page(body, URL, FETCHED_AT, holds=known.holds, success=known.success)
    except ExtractionError:
        return
    assert {len(one.code or "") for one in found.articles} <= {18}


# --- articles -----------------------------------------------------------------------------------


def article(page: str, url: str = PAGE) -> str:
    """The text of an article's page."""
    raw = extract_article(page.encode(), url, FETCHED_AT, asked=ASKED)
    assert (raw.page_kind, raw.code) == ("origin", ONE.code)
    return raw.title


def test_the_page_that_was_asked_for() -> None:
    assert article(ONE.page or "") == ONE.title


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (PAGE.replace(ONE.code, ITEMS[1].code), f"asked for {ONE.code}, answered {ITEMS[1].code}"),
        ("https://www.eastmoney.com/", f"asked for {ONE.code}, answered another page"),
    ],
)
def test_a_redirect_to_another_article_is_not_the_article(url: str, told: str) -> None:
    with pytest.raises(UnknownLayoutError, match=told):
        article(ONE.page or "", url)


@pytest.mark.parametrize(
    "page",
    [VERIFY_PAGE, "<html><p>您的访问过于频繁</p></html>", "<title>CAPTCHA</title><p>prove it</p>"],
)
def test_a_page_that_wants_a_proof(page: str) -> None:
    with pytest.raises(VerifyPageError):
        article(page)
    with pytest.raises(VerifyPageError):
        extract_text(page.encode(), PAGE, FETCHED_AT, asked=ASKED)


@pytest.mark.parametrize(
    "page",
    [
        "<html><p>页面不存在</p></html>",
        f"<html><p>验证码登录</p><p>{'导航' * 300}</p></html>",
        "{",
        "",
    ],
    ids=["other words", "a whole page with a login box", "no page", "nothing"],
)
def test_another_page_is_not_taken_for_one(page: str) -> None:
    with pytest.raises(UnknownLayoutError):
        article(page)


def test_an_article_about_proofs_is_an_article() -> None:
    page = (ONE.page or "").replace("金额三亿元。", "验证码服务合同金额三亿元。")
    assert article(page) == ONE.title


def test_the_text_that_was_asked_for() -> None:
    answer = json.dumps({"Id": f"NW{ONE.code}", "Title": "标题", "text": "<p>全文。</p>"})
    raw = extract_text(answer.encode(), PAGE, FETCHED_AT, asked=ASKED)
    assert (raw.page_kind, raw.code, raw.canonical_url, raw.share_url) == (
        "share_json",
        ONE.code,
        SHARE,
        SHARE,
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json.dumps({"Id": ITEMS[1].code, "text": "全文"}), UnknownLayoutError),
        ("{}", EmptyAnswerError),
        ("<html><p>首页</p></html>", UnknownLayoutError),
    ],
)
def test_what_is_no_text_of_it(answer: str, error: type[ExtractionError]) -> None:
    with pytest.raises(error):
        extract_text(answer.encode(), PAGE, FETCHED_AT, asked=ASKED)
