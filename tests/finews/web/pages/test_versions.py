"""Two versions side by side."""

import httpx
import pytest

from tests.finews.web.pages.reading import all_words, read, table, words
from tests.finews.web.pages.written import REVISED_ARTICLE, STORY, STORY_ARTICLE

PATH = f"/article/{STORY}/diff"


def test_changed_facts_are_told(news: httpx.Client) -> None:
    page = read(news, PATH)
    assert table(page, "[aria-labelledby=fields-heading]") == [
        ["title", "江苏银行净利润增长约10%10.1%"],
        ["source", "财联社 证券日报"],
        ["mentions", "600919.SH"],
    ]
    rows = page.css("[aria-labelledby=fields-heading] tbody tr")
    assert all_words(rows[1].css("del")) == ["财联社"]
    assert all_words(rows[1].css("ins")) == ["证券日报"]
    assert all_words(rows[2].css("del")) == ["600919.SH"]


def test_the_text_holds_both_versions(news: httpx.Client) -> None:
    found = read(news, PATH).css(".difference")
    assert all_words(found.css("del")) == ["约10%"]
    assert all_words(found.css("ins")) == ["10.1%"]
    shown = found.css("p.words")
    old = ["".join(one.xpath(".//text()[not(ancestor::ins)]").getall()) for one in shown]
    new = ["".join(one.xpath(".//text()[not(ancestor::del)]").getall()) for one in shown]
    assert "\n\n".join(old) == STORY_ARTICLE.body_text
    assert "\n\n".join(new) == REVISED_ARTICLE.body_text


def test_versions_can_be_chosen(news: httpx.Client) -> None:
    form = read(news, PATH, **{"from": 2, "to": 1})
    assert form.css("option[selected]::attr(value)").getall() == ["2", "1"]
    assert all_words(form.css(".difference ins")) == ["约10%"]


def test_a_version_does_not_differ_from_itself(news: httpx.Client) -> None:
    page = read(news, PATH, **{"from": 1, "to": 1})
    assert not page.css("main ins:not(.legend ins), .difference")
    assert "The text is the same." in words(page.css("main"))


def test_an_article_without_a_code_can_be_compared_too(news: httpx.Client) -> None:
    assert words(read(news, "/article/id/3/diff").css("h1")) == "Version 1 and version 1"


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("?from=1&to=7", 404, "There is no version 7; the newest is 2."),
        ("?from=0", 404, "There is no version 0; the newest is 2."),
        ("?from=-99999999999", 422, "from"),
        ("?to=99999999999999999999", 422, "to"),
        ("?form=1", 422, "form: not understood"),
    ],
)
def test_versions_that_there_are_not_are_refused(
    news: httpx.Client, asked: str, status: int, told: str
) -> None:
    assert told in words(read(news, PATH + asked, status=status).css("main"))
