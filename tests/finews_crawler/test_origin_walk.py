"""The way back through a list, and how long a refusal makes a crawl wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews_crawler.arguments import ArgumentValue
from finews_crawler.errors import ArgumentError
from finews_crawler.extraction.answers import ListPage
from finews_crawler.extraction.lists import extract_list
from finews_crawler.items import Listing, RawArticle, StatedTime
from finews_crawler.origin_requests import list_kind
from finews_crawler.origin_walk import Patience, Walk, listed_at, merged, read_since, since_moment
from tests.origin_server import NEWEST, Item, Origin, column_answer, news, rolling_answer

NOW = datetime(2025, 6, 16, 7, 0, tzinfo=UTC)
SINCE = NEWEST - timedelta(hours=1)


def articles(*items: Item) -> tuple[RawArticle, ...]:
    body = Origin(rolling=list(items), size=len(items)).answer("/comm/web/getFastNewsList")[1]
    return extract_list(body.encode(), "https://np-weblist.eastmoney.com/", NOW)


def page(*items: Item, cursor: str | None = None) -> ListPage:
    return ListPage(articles=articles(*items) if items else (), cursor=cursor)


def walk(kind: str = "columns", **given_: object) -> Walk:
    return Walk(replace(list_kind(kind), **given_), "350", SINCE)  # type: ignore[arg-type]


def numbers(taken: list[RawArticle]) -> list[int]:
    return [int((one.code or "")[-2:]) for one in taken]


# --- since --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", "2025-06-16T06:58:30+00:00"),
        ("2d", "2025-06-14T07:00:00+00:00"),
        ("0", "2025-06-16T07:00:00+00:00"),
        ("2025-06-16T08:00", "2025-06-16T08:00:00+08:00"),
        (" 2025-06-16 ", "2025-06-16T00:00:00+08:00"),
        ("2025-06-16T06:30Z", "2025-06-16T06:30:00+00:00"),
    ],
)
def test_since(text: str, moment: str) -> None:
    assert since_moment(read_since(text), NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "6", "-6h", "tomorrow", "2025-13-01", "16.06.2025"])
def test_what_is_no_since(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"is no span of time, .* and no time, such as "):
        read_since(text)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2025-06-17T00:00:00+08:00", "lies in the future"),
        (timedelta(days=9_000_000), "is too long"),
    ],
)
def test_a_since_that_leads_nowhere(value: ArgumentValue, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        since_moment(value, NOW)


# --- the time of an item ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-06-16 14:09:57", "2025-06-16T14:09:57+08:00"),
        ("2025-06-16 14:09", "2025-06-16T14:09:00+08:00"),
        ("2025-06-16T06:09:57Z", "2025-06-16T06:09:57+00:00"),
        ("1750054197", "2025-06-16T14:09:57+08:00"),
        ("1750054197015", "2025-06-16T14:09:57+08:00"),
        ("稍早", "2025-06-16T23:59:59.999999+08:00"),
        ("17500541", "2025-06-16T23:59:59.999999+08:00"),
        (None, "2025-06-16T23:59:59.999999+08:00"),
    ],
)
def test_the_time_to_go_back_by(text: str | None, moment: str) -> None:
    (raw,) = articles(news(1, 10))
    times = (StatedTime(where="json", text=text),) if text else ()
    assert listed_at(replace(raw, times=times)) == datetime.fromisoformat(moment)


def test_an_id_that_is_no_day_tells_no_time() -> None:
    (raw,) = articles(news(1, 10))
    assert listed_at(replace(raw, times=(), code="209999993772900001")) is None


@given(st.text(max_size=30))
def test_no_words_of_a_list_break_the_way(text: str) -> None:
    (raw,) = articles(news(1, 10))
    found = listed_at(replace(raw, times=(StatedTime(where="json", text=text),)))
    assert found is None or found.tzinfo is not None


# --- the way back -------------------------------------------------------------------------------


def test_a_page_within_the_time_leads_to_the_next() -> None:
    way = walk()
    assert numbers(way.take(page(news(1, 10), news(2, 20)))) == [1, 2]
    assert (way.is_over, way.page, way.oldest) == (False, 2, NEWEST - timedelta(minutes=20))


def test_a_page_that_passes_the_time_is_the_last() -> None:
    way = walk()
    olds = [news(number, 60 + number) for number in (3, 4, 5)]
    assert numbers(way.take(page(news(1, 59), news(2, 60), *olds))) == [1, 2]
    assert (way.is_over, way.unfinished) == (True, None)


def test_an_item_out_of_its_place_does_not_end_the_way() -> None:
    way = walk()
    assert numbers(way.take(page(news(1, 10), news(9, 99), news(2, 20), news(8, 98)))) == [1, 2]
    assert not way.is_over


def test_an_empty_page_is_the_end() -> None:
    way = walk()
    way.take(page(news(1, 10)))
    assert way.take(page()) == []
    assert (way.is_over, way.unfinished) == (True, None)


def test_an_item_without_a_time_stays_and_leads_nowhere() -> None:
    way = walk()
    (one,) = articles(news(1, 10))
    undated = replace(one, times=(), code="209999993772900001")
    assert way.take(ListPage(articles=(undated,), cursor=None)) == [undated]
    assert (way.is_over, way.oldest) == (False, None)


@pytest.mark.parametrize(
    ("kind", "pages", "unfinished"),
    [
        ("columns", [page(news(1, 10)), page(news(1, 10))], "list_repeats"),
        ("columns", [page(news(1, 10)), page(news(2, 20)), page(news(1, 10))], "list_repeats"),
        ("rolling", [page(news(1, 10))], "list_without_cursor"),
        (
            "rolling",
            [page(news(1, 10), cursor="9"), page(news(2, 20), cursor="9")],
            "list_without_cursor",
        ),
    ],
)
def test_a_way_that_leads_nowhere_ends_and_says_so(
    kind: str, pages: list[ListPage], unfinished: str
) -> None:
    way = walk(kind)
    ends = []
    for one in pages:
        way.take(one)
        ends.append(way.is_over)
    assert ends == [*[False] * (len(pages) - 1), True]
    assert way.unfinished == unfinished


def test_a_page_that_overlaps_is_no_repeat() -> None:
    way = walk()
    way.take(page(news(1, 10), news(2, 20)))
    way.take(page(news(2, 20), news(3, 30)))
    assert (way.is_over, way.page) == (False, 3)


def test_the_longest_way() -> None:
    way = walk(pages=1)
    way.take(page(news(1, 10)))
    assert (way.is_over, way.unfinished) == (True, "list_too_long")


def test_a_way_that_has_passed_the_time_is_never_unfinished() -> None:
    way = walk("rolling", pages=1)
    way.take(page(news(1, 61)))
    assert (way.is_over, way.unfinished) == (True, None)


def test_the_older_list_is_walked_from_its_first_page() -> None:
    way = walk("rolling")
    way.take(page(news(1, 10), cursor="9"))
    assert way.fall_back()
    assert (way.kind.name, way.page, way.cursor) == ("rolling_older", 1, "")
    way.take(page(news(1, 10)))
    assert not way.is_over
    assert not way.fall_back()


# --- how far back -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "minutes"),
    [
        pytest.param([page(news(1, 10), news(2, 70), news(3, 80), news(4, 90))], 70, id="passed"),
        pytest.param([page(news(1, 600), news(2, 700), news(3, 800))], 600, id="quiet for long"),
        pytest.param(
            [page(news(9, 999), news(1, 10), news(2, 70), news(3, 80), news(4, 90))],
            70,
            id="an old item at the top",
        ),
        pytest.param(
            [page(news(1, 10), news(9, 99)), page(news(2, 70), news(3, 80), news(4, 90))],
            70,
            id="an old item among new ones",
        ),
        pytest.param([page(news(1, 10), news(2, 20)), page()], 20, id="the list has no more"),
        pytest.param(
            [page(news(1, 10), news(2, 70)), page()], 70, id="no more, and its last is too old"
        ),
        pytest.param([page(news(1, 10), news(2, 20))] * 2, 10, id="cut short: the page repeats"),
        pytest.param([page()], None, id="nothing at all"),
    ],
)
def test_all_since_then_was_taken(pages: list[ListPage], minutes: int | None) -> None:
    way = walk()
    for one in pages:
        way.take(one)
    expected = None if minutes is None else NEWEST - timedelta(minutes=minutes)
    assert (way.is_over, way.back_to) == (True, expected)


def test_a_list_that_tells_no_times_leads_back_to_nothing() -> None:
    way = walk()
    (one,) = articles(news(1, 10))
    way.take(ListPage(articles=(replace(one, times=(), code="209999993772900001"),), cursor=None))
    assert way.back_to is None


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(1, 4))
def test_nothing_newer_was_left(minutes: list[int], size: int) -> None:
    """Whatever the order of a list: an item that was left is not newer than it says."""
    way, items = walk(), [news(number, at) for number, at in enumerate(minutes, 1)]
    taken: list[int] = []
    for first in range(0, len(items) + 1, size):
        taken += numbers(way.take(page(*items[first : first + size])))
        if way.is_over:
            break
    left = [one.at for one in items[: (way.page - 1) * size] if one.number not in taken]
    assert way.back_to is not None
    assert max(left, default=way.back_to) <= way.back_to


def test_what_a_list_told() -> None:
    way = replace(walk(), slug="eastmoney:350")
    way.take(page(news(1, 10), news(2, 20)))
    way.take(page(news(2, 20), news(3, 70), news(4, 80), news(5, 90)))
    told = way.listing("https://np-listapi.eastmoney.com/", NOW + timedelta(minutes=5))
    assert told == Listing(
        slug="eastmoney:350",
        url="https://np-listapi.eastmoney.com/",
        heading=None,
        entries=(news(1, 10).code, news(2, 20).code),
        fetched_at=NOW,
        back_to=NEWEST - timedelta(minutes=70),
    )


def test_the_older_list_is_told_alone() -> None:
    way = walk("rolling")
    way.take(page(news(1, 10), cursor="9"))
    way.fall_back()
    way.take(page(news(2, 20), news(3, 70), news(4, 80), news(5, 90)))
    assert way.listing("https://newsapi.eastmoney.com/", NOW).entries == (news(2, 20).code,)


# --- an article of two lists --------------------------------------------------------------------


def test_what_two_lists_tell_is_joined() -> None:
    one = news(1, 10, secids=("1.600919",))
    url = "https://np-weblist.eastmoney.com/"
    (rolling,), (column,) = (
        extract_list(str(answer([one])).replace("'", '"').encode(), url, NOW)
        for answer in (rolling_answer, column_answer)
    )
    both = merged(rolling, column)
    assert (both.listed_secids, both.source_line) == (("1.600919",), "证券日报")
    assert merged(column, rolling).listed_secids == ("1.600919",)
    assert merged(both, replace(both, title="另一个标题", body=())) == both


# --- patience -----------------------------------------------------------------------------------


def test_pauses_double_up_to_the_longest() -> None:
    patience = Patience(first=30, longest=100, most=9)
    assert [patience.refused() for _ in range(4)] == [30, 60, 100, 100]


def test_so_many_refusals_in_a_row_are_enough() -> None:
    patience = Patience(first=1, longest=600, most=3)
    assert [patience.refused() for _ in range(3)] == [1, 2, None]


def test_an_answer_ends_the_row_but_not_the_doubling() -> None:
    patience = Patience(first=1, longest=600, most=3)
    waits = []
    for _ in range(3):
        waits += [patience.refused(), patience.refused()]
        patience.answered()
    assert waits == [1, 2, 4, 8, 16, 32]


def test_after_very_many_the_pause_is_still_the_longest() -> None:
    patience = Patience(first=1, longest=600, most=3000)
    assert [patience.refused() for _ in range(2000)][-1] == 600
