"""The sample site: rendered as the real site renders, built the same twice, served as a site is."""

import shutil
from pathlib import Path

import pytest

from finews.sample_site.build import FOLDERS, build, read_posts
from finews.sample_site.kramdown import inline, render
from finews.sample_site.layouts import Layout
from finews.sample_site.posts import BUILD_TIME, Post, newest_first, read_post
from finews.sample_site.raw_html import RawHtml, escaped, is_closed, plain
from finews_crawler.reference import data_path

SOURCE = data_path("sample_site")


# --- Markdown ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("*ST甲、*ST乙", "<em>ST甲、</em>ST乙", id="two stars are emphasis"),
        pytest.param("仅*ST甲一家", "仅*ST甲一家", id="one star survives"),
        pytest.param("**x** ~~y~~", "<strong>x</strong> <del>y</del>", id="strong and struck"),
        pytest.param("$$x$$ $5", r"\(x\) $5", id="formula"),
        pytest.param("“a”--b---c...", "“a”–b—c…", id="dashes and dots"),
        pytest.param('央行："稳"', "央行：”稳”", id="quotes turn right"),
        pytest.param('他说 "稳"', "他说 “稳”", id="after a space they open"),
        pytest.param("A&B <C", "A&amp;B &lt;C", id="bare signs"),
        pytest.param("&ldquo;a&#8226;", "&ldquo;a&#8226;", id="entities stay"),
        pytest.param("见 http://a.test/", "见 http://a.test/", id="a bare address is no link"),
        pytest.param("<http://a.test/>", '<a href="http://a.test/">http://a.test/</a>', id="link"),
        pytest.param("[返回](//a.test/)", '<a href="//a.test/">返回</a>', id="named link"),
        pytest.param("[返回](//a.test/b c)", '<a href="//a.test/b c">返回</a>', id="with a space"),
        pytest.param("a<br>b", "a<br>b", id="tags inside"),
    ],
)
def test_words_inside_a_paragraph(text: str, expected: str) -> None:
    assert inline(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("甲\n乙", "<p>甲\n乙</p>", id="two lines are one paragraph"),
        pytest.param("甲\n\n\n乙", "<p>甲</p>\n\n<p>乙</p>", id="a blank line divides"),
        pytest.param("<>", "<p>&lt;&gt;</p>", id="empty address"),
        pytest.param("# 甲 乙", '<h1 id="甲-乙">甲 乙</h1>', id="heading"),
        pytest.param("甲\n---", '<h2 id="甲">甲</h2>', id="underlined heading"),
        pytest.param("- - -", "<hr />", id="rule"),
        pytest.param("2022. 甲", "<ol>\n  <li>甲</li>\n</ol>", id="a year makes a list"),
        pytest.param("> 甲", "<blockquote>\n  <p>甲</p>\n</blockquote>", id="digest"),
        pytest.param(
            "A股|港股",
            "<table>\n  <tbody>\n    <tr>\n      <td>A股</td>\n      <td>港股</td>\n    </tr>\n"
            "  </tbody>\n</table>",
            id="an ASCII bar makes a table",
        ),
        pytest.param("A股｜港股", "<p>A股｜港股</p>", id="a full-width bar does not"),
        pytest.param("<p>**x** A|B</p>", "<p>**x** A|B</p>", id="no Markdown in raw HTML"),
        pytest.param(
            "<p>甲\n\n<http://a.test/>\n\n[返回](//a.test/)",
            "<p>甲\n\n&lt;http://a.test/&gt;\n\n[返回](//a.test/)\n</p>",
            id="an open tag swallows the rest",
        ),
        pytest.param("<p>甲</p>\n\n*b* c", "<p>甲</p>\n\n<p><em>b</em> c</p>", id="then Markdown"),
    ],
)
def test_blocks(text: str, expected: str) -> None:
    assert render(text) == expected


