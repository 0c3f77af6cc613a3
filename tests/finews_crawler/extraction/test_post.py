"""A post page: its parts, in both layouts, and what Jekyll could not build well."""

import pytest

from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Link, Paragraph, RawArticle, Run, StatedTime, Table
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FETCHED_AT,
    FOOTER,
    NO_ADDRESS,
    ORIGIN_URL,
    POST_URL,
    SHARE_URL,
    SITE,
    Layout,
    address_line,
    back_line,
    chart_image,
    key,
    post_page,
    seo,
    shown,
    tags_line,
)

OTHER = f"https://finance.eastmoney.com/a/{CODE[:-1]}2.html"
BROKEN_URL = f"{SITE}/2026/11/24/2022-06-14-NW{CODE}.html"
FLASH_END = address_line(ORIGIN_URL) + back_line("emnews", "东财滚动") + tags_line("东财滚动新闻")
PRINTED = (
    "<hr />\n<p>layout: post\ntitle: ““金王”说话了”\ndate: 2021-12-08 10:39:01\n"
    "categories: emnews\ntags: 东财滚动新闻</p>\n"
)


def read(body: bytes, url: str = POST_URL) -> RawArticle:
    return extract_post(body, url, FETCHED_AT)


def words(article: RawArticle) -> list[str]:
    return [shown(block) for block in article.body]


@pytest.mark.parametrize("layout", Layout)
def test_all_parts_of_a_post(layout: Layout) -> None:
    body = (
        '<p style="text-align:center;">甲</p><h3 class="emh3">相关报道</h3>'
        f'<p><a href="{OTHER}">另一条</a></p><p class="em_media">（文章来源：万得）</p>'
    )
    assert read(post_page(body, layout=layout)) == RawArticle(
        page_kind="post",
        extractor="post/1",
        url=POST_URL,
        fetched_at=FETCHED_AT,
        body=(Paragraph(runs=(Run(text="甲"),)),),
        code=CODE,
        canonical_url=POST_URL,
        title="标题",
        times=(
            StatedTime(where="small", text="2022-06-14 16:30:05"),
            StatedTime(where="meta", text="2022-06-14T16:30:05+08:00"),
            StatedTime(where="json_ld", text="2022-06-14T16:30:05+08:00"),
            StatedTime(where="url", text="2022-06-14"),
        ),
        source_line="万得",
        categories=("Wind",),
        category_urls=("//finews.withounder.com/category/Wind.html", "//finews.withounder.com/"),
        tags=("Wind新闻",),
        share_url=SHARE_URL,
        related=(Link(url=OTHER, text="另一条"),),
        footer_form="bar",
        strategies={
            "title": "section h1",
            "code": "slug",
            "body": "section",
            "categories": "path and 返回 link",
        },
    )


@pytest.mark.parametrize(
    "body",
    [
        f'<p style="text-align:center;">{chart_image()}</p><p>甲</p>',
        f'<p>甲{key("1.600160", "巨化股份")}</p><p class="em_media">（文章来源：乙）</p>',
        '<table class="cms_autoformat_table"><tr><td>甲</td></tr></table>',
        '<p>“甲”说"乙"</p><div class="a">丙</div>',
    ],
    ids=["chart", "key", "table", "quotes"],
)
def test_the_copy_that_the_older_layout_leaks_changes_nothing(body: str) -> None:
    old, new = (read(post_page(body, layout=layout)) for layout in (Layout.OLD, Layout.NEW))
    assert old == new


# --- title ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("央行：“稳”字当头", "央行：“稳”字当头"),
        (' 央行："稳"\t字 ', '央行："稳" 字'),
        ("甲<em>乙</em>丙", "甲乙丙"),
        ("A &amp; B", "A & B"),
        (f"NW{CODE[:-1]}2", f"NW{CODE[:-1]}2"),
    ],
    ids=["curly quotes", "straight quotes", "markup", "entity", "another id"],
)
def test_the_title_is_the_heading_of_the_section(printed: str, title: str) -> None:
    assert read(post_page("<p>甲</p>", title=printed)).title == title


