"""A filter from texts: what is understood, and what each fault says."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.asking import WORDS, filter_of, moment_of, symbol_of
from finews_crawler.errors import QueryError
from pipelines.store.queries import Filter

NOON = datetime(2022, 6, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2022-06-13", datetime(2022, 6, 12, 16, tzinfo=UTC), id="a day in China"),
        ("2022-06-13T09:30+08:00", datetime(2022, 6, 13, 1, 30, tzinfo=UTC)),
        ("2022-06-13T01:30:00Z", datetime(2022, 6, 13, 1, 30, tzinfo=UTC)),
        (" 6h ", NOON - timedelta(hours=6)),
        ("0", NOON),
    ],
)
def test_a_moment(text: str, expected: datetime) -> None:
    assert moment_of(text, NOON) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2022-06-13T09:30", "has no zone: write 2022-06-13T09:30+08:00 for China time"),
        ("2022-06-13 09:30", "has no zone"),
        ("2022-02-30", "is no moment"),
        ("yesterday", "is no moment, such as 2022-06-13, 2022-06-13T09:30+08:00 or 6h (ago)"),
        ("", "is no moment"),
        ("20220613", "is no moment"),
        ("9999999999d", "is no moment"),
    ],
)
def test_what_is_no_moment(text: str, told: str) -> None:
    with pytest.raises(QueryError, match=r"no (moment|zone)") as error:
        moment_of(text)
    assert told in str(error.value)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_a_clear_error(text: str) -> None:
    with suppress(QueryError):
        assert moment_of(text).tzinfo is not None


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("600919.SH", "600919.SH"),
        pytest.param("1.600919", "600919.SH", id="a secid becomes its symbol"),
        pytest.param("999.1", "999.1", id="a secid that no table knows stays"),
    ],
)
def test_a_symbol(text: str, symbol: str) -> None:
    assert symbol_of(text) == symbol


@pytest.mark.parametrize("text", ["600919", "SH600919", "", "江苏银行", "600919.SH.", "a b.SH"])
def test_an_exchange_is_never_guessed(text: str) -> None:
    with pytest.raises(QueryError, match=r"is no symbol: write the code and its exchange"):
        symbol_of(text)


def test_a_filter_of_many_words() -> None:
    found = filter_of(
        {
            "symbol": ["600919.SH", "1.600919", "600030.SH"],
            "source": ["财联社"],
            "category": ["emnews", "Wind"],
            "kind": ["full"],
            "published_from": ["2022-06-13"],
            "as_of": ["2022-06-14T12:00Z"],
            "late": ["no"],
            "seen_to": [],
        }
    )
    assert found == Filter(
        symbols=("600919.SH", "600030.SH"),
        sources=("财联社",),
        categories=("emnews", "Wind"),
        kinds=("full",),
        published_from=datetime(2022, 6, 12, 16, tzinfo=UTC),
        as_of=NOON,
        with_late=False,
    )


@pytest.mark.parametrize(
    ("given_texts", "told"),
    [
        ({"symbols": ["600919.SH"]}, f"symbols: not understood; it can be {', '.join(WORDS)}"),
        ({"as_of": ["6h", "7h"]}, "as_of: given 2 times"),
        ({"kind": ["fulls"]}, "kind: 'fulls' is no kind: full or digest"),
        ({"late": ["maybe"]}, "late: 'maybe' is neither yes nor no"),
        ({"source": [" "]}, "source: a name is empty"),
        ({"symbol": ["600919"]}, "symbol: '600919' is no symbol: "),
        (
            {"published_from": ["2022-06-14"], "published_to": ["2022-06-13"]},
            "published_to 2022-06-13 00:00:00+08:00 lies before published_from",
        ),
    ],
)
def test_a_fault_names_its_word(given_texts: dict[str, list[str]], told: str) -> None:
    with pytest.raises(QueryError) as error:
        filter_of(given_texts)
    assert str(error.value).startswith(told)
