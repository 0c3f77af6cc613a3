"""Small pages in the markup of the real site, in both of its layouts, and spoilt copies of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate

from hypothesis import strategies as st
from lxml import html as lxml_html
from lxml.html import HtmlElement

from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.body import Body, read_body
from finews_crawler.extraction.paragraphs import text_of_runs
from finews_crawler.items import Block, Image, Paragraph, Table

SITE = "https://finews.withounder.com"
CODE = "202206143000000001"
POST_URL = f"{SITE}/wind/2022/06/14/NW{CODE}.html"
SHARE_URL = f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode=NW{CODE}"
ORIGIN_URL = f"http://finance.eastmoney.com/news/1344,{CODE}.html"
QUOTE = "http://quote.eastmoney.com/unify/r"
FETCHED_AT = datetime(2022, 6, 14, 9, 0, tzinfo=UTC)
NO_ADDRESS = "http://["
"""An address that no URL parser takes."""


class Layout(StrEnum):
    """The layouts of the site; the older prints the whole body into og:description, unescaped."""

    NEW = "new"
    OLD = "old"


# --- whole pages ------------------------------------------------------------------------------


def page(section: str, *, head: str = "", layout: Layout = Layout.NEW, about: str = "") -> bytes:
    """A page of the site around the inside of its section."""
    seen_by = "finews.withounder.com" if layout is Layout.NEW else "finews.zning.me"
    text = (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n  <head>\n    <meta charset="UTF-8">\n'
        f'    <meta property="og:type" content="website" />\n'
        f'    <meta property="og:description" content="{about}">\n'
        f'    <meta property="og:url" content="https://{seen_by}/">\n{head}\n  </head>\n'
        '  <body onload="JavaScript:AutoRefresh(60000);">\n    <div class="wrapper">\n'
        f'      <header>\n        <h1><a href="{SITE}/">金融消息</a></h1>\n      </header>\n'
        f"      <section>\n\n{section}\n\n      </section>\n"
        "      <footer><p>&copy; 2021</p></footer>\n    </div>\n  </body>\n</html>\n"
    )
    return text.encode()


def seo(url: str = POST_URL, date: str = "2022-06-14T16:30:05+08:00") -> str:
    """What jekyll-seo-tag adds to the head of a post."""
    return (
        f'<title>标题 | 金融消息</title>\n<link rel="canonical" href="{url}" />\n'
        f'<meta property="article:published_time" content="{date}" />\n'
        f'<script type="application/ld+json">\n{{"@type":"BlogPosting","datePublished":"{date}",'
        f'"headline":"标题"}}</script>'
    )


def address_line(address: str = SHARE_URL) -> str:
    return f'<p><a href="{address}">{address}</a></p>'


def back_line(slug: str = "Wind", name: str = "Wind") -> str:
    return (
        f'<p><a href="//finews.withounder.com/category/{slug}.html">返回{name}新闻</a>｜'
        '<a href="//finews.withounder.com/">返回首页</a></p>'
    )


def tags_line(*tags: str) -> str:
    return f"<small>tags: {' - '.join(f'<em>{tag}</em>' for tag in tags)}</small>"


FOOTER = "\n\n".join((address_line(), back_line(), tags_line("Wind新闻")))


def post_page(
    body: str,
    *,
    layout: Layout = Layout.NEW,
    title: str = "标题",
    clock: str = "2022-06-14 16:30:05",
    footer: str = FOOTER,
    head: str | None = None,
) -> bytes:
    """A post page."""
    zone = "GMT+8, Asia/Shanghai, CST"
    small = f"[{zone}] {clock} &nbsp; " if layout is Layout.NEW else f"({zone}) {clock}"
    section = f"<small>{small}</small>\n<h1>{title}</h1>\n\n{body}\n\n{footer}"
    about = f"{body}\n{footer}" if layout is Layout.OLD else title
    return page(section, head=seo() if head is None else head, layout=layout, about=about)


NOT_FOUND = page(
    '<script>var a = 1;</script>\n<h2 id="404-找不到页面-page-not-found">404 找不到页面</h2>\n'
    "<p>此页面不存在。</p>\n<ul><li>说明</li></ul>"
)


# --- pieces -----------------------------------------------------------------------------------


def section_of(markup: str) -> HtmlElement:
    """The markup as a parser sees it inside a page's section."""
    root = lxml_html.document_fromstring(f"<html><body><section>{markup}</section></body></html>")
    section = root.find(".//section")
    assert section is not None
    return section


