"""The Atom feed: its entries, broken posts among them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews_crawler.errors import ExtractionError, UnknownLayoutError
from finews_crawler.extraction.feed import FeedEntry, read_feed
from tests.finews_crawler.extraction.conftest import (
    CODE,
    NO_ADDRESS,
    POST_URL,
    SITE,
    outcome,
    spoilt,
)

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
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_entries_or_an_extraction_error(body: bytes) -> None:
    assert isinstance(outcome(lambda: read_feed(body, URL)), tuple | ExtractionError)
