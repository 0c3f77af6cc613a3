"""The end of a post in all its versions; as elements, as lines or, swallowed, as text."""

import pytest

from finews_crawler.extraction.footer import (
    Footer,
    category_slug,
    cut_swallowed,
    split_footer,
    split_footer_lines,
)
from finews_crawler.extraction.html import text_of
from finews_crawler.items import Block, FooterForm, Image, Paragraph, Run, Table, Widget
from tests.finews_crawler.extraction.conftest import (
    CODE,
    FOOTER,
    NO_ADDRESS,
    ORIGIN_URL,
    SHARE_URL,
    address_line,
    back_line,
    nodes_of,
    tags_line,
)

WIND = "//finews.withounder.com/category/Wind.html"


def split(markup: str) -> tuple[list[str], Footer]:
    """The words of the nodes that stay, and the footer."""
    rest, footer = split_footer(nodes_of(markup))
    return [text_of(node) for node in rest], footer


def lines(back: str, home: str, between: str = "\n") -> str:
    link = f'<a href="{back}">返回东财滚动新闻</a>'
    return f'<p>{link}{between}<a href="{home}">返回首页</a></p>'


# --- as elements ------------------------------------------------------------------------------


def test_all_lines_of_the_end_are_taken_off() -> None:
    assert split(f"<p>甲</p>{FOOTER}") == (
        ["甲"],
        Footer(
            address=SHARE_URL,
            back_links=[WIND, "//finews.withounder.com/"],
            tags=("Wind新闻",),
            form="bar",
        ),
    )


@pytest.mark.parametrize(
    ("back", "form"),
    [
        ("", "none"),
        (lines("../emnews/", "../"), "relative"),
        (lines("//finews.withounder.com/emnews/", "//finews.withounder.com/"), "lines_withounder"),
        (lines("//finews.zning.me/emnews/", "//finews.zning.me/"), "lines_zning"),
        (lines("//finews.withounder.com/emnews/", "//finews.withounder.com/", "｜"), "bar"),
    ],
)
def test_the_form_of_the_end_tells_the_version_of_the_site(back: str, form: FooterForm) -> None:
    words, footer = split(f"<p>甲</p>{address_line(ORIGIN_URL)}{back}{tags_line('东财滚动新闻')}")
    assert (words, footer.form, footer.address) == (["甲"], form, ORIGIN_URL)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        (address_line(SHARE_URL), SHARE_URL),
        ("<p>&lt;&gt;</p>", None),
        (address_line("http://a.test/?a=1&amp;b=2"), "http://a.test/?a=1&b=2"),
    ],
    ids=["share", "empty", "ampersand"],
)
def test_the_address_line(line: str, address: str | None) -> None:
    words, footer = split(f"<p>甲</p>{line}{back_line()}")
    assert (words, footer.address) == (["甲"], address)


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        (tags_line("Wind新闻"), ("Wind新闻",)),
        (tags_line("21世纪经济报道", "21财经APP新闻"), ("21世纪经济报道", "21财经APP新闻")),
        (tags_line("每日经济新闻新闻"), ("每日经济新闻新闻",)),
        (tags_line(""), ()),
    ],
    ids=["one", "two", "doubled", "empty"],
)
def test_the_tags_line(line: str, tags: tuple[str, ...]) -> None:
    assert split(f"<p>甲</p>{line}")[1].tags == tags


@pytest.mark.parametrize(
    ("slug", "words"),
    [("Career In touxingPEVC", ("Career", "In", "touxingPEVC")), ("a  b", ("a", "b"))],
)
def test_a_category_with_spaces_prints_its_link_as_text(slug: str, words: tuple[str, ...]) -> None:
    address = f"//finews.withounder.com/category/{slug}.html"
    home = '<a href="//finews.withounder.com/">返回首页</a>'
    text, footer = split(f"<p>甲</p><p>[返回某某新闻]({address})｜{home}</p>")
    assert (text, footer.form, footer.category_words) == (["甲"], "bar", words)


@pytest.mark.parametrize(
    "last",
    [
        '<p class="em_media">（文章来源：甲）</p>',
        "<p>返回舱已于今晨着陆。</p>",
        '<p>详见<a href="http://a.test/">http://a.test/</a></p>',
        '<p><a href="http://a.test/">官方网站</a></p>',
        "<small>单位：亿元</small>",
        "<table><tr><td>返回首页</td></tr></table>",
    ],
    ids=["source line", "a word like it", "address in words", "link", "small print", "table"],
)
def test_the_last_lines_of_the_body_are_no_end(last: str) -> None:
    words, footer = split(f"<p>甲</p>{last}{FOOTER}")
    assert (words, footer.address) == (["甲", text_of(nodes_of(last)[0])], SHARE_URL)


