"""Cursors: what they hold comes back; what is none, or belongs elsewhere, is an error."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.web.api.cursors import Cursor, cursor_of, moment_of, number_of, word_of
from finews_crawler.errors import QueryError

START = datetime(1990, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=40_000)).map(lambda span: START + span)
rows = st.integers(0, 2**63 - 1)
NEWEST = Cursor("newest", START, (number_of(START), 7))


@given(moments, moments | st.none(), rows)
def test_what_a_cursor_holds_comes_back(as_of: datetime, at: datetime | None, row: int) -> None:
    cursor = Cursor("newest", as_of, (number_of(at), row))
    assert cursor_of(word_of(cursor), "newest", 2) == cursor
    assert moment_of(cursor.place[0]) == at


@given(st.text(max_size=40))
def test_what_is_no_cursor_is_an_error(word: str) -> None:
    with pytest.raises(QueryError, match="take it from `next`"):
        cursor_of(word, "newest", 2)


@pytest.mark.parametrize(
    ("word", "order", "length"),
    [
        (word_of(NEWEST), "seen", 1),
        (word_of(NEWEST), "newest", 1),
        (word_of(Cursor("newest", START, (1, None))), "newest", 2),
        (word_of(Cursor("newest", START, (10**18, 1))), "newest", 2),
        (word_of(Cursor("newest", START, (1, 2**63))), "newest", 2),
    ],
)
def test_a_cursor_of_another_list_or_outside_of_time(word: str, order: str, length: int) -> None:
    with pytest.raises(QueryError, match="cursor: "):
        cursor_of(word, order, length)
