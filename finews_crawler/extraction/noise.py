"""What stands in an article's body and is not the article, recognised by what it is."""

import re

from lxml.html import HtmlElement

from finews_crawler.extraction.html import is_hidden

SKIPPED = frozenset(
    """script style noscript iframe object embed video audio svg math form button input select
    textarea template head title meta link""".split()  # noqa: SIM905 - a list reads worse
)
# Editor line, origin's disclaimer, original title; the generator's own filler.
_BOILERPLATE = re.compile(
    r"[（(]?(?:责任编辑|郑重声明|原标题)\s*[:：].{0,300}"
    # A name, no sentence: 审核：交易所昨日通过… is news.
    r"|[（(]?(?:编辑|校对|审核)\s*[:：]\s*[^。！？，,；;]{1,12}"
    r"|[（(]?(?:声明\s*[:：]\s*)?文章内容仅供参考.{0,100}"
    r"|[（(]\s*声明\s*[:：].{0,200}"
    r"|在东方财富看资讯行情.{0,80}"
    r"|打开微信[，,].{0,80}|关注微信公众号.{0,40}"
    r"|扫(?:一扫|描)?(?:上方|下方)?二维码.{0,4}关注.{0,40}",
    re.DOTALL,
)
_ADVERTS = frozenset({"ad_context3", "em_handle_adv_close", "toplink"})
_RELATED = re.compile(r"相关(?:报道|阅读|新闻|链接|文章)\s*[:：>＞]*")


def is_advert(node: HtmlElement) -> bool:
    """Whether an element is an advert of Eastmoney's pages."""
    if node.tag == "a" and "acttg.eastmoney.com" in (node.get("href") or ""):
        return True
    classes = node.get("class")
    return classes is not None and not _ADVERTS.isdisjoint(classes.split())


def is_noise(node: HtmlElement) -> bool:
    """Whether an element holds nothing of the article: no reader sees it, or it is an advert."""
    return node.tag in SKIPPED or is_hidden(node) or is_advert(node)


def is_boilerplate(text: str) -> bool:
    """Whether a whole paragraph is an editor line, a disclaimer or an advert."""
    return _BOILERPLATE.fullmatch(text) is not None


def is_related_heading(text: str) -> bool:
    """Whether a paragraph heads the block of related news."""
    return _RELATED.fullmatch(text) is not None


def is_pixel(image: HtmlElement) -> bool:
    """Whether a picture is there to count readers."""
    return {image.get("width"), image.get("height")} <= {"0", "1", "1px", "0px"}
