"""A filter as words of an address, and back."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from finews.asking import filter_of
from finews.web.words import address, words_of
from pipelines.store.queries import Filter

START = datetime(1990, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=40_000)).map(lambda span: START + span)
spans = st.just([None, None]) | st.tuples(moments, moments).map(sorted)
names = st.lists(st.text(min_size=1).map(str.strip).filter(bool), max_size=3, unique=True)


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    published, seen = draw(spans), draw(spans)
    return Filter(
        symbols=tuple(draw(st.lists(st.sampled_from(["600919.SH", "0700.HK"]), unique=True))),
        sources=tuple(draw(names)),
        categories=tuple(draw(names)),
        kinds=tuple(draw(st.lists(st.sampled_from(["full", "digest"]), unique=True))),
        published_from=published[0],
        published_to=published[1],
        seen_from=seen[0],
        seen_to=seen[1],
        as_of=draw(st.none() | moments),
        with_late=draw(st.booleans()),
    )


@given(filters())
def test_the_words_of_a_filter_make_the_same_filter(wanted: Filter) -> None:
    query = parse_qs(urlsplit(address("/", wanted)).query, strict_parsing=bool(words_of(wanted)))
    assert filter_of(query) == wanted


def test_what_is_not_asked_for_stands_in_no_address() -> None:
    assert address("/a", Filter()) == "/a"
    assert address("/a", Filter(), [("limit", 5), ("cursor", None)]) == "/a?limit=5"
