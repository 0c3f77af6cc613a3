"""Post files in Markdown: as the generator wrote them, with all its faults."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finews.sample_site.layouts import Layout, render_post
from finews.sample_site.posts import Post, read_post
from finews_crawler.errors import ExtractionError, UnknownLayoutError
from finews_crawler.extraction.markdown import extract_markdown
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Article, RawArticle, StatedTime
from finews_crawler.reference import data_path
from pipelines.normalise.article import normalise
from tests.finews_crawler.extraction.conftest import outcome, spoilt

FETCHED_AT = datetime(2022, 6, 15, 1, 0, tzinfo=UTC)
CODE = "202206143000000001"
NAME = f"2022-06-14-NW{CODE}.md"
SHARE = f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}"
ORIGIN = f"http://finance.eastmoney.com/news/1344,{CODE}.html"
HOME = "//finews.withounder.com/"
BACK = f"[返回Wind新闻]({HOME}category/Wind.html)｜[返回首页]({HOME})"
FACTS = (
    *("code", "title", "published_at", "source", "digest", "body_text", "body_kind"),
    *("mentions", "images", "categories", "share_url", "origin_url"),
)
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-2][0-9]:[0-5][0-9](:[0-5][0-9])?)?( \+0800)?"
# The page of a file without a zone is 8 hours late, and put right.
QUALITIES = {("stated", "stated"), ("zone_corrected", "stated"), ("disagrees", "disagrees")}
# Where the file says more than the page that Jekyll made of it.
MORE_THAN_THE_PAGE = {
    "digest-with-star-st-names": {"digest"},  # straight quotes
    "flash-that-starts-with-a-year": {"body_text"},  # `2022. ` became a list
    "flash-with-hash-and-rule": {"body_text"},  # `# ` became a heading
    "flash-with-markdown-signs": {"body_text"},  # ~~, $$, --, ...
    "relative-date": {"published_at"},  # 今天 was the day of a build that nobody knows now
}


def post(body: str, **keys: str) -> bytes:
    """A post file; `keys` change or (by "") empty lines of its front matter."""
    front = {
        "layout": "post",
        "title": '"标题"',
        "date": "2022-06-14 16:30:05 +0800",
        "categories": "Wind",
        "tags": "证监会网站新闻",
        **keys,
    }
    lines = "\n".join(f"{key}: {value}" for key, value in front.items())
    return f"---\n{lines}\n---\n{body}".encode()


def read(body: bytes, name: str = NAME) -> RawArticle:
    return extract_markdown(body, f"file:///posts/{quote(name)}", FETCHED_AT)


def article(body: bytes, name: str = NAME) -> Article:
    return normalise(read(body, name))


def flash(words: str) -> bytes:
    return post(f"{words}\n\n<{ORIGIN}>\n\n{BACK}")


def test_a_post() -> None:
    body = "<p>甲。</p>\r\n <p>乙。</p><p class='em_media'>（文章来源：丙）</p>"
    text = f"{body}\n\n<{SHARE}>\n\n{BACK}"
    found = read(post(text))
    assert (found.code, found.title, found.source_line) == (CODE, "标题", "丙")
    assert found.times == (
        StatedTime(where="front_matter", text="2022-06-14 16:30:05 +0800"),
        StatedTime(where="url", text="2022-06-14"),
    )
    assert (found.categories, found.tags, found.share_url) == (
        ("Wind",),
        ("证监会网站新闻",),
        SHARE,
    )
    assert article(post(text)).body_text == "甲。\n\n乙。"
    assert found.canonical_url == f"https://finews.withounder.com/wind/2022/06/14/NW{CODE}.html"


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ('"央行："稳"字当头"', '央行："稳"字当头'),
        (r'"比例为3\d"', r"比例为3\d"),
        (r'"他说\"好\""', '他说"好"'),
        ('""', ""),
        ("null", ""),
        ('"null"', "null"),
        (r'"甲\t乙\n丙"', "甲 乙 丙"),
        ('"光伏<em>组件</em>涨<3%"', "光伏组件涨<3%"),
        ("没有引号：也行", "没有引号：也行"),
    ],
)
def test_a_title_is_read_though_yaml_would_fail(printed: str, title: str) -> None:
    assert read(post("甲", title=printed)).title == title


@pytest.mark.parametrize(
    ("date", "published_at"),
    [
        ("2022-06-14 16:30:05 +0800", "2022-06-14T16:30:05+08:00"),
        ("2022-06-14 16:30:05", "2022-06-14T16:30:05+08:00"),
        (" +0800", "2022-06-14T00:00:00+08:00"),
        ("", "2022-06-14T00:00:00+08:00"),
        ("今天 16:25 +0800", "2022-06-14T00:00:00+08:00"),
        ("2022-13-45 16:30:05 +0800", "2022-06-14T00:00:00+08:00"),
        ("9999-12-31 22:39:01", "2022-06-14T00:00:00+08:00"),
    ],
    ids=[
        *("zone", "no zone is China", "zone alone", "empty", "today of a build", "no date"),
        "no day after it",
    ],
)
def test_the_time_is_what_the_file_says(date: str, published_at: str) -> None:
    found = article(post("甲", date=date)).published_at
    assert found is not None
    assert found.isoformat() == published_at


def test_without_any_date_there_is_none() -> None:
    found = article(post("甲", date=" +0800"), f"-NW{CODE}.md")
    assert (found.published_at, found.published_quality, found.code) == (None, "missing", CODE)


def test_a_blank_line_before_the_front_matter_changes_nothing() -> None:
    assert article(b"\n" + post("甲")).body_text == "甲"


def test_two_categories_in_one_line_are_two() -> None:
    found = read(post("甲", categories="Career In Wind", tags="21世纪经济报道 21财经APP新闻"))
    assert found.categories == ("Career", "In", "Wind")
    assert found.tags == ("21世纪经济报道", "21财经APP新闻")


@pytest.mark.parametrize(
    "words",
    [
        "*ST金钰、*ST海航等公司披露进展。",
        "A股|港股：今日收涨。",
        "# 收盘提示",
        "2022. 公司计划开店。",
        "公式$$a+b$$，旧价~~停用~~，--见...",
        '公司称"没有调价"。',
        "若a<b则涨。",
        "规格为3*4*5毫米，单价2*3元。",
        "**提示**：复牌。",
        "代码`600919`停牌。",
        r"路径C:\_甲\*乙",
        "S*ST前锋、SST集琦复牌，*ST甲停牌。",
        "- - -",
        "+ 甲",
        "#标签# 涨",
        "价_格_表",
    ],
)
def test_a_flash_stays_as_it_was_written(words: str) -> None:
    found = article(flash(words))
    assert (found.body_text, found.body_kind, found.origin_url) == (words, "digest", ORIGIN)


@pytest.mark.parametrize(
    "end",
    [
        f"<{ORIGIN}>",
        f"<{ORIGIN}>\n\n[返回东财滚动新闻](../emnews/)\n[返回首页](../)",
        f"<{ORIGIN}>\n\n[返回东财滚动新闻](//finews.zning.me/emnews/)\n[返回首页](//finews.zning.me/)",
        f"<{ORIGIN}>\n\n{BACK}\n",
    ],
    ids=["none", "relative", "two lines", "bar"],
)
def test_every_end_line_that_the_generator_wrote(end: str) -> None:
    found = article(post(f"快讯一则。（证券时报）\n\n{end}"))
    assert (found.body_text, found.source, found.origin_url) == ("快讯一则。", "证券时报", ORIGIN)


def test_an_empty_address() -> None:
    found = read(post(f"<p>甲</p>\n\n<>\n\n{BACK}"))
    assert (found.share_url, found.origin_url, found.category_urls[0]) == (
        None,
        None,
        "//finews.withounder.com/category/Wind.html",
    )


@pytest.mark.parametrize(
    "words",
    [
        "*ST金钰、*ST海航复牌。",
        "A股|港股收涨。",
        "# 收盘",
        "2022. 开店。",
        '称"稳"，$$a$$，~~b~~，--见...',
        "若a<b则涨。",
        "涨幅<3%。",
    ],
)
def test_a_digest_stays_as_it_was_written(words: str) -> None:
    assert read(post(f"> {words}\n\n<p>正文。</p>\n\n<{ORIGIN}>")).digest == words


def test_markdown_inside_html_is_words() -> None:
    words = "**甲** ~~乙~~ $$c$$ a|b [t](u) <http://a.test/x> # 1. *ST丙、*ST丁"
    found = article(post(f"<p>{words}</p>\n\n<{SHARE}>\n\n{BACK}"))
    assert found.body_text == words


def test_line_ends_of_windows_change_nothing() -> None:
    body = post(f"> 摘要。\n\n<p>甲。</p> <p>乙。</p>\n\n<{ORIGIN}>\n\n{BACK}\n")
    assert read(body.replace(b"\n", b"\r\n")) == read(body)


def test_the_first_version_of_the_generator() -> None:
    found = article(b"\n" + post(f"一行文字。\n<{ORIGIN}>", date="2021-12-08 10:39:01"))
    assert (found.body_text, found.body_kind, found.origin_url) == ("一行文字。", "digest", ORIGIN)


def test_the_digest_stands_apart() -> None:
    found = article(post(f"> 摘要一句。\n\n<p>正文。</p>\n\n<{ORIGIN}>\n\n{BACK}"))
    assert (found.digest, found.body_text, found.body_kind) == ("摘要一句。", "正文。", "full")


def test_an_unclosed_tag_swallows_nothing() -> None:
    found = article(post(f"<p>甲<p><strong>乙\n\n<{SHARE}>\n\n{BACK}"))
    assert (found.body_text, found.share_url) == ("甲\n\n乙", SHARE)


def test_a_notice_of_the_site_is_markdown() -> None:
    body = "# 公告\n\n本站**升级**：\n\n- 甲\n- [乙](http://example.test/)\n"
    found = article(post(body, categories="sitenews", tags="站长消息"), "2021-12-02-notice.md")
    assert found.body_text == "公告\n\n本站升级：\n\n甲\n\n乙"
    assert found.body_html.startswith("<h3>公告</h3>\n<p>本站<strong>升级</strong>：</p>\n<ul>")
    assert found.identity == "https://finews.withounder.com/sitenews/2022/06/14/notice.html"


def test_a_late_hour_without_zone_stands_on_the_next_day_of_the_site() -> None:
    found = read(post("甲", date="2021-12-02 22:39:01", categories="sitenews"), "2021-12-02-a.md")
    assert found.canonical_url == "https://finews.withounder.com/sitenews/2021/12/03/a.html"


@pytest.mark.parametrize("body", [b"", b"# README\n", b"---\ntitle: x\n---\n", b"---\nlayout: x\n"])
def test_a_file_that_is_no_post_is_named(body: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="no front matter between two lines of ---"):
        read(body, "README.md")


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(post)
    | st.from_regex(DATE, fullmatch=True).map(lambda date: post("甲", date=date))
    | spoilt(post(f"> 摘要\n\n<p>甲<strong>乙</p>\n\n<{SHARE}>\n\n{BACK}"), flash("甲|乙"))
)
def test_any_bytes_are_a_post_or_an_extraction_error(body: bytes) -> None:
    found = outcome(lambda: article(body))
    assert isinstance(found, Article | ExtractionError)


# --- beside the page that Jekyll makes of the file --------------------------------------------


def sample_posts() -> list[tuple[Path, Post]]:
    paths = sorted(data_path("sample_site", "articles").glob("*/**/*.md"))
    posts = ((path, read_post(path)) for path in paths if not (path.parent / "page.html").exists())
    return [(path, post) for path, post in posts if post is not None and not post.is_broken]


def facts(found: Article, names: set[str]) -> dict[str, Any]:
    return {name: getattr(found, name) for name in FACTS if name not in names}


@pytest.mark.parametrize(
    ("path", "post"), sample_posts(), ids=lambda value: getattr(value, "stem", "")
)
def test_the_file_says_what_its_page_says(path: Path, post: Post) -> None:
    url = f"https://finews.withounder.com{post.url}"
    page = normalise(extract_post(render_post(post, Layout.NEW).encode(), url, FETCHED_AT))
    file = normalise(extract_markdown(path.read_bytes(), path.as_uri(), FETCHED_AT))
    name = path.relative_to(data_path("sample_site", "articles")).parts[0]
    more = MORE_THAN_THE_PAGE.get(name, set())
    assert facts(file, more) == facts(page, more)
    assert {one for one in more if getattr(file, one) == getattr(page, one)} == set()
    if "published_at" not in more:
        assert (page.published_quality, file.published_quality) in QUALITIES


# Where the site moved the page, or knows another address of it.
ELSEWHERE = {
    "relative-date": "the day of a build",
    "old-post-of-a-publisher": "moved by the generator",
    "old-post-of-the-first-days": "moved by the generator",
    "first-days-blank-line-before-front-matter": "Jekyll saw no category",
}


@pytest.mark.parametrize(
    ("path", "post"), sample_posts(), ids=lambda value: getattr(value, "stem", "")
)
def test_the_file_knows_the_address_of_its_page(path: Path, post: Post) -> None:
    file = extract_markdown(path.read_bytes(), path.as_uri(), FETCHED_AT)
    name = path.relative_to(data_path("sample_site", "articles")).parts[0]
    is_same = file.canonical_url == f"https://finews.withounder.com{post.url}"
    assert is_same is (name not in ELSEWHERE)


def test_real_files_say_what_their_pages_say(corpus: Path) -> None:
    pages = {path.stem: path for path in (corpus / "site").glob("**/20*/**/*.html")}
    compared = 0
    for path in sorted((corpus / "posts").glob("20*.md")):
        page = pages.get(path.stem[11:])
        if page is None:
            continue
        url = f"https://finews.withounder.com/{quote(str(page.relative_to(corpus / 'site')))}"
        told = normalise(extract_post(page.read_bytes(), url, FETCHED_AT))
        file = normalise(extract_markdown(path.read_bytes(), path.as_uri(), FETCHED_AT))
        assert facts(file, set()) == facts(told, set())
        assert (told.published_quality, file.published_quality) in QUALITIES
        compared += 1
    assert compared == 29
