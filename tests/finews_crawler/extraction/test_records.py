"""Eastmoney's JSON: taking an answer out of its wrapping, and a field under whichever name."""

import json

import pytest

from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.records import (
    Record,
    answered_code,
    digest,
    named_value,
    origin,
    plain_text_of,
    records_of,
    unwrapped_json,
    value,
)
from tests.finews_crawler.extraction.conftest import CODE, ORIGIN_URL, SHARE_URL

URL = "https://np-listapi.eastmoney.com/comm/web/getNewsByColumns"


# --- wrappings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "甲"}',
        '\ufeff{"a": "甲"}\r\n',
        'cb({"a": "甲"})',
        'jQuery18_1655195405({"a": "甲"});',
        '/**/ cb({"a": "甲"})',
        'var ajaxResult={"a": "甲"}',
        'var ajaxResult = {"a": "甲"};\n',
        'window.news={"a": "甲"};',
    ],
    ids=["json", "mark", "jsonp", "end", "comment", "var", "var and end", "no var"],
)
def test_an_answer_in_any_wrapping(text: str) -> None:
    assert unwrapped_json(text.encode(), URL) == {"a": "甲"}


@pytest.mark.parametrize("text", ["(甲);", "a=b;", "x = 甲(乙)"])
def test_what_looks_wrapped_inside_a_string_stays(text: str) -> None:
    assert unwrapped_json(f"cb({json.dumps({'a': text})});".encode(), URL) == {"a": text}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b'{"a": 1', b"cb({'a': 1})", b"cb({]);", b"\xff\xfe{", b"var a;"],
    ids=["empty", "html", "cut off", "single quotes", "brackets", "encoding", "no value"],
)
def test_what_is_no_json_is_named(body: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="neither JSON nor JSONP") as raised:
        unwrapped_json(body, URL)
    assert raised.value.url == URL


def test_a_number_that_python_refuses_is_no_json() -> None:
    with pytest.raises(UnknownLayoutError, match="neither JSON nor JSONP"):
        unwrapped_json(f'{{"a": {"9" * 5000}}}'.encode(), URL)


# --- records ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({"title": "甲"}, ["甲"]),
        ([{"title": "甲"}, {"title": "乙"}], ["甲", "乙"]),
        ({"data": {"list": [{"title": "甲"}, {"title": "乙"}]}}, ["甲", "乙"]),
        ({"Data": {"FastNewsList": [{"Title": "甲"}]}}, ["甲"]),
        ({"result": {"cmsArticleWebOld": [{"title": "甲"}]}}, ["甲"]),
        ({"title": "外", "data": {"title": "内"}}, ["外", "内"]),
        ({"passportWeb": [{"title": "甲"}]}, []),
        ("甲", []),
        (None, []),
    ],
    ids=[
        *("itself", "list", "envelopes", "capitals", "search", "envelope first", "other key"),
        *("text", "null"),
    ],
)
def test_the_records_of_an_answer_in_their_order(answer: object, titles: list[str]) -> None:
    assert [one["title"] for one in records_of(answer) if "title" in one] == titles


def test_deep_lists_are_walked() -> None:
    answer: object = {"title": "甲"}
    for _ in range(5000):
        answer = [answer]
    assert list(records_of(answer)) == [{"title": "甲"}]


# --- fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "field", "found"),
    [
        ({"showtime": "今天 16:25", "date": "2022-06-14"}, "time", ("showtime", "今天 16:25")),
        ({"showtime": " ", "date": "2022-06-14"}, "time", ("date", "2022-06-14")),
        ({"showtime": 1655195405}, "time", ("showtime", "1655195405")),
        ({"showtime": True}, "time", ("", None)),
        ({"showtime": {"a": 1}}, "time", ("", None)),
        ({"from": "甲", "medianame": None}, "source", ("from", "甲")),
        ({"simtitle": "甲\0乙"}, "title", ("simtitle", "甲乙")),
        ({"title": "\ud800甲"}, "title", ("title", "?甲")),
    ],
    ids=["first", "blank", "number", "bool", "object", "null", "nul", "half a character"],
)
def test_the_first_name_that_holds_words(
    record: Record, field: str, found: tuple[str, str | None]
) -> None:
    assert named_value(record, field) == found
    assert value(record, field) == found[1]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"infocode": f"NW{CODE}"}, CODE),
        ({"id": "1", "newsid": CODE}, CODE),
        ({"code": int(CODE)}, CODE),
        ({"code": "1"}, None),
        ({"url": ORIGIN_URL}, None),
        ({}, None),
    ],
    ids=["letters", "short id beside it", "number", "status code", "address", "nothing"],
)
def test_the_code_of_a_record(record: Record, code: str | None) -> None:
    assert answered_code(record) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("【标题】摘要【乙】一句。", "摘要【乙】一句。"),
        ("摘要【乙】一句。", "摘要【乙】一句。"),
        ("摘要一句。[点击查看全文]", "摘要一句。"),
        ("\u3000\u3000<em>摘要</em>一句。\r\n", "摘要一句。"),
        ("【标题】", None),
        ("", None),
    ],
    ids=["title", "later brackets", "button", "marks", "title alone", "empty"],
)
def test_the_digest(text: str, expected: str | None) -> None:
    assert digest({"digest": text}) == expected


@pytest.mark.parametrize(
    ("record", "address"),
    [
        ({"url_w": ORIGIN_URL}, ORIGIN_URL),
        ({"uniqueurl": ORIGIN_URL}, ORIGIN_URL),
        ({"url": SHARE_URL}, None),
        ({"url": "http://eastmoney.com.example.test/a.html"}, None),
        ({}, None),
    ],
    ids=["url_w", "uniqueUrl", "share page", "other host", "nothing"],
)
def test_the_origin_is_an_address_of_eastmoney(record: Record, address: str | None) -> None:
    assert origin(record) == address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<em>标</em>题", "标题"),
        ("\u3000甲\r\n 乙\u200b", "甲 乙"),
        ("涨幅<3%，跌幅>5%", "涨幅<3%，跌幅>5%"),
        ("利差<LPR，市场观望", "利差<LPR，市场观望"),
        ("<em>利差</em><LPR，市场观望", "利差<LPR，市场观望"),
        ("《甲》<b>乙", "《甲》乙"),
        (None, ""),
    ],
    ids=["marks", "spaces", "digits", "letters", "both", "unclosed", "nothing"],
)
def test_no_word_of_a_field_is_lost_to_markup(text: str | None, expected: str) -> None:
    assert plain_text_of(text) == expected
