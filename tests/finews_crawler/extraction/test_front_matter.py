"""Front matter that Jekyll printed as text, because a blank line stood before it."""

import pytest

from finews_crawler.extraction.front_matter import FrontMatter, read_printed_front_matter
from tests.finews_crawler.extraction.conftest import nodes_of


def read(lines: str) -> FrontMatter | None:
    """Front matter as kramdown prints it: a rule, then all lines in one paragraph."""
    return read_printed_front_matter(nodes_of(f"<hr />\n<p>{lines}</p>\n<p>正文。</p>"))


def test_all_keys_of_printed_front_matter() -> None:
    lines = (
        "layout: post\ntitle: “早报 三条”\ndate: 2021-12-08 10:39:01\n"
        "categories: emnews second\ntags: 东财滚动新闻 第二新闻"
    )
    assert read(lines) == FrontMatter(
        title="早报 三条",
        date="2021-12-08 10:39:01",
        categories=("emnews", "second"),
        tags=("东财滚动新闻", "第二新闻"),
    )


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("““金王”说了什么”", "“金王”说了什么"),
        ("”稳”字当头", "”稳”字当头"),
        ('"直引号"', "直引号"),
        ("没有引号", "没有引号"),
        ("“”", ""),
        ("”", "”"),
        ("", ""),
        ("“时间: 12:30”", "时间: 12:30"),
        ("“甲 <em>ST</em>乙”", "甲 ST乙"),
    ],
    ids=["two pairs", "no pair", "straight", "none", "empty pair", "one", "empty", "colons", "em"],
)
def test_only_the_quotes_around_the_title_go(printed: str, title: str) -> None:
    found = read(f"layout: post\ntitle: {printed}\ndate: 2021-12-08 10:39:01")
    assert found is not None
    assert found.title == title


@pytest.mark.parametrize("line", ["date:", "date: \t", "update: 2021-12-08 10:39:01"])
def test_an_empty_date_is_none(line: str) -> None:
    assert read(f"layout: post\n{line}\ntags: 甲") == FrontMatter(
        title="", date=None, categories=(), tags=("甲",)
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<p>layout: post\ntitle: 甲</p><p>正文</p>",
        "<hr /><p>布局：post</p>",
        "<hr /><p>the layout: post</p>",
        "<hr />",
        "",
    ],
    ids=["no rule", "other words", "not at the start of a line", "a rule alone", "nothing"],
)
def test_what_is_no_front_matter(markup: str) -> None:
    assert read_printed_front_matter(nodes_of(markup)) is None
