"""A place in a list is one word of an address."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.web.pages.places import Cursor, read, written
from finews_crawler.errors import QueryError
from pipelines.store.queries import Place

MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, st.none() | MOMENTS, st.integers(0, 2**63 - 1))
def test_a_place_is_read_as_it_was_written(
    as_of: datetime, published_at: datetime | None, revision: int
) -> None:
    cursor = Cursor(as_of, Place(published_at, revision))
    assert read(written(cursor)) == cursor


@pytest.mark.parametrize(
    "word", ["x", "1_2", "1_2_3_4", "a_b_c", "_1_1", f"1_1_{2**63}", "1_1_-1", f"{10**30}_1_1"]
)
def test_what_is_no_place_is_an_error(word: str) -> None:
    with pytest.raises(QueryError, match="is no place in this list"):
        read(word)
