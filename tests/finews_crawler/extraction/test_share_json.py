"""The JSON behind a share page: its wrappings, its names, and answers that are no article."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import EmptyAnswerError, ExtractionError, UnknownLayoutError
from finews_crawler.extraction.records import unwrapped_json
from finews_crawler.extraction.share_json import extract_share_json
from finews_crawler.items import Chart, Link, Paragraph, RawArticle, Run, StatedTime, Widget
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FETCHED_AT,
    ORIGIN_URL,
    SHARE_URL,
    chart_image,
    outcome,
    shown,
    spoilt,
)
from tests.rounds import rounds

URL = f"http://finews.zning.xyz/NewsData/GetNewsText.do?id=NW{CODE}"
OTHER = "202206143000000002"
RELATED = f"https://finance.eastmoney.com/a/{OTHER}.html"
Record = dict[str, Any]
RECORD: Record = {
    "Id": f"NW{CODE}",
    "Title": "标题",
    "Date": "2022-06-14 16:30:05",
    "medianame": "青岛财经网",
    "text": "<p>正文。</p>",
}


def read(answer: object, asked: str | None = CODE) -> RawArticle:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return extract_share_json(body, URL, FETCHED_AT, asked=asked, share_url=SHARE_URL)


def words(answer: object) -> list[str]:
    return list(map(shown, read(answer).body))


def test_an_answer() -> None:
    text = (
        f"<p>甲</p>{chart_image()}<h3>相关报道</h3><p><a href='{RELATED}'>另一条</a></p>"
        "<p><span id='stock_NASDAQ_INTC7'>乙</span></p><p class='em_media'>（文章来源：丙）</p>"
    )
    assert read({**RECORD, "text": text, "url_w": ORIGIN_URL}) == RawArticle(
        page_kind="share_json",
        extractor="share_json/1",
        url=URL,
        fetched_at=FETCHED_AT,
        body=(
            Paragraph(runs=(Run(text="甲"),)),
            Chart(widget=Widget(kind="chart", secid="1.600919")),
            Paragraph(runs=(Run(text="乙"),)),
        ),
        code=CODE,
        canonical_url=SHARE_URL,
        title="标题",
        times=(StatedTime(where="json", text="2022-06-14 16:30:05"),),
        source_line="丙",
        share_url=SHARE_URL,
        origin_url=ORIGIN_URL,
        related=(Link(url=RELATED, text="另一条"),),
        unknown_widgets=("stock_NASDAQ_INTC7",),
        strategies={"body": "text", "title": "title"},
    )


def test_an_answer_of_text_alone() -> None:
    assert read({"content": "正文。"}) == RawArticle(
        page_kind="share_json",
        extractor="share_json/1",
        url=URL,
        fetched_at=FETCHED_AT,
        body=(Paragraph(runs=(Run(text="正文。"),)),),
        code=CODE,
        canonical_url=SHARE_URL,
        share_url=SHARE_URL,
        strategies={"body": "content"},
    )


# --- wrappings --------------------------------------------------------------------------------

PLAIN = json.dumps(RECORD, ensure_ascii=False)


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        f"\ufeff{PLAIN}",
        f"\n{PLAIN}\n",
        f"cb({PLAIN})",
        f"jQuery1_2.cb$ ( {PLAIN} ) ;\n",
        f"/**/cb({PLAIN});",
        f"/* a\nb */ cb({PLAIN})",
        f"var ajaxResult={PLAIN}",
        f"var ajaxResult = {PLAIN};\n",
        f"window.result={PLAIN};",
    ],
    ids=[
        *("json", "mark", "spaces", "jsonp", "jsonp with spaces", "jsonp comment", "long comment"),
        *("assignment", "semicolon", "property"),
    ],
)
def test_json_however_it_is_wrapped(body: str) -> None:
    assert unwrapped_json(body.encode(), URL) == RECORD


@pytest.mark.parametrize(
    "envelope",
    [
        {"data": RECORD},
        {"Result": RECORD, "code": "1"},
        {"news": RECORD},
        {"record": [RECORD]},
        {"records": [RECORD], "total": 1},
        {"data": [RECORD]},
        {"result": {"data": {"news": [RECORD]}}},
        {"data": None, "result": RECORD},
        {"data": {}, "records": [RECORD]},
        {"text": "", "data": RECORD},
        [RECORD],
        [{"data": RECORD}],
        RECORD,
    ],
    ids=[
        *("data", "result", "news", "record", "records", "data list", "deep", "null", "empty"),
        *("empty text", "list", "list of envelopes", "bare"),
    ],
)
def test_the_record_in_its_envelope(envelope: object) -> None:
    found = read(envelope)
    assert (found.title, [shown(block) for block in found.body]) == ("标题", ["正文。"])


@pytest.mark.parametrize(
    ("texts", "expected", "strategy"),
    [
        ({"text": "甲"}, "甲", "text"),
        ({"content": "甲"}, "甲", "content"),
        ({"Content": "甲"}, "甲", "content"),
        ({"content": "乙", "TEXT": "甲"}, "甲", "text"),
        ({"text": "", "content": "甲"}, "甲", "content"),
        ({"text": " \n", "content": "甲"}, "甲", "content"),
        ({"text": None, "content": "甲"}, "甲", "content"),
        ({"text": {"a": "乙"}, "content": "甲"}, "甲", "content"),
        ({"newsText": "甲"}, "甲", "newstext"),
    ],
    ids=["text", "content", "case", "both", "empty", "blank", "null", "object", "newstext"],
)
def test_the_text_and_the_name_it_was_found_under(
    texts: Record, expected: str, strategy: str
) -> None:
    found = read({"Title": "标题", **texts})
    body = [shown(block) for block in found.body]
    assert (body, found.strategies["body"]) == ([expected], strategy)


@pytest.mark.parametrize("name", ["showTime", "Date", "datetime", "publishTime"])
@pytest.mark.parametrize("value", ["2022-06-14 16:30", 1655195405])
def test_the_time_under_any_name(name: str, value: object) -> None:
    assert read({"text": "甲", name: value}).times == (StatedTime(where="json", text=str(value)),)


@pytest.mark.parametrize("value", [None, "", True, [], 1.5])
def test_no_time(value: object) -> None:
    assert read({"text": "甲", "Date": value}).times == ()


@pytest.mark.parametrize("name", ["mediaName", "From", "source"])
def test_the_source_under_any_name(name: str) -> None:
    assert read({"text": "甲", name: " 青岛财经网 "}).source_line == "青岛财经网"


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"Title": "\u3000甲\r\n乙 "}, "甲 乙"),
        ({"simtitle": "甲"}, "甲"),
        ({"Title": "", "simtitle": "甲"}, "甲"),
        ({}, ""),
    ],
    ids=["spaces", "short", "empty", "none"],
)
def test_the_title(titles: Record, expected: str) -> None:
    assert read({"text": "甲", **titles}).title == expected


@pytest.mark.parametrize("name", ["url_w", "url", "uniqueUrl", "url_unique"])
def test_the_origin_under_any_name(name: str) -> None:
    assert read({"text": "甲", name: ORIGIN_URL}).origin_url == ORIGIN_URL


@pytest.mark.parametrize("url", ["http://a.test/", "javascript:a", "//eastmoney.com.a.test/", ""])
def test_an_origin_elsewhere_is_none(url: str) -> None:
    assert read({"text": "甲", "url": url}).origin_url is None


@pytest.mark.parametrize("name", ["infoCode", "newsid", "Id", "code", "newId"])
@pytest.mark.parametrize("value", [CODE, f"NW{CODE}", int(CODE)])
def test_the_id_under_any_name(name: str, value: object) -> None:
    assert read({"text": "甲", name: value}, asked=None).code == CODE


@pytest.mark.parametrize(
    ("ids", "asked", "code"),
    [
        ({}, CODE, CODE),
        ({"Id": "1"}, CODE, CODE),
        ({"code": 1, "newsid": f"NW{CODE}"}, CODE, CODE),
        ({}, None, None),
        ({"infoCode": None}, None, None),
    ],
    ids=["none answered", "no article id", "status code", "none at all", "null"],
)
def test_the_code_of_the_answer(ids: Record, asked: str | None, code: str | None) -> None:
    assert read({"text": "甲", **ids}, asked=asked).code == code


# --- text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲 &lt; 乙", ["甲 < 乙"]),
        ("<p>甲</p>乙<p>丙</p>", ["甲", "乙", "丙"]),
        ("<p>甲</p></div><p>乙</p>", ["甲", "乙"]),
        ("<p>甲", ["甲"]),
        ("甲\0乙", ["甲乙"]),
    ],
    ids=["entity", "words between", "stray end tag", "unclosed", "nul"],
)
def test_the_text_is_html(text: str, expected: list[str]) -> None:
    assert words({"text": text}) == expected


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    body = PLAIN.encode().replace("正".encode(), b"\xff")
    assert [shown(block) for block in read(body).body] == ["\ufffd文。"]


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800", "\\udc00\\ud800"])
def test_no_field_holds_a_character_that_no_database_takes(escape: str) -> None:
    found = read(PLAIN.replace("标", escape).replace("青", escape).replace("正", escape).encode())
    fields = [found.title, found.source_line or "", *(shown(block) for block in found.body)]
    refused = [
        text for text in fields if "\0" in text or text != text.encode(errors="replace").decode()
    ]
    assert refused == []


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"text": "a"',
        b"cb({'text': 'a'})",
        b"cb()",
        b"var a=;",
        b"\0\xff",
        b"[" * 100_000,
        b'{"text": "a", "newsid": ' + b"1" * 5000 + b"}",
    ],
    ids=[
        "empty",
        "html",
        "cut off",
        "quotes",
        "no value",
        "nothing",
        "bits",
        "deep",
        "long number",
    ],
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="neither JSON nor JSONP") as raised:
        read(body)
    assert raised.value.url == URL


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("text", "str"), (1, "int"), (1.5, "float"), (True, "bool"), (None, "NoneType")],
)
def test_json_that_is_no_object(answer: object, kind: str) -> None:
    with pytest.raises(UnknownLayoutError, match=f"a JSON {kind}, no object"):
        read(answer)


@pytest.mark.parametrize(
    "answer",
    [
        *({}, [], [[]], {"data": []}, {"data": None, "message": "success"}, {"article": RECORD}),
        *({**RECORD, "text": value} for value in ("", " \r\n\u3000", None, True, ["甲"])),
    ],
)
def test_an_answer_without_text(answer: object) -> None:
    with pytest.raises(EmptyAnswerError, match="no text under any known name"):
        read(answer)


@pytest.mark.parametrize("text", ["<p> </p>", "<!-- 注 -->", "&nbsp;", "<script>a()</script>"])
def test_a_text_without_words(text: str) -> None:
    with pytest.raises(EmptyAnswerError, match="the text holds no words"):
        read({**RECORD, "text": text})


@pytest.mark.parametrize("answered", [OTHER, f"NW{OTHER}", int(OTHER)])
def test_the_text_of_another_article_is_refused(answered: object) -> None:
    with pytest.raises(UnknownLayoutError, match=f"asked for {CODE}, answered {OTHER}"):
        read({**RECORD, "Id": answered})


@pytest.mark.parametrize("depth", [100, 300, 900, 3000])
@pytest.mark.parametrize(("start", "end"), [('{"data":', "}"), ("[", "]"), ('{"a":', "}")])
def test_deep_envelopes_are_read_or_refused(depth: int, start: str, end: str) -> None:
    body = (start * depth + PLAIN + end * depth).encode()
    assert isinstance(outcome(lambda: read(body)), RawArticle | ExtractionError)


@pytest.mark.parametrize("depth", [100, 300, 3000])
@pytest.mark.parametrize("tag", ["b", "div", "blockquote"])
def test_deep_markup_is_read_or_refused(depth: int, tag: str) -> None:
    text = f"<{tag}>" * depth + "甲"
    assert isinstance(outcome(lambda: read({"text": text})), RawArticle | ExtractionError)


GOOD = [PLAIN.encode(), f"cb({json.dumps({'data': [RECORD]})})".encode(), b'{"content": "a"}']


@given(body=st.one_of(st.binary(max_size=100), spoilt(*GOOD)))
@settings(deadline=None, max_examples=rounds(300))
def test_any_bytes_are_an_article_or_an_extraction_error(body: bytes) -> None:
    assert isinstance(outcome(lambda: read(body)), RawArticle | ExtractionError)