def test_an_address_above_the_address_line_belongs_to_the_body() -> None:
    words, footer = split(f"<p>甲</p>{address_line('http://a.test/')}{FOOTER}")
    assert (words, footer.address) == (["甲", "http://a.test/"], SHARE_URL)


def test_nodes_without_an_end() -> None:
    assert split("<p>甲</p>") == (["甲"], Footer())


# --- what the address says --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "share", "origin"),
    [
        (SHARE_URL, SHARE_URL, None),
        (ORIGIN_URL, None, ORIGIN_URL),
        (
            f"https://hk.eastmoney.com/a/{CODE}.html",
            None,
            f"https://hk.eastmoney.com/a/{CODE}.html",
        ),
        ("http://choicewzp1.eastmoney.com/a?INFOCODE=1",) * 2 + (None,),
        ("http://eastmoney.com.a.test/a", None, None),
        (NO_ADDRESS, None, None),
        (None, None, None),
    ],
    ids=["share", "origin", "other column", "share on eastmoney", "other host", "broken", "none"],
)
def test_an_address_is_a_share_page_or_an_article_page(
    address: str | None, share: str | None, origin: str | None
) -> None:
    footer = Footer(address=address)
    assert (footer.share_url, footer.origin_url) == (share, origin)


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        (WIND, "Wind"),
        ("//finews.withounder.com/category/Career%20In%20touxing.html", "Career In touxing"),
        ("/category/bao·gongsi.html", "bao·gongsi"),
        ("/category/anxin(xianggang).html", "anxin(xianggang)"),
        ("/category/c%23100%25.html", "c#100%"),
        ("//finews.withounder.com/emnews/", "emnews"),
        ("../emnews/", "emnews"),
        ("//finews.withounder.com/category/.html", None),
        ("//finews.withounder.com/", None),
        ("//finews.withounder.com/wind/", None),
        ("/oldemnews/", None),
        (NO_ADDRESS, None),
    ],
)
def test_the_category_that_an_address_leads_to(address: str, slug: str | None) -> None:
    assert category_slug(address) == slug


# --- swallowed, as text -----------------------------------------------------------------------

BACK_TEXT = f"[返回Wind新闻]({WIND})｜[返回首页](//finews.withounder.com/)"
END_TEXT = f" <{SHARE_URL}> {BACK_TEXT}"


def paragraph(*texts: str) -> Paragraph:
    """A paragraph whose runs are plain and strong by turns."""
    return Paragraph(runs=tuple(Run(text=t, strong=n % 2 == 1) for n, t in enumerate(texts)))


def cut(*blocks: Block) -> tuple[list[Block], Footer]:
    footer = Footer()
    return cut_swallowed(list(blocks), footer), footer


SWALLOWED = Footer(address=SHARE_URL, back_links=[WIND, "//finews.withounder.com/"], form="bar")


@pytest.mark.parametrize(
    ("blocks", "kept"),
    [
        ([paragraph(f"甲{END_TEXT}")], [paragraph("甲")]),
        ([paragraph("甲"), paragraph(END_TEXT.strip())], [paragraph("甲")]),
        ([paragraph("甲", f"乙{END_TEXT}")], [paragraph("甲", "乙")]),
        ([paragraph("甲", END_TEXT)], [paragraph("甲")]),
        (
            [Table(rows=(((Run(text="甲"),), (Run(text=f"乙{END_TEXT}"),)),))],
            [Table(rows=(((Run(text="甲"),), (Run(text="乙"),)),))],
        ),
    ],
    ids=["same paragraph", "own paragraph", "strong", "own run", "cell"],
)
def test_the_end_that_an_unclosed_tag_swallowed(blocks: list[Block], kept: list[Block]) -> None:
    assert cut(*blocks) == (kept, SWALLOWED)


def test_nothing_stands_below_the_swallowed_end() -> None:
    assert cut(paragraph(f"甲{END_TEXT}"), paragraph("tags: Wind新闻"))[0] == [paragraph("甲")]


def test_a_swallowed_category_with_spaces() -> None:
    address = "//finews.withounder.com/category/Career In touxingPEVC.html"
    _, footer = cut(paragraph(f"甲 <{SHARE_URL}> [返回某某新闻]({address})"))
    assert footer.category_words == ("Career", "In", "touxingPEVC")


@pytest.mark.parametrize("end", ["<>", f"<> {BACK_TEXT}"])
def test_a_swallowed_empty_address(end: str) -> None:
    kept, footer = cut(paragraph(f"甲 {end}"))
    assert (kept, footer.address) == ([paragraph("甲")], None)


