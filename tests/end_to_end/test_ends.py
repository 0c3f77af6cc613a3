"""How `scrapy crawl` ends, as its user and cron see it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from finews.sample_site.server import sample_site_root

if TYPE_CHECKING:
    from tests.conftest import Crawler

# Port 1 of loopback: nothing listens there.
DEAD = "http://127.0.0.1:1"


def lines(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith("finews: ")]


def test_a_good_crawl(crawler: "Crawler", served: Callable[[Path], str]) -> None:
    site = served(sample_site_root())
    crawl = crawler.run("category", "-a", f"site={site}", "-a", "categories=Wind,TechWeb")
    assert (crawl.exit_code, lines(crawl.told)) == (0, ["finews: category: articles: 4 new"])


def test_a_repeat_writes_no_article_row(crawler: "Crawler", served: Callable[[Path], str]) -> None:
    site = served(sample_site_root())
    crawler.run("category", "-a", f"site={site}")
    tables = ("article", "article_revision", "mention", "security", "source", "listing")
    query = "SELECT * FROM {} ORDER BY 1"

    def dump() -> dict[str, list[object]]:
        with crawler.engine().connect() as connection:
            return {
                name: [tuple(row) for row in connection.exec_driver_sql(query.format(name))]
                for name in tables[:-1]
            }

    before = dump()
    again = crawler.run("category", "-a", f"site={site}")
    (told,) = lines(again.told)
    found = re.fullmatch(
        r"finews: category: articles: (\d+) unchanged, (\d+) known and not read again", told
    )
    assert found is not None
    assert int(found[1]) + int(found[2]) == len(before["article"])
    assert dump() == before


def test_a_site_that_is_not_there(crawler: "Crawler") -> None:
    crawl = crawler.run("category", "-a", f"site={DEAD}", "-s", "RETRY_ENABLED=0")
    expected = "finews: category: failed: the site could not be reached: no answer to any request"
    assert (crawl.exit_code, crawl.last_line) == (1, expected)
    assert "Traceback" not in crawl.told


def test_a_site_without_listings(
    crawler: "Crawler", served: Callable[[Path], str], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<html><body><p>另一个网站</p></body></html>")
    crawl = crawler.run("category", "-a", f"site={served(tmp_path)}")
    expected = "finews: category: failed: no listing was found: is this a finews site?"
    assert (crawl.exit_code, crawl.last_line) == (1, expected)


def test_a_crawl_that_stores_nothing(crawler: "Crawler", served: Callable[[Path], str]) -> None:
    site = served(sample_site_root())
    crawl = crawler.run("category", "-a", f"site={site}", "-a", "categories=99qihuo")
    expected = "finews: category: failed: no article was stored"
    assert (crawl.exit_code, crawl.last_line) == (1, expected)


def test_a_category_that_was_asked_for_and_is_not_there(
    crawler: "Crawler", served: Callable[[Path], str]
) -> None:
    site = served(sample_site_root())
    crawl = crawler.run("category", "-a", f"site={site}", "-a", "categories=Wind,nowhere")
    assert crawl.exit_code == 0
    assert "/category/nowhere.html: http_404" in crawl.told


def test_a_bad_code_is_named_and_the_good_ones_are_read(
    crawler: "Crawler", served: Callable[[Path], str]
) -> None:
    endpoint = served(sample_site_root())
    good = next((sample_site_root() / "share").glob("NW*.json")).stem
    crawl = crawler.run("share", "-a", f"codes=NW12,{good}", "-a", f"endpoint={endpoint}")
    assert crawl.exit_code == 0
    assert [article["code"] for article in crawl.articles] == [good.removeprefix("NW")]
    assert "NW12: bad_code: no code of NW and 18 digits" in crawl.told


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["category", "-a", "categorys=emnews"],
            "finews: spider category: no argument categorys; known: site (",
        ),
        (["category", "-a", "site=nonsense"], "finews: spider category: site: 'nonsense' is no"),
        (["category", "-a", "full=maybe"], "finews: spider category: full: 'maybe' is neither"),
        (["share"], "finews: spider share: give codes=NW…, file=PATH or url=…"),
        (["share", "-a", "file=/nowhere"], "finews: spider share: file: /nowhere: [Errno 2]"),
        (
            ["nothing"],
            "finews: no spider nothing; known: archive, category, live, pages, share, stock",
        ),
        (["category", "-s", "FINEWS_BATCH_SIZE=0"], "finews: FINEWS_BATCH_SIZE='0': must be"),
        (
            ["category", "-s", "FINEWS_DATABASE_URL=sqlite:////proc/x/finews.db"],
            "finews: the database sqlite:////proc/x/finews.db cannot be opened: ",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_what_does_not_start(crawler: "Crawler", arguments: list[str], expected: str) -> None:
    crawl = crawler.run(*arguments)
    assert crawl.exit_code == 2
    assert crawl.told.startswith(expected)
    assert len(crawl.told.splitlines()) == 1


def test_a_bad_environment_is_one_line_too(crawler: "Crawler") -> None:
    crawler.environment["FINEWS_BATCH_SECONDS"] = "soon"
    crawl = crawler.run("category")
    expected = "finews: FINEWS_BATCH_SECONDS='soon': must be a number of seconds, 0 or more\n"
    assert (crawl.exit_code, crawl.told) == (2, expected)
