"""The home page and the category pages: which posts they list, under which heading."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import ExtractionError, NotFoundPageError, UnknownLayoutError
from finews_crawler.extraction.listing import ListedPost, ListingPage, read_listing
from tests.finews_crawler.extraction.conftest import (
    CODE,
    NO_ADDRESS,
    NOT_FOUND,
    POST_URL,
    SITE,
    Layout,
    outcome,
    page,
    post_page,
    spoilt,
)
from tests.rounds import rounds

URL = f"{SITE}/category/Wind.html"
PATH = f"/wind/2022/06/14/NW{CODE}.html"


def entry(path: str = PATH, title: str = "标题") -> str:
    return f'    <li><a href="{path}">{title}</a></li>\n'


def listing(*entries: str, heading: str = '<h2 id="Wind新闻">Wind新闻</h2>') -> str:
    return f"{heading}\n\n<ul>\n  \n{''.join(entries)}  \n</ul>"


def read(section: str, layout: Layout = Layout.NEW) -> ListingPage:
    return read_listing(page(section, layout=layout), URL)


def urls(section: str) -> list[str]:
    return [post.url for post in read(section).posts]


@pytest.mark.parametrize("layout", Layout)
def test_a_category_page(layout: Layout) -> None:
    second = f"/wind/2022/06/13/NW{CODE[:-1]}2.html"
    assert read(listing(entry(), entry(second, "第二条")), layout) == ListingPage(
        heading="Wind新闻",
        posts=(
            ListedPost(url=POST_URL, title="标题", heading="Wind新闻"),
            ListedPost(url=f"{SITE}{second}", title="第二条", heading="Wind新闻"),
        ),
    )


@pytest.mark.parametrize("heading", ['<h2 id=""></h2>', ""], ids=["empty", "none"])
def test_a_category_without_a_heading(heading: str) -> None:
    post = ListedPost(url=POST_URL, title="标题", heading=None)
    assert read(listing(entry(), heading=heading)) == ListingPage(heading=None, posts=(post,))


def test_a_category_without_posts() -> None:
    assert read(listing(heading="")) == ListingPage(heading=None, posts=())


def test_each_section_of_the_home_page_has_its_heading() -> None:
    other = listing(entry(title="第二条"), heading='<h2 id="甲新闻">甲新闻</h2>')
    found = read(f"{listing(entry())}\n<hr />\n{other}\n<hr />")
    assert [(post.heading, post.title) for post in found.posts] == [
        ("Wind新闻", "标题"),
        ("甲新闻", "第二条"),
    ]
    assert found.heading == "Wind新闻"


def test_a_post_with_two_tags_is_listed_twice() -> None:
    other = listing(entry(), heading="<h2>甲新闻</h2>")
    assert urls(listing(entry()) + other) == [POST_URL, POST_URL]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", ""),
        ("甲<em>乙</em>丙", "甲乙丙"),
        ("A &amp; B", "A & B"),
        ("“稳”字\n当头", "“稳”字 当头"),
        ("甲<b>", "甲"),
    ],
    ids=["empty", "markup", "entity", "line end", "unclosed"],
)
def test_titles_are_not_escaped(title: str, expected: str) -> None:
    assert [post.title for post in read(listing(entry(title=title))).posts] == [expected]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/bao%C2%B7gongsi/2022/06/14/a.html", f"{SITE}/bao%C2%B7gongsi/2022/06/14/a.html"),
        ("/c%23100/2022/06/14/a.html", f"{SITE}/c%23100/2022/06/14/a.html"),
        ("/2022/06/14/a.html", f"{SITE}/2022/06/14/a.html"),
        ("//a.test/wind/2022/06/14/a.html", "https://a.test/wind/2022/06/14/a.html"),
        ("../wind/2022/06/14/a.html", f"{SITE}/wind/2022/06/14/a.html"),
    ],
    ids=["percent", "hash", "no category", "other host", "relative"],
)
def test_addresses_are_resolved_and_kept_as_printed(path: str, url: str) -> None:
    assert urls(listing(entry(path))) == [url]


@pytest.mark.parametrize(
    "path", ["../achieves/emnews/", "/category/Wind.html", "/", "", "#a", NO_ADDRESS]
)
def test_links_to_no_post_are_passed_over(path: str) -> None:
    assert urls(listing(entry(path), entry())) == [POST_URL]


def test_a_broken_address_in_the_form_of_a_post_is_passed_over() -> None:
    assert urls(listing(entry(f"{NO_ADDRESS}{PATH}"), entry())) == [POST_URL]


def test_a_copy_in_front_of_the_wrapper_is_passed_over() -> None:
    """The older layout prints the list into og:description, whose first quote lets it out."""
    section = listing(entry())
    body = page(section, layout=Layout.OLD, about=section)
    assert [post.url for post in read_listing(body, URL).posts] == [POST_URL]


# --- errors -----------------------------------------------------------------------------------


def test_the_404_page_is_told_apart() -> None:
    with pytest.raises(NotFoundPageError) as raised:
        read_listing(NOT_FOUND, URL)
    assert (raised.value.url, raised.value.reason) == (URL, "not_found_page")


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        (post_page("<p>甲</p><ul><li>乙</li></ul>"), "no list of posts"),
        (page("<pre><code>&lt;ul&gt;&lt;/ul&gt;</code></pre>"), "no list of posts"),
        (page("<h2>甲</h2>"), "no list of posts"),
        (b"<html><body><ul><li>a</li></ul></body></html>", "no div.wrapper > section"),
        (b"<section><ul></ul></section>", "no div.wrapper > section"),
        (b"", "not HTML"),
        (b"\xff\xfe\0", "no div.wrapper > section"),
    ],
    ids=[
        "a post",
        "a list that became code",
        "no list",
        "other site",
        "no wrapper",
        "empty",
        "bits",
    ],
)
def test_the_message_says_what_is_missing(body: bytes, missing: str) -> None:
    with pytest.raises(UnknownLayoutError, match=missing):
        read_listing(body, URL)


@pytest.mark.parametrize("tag", ["div", "ul", "span", "h2"])
@pytest.mark.parametrize("depth", [300, 3000])
def test_deep_nesting_is_read_or_refused(tag: str, depth: int) -> None:
    body = page(listing(f"<{tag}>" * depth + entry()))
    found = outcome(lambda: read_listing(body, URL))
    assert isinstance(found, ListingPage | ExtractionError)


GOOD = [
    page(listing(entry(), entry())),
    page(listing(entry()), layout=Layout.OLD, about=listing(entry())),
    NOT_FOUND,
]


@given(body=st.one_of(st.binary(max_size=100), spoilt(*GOOD)))
@settings(deadline=None, max_examples=rounds(300))
def test_any_bytes_are_a_listing_or_an_extraction_error(body: bytes) -> None:
    found = outcome(lambda: read_listing(body, URL))
    assert isinstance(found, ListingPage | ExtractionError)
