"""The real pages, crawled as an engineer would, against expectations written by hand from them.

The expectations hold no text of the pages (it is other people's): titles are compared by hash.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from finews_crawler.extraction.post import extract_post
from pipelines.normalise.article import normalise

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

Item = dict[str, Any]


def expected_pages() -> list[Item]:
    path = Path(__file__).parent / "expected.json"
    pages: list[Item] = json.loads(path.read_text(encoding="utf-8"))
    return pages


def is_listed(page: Item) -> bool:
    """No listing shows the post whose front matter Jekyll did not see, nor old_post renderings."""
    return not page["page"].startswith(("2021/", "old_post/"))


def expected_articles() -> dict[str, Item]:
    """The pages of one article as one: all categories, the union of its mentions."""
    articles: dict[str, Item] = {}
    for page in filter(is_listed, expected_pages()):
        known = articles.setdefault(page["code"] or page["page"], {**page})
        known["categories"] = sorted({*known["categories"], *page["categories"]})
        known["mentions"] = sorted({tuple(m) for m in known["mentions"] + page["mentions"]})
        for name in ("share_url", "origin_url", "digest_length"):
            known[name] = known[name] or page[name]
    return articles


def facts_of_expected(page: Item) -> Item:
    return {
        "code": page["code"],
        "title": page["title_sha256"],
        "published_at": page["published_at"],
        "published_quality": page["published_quality"],
        "source": page["source"],
        "categories": sorted(page["categories"]),
        "mentions": sorted({tuple(mention) for mention in page["mentions"]}),
        "share_url": page["share_url"],
        "origin_url": page["origin_url"],
        "body_chars": page["body_chars"],
        "digest_length": page["digest_length"],
        "images": page["images"],
    }


def facts_of_article(article: Item) -> Item:
    mentions = {(mention["secid"], mention["kind"]) for mention in article["mentions"]}
    return {
        "code": article["code"],
        "title": hashlib.sha256(article["title"].encode()).hexdigest(),
        "published_at": article["published_at"],
        "published_quality": article["published_quality"],
        "source": article["source"],
        "categories": article["categories"],
        "mentions": sorted(mentions),
        "share_url": article["share_url"],
        "origin_url": article["origin_url"],
        "body_chars": len("".join(article["body_text"].split())),
        "digest_length": article["digest"] and len(article["digest"]),
        "images": len(article["images"]),
    }


@pytest.fixture(scope="module", params=["site", "site_old"])
def crawl(
    request: pytest.FixtureRequest,
    corpus: Path,
    served: Callable[[Path], str],
    new_crawler: Callable[[], "Crawler"],
) -> "Crawl":
    return new_crawler().run("category", "-a", f"site={served(corpus / request.param)}")


def test_every_listed_post_leaves_once(crawl: "Crawl") -> None:
    keys = sorted(article["code"] or "init" for article in crawl.articles)
    assert keys == sorted(page["code"] or "init" for page in expected_articles().values())


@pytest.mark.parametrize("key", sorted(expected_articles()))
def test_facts_of_an_article(crawl: "Crawl", key: str) -> None:
    expected = facts_of_expected(expected_articles()[key])
    (article,) = (one for one in crawl.articles if one["code"] == expected["code"])
    assert facts_of_article(article) == expected


def test_the_surface_stands_where_the_offsets_say(crawl: "Crawl") -> None:
    for article in crawl.articles:
        for mention in article["mentions"]:
            if mention["kind"] != "chart":
                span = slice(mention["start"], mention["end"])
                assert article["body_text"][span] == mention["surface"]


def test_the_crawl_says_so(crawl: "Crawl") -> None:
    assert crawl.exit_code == 0
    assert crawl.last_line == f"finews: category: articles: {len(expected_articles())} new"


@pytest.mark.parametrize("page", [p["page"] for p in expected_pages() if not is_listed(p)])
@pytest.mark.parametrize("layout", ["site", "site_old"])
def test_pages_that_no_listing_shows(corpus: Path, layout: str, page: str) -> None:
    (expected,) = (one for one in expected_pages() if one["page"] == page)
    url = f"https://finews.withounder.com/{quote(page)}"
    raw = extract_post((corpus / layout / page).read_bytes(), url, datetime.now(UTC))
    article = normalise(raw)
    found = {
        "code": article.code,
        "title": article.title,
        "published_at": article.published_at and article.published_at.isoformat(),
        "published_quality": article.published_quality,
        "source": article.source,
        "categories": list(article.categories),
        "mentions": [{"secid": m.secid, "kind": m.kind} for m in article.mentions],
        "share_url": article.share_url,
        "origin_url": article.origin_url,
        "body_text": article.body_text,
        "digest": article.digest,
        "images": article.images,
    }
    assert facts_of_article(found) == facts_of_expected(expected)