@pytest.mark.parametrize("printed", ["", " ", f"Nw{CODE}", f"NW{CODE}"])
def test_a_file_name_is_no_title(printed: str) -> None:
    found = read(post_page("<p>甲</p>", title=printed))
    assert (found.title, found.strategies["title"]) == ("", "none")


def test_a_heading_of_the_body_is_no_title() -> None:
    found = read(post_page("<h1>第二</h1><p>甲</p>"))
    assert (found.title, words(found)) == ("标题", ["# 第二", "甲"])


# --- code, categories, canonical --------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "address", "code", "strategy"),
    [
        (POST_URL, OTHER, CODE, "slug"),
        (BROKEN_URL, OTHER, CODE, "slug"),
        (f"{SITE}/emnews/2021/12/01/init.html", ORIGIN_URL, CODE, "address line"),
        (f"{SITE}/emnews/2021/12/01/init.html", "http://a.test/", None, "address line"),
    ],
    ids=["slug first", "broken", "address", "none"],
)
def test_the_code(url: str, address: str, code: str | None, strategy: str) -> None:
    found = read(post_page("<p>甲</p>", footer=address_line(address)), url)
    assert (found.code, found.strategies["code"]) == (code, strategy)


@pytest.mark.parametrize(
    ("path", "slug", "categories"),
    [
        ("/wind/2022/06/14/a.html", "Wind", ("Wind",)),
        (
            "/career/in/touxing/2022/06/14/a.html",
            "Career%20In%20touXing",
            ("Career", "In", "touXing"),
        ),
        ("/emnews/2022/06/14/a.html", "", ("emnews",)),
        ("/bao%C2%B7gongsi/2022/06/14/a.html", "bao·Gongsi", ("bao·Gongsi",)),
        ("/wind/2022/06/14/a.html", "Other", ("wind",)),
        ("/dushu/dushu/2022/06/14/a.html", "dushu", ("dushu",)),
        ("/2022/06/14/a.html", "", ()),
        ("/old_post/2022-06-14-a.html", "Wind", ("Wind",)),
    ],
    ids=["case", "three", "no link", "middle dot", "another link", "twice", "empty", "old_post"],
)
def test_categories_of_the_path_in_the_letters_of_the_link(
    path: str, slug: str, categories: tuple[str, ...]
) -> None:
    found = read(post_page("<p>甲</p>", footer=back_line(slug)), f"{SITE}{path}")
    assert found.categories == categories


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        (POST_URL, POST_URL),
        (
            POST_URL.replace("withounder.com", "zning.me"),
            POST_URL.replace("withounder.com", "zning.me"),
        ),
        (POST_URL.replace("wind", "w%69nd"), POST_URL.replace("wind", "w%69nd")),
        (f"{SITE}/", None),
        ("", None),
        (NO_ADDRESS, None),
    ],
    ids=["same", "other host", "percent", "other path", "empty", "broken"],
)
def test_the_canonical_address_must_name_the_same_path(printed: str, canonical: str | None) -> None:
    assert read(post_page("<p>甲</p>", head=seo(printed))).canonical_url == canonical


# --- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", Layout)
def test_a_page_without_machine_data_states_two_times(layout: Layout) -> None:
    assert read(post_page("<p>甲</p>", layout=layout, head="")).times == (
        StatedTime(where="small", text="2022-06-14 16:30:05"),
        StatedTime(where="url", text="2022-06-14"),
    )


def test_a_broken_post_shows_its_build_time_which_is_no_time() -> None:
    body = post_page("<p>甲</p>", title="", clock="2026-11-24 03:00:00", footer=FOOTER)
    found = read(body, BROKEN_URL)
    assert (found.times, found.title, words(found)) == ((), "", ["甲"])


def test_small_print_of_the_body_is_no_time() -> None:
    body = "<p>甲</p><small>2020-01-01 00:00:00</small><p>乙</p>"
    assert read(post_page(body, clock="", head="")).times[0].where == "url"


# --- front matter printed as text -------------------------------------------------------------


