"""What the spider `live` does when Eastmoney does not want to be asked."""

import asyncio
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import TextResponse

from finews_crawler.items import Reject
from finews_crawler.origin_queue import REFUSED
from finews_crawler.spiders.live import LiveSpider
from tests.finews_crawler.spiders.driving import failure_of, given, kinds, reasons, started
from tests.finews_crawler.spiders.origin_driving import SINCE, Run, awake, crawled
from tests.origin_server import TOO_FAST, VERIFY_PAGE, Item, Origin, news, rolling_answer

ROLLING = "/comm/web/getFastNewsList"
COLUMNS = "/comm/web/getNewsByColumns"
OLDER = "/kuaixun/v1/getlist_102_ajaxResult_50_1_.html"


def three() -> list[Item]:
    return [news(number, 10 * number) for number in (1, 2, 3)]


def run_on(origin: Origin, **given_: str) -> Run:
    return crawled(awake(LiveSpider, since=SINCE, **given_), origin)


def rejects(run: Run) -> list[Reject]:
    return [one for one in run.output if isinstance(one, Reject)]


# --- lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (VERIFY_PAGE, ("extract", "verify_page")),
        ("<p>503</p>", ("extract", "verify_page")),
        (429, ("fetch", "http_429")),
        (503, ("fetch", "http_503")),
    ],
)
def test_a_refusal_is_followed_by_a_pause_and_the_same_page(
    answer: object, reason: tuple[str, str]
) -> None:
    run = run_on(Origin(rolling=three(), instead={ROLLING: [answer, answer]}), text="0")
    assert (run.rejects, run.waits) == ([reason] * 2, [30, 60])
    assert (run.paths[:3], len(run.articles), run.closed) == ([ROLLING] * 3, 3, None)


def test_an_error_code_is_a_refusal_after_which_the_older_list_is_asked() -> None:
    run = run_on(Origin(rolling=three(), instead={ROLLING: [TOO_FAST]}), text="0")
    assert (run.rejects, run.waits) == ([("extract", "refused_answer")], [30])
    assert (run.paths[:2], len(run.articles)) == ([ROLLING, OLDER], 3)


def test_a_column_that_refuses_is_asked_again() -> None:
    run = run_on(
        Origin(columns={"350": three()}, instead={COLUMNS: [TOO_FAST]}), text="0", columns="350"
    )
    assert (run.paths[:2], run.waits, len(run.articles)) == ([COLUMNS] * 2, [30], 3)


def test_the_reject_keeps_address_and_message() -> None:
    run = run_on(Origin(rolling=three(), instead={ROLLING: [TOO_FAST]}), text="0")
    (reject,) = rejects(run)
    assert (reject.url, reject.detail) == (run.requests[0].url, "访问过于频繁 (code 0)")


def test_who_refuses_again_and_again_is_left_alone() -> None:
    origin = Origin(columns={"350": three()}, instead={ROLLING: [(VERIFY_PAGE,)]})
    run = run_on(origin, columns="724:102,350")
    assert (run.closed, run.waits) == (REFUSED, [30, 60, 120])
    assert run.paths == [ROLLING] * 4
    assert run.rejects == [("extract", "verify_page")] * 4


def test_an_answer_ends_the_count_but_the_pauses_stay_long() -> None:
    origin = Origin(rolling=three(), size=1)
    pages: list[Any] = [rolling_answer([one]) for one in three()]
    bad = VERIFY_PAGE
    origin.instead[ROLLING] = [bad, bad, bad, pages[0], bad, bad, bad, pages[1]]
    run = run_on(origin, text="0")
    assert (run.waits, run.closed) == ([30, 60, 120, 240, 480, 600], None)
    assert len(run.articles) == 3


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_ban_ends_the_crawl_at_once(status: int) -> None:
    origin = Origin(columns={"350": three()}, instead={ROLLING: [(status,)]})
    run = run_on(origin, columns="350,724:102,1207")
    assert (run.closed, run.waits) == (REFUSED, [])
    assert run.rejects == [("fetch", f"http_{status}")]
    assert [kind for _, kind, _ in run.kinds] == ["list"] * 3


def test_what_was_listed_before_the_end_leaves_as_the_list_tells_it() -> None:
    columns = {"350": three()}
    run = run_on(Origin(columns=columns, instead={ROLLING: [(403,)]}), columns="350,724:102")
    assert [number for number, *_ in run.kinds] == ["03", "02", "01"]
    assert run.paths == [COLUMNS, COLUMNS, ROLLING]


# --- articles -----------------------------------------------------------------------------------


def test_a_page_that_wants_a_proof_is_asked_again_after_a_pause() -> None:
    run = run_on(Origin(rolling=three()[:1], instead={"/a/": [VERIFY_PAGE]}))
    page = f"/a/{three()[0].code}.html"
    assert (run.paths[2:], run.waits) == ([page, page], [30])
    assert (run.kinds, run.rejects) == (
        [("01", "origin", ["list"])],
        [("extract", "verify_page")],
    )


