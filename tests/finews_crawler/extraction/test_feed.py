"""The Atom feed: its entries, broken posts among them, and the whole articles that they hold."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews.sample_site.layouts import Layout, render_feed, render_post
from finews.sample_site.posts import Post, read_post
from finews_crawler.errors import ExtractionError, UnknownLayoutError
from finews_crawler.extraction.feed import FeedEntry, extract_entry, read_feed
from finews_crawler.extraction.paragraphs import text_of_runs
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Article, Paragraph, RawArticle, Run, StatedTime
from finews_crawler.reference import data_path
from pipelines.normalise.article import normalise
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FETCHED_AT,
    NO_ADDRESS,
    ORIGIN_URL,
    POST_URL,
    SHARE_URL,
    SITE,
    address_line,
    back_line,
    outcome,
    spoilt,
)
from tests.rounds import rounds

URL = f"{SITE}/feed.xml"
BROKEN_URL = f"{SITE}/2026/11/24/2022-06-14-NW{CODE}.html"


def entry(inside: str = "", *, url: str = POST_URL, title: str = "标题") -> str:
    return (
        f'<entry><title type="html">{title}</title>'
        f'<link href="{url}" rel="alternate" type="text/html" title="{title}" />'
        "<published>2022-06-14T16:30:05+08:00</published>"
        f"<id>{url.removesuffix('.html')}</id>"
        f'<content type="html" xml:base="{url}"><![CDATA[<p>甲 <br> & 乙</p>]]></content>'
        f"<author><name>ZNing</name></author>{inside}</entry>"
    )


def feed(*entries: str, start: str = '<?xml version="1.0" encoding="utf-8"?>') -> bytes:
    return (
        f'{start}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">'
        f'<link href="{URL}" rel="self" type="application/atom+xml" />'
        f'<link href="{SITE}/" rel="alternate" type="text/html" hreflang="zh-CN" />'
        f'<title type="html">金融消息</title>{"".join(entries)}</feed>\n'
    ).encode()


def titles(body: bytes) -> list[str]:
    return [found.title for found in read_feed(body, URL)]


def test_an_entry() -> None:
    terms = '<category term="wind" /><category term="Wind新闻" />'
    assert read_feed(feed(entry(terms)), URL) == (
        FeedEntry(url=POST_URL, title="标题", terms=("wind", "Wind新闻")),
    )


def test_entries_stand_in_the_order_of_the_feed() -> None:
    assert titles(feed(entry(title="新"), entry(title="旧"))) == ["新", "旧"]


def test_a_broken_post_has_no_title_and_no_terms() -> None:
    assert read_feed(feed(entry(url=BROKEN_URL, title="")), URL) == (
        FeedEntry(url=BROKEN_URL, title="", terms=()),
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A &amp; B &lt;C&gt;", "A & B <C>"),
        ("<![CDATA[甲 & 乙]]>", "甲 & 乙"),
        ("\n  甲  \n", "甲"),
    ],
    ids=["entities", "cdata", "spaces"],
)
def test_the_title_of_an_entry(title: str, expected: str) -> None:
    body = feed(f'<entry><title>{title}</title><link rel="alternate" href="{POST_URL}" /></entry>')
    assert titles(body) == [expected]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/wind/2022/06/14/a.html", f"{SITE}/wind/2022/06/14/a.html"),
        ("http://127.0.0.1:8000/a.html", "http://127.0.0.1:8000/a.html"),
        (f"{SITE}/s&amp;p/2022/06/14/a.html", f"{SITE}/s&p/2022/06/14/a.html"),
    ],
    ids=["relative", "other host", "ampersand"],
)
def test_the_address_of_an_entry(href: str, url: str) -> None:
    assert [found.url for found in read_feed(feed(entry(url=href)), URL)] == [url]


@pytest.mark.parametrize(
    "useless",
    [
        "<entry><title>甲</title></entry>",
        '<entry><link rel="alternate" /></entry>',
        '<entry><link rel="self" href="/a.html" /></entry>',
        entry(url=NO_ADDRESS),
    ],
    ids=["no link", "no href", "other link", "broken address"],
)
def test_an_entry_without_an_address_is_passed_over(useless: str) -> None:
    assert titles(feed(useless, entry())) == ["标题"]


def test_a_feed_without_entries() -> None:
    assert read_feed(feed(), URL) == ()


@pytest.mark.parametrize("name", ["utf-16", "gb18030"])
def test_a_feed_in_another_encoding(name: str) -> None:
    start = f'<?xml version="1.0" encoding="{name}"?>'
    assert titles(feed(entry(), start=start).decode().encode(name)) == ["标题"]


def entry_with_entity(name: str) -> str:
    return f'<entry><title>甲&{name};</title><link rel="alternate" href="{POST_URL}" /></entry>'


def test_entities_of_the_feed_read_no_file() -> None:
    start = '<!DOCTYPE feed [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    assert titles(feed(entry_with_entity("file"), start=start)) == ["甲"]


def test_entities_that_grow_are_not_expanded() -> None:
    grown = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    start = f'<!DOCTYPE feed [<!ENTITY a0 "乙">{grown}]>'
    found = outcome(lambda: titles(feed(entry_with_entity("a8"), start=start)))
    assert found == ["甲"] or isinstance(found, UnknownLayoutError)


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        (b"", "not XML"),
        (b"<html><body>a</body></html>", "no Atom feed element"),
        (b"<feed></feed>", "no Atom feed element"),
        (b'<rss version="2.0"></rss>', "no Atom feed element"),
        (feed(entry())[:-20], "not XML"),
        (feed(entry(title="\xff")).replace(b"\xc3\xbf", b"\xff"), "not XML"),
        (feed(entry(title="a\0b")), "not XML"),
        (feed(entry(title="&nbsp;")), "not XML"),
        (feed(start='<?xml version="1.0" encoding="no-such"?>'), "not XML"),
        (feed("<a>" * 100_000), "not XML"),
    ],
    ids=[
        *("empty", "html", "no namespace", "rss", "cut off", "no utf-8", "nul", "html entity"),
        *("encoding", "deep"),
    ],
)
def test_the_message_says_what_is_wrong(body: bytes, missing: str) -> None:
    with pytest.raises(UnknownLayoutError, match=missing) as raised:
        read_feed(body, URL)
    assert raised.value.url == URL


@given(body=st.one_of(st.binary(max_size=100), spoilt(feed(entry(), entry("<category />")))))
@settings(deadline=None, max_examples=rounds(300))
def test_any_bytes_are_entries_or_an_extraction_error(body: bytes) -> None:
    assert isinstance(outcome(lambda: read_feed(body, URL)), tuple | ExtractionError)


# --- the article of an entry ------------------------------------------------------------------

END = address_line() + back_line()


def article_of(
    content: str = f"<p>甲。</p>{END}",
    *,
    url: str = POST_URL,
    title: str = "标题",
    terms: tuple[str, ...] = ("Wind", "证监会网站新闻"),
) -> RawArticle:
    published = "2022-06-14T16:30:05+08:00"
    told = FeedEntry(url=url, title=title, terms=terms, published=published, content=content)
    return extract_entry(told, URL, FETCHED_AT)


def test_the_article_of_an_entry() -> None:
    media = '<p class="em_media">（文章来源：乙）</p>'
    assert article_of(
        f"<blockquote><p>摘要。</p></blockquote><p>甲。</p>{media}{END}"
    ) == RawArticle(
        page_kind="feed",
        extractor="feed/1",
        url=URL,
        fetched_at=FETCHED_AT,
        body=(Paragraph(runs=(Run(text="甲。"),)),),
        code=CODE,
        canonical_url=POST_URL,
        title="标题",
        times=(StatedTime(where="feed", text="2022-06-14T16:30:05+08:00"),),
        source_line="乙",
        digest="摘要。",
        categories=("Wind",),
        category_urls=(
            "//finews.withounder.com/category/Wind.html",
            "//finews.withounder.com/",
        ),
        tags=("证监会网站新闻",),
        share_url=SHARE_URL,
        footer_form="bar",
        strategies={"title": "feed entry", "body": "feed content"},
    )


def test_the_day_of_a_build_is_no_time_of_a_broken_post() -> None:
    found = article_of(url=BROKEN_URL, title="", terms=())
    assert (found.code, found.title, found.times) == (CODE, "", ())
    assert (found.categories, found.tags, found.share_url) == (("Wind",), (), SHARE_URL)


@pytest.mark.parametrize(
    ("path", "slug", "terms", "categories", "tags"),
    [
        ("/a/b", "A B", ("A", "B", "甲", "乙新闻"), ("A", "B"), ("甲", "乙新闻")),
        ("/wind", "Wind", ("Wind",), ("Wind",), ()),
        ("", "", ("甲新闻",), (), ("甲新闻",)),
        ("/wind", "", ("Wind", "甲新闻"), ("wind",), ("甲新闻",)),
    ],
    ids=["two of each", "no tag", "no category", "no link"],
)
def test_categories_stand_before_tags_in_the_terms(
    path: str, slug: str, terms: tuple[str, ...], categories: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    url = f"{SITE}{path}/2022/06/14/NW{CODE}.html"
    found = article_of(f"<p>甲。</p>{address_line()}{back_line(slug)}", url=url, terms=terms)
    assert (found.categories, found.tags) == (categories, tags)


def test_a_flash_is_a_digest() -> None:
    found = article_of(f"<p>快讯一则。</p>{address_line(ORIGIN_URL)}")
    assert (found.body_kind, found.origin_url, found.share_url) == ("digest", ORIGIN_URL, None)


def test_an_entry_without_a_time_has_none() -> None:
    told = FeedEntry(url=POST_URL, title="标题", terms=(), content="<p>甲</p>")
    assert extract_entry(told, URL, FETCHED_AT).times == ()


@pytest.mark.parametrize("control", ["\x01", "\x0b", "\uffff", "&#11;"])
def test_a_control_character_between_star_names(control: str) -> None:
    (block,) = article_of(f"<p><em>ST甲、</em>ST{control}乙</p>{END}").body
    assert isinstance(block, Paragraph)
    assert "".join(filter(str.isprintable, text_of_runs(block.runs))).split() in (
        ["*ST甲、*ST乙"],
        ["*ST甲、*ST", "乙"],
    )


@given(content=spoilt(f"<blockquote><p>摘要。</p></blockquote><p>甲。</p>{END}".encode()))
@settings(deadline=None, max_examples=rounds(300))
def test_any_content_is_an_article_or_an_extraction_error(content: bytes) -> None:
    found = outcome(lambda: article_of(content.decode("utf-8", "replace")))
    assert isinstance(found, RawArticle | ExtractionError)


# --- beside the page of the post --------------------------------------------------------------

FACTS = (
    *("code", "title", "published_at", "published_quality", "source", "digest", "body_text"),
    *("body_html", "body_kind", "mentions", "images", "categories", "tags", "url", "share_url"),
    *("origin_url", "related"),
)


def posts() -> list[Post]:
    """Every post of the sample site; its own feed holds the newest ten."""
    paths = sorted(data_path("sample_site", "articles").glob("*/*.md"))
    found = (read_post(path) for path in paths if not (path.parent / "page.html").exists())
    return [post for post in found if post is not None]


def facts(article: Article) -> dict[str, Any]:
    return {name: getattr(article, name) for name in FACTS}


@pytest.mark.parametrize(
    "post", posts(), ids=lambda post: f"{post.folder.name}-{post.path[-13:-5]}"
)
def test_an_entry_tells_what_the_page_of_its_post_tells(post: Post) -> None:
    (told,) = read_feed(render_feed([post], "2022-06-15T13:05:37+08:00").encode(), URL)
    page = extract_post(render_post(post, Layout.NEW).encode(), told.url, FETCHED_AT)
    entry_article = normalise(extract_entry(told, URL, FETCHED_AT))
    assert facts(entry_article) == facts(normalise(page))
