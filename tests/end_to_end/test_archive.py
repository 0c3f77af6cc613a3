"""An archive of posts in Markdown, read as an engineer would read one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finews_crawler.reference import data_path
from tests.sample_site.test_expected import Item, expected_items

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

ARTICLES = data_path("sample_site", "articles")
# What YAML could not read stands in the file all the same; and no file tells the day of 今天.
SAYS_MORE = ("breaks-yaml", "digit-only-category", "relative-date")


@pytest.fixture(scope="module")
def crawl(new_crawler: Callable[[], "Crawler"]) -> "Crawl":
    return new_crawler().run("archive", "-a", f"path={ARTICLES}")


def comparable() -> dict[str, Item]:
    found = expected_items().items()
    return {name: item for name, item in found if not name.endswith(SAYS_MORE)}


@pytest.mark.parametrize("name", sorted(comparable()))
def test_the_archive_tells_the_article_that_the_site_tells(crawl: "Crawl", name: str) -> None:
    wanted = comparable()[name]
    (article,) = (one for one in crawl.articles if one["code"] == wanted["code"])
    names = ("title", "published_at", "source", "categories", "share_url", "origin_url")
    assert {one: article[one] for one in names} == {one: wanted[one] for one in names}
    assert kinds_and_secids(article) == kinds_and_secids(wanted)


def kinds_and_secids(article: Item) -> set[tuple[str, str]]:
    return {(one["kind"], one["secid"]) for one in article["mentions"]}


def test_titles_that_break_the_site_are_whole_in_the_archive(crawl: "Crawl") -> None:
    article = crawl.by_code()["202206133778334007"]
    assert article["title"]
    assert article["published_quality"] == "stated"


def test_a_repeat_finds_nothing_new(crawler: "Crawler") -> None:
    folder = ARTICLES / "long-article-in-two-copies"
    first = crawler.run("archive", "-a", f"path={folder}")
    again = crawler.run("archive", "-a", f"path={folder}")
    assert first.last_line == "finews: archive: articles: 1 new"
    assert again.last_line == "finews: archive: articles: 1 unchanged"


def test_a_site_completes_what_the_archive_told_and_the_archive_wins(
    crawler: "Crawler", served: Callable[[Path], str]
) -> None:
    site = served(data_path("sample_site", "site"))
    crawler.run("archive", "-a", f"path={ARTICLES / 'flash-with-pipes'}")
    crawler.run("category", "-a", f"site={site}", "-a", "categories=emnews")
    with crawler.engine().connect() as connection:
        query = "SELECT revision, page_kind FROM article WHERE code = '202202103285182567'"
        assert list(connection.exec_driver_sql(query)) == [(1, "markdown")]
