"""The JSON form of rows."""

import json
from dataclasses import asdict
from datetime import date

import finews
from finews.reader.plain import plain_row
from finews.reader.reader import Reader
from tests.finews.filling import BANK


def test_an_article_as_json(kept: Reader) -> None:
    row = kept.article(BANK)
    assert row is not None
    plain = plain_row(row)
    assert list(plain)[:3] == ["id", "identity", "code"]
    assert plain["published_at"] == "2022-06-14T09:30:00+08:00"
    assert plain["symbols"] == ["600919.SH"]
    assert plain["categories"] == ["cailianshe", "emnews"]
    assert plain["mentions"][0] == {
        "secid": "1.600919",
        "symbol": "600919.SH",
        "mic": "XSHG",
        "asset_class": "stock",
        "kind": "link",
        "surface": "江苏银行",
        "start": 0,
        "end": 4,
        "inside_word": False,
    }
    assert json.loads(json.dumps(plain)) == plain


def test_a_row_without_its_class_has_the_same_form(kept: Reader) -> None:
    row = kept.article(BANK)
    assert row is not None
    assert plain_row({**asdict(row), "symbols": row.symbols}) == plain_row(row)


def test_a_time_that_is_missing_is_null(kept: Reader) -> None:
    assert [plain_row(row)["published_at"] for row in kept.articles(categories="sitenews")] == [
        None
    ]


def test_every_row_has_a_json_form(kept: Reader) -> None:
    lists = (kept.mentions(), kept.revisions(), kept.changes(), kept.stories(), kept.search("业绩"))
    for rows in lists:
        for row in rows:
            plain = plain_row(row)
            assert json.loads(json.dumps(plain)) == plain


def test_a_security_as_json(kept: Reader) -> None:
    row = kept.security("600919.SH")
    assert row is not None
    assert plain_row(row)["aliases"] == [{"symbol": "600919.SH", "since": None, "until": None}]
    alias = finews.Alias(symbol="920799.BJ", since=date(2025, 5, 6), until=None)
    assert plain_row(alias)["since"] == "2025-05-06"