def test_a_text_that_wants_a_proof_is_asked_again_itself() -> None:
    one = news(1, 10, page=None, text="<p>全文在此。</p>")
    run = run_on(Origin(rolling=[one], instead={"/NewsData": [VERIFY_PAGE]}))
    assert run.paths[3:] == ["/NewsData/GetNewsText.do"] * 2
    assert run.kinds == [("01", "share_json", ["list"])]


@pytest.mark.parametrize(
    ("answer", "waits"), [(VERIFY_PAGE, [30, 60, 120]), (403, []), (429, [30, 60, 120])]
)
def test_when_articles_are_refused_the_digests_of_all_leave(
    answer: object, waits: list[float]
) -> None:
    run = run_on(Origin(rolling=three(), instead={"/a/": [(answer,)]}))
    assert (run.closed, run.waits) == (REFUSED, waits)
    assert run.kinds == [("03", "list", []), ("02", "list", []), ("01", "list", [])]


def test_after_so_many_calls_it_is_over() -> None:
    run = run_on(Origin(rolling=three(), patience=3))
    assert (run.closed, run.rejects) == (REFUSED, [("fetch", "http_429")] * 4)
    assert [kind for _, kind, _ in run.kinds] == ["origin", "list", "list"]


# --- robots.txt, and what never comes back ------------------------------------------------------


def failed(request: Request, error: Exception) -> list[Any]:
    failure = failure_of(request, None)
    failure.value = error
    assert request.errback is not None
    return given(request.errback(failure))


def test_a_list_that_robots_txt_forbids_is_told_and_not_asked_again() -> None:
    spider = awake(LiveSpider, since=SINCE, columns="350")
    (request,) = started(spider)
    output = failed(request, IgnoreRequest("Forbidden by robots.txt"))
    assert (kinds(output), spider.crawler.stats.get_value("finews/origin/list/missed")) == (
        ["Reject"],
        1,
    )


def idle(spider: LiveSpider) -> bool:
    """Whether the spider wants to go on when nothing is under way."""
    asked: list[Request] = []

    class Engine:
        crawl = asked.append

    spider.crawler.engine = Engine()  # type: ignore[assignment]
    try:
        spider._on_idle()
    except DontCloseSpider:
        assert [one.callback for one in asked] == [spider.parse_dropped]
        return True
    return False


def dropped(spider: LiveSpider) -> list[Any]:
    return given(spider.parse_dropped(TextResponse("data:,")))


def test_a_list_request_that_never_comes_back_gives_way_to_the_older() -> None:
    spider = awake(LiveSpider, since=SINCE)
    started(spider)
    assert idle(spider)
    output = dropped(spider)
    assert (reasons(output), kinds(output)) == ([("fetch", "dropped")], ["Reject", "Request"])
    assert "kuaixun" in output[1].url


def test_an_article_request_that_never_comes_back_does_not_lose_the_article() -> None:
    spider = awake(LiveSpider, since=SINCE)
    (request,) = started(spider)
    for rows in (three()[:1], []):
        body = TextResponse(request.url, body=list_of(rows).encode(), request=request)
        assert request.callback is not None
        (request,) = given(request.callback(body, **request.cb_kwargs))
    assert request.url.endswith(f"/a/{three()[0].code}.html")
    first = dropped(spider)
    assert kinds(first) == ["Reject", "Request"]
    assert kinds(dropped(spider)) == ["Reject", "RawArticle", "Listing"]
    assert not idle(spider)


def list_of(rows: list[Item]) -> str:
    return Origin(rolling=rows).answer(ROLLING)[1]


def test_a_crawl_that_is_through_does_not_go_on() -> None:
    spider = awake(LiveSpider, since=SINCE)
    crawled(spider, Origin(rolling=three()))
    assert not idle(spider)
    assert dropped(spider) == []


# --- who stops the crawl ------------------------------------------------------------------------


def test_who_stops_the_crawl_gets_what_was_listed() -> None:
    spider = awake(LiveSpider, since=SINCE, columns="350,724:102")

    class Stopping(Origin):
        def answer(self, path: str) -> tuple[int, str]:
            if path.startswith("/a/"):
                spider.crawler.crawling = False
            return super().answer(path)

    run = crawled(spider, Stopping(columns={"350": three()}))
    assert run.kinds == [("03", "origin", ["list"]), ("02", "list", []), ("01", "list", [])]


def test_a_pause_ends_with_the_crawl() -> None:
    spider = awake(LiveSpider, since=SINCE)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        spider.crawler.crawling = len(slept) < 3

    spider.sleep = sleep
    asyncio.run(spider._pause(600))
    assert slept == [1.0, 1.0, 1.0]
