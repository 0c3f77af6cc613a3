"""Stock widgets: which elements are one, and the secid that they print."""

import re
from urllib.parse import parse_qsl

from lxml.html import HtmlElement

from finews_crawler.addresses import is_of_eastmoney, split_url
from finews_crawler.extraction.html import has_class
from finews_crawler.items import MentionKind, Widget

_SECID = re.compile(r"\d{1,3}\.[A-Za-z0-9_\-]+")
_EXCHANGE_WORD = re.compile(r"(sh|sz|bj)(\d{6})", re.IGNORECASE)
_EXCHANGE_MARKET = {"sh": "1", "sz": "0", "bj": "0"}
_HK_PATH = re.compile(r"/hk/(\d{5})\.html$")
_CHART_CODE = re.compile(r"(?:[A-Z] )?([A-Za-z0-9_\-]+)\|(\d{1,3})\|")
_KEY_CODE = re.compile(r"(\d{1,3}),([A-Za-z0-9_\-]+)")
_SPAN_ID = re.compile(r"(?:stock_|bk_|fund_|Info\.)(\d{1,3}\.[A-Za-z0-9_\-]+)")
_OLD_SPAN_ID = re.compile(r"stock_[A-Z]+_\w+")
_CHART_ALT = re.compile(r"[KR]图")
_LINK_CLASSES: dict[str, MentionKind] = {
    "em_stock_key_common": "repeat",
    "keytip": "link",
    "infokey": "link",
}


def secid_of_quote_url(url: str | None) -> str | None:
    """The secid that a quote page's address names.

    Forms: `…/unify/r/1.600160`, `/r/0.002353`, `/bk/90.BK0473.html`, and before about 2020
    `/sh600715.html`, `/concept/sz000058.html`, `/hk/00700.html`. `/us/aapl.html` names no market.
    """
    if not url or "eastmoney.com" not in url or not is_of_eastmoney(url, "quote"):
        return None
    parts = split_url(url)
    last = parts.path.rstrip("/").rpartition("/")[2].removesuffix(".html")
    if _SECID.fullmatch(last):
        return last
    if old := _EXCHANGE_WORD.fullmatch(last):
        return f"{_EXCHANGE_MARKET[old[1].lower()]}.{old[2]}"
    if hong_kong := _HK_PATH.search(parts.path):
        return f"116.{hong_kong[1]}"
    return None


def _secid_of_chart_code(value: str | None) -> str | None:
    found = _CHART_CODE.match(value or "")
    return f"{found[2]}.{found[1]}" if found else None


def _secid_of_key_code(value: str | None) -> str | None:
    found = _KEY_CODE.fullmatch((value or "").strip())
    return f"{found[1]}.{found[2]}" if found else None


def _secid_of_span_id(element: HtmlElement) -> str | None:
    parent = element.getparent()
    for candidate in (element, parent):
        found = _SPAN_ID.fullmatch(candidate.get("id") or "") if candidate is not None else None
        if found:
            return found[1]
    return None


def _nid(src: str) -> str | None:
    query = {name.lower(): value for name, value in parse_qsl(split_url(src).query)}
    value = query.get("nid", "")
    return value if _SECID.fullmatch(value) else None


def is_chart_image(image: HtmlElement) -> bool:
    """Whether a picture is a K or R chart, with or without a link around it."""
    parts = split_url(image.get("src") or "")
    named = parts.netloc.startswith("webquote") or parts.path.lower().endswith("/getpic.aspx")
    return named or _CHART_ALT.match(image.get("alt") or "") is not None


def chart_widget(image: HtmlElement) -> Widget | None:
    """The chart's widget; None when neither picture nor link names a secid.

    The picture's own `nid` goes first: it is what the reader sees.
    """
    parent = image.getparent()
    link = parent.get("href") if parent is not None else None
    secid = (
        _nid(image.get("src") or "")
        or secid_of_quote_url(link)
        or _secid_of_chart_code(image.get("data-code"))
    )
    return Widget(kind="chart", secid=secid) if secid else None


def _link_kind(element: HtmlElement) -> MentionKind | None:
    classes = (element.get("class") or "").split()
    return next((_LINK_CLASSES[name] for name in classes if name in _LINK_CLASSES), None)


def _unclassed_widget(element: HtmlElement, secid: str | None) -> Widget | None:
    """A plain link to a quote page, or the key span without its anchor."""
    if element.tag == "span" and len(element) == 0:
        found = _SPAN_ID.fullmatch(element.get("id") or "")
        secid = found[1] if found else None
    elif element.tag != "a":
        secid = None
    return Widget(kind="link", secid=secid) if secid else None


def link_widget(element: HtmlElement) -> Widget | None:
    """The widget of a linked name, by class or because its address is a quote page.

    Glossary words (`infokey`) count only when their address is a quote page.
    """
    kind = _link_kind(element)
    secid = secid_of_quote_url(element.get("href"))
    if kind is None:
        return _unclassed_widget(element, secid)
    if secid is None and not has_class(element, "infokey"):
        secid = _secid_of_key_code(element.get("data-code")) or _secid_of_span_id(element)
    return Widget(kind=kind, secid=secid) if secid else None


def is_unknown_widget(element: HtmlElement) -> bool:
    """Whether an element without a secid was meant as a stock widget (`stock_NASDAQ_INTC7`)."""
    keyed = has_class(element, "keytip") or has_class(element, "em_stock_key_common")
    return keyed or _OLD_SPAN_ID.fullmatch(element.get("id") or "") is not None
