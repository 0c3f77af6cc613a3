"""`scrapy crawl live` and `stock` against a server that answers as Eastmoney does."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.origin_server import (
    NO_NEWS,
    TOO_FAST,
    VERIFY_PAGE,
    Item,
    Origin,
    news,
    page_of,
    serving,
)

if TYPE_CHECKING:
    from tests.conftest import Crawl, Crawler

SINCE = ("-a", "since=2025-06-16T13:00")
ROLLING = "/comm/web/getFastNewsList"
COLUMNS = "/comm/web/getNewsByColumns"
QUICK = (
    *("-s", "FINEWS_ORIGIN_PAUSE_SECONDS=0.01"),
    *("-s", "FINEWS_RETRY_PAUSE_SECONDS=0.01"),
    *("-s", "FINEWS_LONGEST_PAUSE_SECONDS=0.05"),
)
STORED = """
    SELECT code, title, body_text, body_kind, digest, s.name, page_kind, a.url, share_url
    FROM article a LEFT JOIN source s ON s.id = a.source_id ORDER BY code"""


class Served:
    """Servers for one test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, origin: Origin) -> str:
        return self._stack.enter_context(serving(origin))


@pytest.fixture
def serve() -> Iterator[Served]:
    with ExitStack() as stack:
        yield Served(stack)


def rows(crawl: "Crawl | Crawler", query: str) -> list[tuple[Any, ...]]:
    engine = crawl.engine if not callable(crawl.engine) else crawl.engine()
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def live(crawler: "Crawler", root: str, *arguments: str) -> "Crawl":
    return crawler.run("live", "-a", f"endpoint={root}", *SINCE, *QUICK, *arguments)


def page_address(item: Item) -> str:
    return f"https://finance.eastmoney.com/a/{item.code}.html"


FULL = news(1, 10, secids=("1.600919", "90.BK0493"))
TEXT_ONLY = news(2, 20, page=None, text="<p>　　第2号公司的全文。</p><p>第二段。</p>")
DIGEST_ONLY = news(3, 30, page=None)
IN_COLUMN_TOO = news(4, 40, secids=("116.00700",))
COLUMN_ONLY = news(5, 50, summary="栏目里的一句摘要。")
TOO_OLD = news(6, 70)


def newsroom(**given: Any) -> Origin:
    return Origin(
        rolling=[FULL, TEXT_ONLY, DIGEST_ONLY, IN_COLUMN_TOO, TOO_OLD],
        columns={"350": [FULL, IN_COLUMN_TOO, COLUMN_ONLY, COLUMN_ONLY, TOO_OLD]},
        size=2,
        **given,
    )


# --- what is stored -----------------------------------------------------------------------------


