"""The bundled sample site, crawled whole, against the expectation beside each article."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from finews.sample_site.server import sample_site_root
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import isoformat_shanghai
from finews_crawler.reference import data_path
from pipelines.normalise.article import normalise

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

Item = dict[str, Any]
ANY = "*"
_TIME = ["published_at", "published_precision", "published_quality"]
_TEXT = ["source", "source_raw", "digest", "body_text", "body_kind"]
SCALARS = ["code", "title", *_TIME, *_TEXT, "categories", "tags", "share_url", "origin_url"]
MENTION = ["kind", "secid", "symbol", "mic", "asset_class", "surface"]
# Linked from nowhere on the site: the post whose front matter is text, and old_post renderings.
UNLISTED = {
    "first-days-blank-line-before-front-matter": "2021/12/08/202112082206949731.html",
    "old-post-of-a-publisher": "old_post/2022-06-10-NW202206103766909127.html",
    "old-post-of-the-first-days": "old_post/2021-12-08-202112082207079264.html",
}


def expectations() -> dict[str, Item]:
    """The expected item of every article folder, by the folder's name."""
    folders = data_path("sample_site", "articles")
    paths = sorted(folders.glob("*/expected.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def expected_items() -> dict[str, Item]:
    """Those that give an item in a crawl."""
    found = expectations().items()
    return {name: item for name, item in found if "code" in item and name not in UNLISTED}


def facts(article: Item, expected: Item) -> Item:
    """What is compared; where the expectation leaves a value open, any counts as right."""
    mentions = [{name: one[name] for name in MENTION} for one in article["mentions"]]
    for found, wanted in zip(mentions, expected["mentions"], strict=False):
        found.update({name: ANY for name in MENTION if wanted[name] == ANY})
    images = [image["url"] for image in article["images"]]
    return {name: article[name] for name in SCALARS} | {"mentions": mentions, "images": images}


def wanted_facts(expected: Item) -> Item:
    return {name: expected[name] for name in [*SCALARS, "mentions", "images"]}


@pytest.fixture(scope="module", params=[False, True], ids=["new", "old"])
def crawl(
    request: pytest.FixtureRequest,
    served: Callable[[Path], str],
    new_crawler: Callable[[], "Crawler"],
) -> "Crawl":
    site = served(sample_site_root(old=request.param))
    return new_crawler().run("category", "-a", f"site={site}")


def test_the_site_is_large_and_various() -> None:
    items = expected_items().values()
    assert len(items) >= 40
    assert len({slug for item in items for slug in item["categories"]}) >= 8


def test_every_expected_article_leaves_once(crawl: "Crawl") -> None:
    found = sorted(article["code"] or "" for article in crawl.articles)
    assert found == sorted(item["code"] or "" for item in expected_items().values())


@pytest.mark.parametrize("name", sorted(expected_items()))
def test_the_item_of_an_article(crawl: "Crawl", name: str) -> None:
    expected = expected_items()[name]
    (article,) = (one for one in crawl.articles if one["code"] == expected["code"])
    assert facts(article, expected) == wanted_facts(expected)


def test_offsets_fit(crawl: "Crawl") -> None:
    for article in crawl.articles:
        for mention in article["mentions"]:
            if mention["kind"] != "chart":
                span = slice(mention["start"], mention["end"])
                assert article["body_text"][span] == mention["surface"]


def test_the_pages_that_cannot_be_used_are_rejects(crawl: "Crawl") -> None:
    wanted = sorted(item["reject"] for item in expectations().values() if "reject" in item)
    with crawl.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT reason FROM reject ORDER BY reason").scalars()
        assert list(rows) == wanted


@pytest.mark.parametrize("name", sorted(UNLISTED))
@pytest.mark.parametrize("old", [False, True], ids=["new", "old"])
def test_the_pages_that_nothing_links_to(name: str, old: bool) -> None:
    path = UNLISTED[name]
    page = (sample_site_root(old=old) / path).read_bytes()
    url = f"https://finews.withounder.com/{quote(path)}"
    article = normalise(extract_post(page, url, datetime.now(UTC)))
    found = {
        **{field: getattr(article, field) for field in SCALARS},
        "published_at": isoformat_shanghai(article.published_at),
        "categories": list(article.categories),
        "tags": list(article.tags),
        "mentions": [{field: getattr(m, field) for field in MENTION} for m in article.mentions],
        "images": [{"url": image.url} for image in article.images],
    }
    expected = expectations()[name]
    assert facts(found, expected) == wanted_facts(expected)


# --- the share endpoint -----------------------------------------------------------------------


def shared() -> dict[str, Item]:
    """The articles that the share endpoint of the sample site answers."""
    return {name: item for name, item in expectations().items() if item.get("share")}


@pytest.fixture(scope="module")
def share_crawl(
    served: Callable[[Path], str], new_crawler: Callable[[], "Crawler"], tmp_path_factory: Any
) -> "Crawl":
    codes = tmp_path_factory.mktemp("codes") / "codes.txt"
    codes.write_text("# the sample\n" + "\n".join(_code_lines()), encoding="utf-8")
    endpoint = served(sample_site_root())
    return new_crawler().run("share", "-a", f"file={codes}", "-a", f"endpoint={endpoint}")


def _code_lines() -> Iterator[str]:
    for number, item in enumerate(shared().values()):
        page = "http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW"
        yield f"{page if number % 2 else 'NW'}{item['code']}"


@pytest.mark.parametrize("name", sorted(shared()))
def test_what_the_share_answer_alone_gives(share_crawl: "Crawl", name: str) -> None:
    item = shared()[name]
    article = share_crawl.by_code()[item["code"]]
    expected = item["share"]
    found = {field: article[field] for field in expected if field != "mentions"}
    assert found == {field: value for field, value in expected.items() if field != "mentions"}
    surfaces = [(one["kind"], one["secid"]) for one in article["mentions"]]
    assert surfaces == [(one["kind"], one["secid"]) for one in expected["mentions"]]


@pytest.fixture(scope="module")
def full_crawl(served: Callable[[Path], str], new_crawler: Callable[[], "Crawler"]) -> "Crawl":
    site = served(sample_site_root())
    return new_crawler().run("category", "-a", f"site={site}", "-a", "full=1")


def flashes() -> dict[str, Item]:
    return {name: item for name, item in shared().items() if item["body_kind"] == "digest"}


@pytest.mark.parametrize("name", sorted(flashes()))
def test_full_text_completes_a_flash(full_crawl: "Crawl", name: str) -> None:
    item = flashes()[name]
    article = full_crawl.by_code()[item["code"]]
    found = {
        field: article[field] for field in ("title", "body_text", "digest", "body_kind", "url")
    }
    assert found == {
        "title": item["title"],
        "body_text": item["share"]["body_text"],
        "digest": item["body_text"],
        "body_kind": "full",
        "url": article["url"],
    }
    assert "/emnews/" in article["url"]


def test_the_share_answer_tells_what_a_broken_post_could_not(full_crawl: "Crawl") -> None:
    item = expectations()["title-with-quotes-breaks-yaml"]
    article = full_crawl.by_code()[item["code"]]
    found = {field: article[field] for field in ("title", "published_at", "published_quality")}
    assert found == {
        "title": item["share"]["title"],
        "published_at": item["share"]["published_at"],
        "published_quality": "stated",
    }


def test_flashes_without_more_text_stay_and_are_no_rejects(full_crawl: "Crawl") -> None:
    kinds = {article["body_kind"] for article in full_crawl.articles}
    assert kinds == {"full", "digest"}
    assert len(full_crawl.articles) == len(expected_items())
    with full_crawl.engine.connect() as connection:
        stages = connection.exec_driver_sql(
            "SELECT DISTINCT stage FROM reject ORDER BY 1"
        ).scalars()
        assert list(stages) == ["extract", "fetch"]
