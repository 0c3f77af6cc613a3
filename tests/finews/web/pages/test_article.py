"""One article: its text with its mentions, its facts, what hangs on it; now and as of a moment."""

import re

import httpx
import pytest

from tests.finews.filling import CONTRACT
from tests.finews.web.pages.reading import all_words, facts, read, table, titles, words
from tests.finews.web.pages.written import COPY, DAY_ONLY, HOSTILE, REVISED_ARTICLE, SCRIPT, STORY

FIRST = "2022-06-14T01:30:00.000001+00:00"
"""When the story was known and not yet revised."""


def test_the_text_is_shown_whole_and_in_its_form(news: httpx.Client) -> None:
    body = read(news, f"/article/{STORY}").css(".body")
    paragraphs = all_words(body.css("p.words"))
    assert paragraphs == [one for one in REVISED_ARTICLE.body_text.split("\n\n") if "\t" not in one]
    assert [all_words(row.css("td")) for row in body.css("tr")] == [
        ["指标", "同比"],
        ["净利润", "10%"],
    ]


def test_a_mention_leads_to_its_security(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}")
    mention = page.css(".body a.mention")
    assert (words(mention), mention.attrib["href"]) == ("江苏银行", "/security/600919.SH")
    assert all_words(page.css(".article > .chips a")) == ["江苏银行 600919.SH"]


def test_a_name_inside_a_longer_word_is_marked_as_such(news: httpx.Client) -> None:
    mention = read(news, f"/article/{DAY_ONLY}").css(".body a.mention")
    assert (words(mention), mention.attrib["class"]) == ("高通", "mention doubt")


def test_a_picture_is_a_link_with_its_words(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}")
    picture = page.css(".body a.picture")
    assert (words(picture), picture.attrib["href"]) == (
        "Picture: 走势 example.com",
        "https://example.com/p.png",
    )
    assert not page.css("img")


def test_what_leads_away_says_nothing_of_the_reader(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}")
    away = page.css("a[href^=http]")
    assert len(away) == 4
    assert {one.attrib["rel"] for one in away} == {"nofollow noopener noreferrer"}


def test_the_facts_are_told(news: httpx.Client) -> None:
    assert facts(read(news, f"/article/{STORY}")) == {
        "published": (
            "2022-06-14 09:30:00 (to the second); the page states it, and nothing contradicts"
        ),
        "first seen": "2022-06-14 09:30:00",
        "delay": "0 s",
        "this version": "2022-06-14 09:30:00",
        "source": "证券日报as printed: 财联社 电",
        "categories": "cailianshe, emnews",
        "tags": "财联社新闻",
        "code": STORY,
    }


def test_a_day_is_not_told_as_a_time(news: httpx.Client) -> None:
    page = read(news, f"/article/{DAY_ONLY}")
    told = facts(page)
    assert told["published"] == (
        "2022-06-13 (the day only); the page states it, but also another time"
    )
    assert "delay" not in told
    assert words(page.css(".byline time")) == "2022-06-13"


def test_an_article_without_a_code_has_a_page(news: httpx.Client) -> None:
    page = read(news, "/article/id/3")
    assert words(page.css("h1")) == "(no title)"
    assert words(page.css(".body")) == "试运行。"
    assert facts(page)["published"] == "no page states it"


def test_where_it_stands_is_told_of_addresses_of_the_web_only(news: httpx.Client) -> None:
    links = read(news, f"/article/{STORY}").css(".panel .rows a::attr(href)").getall()
    assert links == [
        f"https://finews.withounder.com/emnews/2022/06/14/{STORY}.html",
        f"https://finance.eastmoney.com/a/{STORY}.html",
        f"/api/v1/articles/{STORY}",
    ]
    assert news.get(links[-1]).status_code == 200


def test_versions_are_listed_the_newest_first(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}")
    assert table(page, "#versions") == [
        [
            "version 2",
            "2022-06-14 09:30:00",
            "title, source, text, mentions",
            "江苏银行净利润增长10.1%",
            "compare with version 1",
        ],
        ["version 1", "2022-06-14 09:30:00", "first version", "江苏银行净利润增长约10%", ""],
    ]
    links = page.css("#versions td a::attr(href)").getall()
    assert links == [f"/article/{STORY}/diff?from=1&to=2"]