# --- raw HTML ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>a<br>b</p>", "<p>a<br />b</p>", id="line break closed"),
        pytest.param("<p>A&B&amp;C</p>", "<p>A&amp;B&amp;C</p>", id="ampersands"),
        pytest.param("<p>1<2>0</p>", "<p>1&lt;2&gt;0</p>", id="bare signs"),
        pytest.param("<video controls></video>", '<video controls=""></video>', id="no value"),
        pytest.param("<P class=a>x</P>", '<p class="a">x</p>', id="names are lowered"),
        pytest.param(
            "<p><a href='x?a&b'>y</a></p>", '<p><a href="x?a&amp;b">y</a></p>', id="quoted"
        ),
        pytest.param("<p>x</p><p>y</p>", "<p>x</p>\n<p>y</p>", id="a line for each block"),
        pytest.param("<p>买<ABC>股</p>", "<p>买<ABC>股&lt;/p&gt;\n</ABC></p>", id="unknown tag"),
        pytest.param("<p>买<人民币>股</p>", "<p>买<人民币>股&lt;/p&gt;\n</人民币></p>", id="words"),
        pytest.param("<td>a</table>", "<td>a&lt;/table&gt;\n</td>", id="stray end tag"),
        pytest.param("<p><!-- a --></p>", "<p><!-- a --></p>", id="comment"),
    ],
)
def test_raw_html_is_kept_and_closed(html: str, expected: str) -> None:
    assert RawHtml().render(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p>", True),
        ("<p>a<br>b</p>", True),
        ("<p>a", False),
        ("<p><strong>a</p>", False),
        ("a", True),
    ],
)
def test_open_elements_are_noticed(html: str, expected: bool) -> None:
    assert is_closed(html) is expected


def test_escaping_twice_keeps_entities() -> None:
    assert [escaped("a<b>&c"), escaped(escaped("a<b>&c"))] == ["a&lt;b&gt;&amp;c"] * 2


def test_the_words_of_html() -> None:
    html = "<p>甲 <b>乙</b></p><script>x()</script><!-- y -->&amp;\n丙"
    assert plain(html) == "甲 乙& 丙"


# --- posts ------------------------------------------------------------------------------------


def posted(folder: Path, name: str, *lines: str) -> Post | None:
    """A post file with this front matter, read."""
    path = folder / name
    path.write_text("\n".join(["---", "layout: post", *lines, "---", "", "正文"]), "utf-8")
    return read_post(path)


@pytest.mark.parametrize(
    ("lines", "path", "shown"),
    [
        pytest.param(
            ["date: 2022-06-14 23:30:00 +0800", "categories: Wind"],
            "wind/2022/06/14/NW1.html",
            "2022-06-14 23:30:00",
            id="with zone",
        ),
        pytest.param(
            ["date: 2022-06-14 16:30:00", "categories: a b a"],
            "a/b/2022/06/15/NW1.html",
            "2022-06-15 00:30:00",
            id="without zone: 8 hours late",
        ),
        pytest.param(
            ["date: 2022-06-14 10:00:00 +0800"],
            "2022/06/14/NW1.html",
            "2022-06-14 10:00:00",
            id="no category",
        ),
        pytest.param(
            ['title: "a"b"'],
            "2022/06/15/2022-06-14-NW1.html",
            BUILD_TIME.strftime("%Y-%m-%d %H:%M:%S"),
            id="broken",
        ),
        pytest.param(
            ["categories: 36"],
            "2022/06/15/2022-06-14-NW1.html",
            BUILD_TIME.strftime("%Y-%m-%d %H:%M:%S"),
            id="digits only",
        ),
    ],
)
def test_where_a_post_stands(tmp_path: Path, lines: list[str], path: str, shown: str) -> None:
    post = posted(tmp_path, "2022-06-14-NW1.md", *lines)
    assert post is not None
    assert (post.path, post.shown_date) == (path, shown)


@pytest.mark.parametrize("name", ["-NW1.md", "今天-NW1.md", "2022-6-14-NW1.md"])
def test_a_file_without_a_date_is_no_post(tmp_path: Path, name: str) -> None:
    assert posted(tmp_path, name) is None


def test_lists_have_the_newest_first() -> None:
    posts = newest_first(read_posts(SOURCE / "articles"))
    dates = [post.date for post in posts]
    assert dates == sorted(dates, reverse=True)


# --- the build --------------------------------------------------------------------------------


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("layout", Layout)
def test_a_build_gives_what_is_committed_byte_for_byte(tmp_path: Path, layout: Layout) -> None:
    build(SOURCE, tmp_path / "site", layout)
    built, committed = files(tmp_path / "site"), files(SOURCE / FOLDERS[layout])
    assert sorted(built) == sorted(committed)
    assert [path for path in built if built[path] != committed[path]] == []


def test_a_build_removes_what_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "site"
    article = "long-article-in-two-copies"
    shutil.copytree(SOURCE / "articles" / article, source / "articles" / article)
    (source / "categories.txt").write_text("emnews\tEmnews\n", "utf-8")
    target.mkdir()
    (target / "stale.html").write_text("x")
    build(source, target, Layout.NEW)
    names = sorted(name for name in files(target) if "/20" not in name)
    assert names == [
        "404.html",
        "category/emnews.html",
        "emnews/index.html",
        "feed.xml",
        "html_News/NewsShare.html",
        "index.html",
        "share/NW202206123774796647.jsonp",
    ]
