"""The site's two layouts, in the words of the real pages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from finews.sample_site.kramdown import render
from finews.sample_site.posts import Post
from finews.sample_site.raw_html import plain

SITE = "https://finews.withounder.com"
SITE_NAME = "金融消息"


class Layout(StrEnum):
    """The newer and the older layout of the site."""

    NEW = "new"
    OLD = "old"


_HOSTS = {Layout.NEW: SITE, Layout.OLD: "https://finews.zning.me"}
_PICTURES = {
    Layout.NEW: f"{SITE}/assets/img/xiaoxi.png",
    Layout.OLD: "https://withounder.com/images/newzningnetcircle.png",
}
_FEED_LINK = (
    '    <link rel="alternate" type="application/atom+xml" title="金融消息" '
    f'href="{SITE}/feed.xml">\n'
)
_FOOTERS = {
    Layout.NEW: (
        "        <p><small>【免责声明】<br />示例站点，内容均为虚构。</small></p>\n"
        '        <p>&copy; 2020 - <script type="text/javascript">document.write((new Date())'
        ".getFullYear());</script> 金融消息聚合简站. </p>"
    ),
    Layout.OLD: "        <p>&copy; 2021</p>",
}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
  <head>
    <meta charset="UTF-8">
    <meta http-equiv="X-UA-Compatible" content="IE=edge">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta content="ZNing" name="author" />
    <meta property="og:type" content="website" />
    <meta property="og:title" content="{title}">
    <meta property="og:description" content="{description}">
    <meta property="og:image" content="{picture}">
    <meta property="og:url" content="{host}{url}">
    <meta name="theme-color" content="#1976D2">
    <link rel="shortcut icon" href="https://withounder.com/images/favicon.ico">
{feed_link}
{seo}

    <link rel="stylesheet" href="/assets/css/style.css?v=">
    <script type="text/JavaScript">
      function AutoRefresh( t ) {{
       setTimeout("location.reload(true);", t);
      }}
    </script>
  </head>
  <body onload="JavaScript:AutoRefresh(60000);">
    <div class="wrapper">
      <header>
        <h1><a href="{site}/">金融消息</a></h1>

        <p></p>

      </header>
      <section>

{section}

      </section>
      <footer>
{footer}
      </footer>
    </div>
    <script src="/assets/js/scale.fix.js"></script>
  </body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What the head of a page says of it, unescaped as the layouts print it."""

    url: str
    title: str
    description: str
    seo: str


def _page(layout: Layout, head: _Head, section: str) -> str:
    return _PAGE.format(
        title=head.title,
        description=head.description,
        picture=_PICTURES[layout],
        host=_HOSTS[layout],
        url=head.url,
        feed_link=_FEED_LINK if layout is Layout.NEW else "",
        seo=head.seo,
        site=SITE,
        section=section,
        footer=_FOOTERS[layout],
    )


def _seo(url: str, title: str, description: str | None, date: str | None) -> str:
    """What jekyll-seo-tag adds; its titles are stripped of tags and its quotes made curly."""
    name = escape(plain(title)).replace("&quot;", "”").replace("&#x27;", "’")
    shown = f"{name} | {SITE_NAME}" if name else SITE_NAME
    linked = {
        "@context": "https://schema.org",
        "@type": "BlogPosting" if date else "WebPage",
        "author": {"@type": "Person", "name": "ZNing"},
        **({"dateModified": date, "datePublished": date} if date else {}),
        **({"description": description} if description else {}),
        "headline": plain(title) or SITE_NAME,
        "url": f"{SITE}{url}",
    }
    about = f'<meta name="description" content="{escape(description)}" />' if description else ""
    when = f'<meta property="article:published_time" content="{date}" />' if date else ""
    lines = (
        "<!-- Begin Jekyll SEO tag v2.8.0 -->",
        f"<title>{shown}</title>",
        f'<meta property="og:title" content="{name or SITE_NAME}" />',
        '<meta property="og:locale" content="zh_CN" />',
        about,
        f'<link rel="canonical" href="{SITE}{url}" />',
        f'<meta property="og:url" content="{SITE}{url}" />',
        f'<meta property="og:site_name" content="{SITE_NAME}" />',
        f'<meta property="og:type" content="{"article" if date else "website"}" />',
        when,
        '<script type="application/ld+json">',
        f"{json.dumps(linked, ensure_ascii=False, separators=(',', ':'))}</script>",
        "<!-- End Jekyll SEO tag -->",
    )
    return "\n".join(line for line in lines if line)


def _first_block(body: str) -> str:
    return plain(body.partition("\n\n")[0])


def render_post(post: Post, layout: Layout) -> str:
    """Render a post page."""
    body = render(post.content)
    title = post.title or ""
    clock = post.shown_date
    small = (
        f"<small>[GMT+8, Asia/Shanghai, CST] {clock} &nbsp; </small>"
        if layout is Layout.NEW
        else f"<small>(GMT+8, Asia/Shanghai, CST) {clock}</small>"
    )
    shown_tags = " - ".join(f"<em>{tag}</em>" for tag in post.tags) or "<em></em>"
    tags = "" if post.is_broken else f"  <small>tags: {shown_tags}</small>"
    section = f"      {small}\n<h1>{title}</h1>\n\n{body}\n\n\n\n{tags}\n\n"
    seo = _seo(post.url, title, _first_block(body), post.date.isoformat())
    description = f"{body}\n" if layout is Layout.OLD else title
    head = _Head(url=post.url, title=title, description=description, seo=seo)
    return _page(layout, head, section)