def test_reprints_are_listed_with_how_alike_they_are(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}")
    assert table(page, "#reprints") == [
        ["转载的标题", "上海证券报", "2022-06-14 09:50", "the same", "100%"]
    ]
    assert page.css("#reprints a::attr(href)").get() == f"/article/{COPY}"


def test_related_news_that_is_stored_is_read_here(news: httpx.Client) -> None:
    links = read(news, f"/article/{STORY}").css("[aria-labelledby=related-heading] a")
    assert {words(one): one.attrib["href"] for one in links} == {
        "签下合同": f"/article/{CONTRACT}",
        "别家报道": "https://example.com/other",
    }


def test_each_field_says_where_it_is_from(news: httpx.Client) -> None:
    assert table(read(news, f"/article/{STORY}"), "#provenance") == [
        ["title", "section h1", "section h1 江苏银行"],
        ["published", "meta", "small 2022-06-14 09:30meta 2022-06-14T09:30:00"],
        ["read by", "post/1", "post · 2022-06-14 09:30:00"],
    ]


# --- as of a moment -------------------------------------------------------------------------------


def test_an_article_can_be_read_as_it_was(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}", as_of=FIRST)
    assert words(page.css("h1")) == "江苏银行净利润增长约10%"
    assert "约10%" in words(page.css(".body"))
    assert words(page.css(".byline > a")[0]) == "财联社"
    assert words(page.css(".banner")).startswith("As it could be read at 2022-06-14 09:30:00")
    assert page.css(".banner a::attr(href)").get() == f"/article/{STORY}"


def test_what_came_later_is_in_no_part_of_it(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}", as_of=FIRST)
    assert [row[0] for row in table(page, "#versions")] == ["version 1"]
    assert not page.css("#reprints")
    assert not page.css("[aria-labelledby=related-heading]")
    assert "finance.eastmoney.com" not in words(page)
    assert words(page.css("#provenance p")) == "It is kept of the newest version only."


def test_the_moment_stays_with_the_reader(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}", as_of=FIRST)
    link = page.css(".body a.mention::attr(href)").get() or ""
    assert httpx.URL(link).params["as_of"] == FIRST
    assert "江苏银行净利润增长约10%" in titles(read(news, link))


def test_each_version_leads_to_itself(news: httpx.Client) -> None:
    links = read(news, f"/article/{STORY}").css("#versions th a::attr(href)").getall()
    read_titles = [words(read(news, link).css("h1")) for link in links]
    assert read_titles == ["江苏银行净利润增长10.1%", "江苏银行净利润增长约10%"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/article/202206143999999999", "There is no such article."),
        ("/article/id/99", "There is no such article."),
        (
            f"/article/{COPY}?as_of=2022-06-14T01:30:00Z",
            "This article could not be read at 2022-06-14 09:30:00.",
        ),
    ],
)
def test_what_is_not_there_is_told(news: httpx.Client, path: str, told: str) -> None:
    assert told in words(read(news, path, status=404).css("main"))


def test_a_moment_ahead_of_the_database_is_refused(news: httpx.Client) -> None:
    page = read(news, f"/article/{STORY}", status=422, as_of="2099-01-01")
    assert "lies ahead of the database" in words(page.css("main"))


# --- what is foreign stays text -------------------------------------------------------------------


def test_hostile_words_stay_words(news: httpx.Client) -> None:
    answer = news.get(f"/article/{HOSTILE}")
    assert re.findall(r"<script|<style|javascript:|onerror=(?!alert\(1\)&gt;)", answer.text) == []
    page = read(news, f"/article/{HOSTILE}")
    assert words(page.css("h1")) == f"{SCRIPT}&amp;\"'"
    assert words(page.css(".digest")) == "<img src=x onerror=alert(1)>"
    assert words(page.css(".body")) == "点我"
    assert not page.css(".body a")
    assert facts(page)["categories"] == '"><script>, a b&c=d'
    links = page.css("dl.facts a::attr(href)").getall()
    assert links == ["/?category=%22%3E%3Cscript%3E", "/?category=a+b%26c%3Dd"]
    assert titles(read(news, links[1])) == [f"{SCRIPT}&amp;\"'"]