def test_front_matter_that_became_text_is_read() -> None:
    url = f"{SITE}/2021/12/08/202112083000000001.html"
    body = post_page(f"{PRINTED}<p>甲</p>", title="202112083000000001", footer=tags_line(""))
    found = read(body, url)
    assert (found.title, found.strategies["title"]) == ("“金王”说话了", "printed front matter")
    assert found.times == (StatedTime(where="front_matter", text="2021-12-08 10:39:01"),)
    assert (found.categories, found.tags) == (("emnews",), ("东财滚动新闻",))
    assert words(found) == ["甲"]


def test_a_rule_in_front_of_the_body_is_no_front_matter() -> None:
    found = read(post_page("<hr /><p>甲</p>"))
    assert (found.title, words(found)) == ("标题", ["甲"])


# --- digest and flashes -----------------------------------------------------------------------

TABLE = "<table><tbody><tr><td>A股</td><td>港股：甲</td></tr></tbody></table>"


@pytest.mark.parametrize(
    ("markup", "digest"),
    [
        ("<blockquote>\n  <p>摘要。</p>\n</blockquote>", "摘要。"),
        ("<blockquote><p>甲<br />乙</p><p>丙</p></blockquote>", "甲\n乙\n\n丙"),
        (f"<blockquote>{TABLE}</blockquote>", "A股|港股：甲"),
        ("<blockquote><p><em>ST甲、</em>ST乙</p></blockquote>", "*ST甲、*ST乙"),
        ("<blockquote> </blockquote>", None),
    ],
    ids=["line", "paragraphs", "pipe", "stars", "empty"],
)
def test_a_quotation_in_front_of_the_body_is_the_digest(markup: str, digest: str | None) -> None:
    found = read(post_page(f"{markup}<p>正文。</p>"))
    assert (found.digest, words(found)) == (digest, ["正文。"])


def test_a_quotation_alone_is_the_body() -> None:
    found = read(post_page("<blockquote><p>甲</p></blockquote>"))
    assert (found.digest, words(found)) == (None, ["甲"])


@pytest.mark.parametrize(
    ("body", "footer", "kind"),
    [
        ("<p>甲</p>", FLASH_END, "digest"),
        ("<p>甲（某某报）</p>", address_line(), "digest"),
        (TABLE, FLASH_END, "digest"),
        ("<p>甲</p>", back_line(), "full"),
        ("<p>甲</p><p>乙</p>", FLASH_END, "full"),
        ('<p>甲</p><p class="em_media">（文章来源：乙）</p>', FLASH_END, "full"),
        ("<blockquote><p>乙</p></blockquote><p>甲</p>", FLASH_END, "full"),
        (f"<p>甲{key('106.NIO', '蔚来')}</p>", FLASH_END, "full"),
        (f"<p>甲{chart_image()}</p>", FLASH_END, "full"),
    ],
    ids=[
        *("flash", "share page", "flash with a pipe", "no address", "two", "source", "digest"),
        *("key", "chart"),
    ],
)
def test_a_flash_is_one_plain_paragraph_with_an_address(body: str, footer: str, kind: str) -> None:
    assert read(post_page(body, footer=footer)).body_kind == kind


def test_a_flash_that_became_a_table_is_one_line() -> None:
    whole = Paragraph(runs=(Run(text="A股|港股：甲"),))
    assert read(post_page(TABLE, footer=FLASH_END)).body == (whole,)


@pytest.mark.parametrize(
    ("source", "footer"),
    [('<p class="em_media">（文章来源：乙）</p>', FLASH_END), ("", FOOTER)],
    ids=["source", "share page"],
)
def test_a_table_of_a_whole_article_stays_one(source: str, footer: str) -> None:
    cells = ((Run(text="A股"),), (Run(text="港股：甲"),))
    assert read(post_page(TABLE + source, footer=footer)).body == (Table(rows=(cells,)),)


def test_a_flash_about_a_return_is_no_end_line() -> None:
    found = read(post_page("<p>返回舱已于今晨着陆。</p>", footer=address_line(ORIGIN_URL)))
    assert (words(found), found.body_kind) == (["返回舱已于今晨着陆。"], "digest")
