"""A page that was kept is read again as the spider read it: every reader, on the sample site."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from scrapy.http import HtmlResponse

import finews_crawler
from finews.sample_site.server import sample_site_root
from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.answers import AskedArticle, extract_article, extract_text
from finews_crawler.extraction.ids import article_code
from finews_crawler.extraction.listing import read_listing
from finews_crawler.extraction.markdown import extract_markdown
from finews_crawler.extraction.origin import extract_origin
from finews_crawler.extraction.post import extract_post
from finews_crawler.extraction.readers import READERS, reader_name
from finews_crawler.extraction.share_html import extract_share_html
from finews_crawler.extraction.share_json import extract_share_json
from finews_crawler.items import Answer, RawArticle, Reject
from finews_crawler.reference import data_path
from finews_crawler.share_requests import json_url, page_url
from finews_crawler.spiders.category import CategorySpider
from tests.finews_crawler.spiders.driving import made

Extract = Callable[..., RawArticle]
SITE = "http://127.0.0.1:8000/"
FETCHED = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
ROOT = sample_site_root()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the sample site, and what a spider knows when it reads it."""

    extract: Extract
    url: str
    body: bytes
    known: dict[str, Any] = field(default_factory=dict)


# --- the pages of the sample site -------------------------------------------------------------


def posts() -> Iterator[Page]:
    for path in sorted(ROOT.rglob("20??/??/??/*.html")):
        url = SITE + path.relative_to(ROOT).as_posix()
        yield Page(extract=extract_post, url=url, body=path.read_bytes())


def archived() -> Iterator[Page]:
    for path in sorted(data_path("sample_site", "articles").rglob("*.md")):
        yield Page(extract=extract_markdown, url=path.as_uri(), body=path.read_bytes())


def shared(extract: Extract, suffix: str) -> Iterator[Page]:
    for path in sorted((ROOT / "share").glob(f"*{suffix}")):
        code = article_code(path.name) or ""
        page = page_url(SITE, code)
        known = {"asked": code, "share_url": page} if ".json" in suffix else {"asked": code}
        url = json_url(SITE, code) if ".json" in suffix else page
        yield Page(extract=extract, url=url, body=path.read_bytes(), known=known)


def texts() -> Iterator[Page]:
    """The same answers as the spiders of Eastmoney ask for them."""
    for page in shared(extract_text, ".json*"):
        asked = AskedArticle(page.known["asked"], page.known["share_url"], ())
        yield Page(extract=extract_text, url=page.url, body=page.body, known={"asked": asked})


def origins(extract: Extract) -> Iterator[Page]:
    for path in sorted(data_path("sample_site", "eastmoney").glob("page-*/page.html")):
        url = json.loads((path.parent / "expected.json").read_bytes())["url"]
        asked = AskedArticle(article_code(url) or "", "", ())
        known = {"asked": asked} if extract is extract_article else {}
        yield Page(extract=extract, url=url, body=path.read_bytes(), known=known)


KINDS: dict[str, tuple[str, Callable[[], Iterator[Page]], int]] = {
    "extract_post": ("post", posts, 90),
    "extract_markdown": ("markdown", archived, 90),
    "extract_origin": ("origin", partial(origins, extract_origin), 2),
    "extract_article": ("origin", partial(origins, extract_article), 2),
    "extract_share_json": ("share_json", partial(shared, extract_share_json, ".json*"), 2),
    "extract_text": ("share_json", texts, 2),
    "extract_share_html": ("share_html", partial(shared, extract_share_html, ".html"), 1),
}
"""What a spider reads with -> the name of its reader, its pages, and the least number of them."""


# --- read by the spider, kept, and read again -------------------------------------------------


@pytest.fixture(scope="module")
def spider() -> CategorySpider:
    return made(CategorySpider, site=SITE)


def read(spider: CategorySpider, page: Page) -> RawArticle | Reject:
    response = HtmlResponse(page.url, body=page.body)
    return spider.read(page.extract, response, fetched_at=FETCHED, **page.known)


def kept(found: RawArticle | Reject) -> Answer | None:
    """The answer that goes with what was read."""
    if isinstance(found, Reject):
        return found.answer
    return found.page() if found.page else None


def read_again(found: RawArticle | Reject) -> RawArticle | str:
    """What the reader makes of the kept answer: the article, or why there is none."""
    answer = kept(found)
    assert answer is not None
    try:
        return READERS[answer.reader](answer.body, found.url, FETCHED)
    except ExtractionError as error:
        return error.detail


@pytest.mark.parametrize("name", KINDS)
def test_a_reader_reads_what_the_spider_read(spider: CategorySpider, name: str) -> None:
    reader, pages_of, least = KINDS[name]
    found = [read(spider, page) for page in pages_of()]
    articles = [one for one in found if isinstance(one, RawArticle)]
    assert len(articles) >= least
    assert {answer.reader for one in found if (answer := kept(one))} == {reader}
    told = [one.detail if isinstance(one, Reject) else one for one in found]
    assert list(map(read_again, found)) == told


@pytest.mark.parametrize("name", KINDS)
def test_the_page_is_kept_as_it_came(spider: CategorySpider, name: str) -> None:
    page = next(KINDS[name][1]())
    answer = kept(read(spider, page))
    assert answer is not None
    assert (answer.body, answer.status) == (page.body, 200)


# --- the table --------------------------------------------------------------------------------


def spider_modules() -> Iterator[Any]:
    folder = Path(finews_crawler.__file__).parent
    for found in pkgutil.walk_packages([str(folder)], "finews_crawler."):
        if not found.name.startswith(("finews_crawler.extraction", "finews_crawler.settings")):
            yield importlib.import_module(found.name)


def page_functions() -> set[str]:
    """What spiders use of the extraction that makes an article of a page's body."""
    functions = {
        value
        for module in spider_modules()
        for value in vars(module).values()
        if inspect.isfunction(value) and value.__module__.startswith("finews_crawler.extraction.")
    }
    return {
        one.__name__
        for one in functions
        if next(iter(inspect.signature(one).parameters), "") == "body"
        and get_type_hints(one).get("return") is RawArticle
    }


def test_everything_that_spiders_read_articles_with_has_a_reader() -> None:
    used = page_functions()
    assert used <= set(KINDS)
    assert {KINDS[name][0] for name in used} == set(READERS)


@pytest.mark.parametrize("name", KINDS)
def test_the_name_of_a_reader(name: str) -> None:
    extract = next(KINDS[name][1]()).extract
    assert (extract.__name__, reader_name(extract)) == (name, KINDS[name][0])


@pytest.mark.parametrize(
    "extract",
    [read_listing, lambda body, url: body, partial(extract_post, b"")],
    ids=["listing", "lambda", "partial"],
)
def test_what_reads_no_article_has_none(extract: Callable[..., object]) -> None:
    assert reader_name(extract) == ""


def test_a_share_answer_of_another_article_is_refused_again() -> None:
    page = next(shared(extract_share_json, ".json*"))
    other = json_url(SITE, "202206149999999999")
    with pytest.raises(ExtractionError, match="asked for 202206149999999999, answered "):
        READERS["share_json"](page.body, other, FETCHED)
