"""Eastmoney on loopback: its lists in both shapes, its articles, and how it refuses.

All words are ours. What it answers depends on what it was given and on nothing else.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, pairwise
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from finews_crawler.items import SHANGHAI

NEWEST = datetime(2025, 6, 16, 14, 0, tzinfo=SHANGHAI)
VERIFY_PAGE = (
    "<html><head><title>安全验证</title></head><body><p>请拖动滑块完成验证</p></body></html>"
)
NO_NEWS = {
    "code": 0,
    "msg": "OK",
    "hitsTotal": 1,
    "result": {"passportWeb": [{"uid": "1", "alias": "某读者"}]},
}
TOO_FAST = {"code": "0", "message": "访问过于频繁", "data": None}


def code_of(number: int, at: datetime) -> str:
    return f"{at:%Y%m%d}37729{number:05d}"


@dataclass(frozen=True, kw_only=True)
class Item:
    """An article as the lists tell it, with what its own page and its JSON text say."""

    number: int
    at: datetime
    title: str = ""
    summary: str | None = None
    source: str | None = None
    secids: tuple[str, ...] = ()
    page: str | None = None
    """The HTML of its page; None: status 404."""
    text: str | None = None
    """The HTML in its JSON text; None: status 404."""

    @property
    def code(self) -> str:
        return code_of(self.number, self.at)

    @property
    def time(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def sort(self) -> str:
        """Its place in the rolling list: microseconds."""
        return str(int(self.at.timestamp() * 1_000_000) + self.number)


def page_of(title: str, at: datetime, source: str, *paragraphs: str) -> str:
    """An article page in the layout of today."""
    body = "".join(f"<p>　　{one}</p>" for one in paragraphs)
    return (
        f"<html><head><title>{title} _ 东方财富网</title></head><body>"
        f'<div class="title">{title}</div><div class="infos">'
        f'<div class="item">{at:%Y年%m月%d日 %H:%M}</div><div class="item">{source}</div></div>'
        f'<div class="txtinfos" id="ContentBody"><!--文章主体-->{body}'
        f'<p class="em_media">（文章来源：{source}）</p></div></body></html>'
    )


def news(number: int, minutes: int, **given: Any) -> Item:
    """An article so many minutes before the newest, with a page of its own unless that is given."""
    at = NEWEST - timedelta(minutes=minutes)
    title, source = f"第{number}号公司签下合同", given.pop("source", "证券日报")
    whole = page_of(title, at, source, f"第{number}号公司披露一项合同。", "金额三亿元。")
    told: dict[str, Any] = {"title": title, "summary": f"【{title}】合同金额三亿元。"}
    return Item(number=number, at=at, source=source, **{"page": whole, **told, **given})


# --- the lists' shapes --------------------------------------------------------------------------


def rolling_answer(items: list[Item]) -> dict[str, Any]:
    listed = [
        {
            "code": one.code,
            "title": one.title,
            "summary": one.summary,
            "showTime": one.time,
            "realSort": one.sort,
            "titleColor": 0,
            "stockList": list(one.secids),
            "image": [],
        }
        for one in items
    ]
    last = items[-1].sort if items else ""
    return {"code": "1", "message": "success", "data": {"sortEnd": last, "fastNewsList": listed}}


def older_answer(items: list[Item]) -> dict[str, Any]:
    listed = [
        {
            "id": str(one.number),
            "newsid": one.code,
            "title": one.title,
            "digest": one.summary,
            "url_w": f"http://finance.eastmoney.com/news/1344,{one.code}.html",
            "showtime": one.time,
        }
        for one in items
    ]
    return {"rc": 1, "LivesList": listed}


def column_answer(items: list[Item]) -> dict[str, Any]:
    listed = [
        {
            "code": one.code,
            "title": one.title,
            "summary": one.summary,
            "showTime": one.time,
            "mediaName": one.source,
            "uniqueUrl": f"http://finance.eastmoney.com/a/{one.code}.html",
        }
        for one in items
    ]
    return {"code": 1, "message": "success", "data": {"list": listed}}


def search_answer(items: list[Item], *, is_nested: bool = False) -> dict[str, Any]:
    listed = [
        {
            "code": one.code,
            "title": f"<em>{one.title[:2]}</em>{one.title[2:]}",
            "content": f"\u3000\u3000{one.summary}\r\n",
            "date": one.time,
            "mediaName": one.source,
            "url": f"http://finance.eastmoney.com/a/{one.code}.html",
        }
        for one in items
    ]
    found: Any = {"list": listed} if is_nested else listed
    return {"code": 0, "msg": "OK", "result": {"cmsArticleWebOld": found}}


# --- the server ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    path: str
    """With its query."""
    at: float
    headers: dict[str, str]


@dataclass
class Origin:
    """What the server shows, and what it does instead."""

    rolling: list[Item] = field(default_factory=list)
    columns: dict[str, list[Item]] = field(default_factory=dict)
    hits: dict[str, list[Item]] = field(default_factory=dict)
    size: int = 3
    """Items on a page of a list, whatever was asked for."""
    wrap: str = "{}"
    """Around the JSON of the newer lists: `cb({});`."""
    older_wrap: str = "var ajaxResult={}"
    is_nested: bool = False
    """Whether the search has its items one level down."""
    robots: str = "User-agent: *\nAllow: /\n"
    instead: dict[str, list[Any]] = field(default_factory=dict)
    """By the start of a path: answers that are given first, each once; the last one for ever if it
    stands in a tuple. A number is a status, a text a page, anything else JSON."""
    patience: int | None = None
    """After so many calls it answers 429 to all."""
    repeats: bool = False
    """Whether every page of a list is its first."""
    holds: threading.Event = field(default_factory=threading.Event)
    """Until it is set, requests for `held` wait."""
    held: str = "/nothing"
    reached: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """What was asked for, without robots.txt and queries."""
        found = (urlsplit(one.path).path for one in self.asked)
        return [path for path in found if path != "/robots.txt"]

    @property
    def gaps(self) -> list[float]:
        """Seconds between one request and the next."""
        return [after.at - before.at for before, after in pairwise(self.asked)]

    def answer(self, path: str) -> tuple[int, str]:
        """Status and body for a path with its query."""
        parts = urlsplit(path)
        told = self._told_instead(parts.path)
        if self.patience is not None and len(self.asked) > self.patience:
            told = 429
        if isinstance(told, int):
            return told, ""
        if isinstance(told, str):
            return 200, told
        if told is not None:
            return 200, json.dumps(told, ensure_ascii=False)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return self._shown(parts.path, query)

    def _told_instead(self, path: str) -> Any:
        waiting = next((all_ for start, all_ in self.instead.items() if path.startswith(start)), [])
        if not waiting:
            return None
        return waiting[0][0] if isinstance(waiting[0], tuple) else waiting.pop(0)

    def _shown(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        if path == "/robots.txt":
            return 200, self.robots
        if path == "/comm/web/getFastNewsList":
            return 200, self._wrapped(rolling_answer(self._before(query.get("sortEnd", ""))))
        if path == "/comm/web/getNewsByColumns":
            items = self.columns.get(query["column"], [])
            return 200, self._wrapped(column_answer(self._page(items, int(query["page_index"]))))
        if path.startswith("/kuaixun/v1/getlist_"):
            found = older_answer(self._page(self.rolling, int(path.split("_")[4])))
            return 200, self.older_wrap.replace("{}", json.dumps(found, ensure_ascii=False))
        if path == "/search/jsonp":
            return 200, self._searched(query)
        return self._article(path, query)

    def _wrapped(self, answer: Any) -> str:
        return self.wrap.replace("{}", json.dumps(answer, ensure_ascii=False))

    def _before(self, sort: str) -> list[Item]:
        older = [one for one in self.rolling if not sort or self.repeats or one.sort < sort]
        return older[: self.size]

    def _page(self, items: list[Item], number: int) -> list[Item]:
        first = 0 if self.repeats else (number - 1) * self.size
        return items[first : first + self.size]

    def _searched(self, query: dict[str, str]) -> str:
        asked = json.loads(query["param"])
        number = asked["param"]["cmsArticleWebOld"]["pageIndex"]
        items = self._page(self.hits.get(asked["keyword"], []), number)
        found = json.dumps(search_answer(items, is_nested=self.is_nested), ensure_ascii=False)
        return f"{query['cb']}({found})"

    def _article(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        listed = chain(self.rolling, *self.columns.values(), *self.hits.values())
        items = {one.code: one for one in listed}
        if path == "/NewsData/GetNewsText.do":
            code = query.get("id", "").removeprefix("NW")
            text = items[code].text if code in items else None
            answer = {"Id": f"NW{code}", "Title": items[code].title, "text": text} if text else None
            return (200, json.dumps(answer, ensure_ascii=False)) if answer else (404, "")
        code = path.removeprefix("/a/").removesuffix(".html")
        page = items[code].page if code in items else None
        return (200, page) if page is not None else (404, "")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin: Origin

    def do_GET(self) -> None:
        # As a proxy it is asked for a whole address.
        parts = urlsplit(self.path)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.origin.asked.append(Asked(path, monotonic(), dict(self.headers.items())))
        if parts.path.startswith(self.origin.held):
            self.origin.reached.set()
            self.origin.holds.wait(60)
        status, text = self.origin.answer(path)
        body = text.encode()
        self.send_response(status)
        kind = "text/html" if text.startswith("<") else "application/json"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: `asked` is the log."""


@contextmanager
def serving(origin: Origin) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1; gives the root."""
    handler = type("Handler", (_Handler,), {"origin": origin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        origin.holds.set()
        server.shutdown()
        thread.join()
        server.server_close()
