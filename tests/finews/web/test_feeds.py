"""Feeds: what RFC 4287 and JSON Feed 1.1 require, the same for the same article, safe to show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree

from finews.web.feeds import last_modified
from tests.finews.filling import BANK, BANK_ARTICLE, NOTICE, written
from tests.finews.web.serving import served

ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = {"a": "http://www.w3.org/2005/Atom"}
MOMENT = datetime(2022, 6, 14, 1, 30, 0, 600_000, tzinfo=UTC)


def atom(client: httpx.Client, query: str = "") -> etree._Element:
    answer = client.get(f"/feed.atom{query}")
    assert answer.headers["content-type"] == "application/atom+xml"
    return etree.fromstring(answer.content)


def texts(element: etree._Element, path: str) -> list[str]:
    found = element.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(one) for one in found]


def entry_of(feed: etree._Element, identity: str) -> etree._Element:
    (found,) = (
        one
        for one in feed.iterfind(f"{ATOM}entry")
        if one.findtext(f"{ATOM}id") == f"tag:finews,2026:article/{identity}"
    )
    return found


# --- Atom -----------------------------------------------------------------------------------------


def test_an_atom_feed_has_what_the_standard_requires(reader: httpx.Client) -> None:
    feed = atom(reader, "?category=emnews&limit=5")
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iterfind(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        assert len(texts(element, "a:link[@rel='alternate']/@href")) == 1
        assert datetime.fromisoformat(str(element.findtext(f"{ATOM}updated"))).tzinfo
    assert texts(feed, "a:author/a:name/text()") == ["finews"]  # for entries that have none
    assert len(feed.findall(f"{ATOM}entry")) == 5
    identities = texts(feed, "a:entry/a:id/text()")
    assert len(set(identities)) == 5
    (own,) = texts(feed, "a:link[@rel='self']/@href")
    assert own == str(reader.base_url) + "/feed.atom?category=emnews&limit=5"


def test_an_entry(client: httpx.Client) -> None:
    entry = entry_of(atom(client), BANK)
    expected = {
        "title": "江苏银行公布业绩",
        "published": "2022-06-14T09:30:00+08:00",
        "updated": "2022-06-14T09:30:00.000001+08:00",
        "summary": "一句摘要。",
        "content": "<p>江苏银行公布业绩。</p><p>利润增长。</p>",
    }
    assert {name: entry.findtext(f"{ATOM}{name}") for name in expected} == expected
    assert texts(entry, "a:author/a:name/text()") == ["财联社"]
    assert texts(entry, "a:content/@type") == ["html"]
    assert texts(entry, "a:category/@term") == ["cailianshe", "emnews", "600919.SH"]


def test_an_article_without_title_time_and_source_is_an_entry_too(client: httpx.Client) -> None:
    feed = atom(client, "?category=sitenews")
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "试运行。"
    assert entry.find(f"{ATOM}published") is None
    assert entry.find(f"{ATOM}author") is None
    identity = str(entry.findtext(f"{ATOM}id"))
    assert identity.startswith("tag:finews,2026:article/https%3A%2F%2Ffinews")
    assert texts(entry, "a:link/@href") == [NOTICE]


def test_the_name_of_a_feed_does_not_change_with_the_time_of_asking(client: httpx.Client) -> None:
    names = [
        atom(client, f"?symbol=600919.SH&published_from={one}").findtext(f"{ATOM}id")
        for one in ("6h", "7h")
    ]
    assert names == ["tag:finews,2026:feed?symbol=600919.SH"] * 2


# --- JSON Feed ------------------------------------------------------------------------------------


def test_a_json_feed_has_what_the_standard_requires(reader: httpx.Client) -> None:
    answer = reader.get("/feed.json?limit=30")
    assert answer.headers["content-type"] == "application/feed+json"
    feed: dict[str, Any] = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "finews"
    assert urlsplit(feed["feed_url"]).path == "/feed.json"
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"]
        assert None not in item.values()
        assert all(one["name"] for one in item.get("authors", ()))
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])


def test_both_feeds_tell_the_same(client: httpx.Client) -> None:
    items = client.get("/feed.json").json()["items"]
    entries = atom(client).findall(f"{ATOM}entry")
    assert [one["id"] for one in items] == [one.findtext(f"{ATOM}id") for one in entries]
    assert [one["content_html"] for one in items] == [
        one.findtext(f"{ATOM}content") for one in entries
    ]


# --- safe to show ---------------------------------------------------------------------------------


def test_what_is_stored_is_cleaned_again_before_it_is_shown(own_url: str) -> None:
    evil = replace(
        BANK_ARTICLE,
        title="<script>alert(1)</script>\x08]]>",
        digest="\x0b\ufffe摘要",
        source="源\x00",
        source_raw="源",
        body_html='<p onclick="a()">x<script>alert(1)</script><a href="javascript:a()">y</a></p>',
        url="javascript:alert(1)",
    )
    written(own_url, [evil])
    with served(own_url) as client:
        (entry,) = atom(client).findall(f"{ATOM}entry")
        (item,) = client.get("/feed.json").json()["items"]
    for html in (entry.findtext(f"{ATOM}content"), item["content_html"]):
        assert html == '<p>x<a rel="nofollow noopener">y</a></p>'
    assert entry.findtext(f"{ATOM}title") == "<script>alert(1)</script>]]>"
    assert entry.findtext(f"{ATOM}summary") == "摘要"
    assert entry.find(f"{ATOM}link") is None
    assert "url" not in item


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
def test_whoever_has_a_feed_is_told_so(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    assert first.headers["last-modified"] == "Tue, 14 Jun 2022 01:30:00 GMT"
    for name, value, status in (
        ("if-none-match", first.headers["etag"], 304),
        ("if-none-match", '"other"', 200),
        ("if-modified-since", first.headers["last-modified"], 304),
        ("if-modified-since", "Tue, 14 Jun 2022 01:29:59 GMT", 200),
        ("if-modified-since", "yesterday", 200),
    ):
        assert client.get(path, headers={name: value}).status_code == status
    both = {"if-none-match": '"x"', "if-modified-since": first.headers["last-modified"]}
    assert client.get(path, headers=both).status_code == 200


@pytest.mark.parametrize(
    ("later", "told"),
    [
        pytest.param(timedelta(milliseconds=1), -1, id="another change may come in this second"),
        pytest.param(timedelta(milliseconds=400), 0, id="the second is over"),
        pytest.param(timedelta(days=1), 0, id="long ago"),
    ],
)
def test_a_time_in_whole_seconds_covers_all_changes(later: timedelta, told: int) -> None:
    expected = MOMENT.replace(microsecond=0) + timedelta(seconds=told)
    assert last_modified(MOMENT, MOMENT + later) == expected