def _list(posts: Sequence[Post]) -> str:
    items = "\n".join(f'    <li><a href="{post.url}">{post.title}</a></li>' for post in posts)
    return f"<ul>\n  \n{items}\n  \n</ul>"


def _plain_page(layout: Layout, url: str, title: str, section: str) -> str:
    description = title if layout is Layout.NEW else ""
    seo = _seo(url, title, None, None)
    head = _Head(url=url, title=title, description=description, seo=seo)
    return _page(layout, head, section)


def render_home(sections: Sequence[tuple[str, Sequence[Post]]], layout: Layout) -> str:
    """Render the home page: a heading per tag with its newest five posts."""
    parts = (f'<h2 id="{tag}">{tag}</h2>\n{_list(posts)}\n<hr />\n' for tag, posts in sections)
    return _plain_page(layout, "/", "首页", "\n".join(parts))


def render_category(url: str, stub_title: str, posts: Sequence[Post], layout: Layout) -> str:
    """Render a category page; its title is the stub's, its heading the first post's tag.

    The older layout prints an empty heading: it asks for the page's own tags, and a page has none.
    """
    tag = next((tag for post in posts[:1] for tag in post.tags[:1]), None)
    newer = f'<h2 id="{tag}">{tag}</h2>\n\n' if tag else ""
    heading = newer if layout is Layout.NEW else '<h2 id=""></h2>\n\n'
    return _plain_page(layout, url, stub_title, heading + _list(posts))


def render_rolling(posts: Sequence[Post], layout: Layout) -> str:
    """Render `/emnews/`: a list, or in the older form a list that Markdown took for code."""
    if layout is Layout.NEW:
        more = '<p><a href="../achieves/emnews/">此页仅展示最近100条滚动新闻</a></p>'
        section = f'<h2 id="东财滚动新闻">东财滚动新闻</h2>\n{_list(posts[:100])}\n\n{more}\n'
    else:
        code = escape(_list(posts[:20]), quote=False)
        section = f'<pre class="highlight"><code>{code}\n</code></pre>'
    return _plain_page(layout, "/emnews/", "东财滚动新闻", section)


def render_not_found(layout: Layout) -> str:
    """Render the 404 page."""
    section = (
        '<h2 id="404-找不到页面-page-not-found">404 找不到页面 Page Not Found</h2>\n\n'
        "<p>此页面不存在，您可能访问了过期的消息或者输入错误的网址。</p>\n\n"
        '<h2 id="本页面将于5秒后跳转至首页">本页面将于5秒后跳转至首页</h2>\n'
    )
    return _plain_page(layout, "/404.html", "404", section)


def render_feed(posts: Sequence[Post], updated: str) -> str:
    """Render the Atom feed of the given posts."""
    entries = "".join(map(_entry, posts))
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">'
        f'<link href="{SITE}/feed.xml" rel="self" type="application/atom+xml" />'
        f'<link href="{SITE}/" rel="alternate" type="text/html" hreflang="zh-CN" />'
        f"<updated>{updated}</updated><id>{SITE}/feed.xml</id>"
        f'<title type="html">{SITE_NAME}</title>{entries}</feed>\n'
    )


def _entry(post: Post) -> str:
    url, title = f"{SITE}{post.url}", escape(post.title or "")
    body = render(post.content).replace("]]>", "]]&gt;")
    terms = "".join(
        f'<category term="{escape(term)}" />' for term in (*post.categories, *post.tags)
    )
    date = post.date.isoformat()
    return (
        f'<entry><title type="html">{title}</title>'
        f'<link href="{escape(url)}" rel="alternate" type="text/html" title="{title}" />'
        f"<published>{date}</published><updated>{date}</updated>"
        f"<id>{escape(url.removesuffix('.html'))}</id>"
        f'<content type="html" xml:base="{escape(url)}"><![CDATA[{body}]]></content>'
        f"<author><name>ZNing</name></author>{terms}</entry>"
    )


SHARE_SHELL = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="UTF-8"><title>资讯详情</title></head>
<body>
<div class="main">
<h1 class="newsTitle"></h1><div class="newsInfo"></div><div class="newsText"></div>
</div>
<script type="text/javascript">
var code = /[?&]infoCode=(NW\\d+)/i.exec(location.search);
fetch("/NewsData/GetNewsText.do?id=" + (code ? code[1] : ""))
  .then(function (answer) { return answer.json(); })
  .then(function (news) {
    document.querySelector(".newsTitle").textContent = news.Title;
    document.querySelector(".newsInfo").textContent = news.Date + " " + news.medianame;
    document.querySelector(".newsText").textContent = news.text || news.content;
  });
</script>
</body>
</html>
"""
