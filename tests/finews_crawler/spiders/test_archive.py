"""Which files the archive spider reads, and what leaves it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from finews_crawler.errors import ArgumentError
from finews_crawler.spiders.archive import ArchiveSpider, posts_below
from tests.finews_crawler.spiders.driving import answered, failed, items, kinds, made, started, urls

CODE = "202206143000000001"
POST = """---
layout: post
title: "标题"
date: 2022-06-14 16:30:05 +0800
categories: {category}
tags: 东财滚动新闻
---
甲。
"""


def written(folder: Path, *names: str) -> list[str]:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POST.format(category="emnews"), encoding="utf-8")
    return [(folder / name).as_uri() for name in names]


def test_every_post_below_the_folder_is_read(tmp_path: Path) -> None:
    files = written(tmp_path, "2022/b.md", "a.md")
    (tmp_path / "notes.txt").write_text("no post", encoding="utf-8")
    assert urls(started(made(ArchiveSpider, path=str(tmp_path)))) == [files[0], files[1]]


def test_two_copies_of_an_article_leave_as_one(tmp_path: Path) -> None:
    first, second = written(tmp_path, f"2022-06-14-{CODE}.md", f"2022-06-14-NW{CODE}.md")
    (request,) = started(made(ArchiveSpider, path=str(tmp_path)))
    assert request.url == first
    (following,) = answered(request, POST.format(category="emnews"))
    assert following.url == second
    (article,) = answered(following, POST.format(category="cailianshe"))
    told = [article.categories, *(copy.categories for copy in article.copies)]
    assert told == [("emnews",), ("cailianshe",)]


@pytest.mark.parametrize(
    "name", ["今天-NW202206143000000001.md", "甲 #1?.md", "-202206143000000001.md", "a%20b.md"]
)
def test_a_file_of_any_name_is_asked_for_and_named(tmp_path: Path, name: str) -> None:
    written(tmp_path, name)
    (request,) = started(made(ArchiveSpider, path=str(tmp_path)))
    assert Path(unquote(urlsplit(request.url).path)) == tmp_path / name
    (article,) = answered(request, POST.format(category="emnews"))
    assert (article.url, article.title) == (request.url, "标题")


def test_a_copy_that_is_no_post_leaves_the_others(tmp_path: Path) -> None:
    first, second = written(tmp_path, f"2022-06-14-{CODE}.md", f"old/2022-06-14-NW{CODE}.md")
    (request,) = started(made(ArchiveSpider, path=str(tmp_path)))
    reject, following = answered(request, "甲。")
    assert (reject.url, reject.code, following.url) == (first, CODE, second)
    (article,) = answered(following, POST.format(category="wind"))
    assert (article.url, article.copies) == (second, ())


def test_a_file_that_is_no_post_is_a_reject(tmp_path: Path) -> None:
    written(tmp_path, "README.md")
    (request,) = started(made(ArchiveSpider, path=str(tmp_path)))
    (reject,) = answered(request, "# 说明\n")
    assert (reject.stage, reject.reason) == ("extract", "unknown_layout")


def test_a_copy_that_cannot_be_opened_leaves_the_other(tmp_path: Path) -> None:
    written(tmp_path, f"2022-06-14-{CODE}.md", f"2022-06-14-NW{CODE}.md")
    (request,) = started(made(ArchiveSpider, path=str(tmp_path)))
    output = failed(request, None)
    assert kinds(output) == ["Reject", "Request"]
    assert kinds(items(answered(output[1], POST.format(category="wind")))) == ["RawArticle"]


def test_a_folder_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="nowhere is no folder"):
        posts_below(str(tmp_path / "nowhere"))
    with pytest.raises(ArgumentError, match=r"holds no \.md file"):
        posts_below(str(tmp_path))
    with pytest.raises(ArgumentError, match="spider archive: give path=DIR"):
        made(ArchiveSpider)
