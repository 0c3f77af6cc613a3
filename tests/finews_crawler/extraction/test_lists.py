"""Eastmoney's lists of news: every shape of list, in every wrapping."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import EmptyAnswerError, ExtractionError, UnknownLayoutError
from finews_crawler.extraction.lists import extract_list
from finews_crawler.items import Article, RawArticle
from pipelines.normalise.article import normalise
from tests.finews_crawler.extraction.conftest import outcome, spoilt

FETCHED_AT = datetime(2026, 6, 16, 7, 0, tzinfo=UTC)
URL = "https://np-weblist.eastmoney.com/comm/web/getFastNewsList"
CODE = "202606163772915624"
ADDRESS = f"https://finance.eastmoney.com/a/{CODE}.html"

SHAPES: dict[str, dict[str, Any]] = {
    "7x24": {
        "code": "1",
        "message": "success",
        "data": {
            "sortEnd": "1781590197015624",
            "fastNewsList": [
                {
                    "code": CODE,
                    "title": "标题",
                    "summary": "【标题】摘要一句。[点击查看全文]",
                    "showTime": "2026-06-16 14:09:57",
                    "stockList": ["1.601068", "90.BK0493", "?"],
                }
            ],
        },
    },
    "column": {
        "code": 1,
        "data": {
            "list": [
                {
                    "code": CODE,
                    "title": "标题",
                    "summary": "摘要一句。",
                    "showTime": "2026-06-16 14:09:57",
                    "mediaName": "财联社",
                    "uniqueUrl": f"http://finance.eastmoney.com/a/{CODE}.html",
                }
            ]
        },
    },
    "lives": {
        "rc": 1,
        "LivesList": [
            {
                "id": "1",
                "newsid": CODE,
                "title": "标题",
                "digest": "【标题】摘要一句。",
                "showtime": "2026-06-16 14:09:57",
            }
        ],
    },
    "records": {
        "records": [
            {
                "id": CODE,
                "infoCode": f"NW{CODE}",
                "title": "标题",
                "digest": "【标题】摘要一句。",
                "showtime": "2026-06-16 14:09:57",
            }
        ]
    },
    "nodeList": {
        "nodeList": [
            {
                "infocode": f"NW{CODE}",
                "from": "财联社",
                "simtitle": "标题",
                "simdigest": "摘要一句。",
                "showtime": "今天 14:09:57",
            }
        ]
    },
    "search": {
        "result": {
            "cmsArticleWebOld": [
                {
                    "code": CODE,
                    "title": "<em>标</em>题",
                    "content": "\u3000\u3000<em>摘要</em>一句。\r\n",
                    "date": "2026-06-16 14:09:57",
                    "mediaName": "财联社",
                }
            ]
        }
    },
}


def read(answer: object, wrap: str = "{}") -> tuple[RawArticle, ...]:
    text = wrap.replace("{}", json.dumps(answer, ensure_ascii=False))
    return extract_list(text.encode(), URL, FETCHED_AT)


def only(answer: object) -> Article:
    (raw,) = read(answer)
    return normalise(raw)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_tells_the_same(shape: str) -> None:
    found = only(SHAPES[shape])
    assert (found.code, found.title, found.body_text) == (CODE, "标题", "摘要一句。")
    assert (found.published_at, found.published_precision) == (
        datetime(2026, 6, 16, 6, 9, 57, tzinfo=UTC),
        "second",
    )
    assert (found.body_kind, found.url, found.page_kind) == ("digest", ADDRESS, "list")


@pytest.mark.parametrize(
    "wrap", ["{}", "cb({})", "jQuery123_4({});", "var ajaxResult={}", "var ajaxResult={};"]
)
def test_every_wrapping(wrap: str) -> None:
    assert [one.code for one in read(SHAPES["lives"], wrap)] == [CODE]


def test_the_listed_securities_are_mentions_without_a_place() -> None:
    mentions = only(SHAPES["7x24"]).mentions
    assert [(one.kind, one.secid, one.symbol, one.surface, one.start) for one in mentions] == [
        ("listed", "1.601068", "601068.SH", None, None),
        ("listed", "90.BK0493", "90.BK0493", None, None),
    ]


@pytest.mark.parametrize("shape", ["column", "nodeList", "search"])
def test_the_source_of_an_item(shape: str) -> None:
    assert only(SHAPES[shape]).source == "财联社"


def test_an_item_without_a_digest_names_an_article() -> None:
    (found,) = read({"record": [{"infoCode": f"NW{CODE}", "title": "标题", "medianame": "财联社"}]})
    assert (found.code, found.body, found.times) == (CODE, (), ())


def test_a_time_of_epoch_seconds() -> None:
    record = {"code": CODE, "title": "标题", "summary": "甲", "showTime": 1781590197}
    found = only({"data": {"list": [record]}})
    assert found.published_at == datetime(2026, 6, 16, 6, 9, 57, tzinfo=UTC)


def item(**fields: object) -> dict[str, Any]:
    return {"data": {"list": [{"code": CODE, "title": "标题", "summary": "甲", **fields}]}}


@pytest.mark.parametrize(
    ("time", "published_at", "precision"),
    [
        ("1781590197015", "2026-06-16T06:09:57+00:00", "second"),
        ("今天 14:09", "2026-06-16T14:09:00+08:00", "minute"),
        ("06-16 14:09", "2026-06-16T14:09:00+08:00", "minute"),
        ("5分钟前", "2026-06-16T14:55:00+08:00", "minute"),
        ("2026年06月16日 14:09", "2026-06-16T14:09:00+08:00", "minute"),
    ],
)
def test_a_time_in_every_form(time: str, published_at: str, precision: str) -> None:
    found = only(item(showTime=time))
    assert found.published_at == datetime.fromisoformat(published_at)
    assert found.published_precision == precision


@pytest.mark.parametrize("time", ["14:09", "", None, True, 0, -1, [1], "稍早"])
def test_what_is_no_time_gives_none(time: object) -> None:
    found = only(item(showTime=time))
    assert (found.published_at, found.published_quality) == (None, "missing")


@pytest.mark.parametrize(
    ("listed", "secids"),
    [
        (["0.000001", "116.00700", "105.SPCX"], ["0.000001", "116.00700", "105.SPCX"]),
        ("1.601068,0.000001", ["1.601068", "0.000001"]),
        (["601068", "SH601068", "1.", ".600919", ""], []),
        ([None, {}], []),
        (None, []),
        ({"1.601068": 1}, []),
    ],
    ids=["markets", "text", "no secids", "no words", "nothing", "object"],
)
def test_the_secids_of_an_item(listed: object, secids: list[str]) -> None:
    (found,) = read(item(stockList=listed))
    assert list(found.listed_secids) == secids


def test_a_security_listed_twice_is_one_mention() -> None:
    mentions = only(item(stockList=["1.601068", "1.601068"])).mentions
    assert [one.secid for one in mentions] == ["1.601068"]


@pytest.mark.parametrize(
    "words",
    ["*ST甲|乙", "# 2022. $$a$$", "涨幅<3%", "利差<LPR，观望", '称"稳"'],
)
def test_the_words_of_an_item_stay(words: str) -> None:
    found = only(item(title=words, summary=words))
    assert (found.title, found.body_text) == (words, words)


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({}, ADDRESS),
        ({"url": "http://example.test/a.html"}, ADDRESS),
        (
            {"url_w": f"http://stock.eastmoney.com/news/1405,{CODE}.html"},
            f"http://stock.eastmoney.com/news/1405,{CODE}.html",
        ),
    ],
    ids=["none", "other host", "older form"],
)
def test_the_origin_of_an_item(fields: dict[str, object], origin: str) -> None:
    found = only(item(**fields))
    assert (found.origin_url, found.url) == (origin, ADDRESS)


def test_articles_stand_in_the_order_of_the_list() -> None:
    later = "202606163772915699"
    answer = {"data": {"list": [{"code": later}, {"code": "", "title": "甲"}, {"code": CODE}]}}
    assert [one.code for one in read(answer)] == [later, CODE]


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        None,
        1,
        {"rc": 0, "LivesList": None},
        {"result": {"passportWeb": [{"uid": "1", "title": "甲"}]}},
        {"data": {"list": []}},
    ],
    ids=["list", "object", "null", "number", "no lives", "other search", "no items"],
)
def test_an_answer_without_articles(answer: object) -> None:
    with pytest.raises(EmptyAnswerError, match="no articles in the list: no message"):
        read(answer)


def test_a_refusal_is_told_in_the_endpoints_own_words() -> None:
    with pytest.raises(EmptyAnswerError, match="no articles in the list: 访问过于频繁"):
        read({"code": "0", "message": "访问过于频繁", "data": None})


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"{", b"cb({]);"])
def test_what_is_no_json_is_named(body: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="neither JSON nor JSONP"):
        extract_list(body, URL, FETCHED_AT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(CODE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "list", "code", "title", "digest", "showTime", "stockList"]),
            inner,
            max_size=5,
        )
    ),
)


@settings(deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda answer: json.dumps(answer).encode()))
def test_any_answer_is_articles_or_an_extraction_error(body: bytes) -> None:
    try:
        found = extract_list(body, URL, FETCHED_AT)
    except ExtractionError:
        return
    assert {len(one.code or "") for one in found} == {18}


@settings(deadline=None)
@given(spoilt(*(json.dumps(shape, ensure_ascii=False).encode() for shape in SHAPES.values())))
def test_a_spoilt_answer_is_articles_or_an_extraction_error(body: bytes) -> None:
    found = outcome(lambda: list(map(normalise, extract_list(body, URL, FETCHED_AT))))
    assert isinstance(found, list | ExtractionError)
