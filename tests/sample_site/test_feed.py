"""Whole posts stand in the feed: an entry tells what its page tells, and stands in for it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from finews.sample_site.server import sample_site_root
from finews_crawler.extraction.feed import FeedEntry, extract_entry, read_feed
from finews_crawler.extraction.post import extract_post
from pipelines.normalise.article import normalise

if TYPE_CHECKING:
    from tests.conftest import Crawler

FEED = "https://finews.withounder.com/feed.xml"
FETCHED_AT = datetime(2022, 6, 16, tzinfo=UTC)
FACTS = (
    *("code", "title", "published_at", "published_quality", "source", "digest", "body_text"),
    *("body_html", "body_kind", "mentions", "images", "categories", "tags", "url", "share_url"),
)


def entries() -> list[FeedEntry]:
    return list(read_feed((sample_site_root() / "feed.xml").read_bytes(), FEED))


def page_of(entry: FeedEntry, root: Path) -> Path:
    return root / unquote(urlsplit(entry.url).path).lstrip("/")


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: page_of(entry, Path()).stem)
def test_an_entry_tells_what_its_page_tells(entry: FeedEntry) -> None:
    body = page_of(entry, sample_site_root()).read_bytes()
    page = normalise(extract_post(body, entry.url, FETCHED_AT))
    told = normalise(extract_entry(entry, FEED, FETCHED_AT))
    assert {name: getattr(told, name) for name in FACTS} == {
        name: getattr(page, name) for name in FACTS
    }


def test_a_post_whose_page_is_gone_is_read_from_the_feed(
    crawler: "Crawler", served: Callable[[Path], str], tmp_path: Path
) -> None:
    root = copytree(sample_site_root(), tmp_path / "site")
    gone = next(entry for entry in entries() if entry.title)
    page_of(gone, root).unlink()
    crawl = crawler.run("category", "-a", f"site={served(root)}")
    (article,) = (one for one in crawl.articles if one["title"] == gone.title)
    assert (article["extractor"], article["url"]) == ("feed/1", gone.url)
