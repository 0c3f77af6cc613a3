"""Thresholds are read strictly: what a file says wrong is told with file and key."""

from dataclasses import fields
from pathlib import Path

import pytest

from finews_crawler.errors import ConfigurationError
from finews_crawler.reference import data_path, load_table
from pipelines.monitors import KINDS, preflight
from pipelines.monitors.thresholds import Range, Thresholds, read_thresholds
from tests.pipelines.monitors.filling import settings_of


def read(tmp_path: Path, text: str) -> Thresholds:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return read_thresholds(str(path), KINDS)


def test_the_shipped_file_is_sound() -> None:
    shipped = read_thresholds("", KINDS)
    assert shipped.off == frozenset()
    assert shipped.silent_source.factor == 2.0
    assert shipped.out_of_range.apply_to_all is False
    assert shipped.expected.of("emnews") == Range(min=30, max=10_000)


def test_the_shipped_file_says_all_and_no_more() -> None:
    table = load_table("monitors")
    assert {*table, "expected"} == {one.name for one in fields(Thresholds)}


def test_what_a_file_leaves_out_is_as_shipped(tmp_path: Path) -> None:
    own, shipped = read(tmp_path, "[no_time]\nshare = 0.5\n"), read_thresholds("", KINDS)
    assert own.no_time.share == 0.5
    assert own.no_time.least_articles == shipped.no_time.least_articles
    assert own.silent_source == shipped.silent_source


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == read_thresholds("", KINDS)


def test_a_range_can_be_changed_and_added(tmp_path: Path) -> None:
    text = "[expected.categories.emnews]\nmin = 500\n[expected.categories.Wind]\nmin = 1\nmax = 9\n"
    expected = read(tmp_path, text).expected
    assert expected.of("emnews") == Range(min=500, max=10_000)
    assert expected.of("Wind") == Range(min=1, max=9)
    assert expected.of("zhengquanshibao") is None


def test_a_range_may_hold_for_all_that_are_not_named(tmp_path: Path) -> None:
    expected = read(tmp_path, "[expected.categories.other]\nmin = 1\nmax = 900\n").expected
    assert expected.of("zhengquanshibao") == Range(min=1, max=900)
    assert expected.of("emnews") == Range(min=30, max=10_000)


def test_monitors_can_be_switched_off(tmp_path: Path) -> None:
    assert read(tmp_path, 'off = ["no_time"]').off == {"no_time"}


def test_a_whole_number_will_do_for_a_factor(tmp_path: Path) -> None:
    assert read(tmp_path, "silent_source.factor = 3").silent_source.factor == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("silent = 1", "silent: there is no such key"),
        ("no_time.shares = 0.1", "no_time.shares: there is no such key"),
        ("no_time = 1", "no_time: must be a table"),
        ('no_time.share = "0.1"', "no_time.share: '0.1' is no number"),
        ("no_time.share = true", "no_time.share: True is no number"),
        ("no_time.share = 20", "no_time.share: 20 is not from 0 to 1"),
        ("no_time.share = nan", "no_time.share: nan is not from 0 to 1"),
        ("no_time.least_articles = 1.5", "no_time.least_articles: 1.5 is no whole number"),
        ("no_time.least_articles = 0", "no_time.least_articles: 0 is not 1 or more"),
        ("silent_source.factor = 0.5", "silent_source.factor: 0.5 is not 1 or more"),
        ("out_of_range.apply_to_all = 1", "out_of_range.apply_to_all: 1 is neither true nor false"),
        ("off = true", "off: must be a list of names of monitors"),
        ('off = ["no_tme"]', "off: there is no monitor no_tme; known: future_times, "),
        ("expected = 1", "expected: must be a table"),
        ("expected.listing_min = 1", "expected.listing_min: there is no such key"),
        ("expected.listings_min = -1", "expected.listings_min: -1 is not 0 or more"),
        ("expected.categories.Wind = {min = 1}", "expected.categories.Wind.max: is missing"),
        (
            "expected.categories.Wind = {min = 2, max = 1}",
            "expected.categories.Wind: min is more than max",
        ),
        (
            "expected.categories.Wind = {min = 0, max = 1, most = 2}",
            "expected.categories.Wind.most: there is no such key",
        ),
    ],
)
def test_a_fault_is_told_with_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'own.toml'}: {told}")


@pytest.mark.parametrize("text", ["no_time.share", "[no_time", '"\\u12"'])
def test_what_is_no_toml_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"own\.toml: "):
        read(tmp_path, text)


def test_a_file_that_is_not_there_stops_a_crawl_before_it_starts(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(ConfigurationError, match=f"^{missing}: .*No such file"):
        preflight(settings_of(FINEWS_MONITORS=str(missing)))


def test_the_shipped_file_is_where_the_documents_say() -> None:
    assert data_path("reference", "monitors.toml").is_file()