def nodes_of(markup: str) -> list[HtmlElement]:
    return list(section_of(markup))


def element(markup: str) -> HtmlElement:
    """The first element of the markup; its parent is the section."""
    return nodes_of(markup)[0]


def chart_image(secid: str = "1.600919", *, alt: str = "K图 600919_0", attributes: str = "") -> str:
    query = f"nid={secid}&imageType=k&token=28df&at=1"
    source = f"https://webquoteklinepic.eastmoney.com/GetPic.aspx?{query}"
    return f'<img src="{source}" alt="{alt}" width="578" height="276" {attributes}/>'


def key(secid: str, name: str) -> str:
    """A name as the site links it the first time, with the empty span for its price."""
    market, _, code = secid.partition(".")
    link = f'<a href="{QUOTE}/{secid}" class="keytip" data-code="{market},{code}">{name}</a>'
    return f'<span id="stock_{secid}">{link}</span><span id="quote_{secid}"></span>'


def repeated_key(secid: str, name: str) -> str:
    """A name as the site marks it from the second time on."""
    market, _, code = secid.partition(".")
    attributes = f'href="{QUOTE}/{secid}" class="em_stock_key_common" data-code="{market},{code}"'
    return f'<span web="1" {attributes}>{name}</span>'


def read(markup: str) -> Body:
    return read_body(nodes_of(markup), POST_URL)


def shown(block: Block) -> str:
    """A block in short: its words with its role, its cells, or what it pictures."""
    if isinstance(block, Paragraph):
        mark = {"paragraph": "", "heading": "# ", "item": "- "}[block.role]
        return mark + text_of_runs(block.runs)
    if isinstance(block, Table):
        return "/".join("|".join(text_of_runs(cell) for cell in row) for row in block.rows)
    return f"<{block.url}>" if isinstance(block, Image) else f"<{block.widget.secid}>"


def outline(markup: str) -> list[str]:
    return [shown(block) for block in read(markup).blocks]


# --- spoilt pages -----------------------------------------------------------------------------

_TOKENS = [
    *(
        b"<p>",
        b"</p>",
        b"<td>",
        b"</table>",
        b"</div>",
        b"</section>",
        b"<strong>",
        b"<!--",
        b"-->",
    ),
    *(b"<h1>", b"<h2>", b"<ul>", b"<a href=", b"<img src=", b"<script>", b"<![CDATA[", b"]]>"),
    *(b'"', b"'", b"&", b"&#0;", b"&lt;", b"\0", b"\xff", b"\xef\xbb\xbf", b"[", b"]", b"(", b")"),
    *(b"{", b"}", b":", b"\\", b"\\ud800", b"\\u0000", b"null", b"1e999", b"=", b"//", b"/"),
    *(b'<base href="http://[">', b'<meta charset="utf-16">', b"http://[", b"://[", b"%ff"),
    *(b'<a href="http://[/2022/06/14/a.html">', b'<link rel="alternate" href="http://[" />'),
    "\u3000（文章来源：甲）返回".encode(),
]
_Edit = tuple[float, float, bytes]
_EDIT: st.SearchStrategy[_Edit] = st.tuples(
    st.floats(0, 1),
    st.one_of(st.just(0.0), st.floats(0, 0.2)),
    st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=4)),
)


def _edited(body: bytes, edit: _Edit) -> bytes:
    """Put bytes in the place of a stretch; an empty stretch makes that an insertion."""
    at, share, inserted = edit
    start = int(at * len(body))
    return body[:start] + inserted + body[start + int(share * len(body)) :]


def spoilt(*good: bytes) -> st.SearchStrategy[bytes]:
    """Good pages after a few random edits."""

    def spoil(body: bytes, edits: list[_Edit]) -> bytes:
        return list(accumulate(edits, _edited, initial=body))[-1]

    return st.builds(spoil, st.sampled_from(good), st.lists(_EDIT, min_size=1, max_size=5))


def outcome(read: Callable[[], object]) -> object:
    """What a reader gives or refuses; every other error goes through."""
    try:
        return read()
    except ExtractionError as error:
        return error