def test_the_address_outside_the_body_goes_before_a_swallowed_one() -> None:
    footer = Footer(address=ORIGIN_URL)
    cut_swallowed([paragraph(f"甲 <{SHARE_URL}>")], footer)
    assert footer.address == ORIGIN_URL


@pytest.mark.parametrize(
    "block",
    [
        paragraph("甲<http://a.test/>乙"),
        paragraph("甲<http://a.test/>", "乙"),
        paragraph("甲<人民币>"),
        paragraph("返回首页"),
        Paragraph(runs=(Run(text="蔚来", widget=Widget(kind="link", secid="106.NIO")),)),
        Image(url="https://a.test/a.png"),
    ],
    ids=["inside words", "before a strong word", "tag-like", "back", "widget", "picture"],
)
def test_other_blocks_stay_whole(block: Block) -> None:
    assert cut(block, paragraph("丙")) == ([block, paragraph("丙")], Footer())


# --- as lines of a post file ------------------------------------------------------------------

HOME = "//finews.withounder.com/"


def split_lines(*lines: str) -> tuple[list[str], Footer]:
    rest, footer = split_footer_lines(["甲", *lines])
    assert rest[0] == "甲"
    return [line for line in rest[1:] if line], footer


@pytest.mark.parametrize(
    ("back", "form", "links"),
    [
        ([], "none", []),
        (
            ["", "[返回东财滚动新闻](../emnews/)", "[返回首页](../)"],
            "relative",
            ["../emnews/", "../"],
        ),
        (
            ["", f"[返回东财滚动新闻]({HOME}emnews/)", f"[返回首页]({HOME})", ""],
            "lines_withounder",
            [f"{HOME}emnews/", HOME],
        ),
        (
            ["", "[返回东财滚动新闻](//finews.zning.me/emnews/)", "[返回首页](//finews.zning.me/)"],
            "lines_zning",
            ["//finews.zning.me/emnews/", "//finews.zning.me/"],
        ),
        (["", f"[返回Wind新闻]({WIND})｜[返回首页]({HOME})"], "bar", [WIND, HOME]),
        (["\r", f"[返回Wind新闻]({WIND})｜[返回首页]({HOME})\r", ""], "bar", [WIND, HOME]),
    ],
    ids=["none", "relative", "two lines", "old host", "bar", "carriage returns"],
)
def test_the_lines_of_every_version(back: list[str], form: FooterForm, links: list[str]) -> None:
    assert split_lines(f"<{ORIGIN_URL}>", *back) == (
        [],
        Footer(address=ORIGIN_URL, back_links=links, form=form),
    )


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("Wind", ("Wind",)),
        ("Career In touxingPEVC", ("Career", "In", "touxingPEVC")),
        ("anxinguojizhengquan(xianggang)", ("anxinguojizhengquan(xianggang)",)),
        ("zhengquanshibao·egongsi", ("zhengquanshibao·egongsi",)),
        ("", ()),
    ],
    ids=["plain", "spaces", "brackets", "dot", "empty"],
)
def test_the_category_of_a_line(slug: str, words: tuple[str, ...]) -> None:
    _, footer = split_lines(f"[返回某某新闻]({HOME}category/{slug}.html)｜[返回首页]({HOME})")
    assert footer.category_words == words


def test_an_empty_address_line_is_an_end_without_address() -> None:
    assert split_lines("<>", "", f"[返回首页]({HOME})") == (
        [],
        Footer(back_links=[HOME], form="lines_withounder"),
    )


@pytest.mark.parametrize(
    "last",
    [
        "<p>返回舱已于今晨着陆。</p>",
        "返回首页",
        f"详见<{ORIGIN_URL}>",
        f"<{ORIGIN_URL}>一文",
        ORIGIN_URL,
        "<http://a b>",
        "<人民币>",
    ],
    ids=["html", "words", "address at an end", "at a start", "no brackets", "space", "a word"],
)
def test_a_last_line_of_the_body_is_no_end(last: str) -> None:
    assert split_lines(last) == ([last], Footer())


def test_lines_above_the_address_line_belong_to_the_body() -> None:
    above = f"[返回舱]({ORIGIN_URL})"
    assert split_lines(above, "", f"<{SHARE_URL}>") == ([above], Footer(address=SHARE_URL))


@pytest.mark.parametrize("lines", [[], [""], ["", " ", ""]])
def test_no_lines(lines: list[str]) -> None:
    assert split_footer_lines(lines) == ([], Footer())
