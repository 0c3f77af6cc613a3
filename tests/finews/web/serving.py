"""The application as its users meet it: a real server on loopback, in a thread of the test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import httpx

from finews.web.app import create_app
from finews.web.server import WebServer, listening
from finews.web.settings import WebSettings
from finews_crawler.items import Article
from pipelines.store.batch import Item
from tests.finews.filling import (
    BANK_ARTICLE,
    CONTRACT_ARTICLE,
    LINK,
    NOTICE_ARTICLE,
    START,
    written,
)

TOKEN = "a-token-for-tests-0123456789"
SYMBOLS = ("600919.SH", "000001.SZ", "920799.BJ")
_SECIDS = {"600919.SH": "1.600919", "000001.SZ": "0.000001", "920799.BJ": "0.920799"}
_SOURCES = ("财联社", "证券日报", None)
_CATEGORIES = (("cailianshe", "emnews"), ("emnews",), ("Wind",))


@contextmanager
def served(url: str, **settings: Any) -> Iterator[httpx.Client]:
    """A client of a server on a database."""
    with listening("127.0.0.1", 0) as one:
        address = f"http://127.0.0.1:{one.getsockname()[1]}"
        app = create_app(WebSettings(database_url=url, **settings))
        server = WebServer(app)
        thread = Thread(target=server.run, kwargs={"sockets": [one]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        try:
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def numbered(number: int) -> Article:
    """One of many articles: source, category, security, kind and time by its number."""
    symbol = SYMBOLS[number % 3]
    mention = replace(LINK, symbol=symbol, secid=_SECIDS[symbol])
    code = f"20220614{3_000_100_000 + number}"
    return replace(
        BANK_ARTICLE,
        code=code,
        identity=code,
        title=f"第{number}条",
        body_text=f"江苏银行公布业绩，第{number}条。",
        published_at=START - timedelta(minutes=7 * number % 40),
        source=_SOURCES[number // 2 % 3],
        categories=_CATEGORIES[number // 3 % 3],
        body_kind="digest" if number % 5 == 0 else "full",
        mentions=(mention,) if number % 4 else (),
        url=f"https://finews.withounder.com/emnews/2022/06/14/{code}.html",
    )


def _corrected(number: int) -> Article:
    one = numbered(number)
    return replace(one, title=f"{one.title}（更正）")


def many(url: str, count: int = 24) -> None:
    """Many articles in batches of five, two of them revised later; and one without a time."""
    articles: list[Item] = [numbered(number) for number in range(count)]
    batches = [articles[place : place + 5] for place in range(0, count, 5)]
    revised: list[Item] = [_corrected(number) for number in range(3, min(count, 5))]
    written(url, *batches, [NOTICE_ARTICLE, CONTRACT_ARTICLE], revised)