def test_articles_in_the_database(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom()
    root = serve(origin)
    crawl = live(crawler, root, "-a", "columns=724:102,350")
    assert (crawl.exit_code, crawl.last_line) == (0, "finews: live: articles: 5 new")

    def whole(item: Item, digest: str) -> tuple[Any, ...]:
        text = f"第{item.number}号公司披露一项合同。\n\n金额三亿元。"
        address = page_address(item)
        return (item.code, item.title, text, "full", digest, "证券日报", "origin", address, None)

    share_url = f"{root}/html_News/NewsShare.html?infoCode=NW{TEXT_ONLY.code}"
    assert rows(crawl, STORED) == [
        whole(FULL, "合同金额三亿元。"),
        (
            TEXT_ONLY.code,
            TEXT_ONLY.title,
            "第2号公司的全文。\n\n第二段。",
            "full",
            "合同金额三亿元。",
            None,
            "share_json",
            share_url,
            share_url,
        ),
        (
            DIGEST_ONLY.code,
            DIGEST_ONLY.title,
            "合同金额三亿元。",
            "digest",
            None,
            None,
            "list",
            page_address(DIGEST_ONLY),
            None,
        ),
        whole(IN_COLUMN_TOO, "合同金额三亿元。"),
        whole(COLUMN_ONLY, "栏目里的一句摘要。"),
    ]


def test_what_the_list_tells_is_stored_with_the_page(crawler: "Crawler", serve: Served) -> None:
    crawl = live(crawler, serve(newsroom()), "-a", "columns=724:102,350")
    mentions = """
        SELECT code, secid, symbol, m.kind FROM mention m
        JOIN article_revision r ON r.id = m.revision_id JOIN article a ON a.id = r.article_id
        ORDER BY code, position"""
    assert rows(crawl, mentions) == [
        (FULL.code, "1.600919", "600919.SH", "listed"),
        (FULL.code, "90.BK0493", "90.BK0493", "listed"),
        (IN_COLUMN_TOO.code, "116.00700", "00700.HK", "listed"),
    ]
    times = "SELECT code, published_at FROM article ORDER BY code"
    minutes = [str(at)[:16] for _, at in rows(crawl, times)]
    assert minutes == [f"2025-06-16 {at}" for at in ("05:50", "05:40", "05:30", "05:20", "05:10")]
    kinds = """
        SELECT code, group_concat(page_kind, ' ') FROM
        (SELECT code, p.page_kind FROM printing p JOIN article a ON a.id = p.article_id
         ORDER BY code DESC, p.page_kind) GROUP BY code ORDER BY code"""
    assert [kind for _, kind in rows(crawl, kinds)] == [
        "list origin",
        "list share_json",
        "list",
        "list origin",
        "list origin",
    ]


def test_each_page_is_asked_for_once(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom()
    live(crawler, serve(origin), "-a", "columns=724:102,350")
    articles = [
        f"/a/{COLUMN_ONLY.code}.html",
        f"/a/{IN_COLUMN_TOO.code}.html",
        f"/a/{DIGEST_ONLY.code}.html",
        "/NewsData/GetNewsText.do",
        f"/a/{TEXT_ONLY.code}.html",
        "/NewsData/GetNewsText.do",
        f"/a/{FULL.code}.html",
    ]
    assert sorted(origin.paths) == sorted([ROLLING] * 3 + [COLUMNS] * 3 + articles)
    assert origin.asked[0].path == "/robots.txt"


def test_the_second_run_asks_for_the_lists_only(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom()
    root = serve(origin)
    live(crawler, root, "-a", "columns=724:102,350")
    before = rows(crawler, STORED)
    origin.asked.clear()
    again = live(crawler, root, "-a", "columns=724:102,350")
    assert origin.paths == [ROLLING] * 3 + [COLUMNS] * 3
    assert (again.exit_code, rows(crawler, STORED)) == (0, before)


def test_a_new_article_is_all_that_the_next_run_reads(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom()
    root = serve(origin)
    live(crawler, root)
    origin.asked.clear()
    newest = news(9, 5)
    origin.rolling.insert(0, newest)
    again = live(crawler, root)
    assert [path for path in origin.paths if path != ROLLING] == [f"/a/{newest.code}.html"]
    assert again.exit_code == 0


def test_a_digest_is_completed_when_its_text_is_asked_for(
    crawler: "Crawler", serve: Served
) -> None:
    origin = Origin(rolling=[FULL])
    root = serve(origin)
    first = live(crawler, root, "-a", "text=0")
    assert set(origin.paths) == {ROLLING}
    assert [row[3] for row in rows(first, STORED)] == ["digest"]
    second = live(crawler, root)
    assert [row[3] for row in rows(second, STORED)] == ["full"]


def test_an_edited_article_is_revised_when_it_is_read_again(
    crawler: "Crawler", serve: Served
) -> None:
    origin = Origin(rolling=[FULL])
    root = serve(origin)
    live(crawler, root)
    edited = page_of(FULL.title, FULL.at, "证券日报", "第1号公司更正：金额四亿元。")
    origin.rolling = [news(1, 10, page=edited, secids=FULL.secids)]
    live(crawler, root)
    assert rows(crawler, "SELECT revision FROM article") == [(1,)]
    live(crawler, root, "-a", "refresh=all")
    assert rows(crawler, "SELECT revision, body_text FROM article") == [
        (2, "第1号公司更正：金额四亿元。")
    ]


# --- the search ---------------------------------------------------------------------------------


def test_the_news_of_a_stock(crawler: "Crawler", serve: Served) -> None:
    origin = Origin(hits={"600919": [FULL, TEXT_ONLY, TOO_OLD], "00700": [IN_COLUMN_TOO]}, size=2)
    arguments = ("-a", f"endpoint={serve(origin)}", *SINCE)
    crawl = crawler.run("stock", *arguments, "-a", "symbols=600919.SH,00700.HK")
    assert (crawl.exit_code, crawl.last_line) == (0, "finews: stock: articles: 3 new")
    assert [row[0] for row in rows(crawl, STORED)] == [
        FULL.code,
        TEXT_ONLY.code,
        IN_COLUMN_TOO.code,
    ]
    origin.asked.clear()
    crawler.run("stock", *arguments, "-a", "symbols=600919.SH,00700.HK")
    assert set(origin.paths) == {"/search/jsonp"}


def test_an_answer_with_users_only_is_told(crawler: "Crawler", serve: Served) -> None:
    origin = Origin(instead={"/search": [(NO_NEWS,)]})
    crawl = crawler.run(
        "stock", "-a", f"endpoint={serve(origin)}", *SINCE, "-a", "symbols=600919.SH"
    )
    assert crawl.exit_code == 1
    assert "empty_answer: no cmsArticleWebOld in the answer, only passportWeb" in crawl.told


def test_a_bad_symbol_starts_nothing(crawler: "Crawler") -> None:
    crawl = crawler.run("stock", "-a", "symbols=600919.SZ")
    expected = "finews: spider stock: symbols: '600919.SZ': no code of SZ\n"
    assert (crawl.exit_code, crawl.told) == (2, expected)


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (TOO_FAST, "refused_answer", "访问过于频繁 (code 0)"),
        (VERIFY_PAGE, "verify_page", "a page instead of a list: 安全验证请拖动滑块完成验证"),
    ],
)
def test_who_refuses_in_the_form_of_success_is_left_alone(
    crawler: "Crawler", serve: Served, answer: object, reason: str, detail: str
) -> None:
    origin = Origin(rolling=[FULL], instead={ROLLING: [(answer,)], "/kuaixun": [(answer,)]})
    root = serve(origin)
    crawl = live(crawler, root)
    expected = "finews: live: failed: the crawl was stopped: origin_refused"
    assert (crawl.exit_code, crawl.last_line, len(origin.paths)) == (1, expected, 4)
    (first, *others) = rows(crawl, "SELECT stage, reason, detail, url FROM reject ORDER BY id")
    assert first[:3] == ("extract", reason, detail)
    assert first[3].startswith(f"{root}{ROLLING}?client=web")
    assert len(others) == 3
    assert rows(crawl, "SELECT reason FROM crawl_run") == [("origin_refused",)]
    assert "Traceback" not in crawl.told


def test_what_was_listed_is_stored_when_articles_are_refused(
    crawler: "Crawler", serve: Served
) -> None:
    origin = newsroom(instead={"/a/": [(VERIFY_PAGE,)]})
    crawl = live(crawler, serve(origin))
    assert crawl.exit_code == 1
    assert [row[3] for row in rows(crawl, STORED)] == ["digest"] * 4
    again = newsroom()
    second = live(crawler, serve(again))
    assert [row[3] for row in rows(second, STORED)] == ["full", "full", "digest", "full"]


def test_who_throttles_is_left_alone(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom(patience=5)  # robots.txt, three pages of the list, one article
    crawl = live(crawler, serve(origin))
    assert crawl.exit_code == 1
    assert crawl.last_line == "finews: live: failed: the crawl was stopped: origin_refused"
    assert [row[3] for row in rows(crawl, STORED)] == ["digest", "digest", "digest", "full"]
    assert len(origin.asked) < 40
    assert "Traceback" not in crawl.told


def test_robots_txt_is_obeyed(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom(robots="User-agent: *\nDisallow: /\n")
    crawl = live(crawler, serve(origin))
    assert (crawl.exit_code, origin.paths) == (1, [])
    assert "Traceback" not in crawl.told


def test_who_stops_the_crawl_keeps_what_was_listed(crawler: "Crawler", serve: Served) -> None:
    origin = newsroom(held=f"/a/{IN_COLUMN_TOO.code}")
    process = crawler.started("live", "-a", f"endpoint={serve(origin)}", *SINCE)
    assert origin.reached.wait(60)
    process.send_signal(signal.SIGTERM)
    origin.holds.set()
    _, told = process.communicate()
    assert process.returncode == 1
    assert [row[3] for row in rows(crawler, STORED)] == ["digest", "digest", "digest", "full"]
    assert "Traceback" not in told


# --- how fast -----------------------------------------------------------------------------------


def test_one_call_a_second_whatever_is_asked(crawler: "Crawler", serve: Served) -> None:
    """The server is a proxy here, so that the crawl believes that it asks Eastmoney itself."""
    origin = Origin(rolling=[FULL, DIGEST_ONLY])
    crawler.environment |= {"http_proxy": serve(origin), "no_proxy": ""}
    crawl = crawler.run("live", "-a", "endpoint=http://finance.eastmoney.com", *SINCE)
    assert crawl.exit_code == 0
    assert len(origin.asked) == 6
    # One request may reach the server late, but five seconds do not pass faster.
    assert origin.asked[-1].at - origin.asked[0].at > 4.0


def test_a_delay_that_the_operator_sets_is_kept(crawler: "Crawler", serve: Served) -> None:
    origin = Origin(rolling=[FULL, DIGEST_ONLY])
    slow = '{"loopback": {"concurrency": 1, "delay": 0.2, "jitter": 0}}'
    live(crawler, serve(origin), "-s", f"DOWNLOAD_SLOTS={slow}")
    assert origin.asked[-1].at - origin.asked[0].at > 0.2 * (len(origin.asked) - 2)
