"""Where a post is kept that the site shows no more."""

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews_crawler.errors import ArgumentError
from finews_crawler.old_posts import checked_template, old_post_url

TEMPLATE = "https://archive.test/old_post/{date}-{slug}.md"
SITE = "https://finews.withounder.com"


@pytest.mark.parametrize(
    ("post", "kept"),
    [
        pytest.param(
            "/emnews/2022/05/31/202205312398034850.html",
            "2022-05-31-202205312398034850.md",
            id="rolling",
        ),
        pytest.param(
            "/21shijijingjibaodao/21caijingapp/2022/01/04/NW202201042235633894.html",
            "2022-01-04-NW202201042235633894.md",
            id="two categories",
        ),
        pytest.param("/2022/03/01/NW1.html", "2022-03-01-NW1.md", id="no category"),
        pytest.param("/sitenews/2021/12/02/init.html", "2021-12-02-init.md", id="notice"),
        pytest.param(
            "/a/2022/03/01/%E5%85%AC%E5%91%8A%231.html",
            "2022-03-01-%E5%85%AC%E5%91%8A%231.md",
            id="coded letters stay coded",
        ),
        pytest.param("/a/2022/03/01/公告?.html", "2022-03-01-%E5%85%AC%E5%91%8A%3F.md", id="raw"),
        pytest.param("/a/2022/03/01/x%2Fy.html", None, id="no folder can be named"),
        pytest.param("/a/2022/03/01/{slug}.html", "2022-03-01-%7Bslug%7D.md", id="braces"),
        pytest.param(
            "/2022/06/15/2022-06-12-NW202206123700000001.html",
            "2022-06-12-NW202206123700000001.md",
            id="broken: the file name's day, not the build's",
        ),
        pytest.param("/about.html", None, id="no post"),
        pytest.param("/", None, id="home"),
    ],
)
def test_where_a_post_is_kept(post: str, kept: str | None) -> None:
    raw = post.replace("?", "%3F")
    expected = f"https://archive.test/old_post/{kept}" if kept else None
    assert old_post_url(TEMPLATE, f"{SITE}{raw}") == expected


def test_without_a_template_there_is_no_such_place() -> None:
    assert old_post_url("", f"{SITE}/a/2022/03/01/NW1.html") is None


def test_each_name_may_stand_several_times_and_anywhere() -> None:
    template = "http://127.0.0.1:8000/{slug}/{date}?file={date}-{slug}"
    kept = old_post_url(checked_template(template), f"{SITE}/a/2022/03/01/NW1.html")
    assert kept == "http://127.0.0.1:8000/NW1/2022-03-01?file=2022-03-01-NW1"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\n"), min_size=1))
def test_a_slug_stays_within_its_place(slug: str) -> None:
    post = f"{SITE}/a/2022/03/01/{quote(slug, safe='')}.html"
    kept = urlsplit(old_post_url(TEMPLATE, post) or "")
    assert (kept.hostname, kept.query, kept.fragment) == ("archive.test", "", "")
    assert kept.path.count("/") == 2
    assert unquote(kept.path).endswith(f"{slug}.md")


# --- the setting ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "template"),
    [("", ""), ("   ", ""), (TEMPLATE, TEMPLATE), (f"  {TEMPLATE}\n", TEMPLATE)],
)
def test_a_good_template(text: str, template: str) -> None:
    assert checked_template(text) == template


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://a.test/old_post/", "must name {date} and {slug} and no more"),
        ("https://a.test/{date}.md", "must name {date} and {slug} and no more"),
        ("https://a.test/{slug}.md", "must name {date} and {slug} and no more"),
        ("https://a.test/{date}-{slug}-{category}", "must name {date} and {slug} and no more"),
        ("https://a.test/{date}-{slug}{}", "must name {date} and {slug} and no more"),
        ("https://a.test/{date.year}-{slug}", "must name {date} and {slug} and no more"),
        ("https://a.test/{date}-{slug:d}", "must name {date} and {slug} and no more"),
        ("https://a.test/{date!r}-{slug}", "must name {date} and {slug} and no more"),
        ("https://a.test/{date}-{slug", "expected '}' before end of string"),
        ("https://a.test/{date}-{slug}}", "Single '}' encountered in format string"),
        ("/srv/old_post/{date}-{slug}.md", "is no http(s) address"),
        ("ftp://a.test/{date}-{slug}.md", "is no http(s) address"),
        ("https:///{date}-{slug}.md", "is no http(s) address"),
        ("https://{slug}.a.test/{date}.md", "must name its host"),
    ],
)
def test_a_bad_template_is_named(text: str, told: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        checked_template(text)
    assert str(refused.value).startswith(repr(text))
    assert told in str(refused.value)
