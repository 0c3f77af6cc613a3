"""The spider `live`: which lists it walks back through, and what it reads of their articles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from finews_crawler.errors import ArgumentError
from finews_crawler.spiders.live import LiveSpider
from tests.finews_crawler.spiders.driving import count, made, started
from tests.finews_crawler.spiders.origin_driving import SINCE, KnownMemory, Run, awake, crawled
from tests.origin_server import Item, Origin, news

ROLLING = "/comm/web/getFastNewsList"
OLDER = "/kuaixun/v1/getlist_102_ajaxResult_50_{}_.html"
COLUMNS = "/comm/web/getNewsByColumns"


def article(number: int, minutes: int = 0) -> str:
    return f"/a/{news(number, minutes).code}.html"


def run_on(origin: Origin, **given: str) -> Run:
    """A crawl of the hour before the newest article, unless `since` is given."""
    return crawled(awake(LiveSpider, **{"since": SINCE, **given}), origin)


def seven() -> list[Item]:
    """Seven articles, ten minutes apart, the newest first; six of them in the hour."""
    return [news(number, 10 * number, secids=("1.600919",)) for number in range(1, 8)]


# --- arguments ----------------------------------------------------------------------------------


def columns_of(**given: str) -> list[tuple[str, str]]:
    return [(walk.kind.name, walk.subject) for walk in made(LiveSpider, **given).walks]


def test_the_rolling_news_are_the_default() -> None:
    assert columns_of() == [("rolling", "102")]


def test_columns_of_both_kinds() -> None:
    assert columns_of(columns=" 724:101,350 , 1207,350") == [
        ("rolling", "101"),
        ("columns", "350"),
        ("columns", "1207"),
    ]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("102", "102 is a part of the rolling news: write 724:102"),
        ("350,news", "'news' is no column, such as 724:102 or 350"),
        ("724:", "'724:' is no column"),
        ("345,,102", "102 is a part of the rolling news"),
        (" , ", "no column given"),
    ],
)
def test_what_is_no_column(columns: str, told: str) -> None:
    with pytest.raises(ArgumentError, match=f"spider live: columns: {told}"):
        made(LiveSpider, columns=columns)


def test_six_hours_are_the_default() -> None:
    six = timedelta(hours=6)
    before = datetime.now(UTC)
    since = made(LiveSpider).since
    assert before - six <= since <= datetime.now(UTC) - six


@pytest.mark.parametrize(
    ("since", "moment"),
    [
        ("2025-06-16T08:00", "2025-06-16T08:00:00+08:00"),
        ("2025-06-16 08:00:05", "2025-06-16T08:00:05+08:00"),
        ("2025-06-16", "2025-06-16T00:00:00+08:00"),
        ("2025-06-16T08:00+00:00", "2025-06-16T08:00:00+00:00"),
    ],
)
def test_a_time_is_of_shanghai_unless_it_says_otherwise(since: str, moment: str) -> None:
    assert made(LiveSpider, since=since).since == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("yesterday", "'yesterday' is no span of time, such as .*, and no time, such as "),
        ("2999-01-01", "2999-01-01T00:00:00.08:00 lies in the future"),
        ("99999999d", "is too long"),
    ],
)
def test_what_is_no_time_to_go_back_to(since: str, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        made(LiveSpider, since=since)


# --- what is asked, and where -------------------------------------------------------------------


def test_the_first_request() -> None:
    (request,) = started(awake(LiveSpider))
    parts = urlsplit(request.url)
    assert (parts.scheme, parts.hostname, parts.path) == (
        "https",
        "np-weblist.eastmoney.com",
        ROLLING,
    )
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == {
        "client": "web",
        "biz": "web_724",
        "fastColumn": "102",
        "sortEnd": "",
        "pageSize": "50",
        "req_trace": "finews",
    }
    assert request.headers["Referer"] == b"https://kuaixun.eastmoney.com/"


def test_every_host_is_eastmoneys() -> None:
    origin = Origin(rolling=[news(1, 10, page=None)], columns={"350": [news(2, 20)]})
    run = run_on(origin, columns="724:102,350")
    assert [urlsplit(one.url).hostname for one in run.requests] == [
        "np-weblist.eastmoney.com",
        "np-weblist.eastmoney.com",
        "np-listapi.eastmoney.com",
        "np-listapi.eastmoney.com",
        "finance.eastmoney.com",
        "finance.eastmoney.com",
        "choicewzp1.eastmoney.com",
    ]
    assert made(LiveSpider).allowed_domains == ["eastmoney.com"]


def test_an_endpoint_is_asked_for_all_and_leads_nowhere_else() -> None:
    origin = Origin(rolling=[news(1, 10, page=None)], columns={"350": [news(2, 20)]})
    given = {"columns": "724:102,350", "endpoint": "http://127.0.0.1:8000"}
    run = run_on(origin, **given)
    assert {urlsplit(one.url).netloc for one in run.requests} == {"127.0.0.1:8000"}
    assert made(LiveSpider, **given).allowed_domains == ["127.0.0.1"]


# --- the way back -------------------------------------------------------------------------------


def test_the_rolling_news_are_followed_back_to_the_time() -> None:
    origin = Origin(rolling=seven())
    run = run_on(origin)
    assert run.paths[:3] == [ROLLING] * 3
    cursors = [dict(parse_qsl(urlsplit(one.url).query)).get("sortEnd") for one in run.requests[:3]]
    assert cursors == [None, seven()[2].sort, seven()[5].sort]
    assert [number for number, *_ in run.kinds] == ["06", "05", "04", "03", "02", "01"]


def test_a_column_is_followed_back_by_the_pages_number() -> None:
    run = run_on(Origin(columns={"350": seven()}), columns="350")
    pages = [dict(parse_qsl(urlsplit(one.url).query)).get("page_index") for one in run.requests[:3]]
    assert (run.paths[:3], pages) == ([COLUMNS] * 3, ["1", "2", "3"])
    assert len(run.articles) == 6


def test_a_list_that_ends_before_is_read_to_its_end() -> None:
    run = run_on(Origin(rolling=seven()[:3]))
    assert (run.paths[:2], run.rejects, len(run.articles)) == ([ROLLING] * 2, [], 3)


def test_a_page_that_repeats_ends_the_way_and_is_told() -> None:
    run = run_on(Origin(columns={"350": seven()}, repeats=True), columns="350")
    assert run.paths[:2] == [COLUMNS] * 2
    assert (run.rejects, len(run.articles)) == ([("list", "list_repeats")], 3)


def test_the_way_has_an_end() -> None:
    spider = awake(LiveSpider, since=SINCE)
    (walk,) = spider.walks
    walk.kind = replace(walk.kind, pages=2)
    run = crawled(spider, Origin(rolling=seven(), size=1))
    assert (run.rejects, len(run.articles)) == ([("list", "list_too_long")], 2)
    (reject,) = (one for one in run.output if getattr(one, "stage", "") == "list")
    assert reject.detail == (
        "rolling 102: 2 pages, back to 2025-06-16T13:40:00+08:00; "
        "2025-06-16T13:00:00+08:00 was not reached"
    )


def test_an_old_item_at_the_top_does_not_end_the_way() -> None:
    pinned = replace(news(99, 0), at=datetime.fromisoformat("2025-06-10T08:00:00+08:00"))
    run = run_on(Origin(columns={"350": [pinned, *seven()]}), columns="350")
    assert [number for number, *_ in run.kinds] == ["06", "05", "04", "03", "02", "01"]


def test_an_article_in_the_list_twice_is_read_once() -> None:
    first, second = seven()[:2]
    run = run_on(Origin(columns={"350": [first, second, first]}, size=2), columns="350")
    assert run.paths.count(article(1, 10)) == 1
    assert [number for number, *_ in run.kinds] == ["02", "01"]


def test_an_article_in_two_lists_is_one_with_what_both_tell() -> None:
    one = replace(seven()[0], page=None)
    run = run_on(Origin(rolling=[one], columns={"350": [one]}), columns="724:102,350")
    (found,) = run.articles
    assert (found.listed_secids, found.source_line) == (("1.600919",), "证券日报")


# --- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", ["{}", "jQuery1_2({});", "cb({})"])
@pytest.mark.parametrize("columns", ["724:102", "350"])
def test_a_list_in_every_wrapping(wrap: str, columns: str) -> None:
    origin = Origin(rolling=seven(), columns={"350": seven()}, wrap=wrap)
    assert len(run_on(origin, columns=columns, text="0").articles) == 6


@pytest.mark.parametrize("wrap", ["var ajaxResult={}", "var ajaxResult={};", "{}"])
def test_the_older_list_stands_in(wrap: str) -> None:
    origin = Origin(rolling=seven(), older_wrap=wrap, instead={ROLLING: [(404,)]})
    run = run_on(origin, text="0")
    assert run.paths == [ROLLING, *(OLDER.format(page) for page in (1, 2, 3))]
    assert (run.rejects, run.waits) == ([("fetch", "http_404")], [])
    assert [number for number, *_ in run.kinds] == ["06", "05", "04", "03", "02", "01"]


@pytest.mark.parametrize(
    ("answer", "reject"),
    [
        ("{", ("extract", "unknown_layout")),
        ({"code": "1", "data": {"fastNewsList": []}}, ("extract", "empty_answer")),
        ({"code": "1", "data": None}, ("extract", "empty_answer")),
        (500, ("fetch", "http_500")),
        (0, ("fetch", "refused_connection")),
    ],
    ids=["broken", "empty", "no list", "server error", "no answer"],
)
def test_what_makes_the_older_list_stand_in(answer: object, reject: tuple[str, str]) -> None:
    run = run_on(Origin(rolling=seven(), instead={ROLLING: [answer]}), text="0")
    assert (run.rejects, run.waits, len(run.articles)) == ([reject], [], 6)


def test_without_any_list_there_is_an_end() -> None:
    origin = Origin(instead={ROLLING: [(404,)], "/kuaixun": [(404,)]}, columns={"350": seven()})
    run = run_on(origin, columns="724:102,350", text="0")
    assert run.rejects == [("fetch", "http_404")] * 2
    assert (len(run.articles), run.closed) == (6, None)


# --- articles -----------------------------------------------------------------------------------


def test_the_list_goes_with_the_page_as_a_copy() -> None:
    run = run_on(Origin(rolling=[seven()[0]]))
    (found,) = run.articles
    (copy,) = found.copies
    assert (found.page_kind, found.body_kind, found.code) == ("origin", "full", copy.code)
    assert (copy.page_kind, copy.body_kind) == ("list", "digest")
    assert (copy.times[0].text, copy.listed_secids) == ("2025-06-16 13:50:00", ("1.600919",))


def test_a_page_that_is_not_there_gives_way_to_the_text() -> None:
    run = run_on(Origin(rolling=[news(1, 10, page=None, text="<p>全文在此。</p>")]))
    assert run.paths[2:] == [article(1, 10), "/NewsData/GetNewsText.do"]
    assert (run.kinds, run.rejects, run.misses) == ([("01", "share_json", ["list"])], [], [])


def test_without_page_and_text_the_digest_is_all_there_is() -> None:
    run = run_on(Origin(rolling=[news(1, 10, page=None)]))
    assert (run.kinds, run.rejects) == ([("01", "list", [])], [])
    assert run.misses == [(news(1, 10).code, "http_404")]


@pytest.mark.parametrize("page", ["<html><body><p>首页</p></body></html>", "", "{"])
def test_a_page_that_cannot_be_read_is_told_and_gives_way(page: str) -> None:
    run = run_on(Origin(rolling=[news(1, 10, page=page, text="<p>全文在此。</p>")]))
    assert run.kinds == [("01", "share_json", ["list"])]
    assert run.rejects == [("extract", "unknown_layout")]


def test_what_cannot_be_read_at_all_is_told_and_remembered() -> None:
    origin = Origin(rolling=[news(1, 10, page="<p>首页</p>")], instead={"/NewsData": ["{"]})
    run = run_on(origin)
    assert run.kinds == [("01", "list", [])]
    assert run.rejects == [("extract", "unknown_layout")] * 2
    assert run.misses == [(news(1, 10).code, "unknown_layout")]


@pytest.mark.parametrize("status", [500, 0])
def test_a_page_that_fails_for_a_moment_is_asked_for_by_the_next_crawl(status: int) -> None:
    run = run_on(Origin(rolling=[news(1, 10)], instead={"/a/": [status]}))
    assert (run.kinds, run.misses) == ([("01", "list", [])], [])
    assert [stage for stage, _ in run.rejects] == ["fetch"]


def test_a_text_that_fails_for_a_moment_changes_nothing() -> None:
    run = run_on(Origin(rolling=[news(1, 10, page=None)], instead={"/NewsData": [500]}))
    assert run.misses == [(news(1, 10).code, "http_404")]
    assert run.rejects == [("fetch", "http_500")]


def test_without_text_the_lists_are_all_that_is_read() -> None:
    run = run_on(Origin(rolling=seven()), text="0")
    assert set(run.paths) == {ROLLING}
    assert {kind for _, kind, _ in run.kinds} == {"list"}


# --- what earlier crawls know -------------------------------------------------------------------


def run_knowing(memory: KnownMemory, **given: str) -> tuple[LiveSpider, Run]:
    spider = awake(LiveSpider, since=SINCE, **given)
    spider.memory = memory
    return spider, crawled(spider, Origin(rolling=seven()))


def test_what_is_known_is_not_read() -> None:
    known = frozenset(one.code for one in seven()[2:6])
    spider, run = run_knowing(KnownMemory(known))
    assert [number for number, *_ in run.kinds] == ["02", "01"]
    assert count(spider, "memory/known") == 4


@pytest.mark.parametrize(("text", "full"), [("1", True), ("0", False)])
def test_a_digest_is_not_enough_where_texts_are_read(text: str, full: bool) -> None:
    memory = KnownMemory()
    run_knowing(memory, text=text, refresh="2h")
    assert {one.full for one in memory.asked} == {full}
    assert memory.refresh == timedelta(hours=2)


def test_all_is_read_again_when_that_is_asked() -> None:
    memory = KnownMemory(frozenset(one.code for one in seven()))
    _, run = run_knowing(memory, refresh="all")
    assert (len(run.articles), memory.asked) == (6, [])
