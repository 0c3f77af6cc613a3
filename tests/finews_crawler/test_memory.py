"""What earlier crawls have learned, as a spider asks for it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from finews_crawler.memory import (
    CHUNK,
    KnownListing,
    NoMemory,
    Standing,
    Wanted,
    memory_of,
    standings,
    unsettled,
)

HOUR = timedelta(hours=1)


class Notes:
    """A memory that knows what it is told, and notes what it is asked."""

    def __init__(self, known: Mapping[str, Standing] | None = None) -> None:
        self.known = known or {}
        self.asked: list[tuple[list[str], timedelta]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Notes":
        return cls({crawler.settings["KNOWN"]: "known"})

    async def listings(self, root: str) -> Mapping[str, KnownListing]:
        return {root: listing()}

    async def settled(self, wanted: Sequence[Wanted], refresh: timedelta) -> Mapping[str, Standing]:
        keys = [one.key for one in wanted]
        self.asked.append((keys, refresh))
        return {key: self.known[key] for key in keys if key in self.known}


def listing(etag: str | None = None, last_modified: str | None = None) -> KnownListing:
    return KnownListing(
        slug="Wind",
        url="http://127.0.0.1:8000/category/Wind.html",
        heading=None,
        addresses=(),
        etag=etag,
        last_modified=last_modified,
    )


def numbered(many: int) -> list[Wanted]:
    return [Wanted(key=f"{number:018}") for number in range(many)]


# --- what is asked ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("many", "chunks"),
    [(0, []), (1, [1]), (CHUNK, [CHUNK]), (CHUNK + 1, [CHUNK, 1]), (2 * CHUNK, [CHUNK, CHUNK])],
)
def test_many_articles_are_asked_about_in_chunks(many: int, chunks: list[int]) -> None:
    notes, wanted = Notes(), numbered(many)
    assert asyncio.run(standings(notes, wanted, HOUR)) == {}
    assert [len(keys) for keys, _ in notes.asked] == chunks
    assert [key for keys, _ in notes.asked for key in keys] == [one.key for one in wanted]
    assert {refresh for _, refresh in notes.asked} <= {HOUR}


def test_the_answers_of_all_chunks_are_one() -> None:
    wanted = numbered(2 * CHUNK)
    notes = Notes({wanted[0].key: "known", wanted[CHUNK].key: "missed", wanted[-1].key: "known"})
    assert asyncio.run(standings(notes, wanted, timedelta())) == notes.known
    assert {refresh for _, refresh in notes.asked} == {timedelta()}


def test_who_reads_all_again_asks_nothing() -> None:
    wanted = numbered(2)
    notes = Notes({wanted[0].key: "known"})
    assert asyncio.run(standings(notes, wanted, None)) == {}
    assert asyncio.run(unsettled(notes, wanted, None)) == wanted
    assert notes.asked == []


def test_what_is_known_or_missed_is_left_out_and_the_rest_keeps_its_order() -> None:
    wanted = list(reversed(numbered(5)))
    notes = Notes({wanted[1].key: "known", wanted[3].key: "missed"})
    assert asyncio.run(unsettled(notes, wanted, HOUR)) == [wanted[0], wanted[2], wanted[4]]


def test_what_is_asked_may_be_given_piece_by_piece() -> None:
    wanted = numbered(3)
    notes = Notes({wanted[0].key: "known"})
    assert asyncio.run(unsettled(notes, iter(wanted), HOUR)) == wanted[1:]


@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.sets(st.sampled_from("abcdef")))
def test_nothing_is_lost_or_made_up(keys: list[str], known: set[str]) -> None:
    notes = Notes(dict.fromkeys(known, "known"))
    left = asyncio.run(unsettled(notes, [Wanted(key=key) for key in keys], HOUR))
    assert [one.key for one in left] == [key for key in keys if key not in known]


# --- which memory -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", [None, ""])
def test_without_a_name_nothing_is_known(path: str | None) -> None:
    memory = memory_of(get_crawler(settings_dict={"FINEWS_MEMORY": path}))
    assert isinstance(memory, NoMemory)
    assert asyncio.run(memory.listings("http://127.0.0.1:8000/")) == {}
    assert asyncio.run(memory.settled(numbered(3), HOUR)) == {}


def test_what_the_settings_name_is_set_up_for_the_crawl() -> None:
    settings = {"FINEWS_MEMORY": f"{__name__}.Notes", "KNOWN": "a"}
    memory = memory_of(get_crawler(settings_dict=settings))
    assert asyncio.run(memory.settled([Wanted(key="a"), Wanted(key="b")], HOUR)) == {"a": "known"}


# --- what a listing's server is told ----------------------------------------------------------


@pytest.mark.parametrize(
    ("etag", "last_modified", "headers"),
    [
        (None, None, {}),
        ("", "", {}),
        ('"1"', None, {"If-None-Match": '"1"'}),
        (None, "Tue", {"If-Modified-Since": "Tue"}),
        ('W/"1"', "Tue", {"If-None-Match": 'W/"1"', "If-Modified-Since": "Tue"}),
    ],
)
def test_headers_of_a_question_whether_a_page_has_changed(
    etag: str | None, last_modified: str | None, headers: dict[str, str]
) -> None:
    assert listing(etag, last_modified).validators == headers
