"""Front matter: of a post file with all its faults, and printed as text by Jekyll."""

import pytest

from finews_crawler.extraction.front_matter import (
    FrontMatter,
    read_front_matter,
    read_printed_front_matter,
)
from tests.finews_crawler.extraction.conftest import nodes_of


def read(lines: str) -> FrontMatter | None:
    """Front matter as kramdown prints it: a rule, then all lines in one paragraph."""
    return read_printed_front_matter(nodes_of(f"<hr />\n<p>{lines}</p>\n<p>正文。</p>"))


# --- of a post file ---------------------------------------------------------------------------


def title_of(printed: str) -> str:
    found = read_front_matter(f"layout: post\ntitle: {printed}\ndate: 2022-06-14 16:30:05 +0800")
    assert found is not None
    return found.title


def test_all_keys_of_a_post_file() -> None:
    lines = (
        'layout: post\ntitle: "早报 三条"\ndate: 2022-06-14 16:30:05 +0800\n'
        "categories: Career In Career\ntags: 21世纪经济报道  21财经APP新闻\nauthor: 甲"
    )
    assert read_front_matter(lines) == FrontMatter(
        title="早报 三条",
        date="2022-06-14 16:30:05 +0800",
        categories=("Career", "In"),
        tags=("21世纪经济报道", "21财经APP新闻"),
    )


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ('"央行："稳"字当头"', '央行："稳"字当头'),
        ('""稳"字当头"', '"稳"字当头'),
        ('"要"稳""', '要"稳"'),
        (r'"他说\"好\""', '他说"好"'),
        (r'"比例为3\d"', r"比例为3\d"),
        (r'"甲\\乙"', r"甲\乙"),
        (r'"甲\t乙\n丙"', "甲 乙 丙"),
        ('""', ""),
        ("", ""),
        ('"', '"'),
        ('"没有结束', '"没有结束'),
        ("null", ""),
        ("~", ""),
        ('"null"', "null"),
        ("时间: 12:30", "时间: 12:30"),
        ("@甲 # 乙", "@甲 # 乙"),
    ],
    ids=[
        *("quotes inside", "quotes first", "quotes last", "escaped quotes", "unknown escape"),
        *("backslash", "tab and line", "empty", "nothing", "one quote", "no end", "null", "tilde"),
        *("the word null", "colons", "at and hash"),
    ],
)
def test_a_title_that_yaml_would_refuse_or_change(printed: str, title: str) -> None:
    assert title_of(printed) == title


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("2022-06-14 16:30:05 +0800", "2022-06-14 16:30:05 +0800"),
        ("2022-06-14 16:30:05", "2022-06-14 16:30:05"),
        ("今天 16:25 +0800", "今天 16:25 +0800"),
        (" +0800", "+0800"),
        ("", None),
    ],
    ids=["zone", "no zone", "relative", "zone alone", "empty"],
)
def test_the_date_is_told_as_printed(printed: str, date: str | None) -> None:
    found = read_front_matter(f"layout: post\ndate: {printed}\ntags: 甲")
    assert found == FrontMatter(title="", date=date, categories=(), tags=("甲",))


@pytest.mark.parametrize(
    "text", ["", "title: 甲\ndate: 2022-06-14", "the layout: post", "布局: post", "layout post"]
)
def test_lines_without_a_layout_are_no_posts(text: str) -> None:
    assert read_front_matter(text) is None


# --- printed on a page ------------------------------------------------------------------------


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
