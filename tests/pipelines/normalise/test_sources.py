"""Which medium a tag, a source line or a trailing bracket names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews_crawler.reference import load_table
from pipelines.normalise.sources import (
    NamedSource,
    canonical_source,
    is_known_source,
    source_of_line,
    source_of_tags,
    split_trailing_source,
)

UNNAMED = (None, None)
ALIASES = [
    (alias, row["name"]) for row in load_table("sources")["source"] for alias in row["aliases"]
]
COLUMNS: list[str] = load_table("sources")["columns"]


def named(source: NamedSource) -> tuple[str | None, str | None]:
    return source.name, source.raw


def split(text: str) -> tuple[str, tuple[str | None, str | None]]:
    """The text without its trailing medium, and the medium."""
    rest, source = split_trailing_source(text)
    return rest, named(source)


@pytest.mark.parametrize(
    ("tags", "name", "raw"),
    [
        (["财联社新闻"], "财联社", "财联社"),
        (["每日经济新闻新闻"], "每日经济新闻", "每日经济新闻"),
        (["界面新闻新闻"], "界面新闻", "界面新闻"),
        (["上证报新闻"], "上海证券报", "上证报"),
        (["新来的报新闻"], "新来的报", "新来的报"),
        (["没有后缀的报"], "没有后缀的报", "没有后缀的报"),
        (["21世纪经济报道", "21财经APP新闻"], *["21世纪经济报道 21财经APP"] * 2),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_one_news_is_taken_off_the_end_of_the_tags(tags: list[str], name: str, raw: str) -> None:
    assert named(source_of_tags(tags)) == (name, raw)


@pytest.mark.parametrize(
    "tags",
    # The generator writes its 新闻 behind a medium that it does not know, too.
    [[], [""], ["新闻"], *([column] for column in COLUMNS)],
    ids="+".join,
)
def test_columns_and_empty_tags_name_no_medium(tags: list[str]) -> None:
    assert named(source_of_tags(tags)) == UNNAMED


@pytest.mark.parametrize(("alias", "name"), ALIASES)
def test_an_alias_is_read_as_the_canonical_name_and_kept_as_printed(alias: str, name: str) -> None:
    assert named(source_of_line(alias)) == (name, alias)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("财联社", "财联社"),
        (" 财联社\xa0", "财联社"),
        ("21世纪经济报道\u3000 21财经APP", "21世纪经济报道 21财经APP"),
        ("证券时报网", "证券时报网"),
        ("新来的报", "新来的报"),
        ("wind", "wind"),
    ],
)
def test_a_name_is_folded_but_never_guessed(printed: str, name: str) -> None:
    assert canonical_source(printed) == name


@given(st.text())
def test_a_canonical_name_is_canonical(printed: str) -> None:
    once = canonical_source(printed)
    assert canonical_source(once) == once


@pytest.mark.parametrize(
    ("name", "known"),
    [("财联社", True), (" 财联社 ", True), ("每经网", True), ("新来的报", False), ("", False)],
)
def test_known_are_the_names_of_the_table_and_their_aliases(name: str, known: bool) -> None:
    assert is_known_source(name) is known


@pytest.mark.parametrize(
    ("text", "rest", "raw", "name"),
    [
        ("央行降准。（财联社）", "央行降准。", "财联社", "财联社"),
        ("央行降准。(财联社)", "央行降准。", "财联社", "财联社"),
        ("央行降准。（财联社)", "央行降准。", "财联社", "财联社"),
        ("央行降准。 （财联社）", "央行降准。", "财联社", "财联社"),
        ("央行降准（14日）。（上证报）", "央行降准（14日）。", "上证报", "上海证券报"),
        ("央行降准（14日）（新华社）", "央行降准（14日）", "新华社", "新华社"),
        ("港股收高。（安信国际证券(香港)）", "港股收高。", *["安信国际证券(香港)"] * 2),
        ("港股收高。(安信国际证券(香港))", "港股收高。", *["安信国际证券(香港)"] * 2),
        ("（财联社）", "", "财联社", "财联社"),
    ],
)
def test_a_flash_names_its_medium_in_brackets(text: str, rest: str, raw: str, name: str) -> None:
    assert split(text) == (rest, (name, raw))


@pytest.mark.parametrize(
    "text",
    [
        "央行降准。",
        "央行降准（新来的报）",
        "央行降准（同比增长5%）",
        "央行降准（东财滚动新闻）",
        "央行降准（财联社）。",
        "（财联社）央行降准",
        "央行降准（据财联社（14日））",
        "央行降准（财联社",
        "央行降准财联社）",
        "央行降准（）",
        "",
    ],
)
def test_another_bracket_stays_in_the_text(text: str) -> None:
    assert split(text) == (text, UNNAMED)


@given(st.text("（()）财联社。 \n", max_size=20))
def test_what_is_taken_off_is_the_end_of_the_text(text: str) -> None:
    rest, (_, raw) = split(text)
    assert text.startswith(rest)
    assert text[len(rest) :].strip("（()） \n") == (raw or "")
