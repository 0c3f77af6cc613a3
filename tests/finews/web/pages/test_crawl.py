"""The crawl: runs in words, coverage hour by hour, gaps, shifts, what waits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from finews.web.pages import heat
from finews_crawler.items import SHANGHAI
from pipelines.store.engine import shown_url
from pipelines.store.queries.volume import Named
from pipelines.store.queries.watching import FoundRow
from pipelines.store.spool import Spool
from tests.finews.web.pages import crawled
from tests.finews.web.pages.crawled import DEGRADED, FAILED, FIRST, LOST, RUNNING
from tests.finews.web.pages.reading import all_words, facts, read, table, words
from tests.finews.web.serving import served


@pytest.fixture(scope="module")
def crawled_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('crawled') / 'finews.db'}"
    crawled.crawled(url, datetime.now(UTC))
    return url


@pytest.fixture(scope="module")
def crawls(crawled_url: str) -> Iterator[httpx.Client]:
    with served(crawled_url) as client:
        yield client


def test_runs_are_told_in_words_the_newest_first(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl")
    rows = table(page, "#runs")
    assert [(row[0], row[1]) for row in rows] == [
        (str(RUNNING), "▸running"),
        (str(LOST), "?lost"),
        (str(FAILED), "✗failed"),
        (str(DEGRADED), "!degraded"),
        (str(FIRST), "✓ok"),
    ]
    assert [rows[4][2], *rows[4][4:]] == [
        "articles: 3 new",
        "2 min",
        "3",
        "1",
        "0",
        "category hourly site=http://127.0.0.1:8000",
    ]
    assert rows[3][2] == "articles: 1 new"
    assert rows[3][7] == "2"


def test_what_runs_and_what_died_is_told_above(crawls: httpx.Client) -> None:
    running, lost = all_words(read(crawls, "/crawl").css("#now .note"))
    assert running == f"Running: live {RUNNING} (so far: 4 articles, 0 rejects)"
    assert lost == f"Their processes died without a word: category {LOST}"


def test_batches_that_wait_on_the_disk_are_told(
    crawls: httpx.Client, crawled_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINEWS_UNSENT_FOLDER", str(tmp_path))
    Spool(tmp_path, shown_url(crawled_url)).keep(1, [])
    told = all_words(read(crawls, "/crawl").css("#now .note"))[-1]
    assert told == "1 batches wait on this machine's disk; the next crawl sends them."


def test_coverage_is_a_table_with_headers(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl")
    heads = page.css(".heat thead tr")
    assert len(heads[1].css("th[scope=col]")) == 1 + 48 + 1
    columns = heads[0].css("th[scope=colgroup]::attr(colspan)").getall()
    assert sum(map(int, columns)) == 48
    rows = {words(row.css("th")): row.css("td") for row in page.css(".heat tbody tr")}
    assert {name: words(cells[-1]) for name, cells in rows.items()} == {
        "cailianshe": "1",
        "emnews": "4",
        "Wind": "0",
    }


def test_cells_tell_numbers_gaps_and_where_nobody_looked(crawls: httpx.Client) -> None:
    row = read(crawls, "/crawl").xpath("//table[contains(@class,'heat')]//tr[th/a='emnews']")
    cells = all_words(row.css("td"))[:-1]
    first, second, last = len(cells) - 31, len(cells) - 21, len(cells) - 1
    assert cells[first] == "3!"
    assert set(cells[first + 1 : second]) == {"!"}
    assert cells[second] == "1!"
    assert cells[last] == cells[0] == "·"
    assert row.css("td.unseen .away::text").get() == " not looked at"
    assert row.css("td.gap .away::text").get() == " may be missing"


def test_a_week_is_told_in_steps(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl", hours=168)
    assert len(page.css(".heat thead th[scope=col]")) == 1 + 42 + 1
    assert words(page.css("nav.switch [aria-current]")) == "7 days"
    refused = read(crawls, "/crawl", status=422, hours=9)
    assert "hours: 9 is none of 48, 168" in words(refused.css("main"))


def test_gaps_and_findings_stand_apart(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl")
    (gap,) = table(page, "#gaps")
    assert gap[0] == "emnews"
    assert gap[1] == "nothing that was listed 10.0 hours ago is listed now"
    assert gap[3] == str(DEGRADED)
    (other,) = table(page, "#others")
    assert other[:2] == ["silent source", "证券日报"]
    (shift,) = table(page, "#shifts .findings")
    assert shift[0] == "title"


def test_rules_are_told_crawl_by_crawl(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl")
    assert all_words(page.css(".shares thead th")) == ["crawl", "started", "section h1", "og:title"]
    shares = {row[0]: row[2:] for row in table(page, ".shares")}
    assert shares[f"category {DEGRADED}"] == ["20 % (3)", "80 % (12)"]
    assert shares[f"category {FIRST}"] == ["100 % (3)", "0"]


def test_rejects_are_counted_by_reason(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl")
    assert [row[:4] for row in table(page, "#rejects")] == [
        ["extract", "unknown_layout", "1", "1"],
        ["fetch", "http_404", "1", "1"],
    ]
    link = page.css("#rejects tbody a::attr(href)").get()
    assert link == "/crawl/rejects?stage=extract&reason=unknown_layout&open=yes"


def test_a_run_is_told_whole(crawls: httpx.Client) -> None:
    page = read(crawls, f"/crawl/runs/{DEGRADED}")
    assert words(page.css(".outcome")) == "!degraded articles: 1 new"
    found = facts(page)
    assert found["received"] == "2.3 MB"
    assert found["peak memory"] == "90.0 MB"
    assert found["latency p50 / p95"] == "80 / 1,250 ms"
    assert found["took"] == "2 min"
    assert len(table(page, "#findings")) == 3
    assert len(table(page, "#rejects")) == 2
    captions = all_words(page.css("#counts caption"))
    assert captions == ["Stored", "Found by rule", "Cleaned", "Requests and the rest"]
    assert ["new", "3"] in table(page, "#counts")
    assert page.css("script") == []


def test_a_run_that_goes_on_is_live(crawls: httpx.Client) -> None:
    page = read(crawls, f"/crawl/runs/{RUNNING}")
    assert page.css("script::attr(src)").get("").startswith("/static/crawl.js")
    assert page.css("#live-state")


@pytest.mark.parametrize(("number", "status"), [(99, 404), (0, 422), (2**31, 422), ("x", 422)])
def test_a_run_that_is_not_there(crawls: httpx.Client, number: object, status: int) -> None:
    read(crawls, f"/crawl/runs/{number}", status=status)


def test_older_runs_are_a_page_away(crawls: httpx.Client) -> None:
    page = read(crawls, "/crawl/runs", before=LOST)
    assert [row[0] for row in table(page, "main")] == [str(FAILED), str(DEGRADED), str(FIRST)]
    assert words(page.css(".pages")) == "Back to the newest"


def test_an_empty_database_says_so(own_url: str) -> None:
    with served(own_url) as client:
        page = read(client, "/crawl")
        assert all_words(page.css(".empty")) == [
            "No crawl has run yet.",
            "Nothing was looked at in these hours.",
        ]
        assert read(client, "/crawl/runs").css(".empty")


def test_the_page_speaks_chinese(crawls: httpx.Client) -> None:
    answer = crawls.get("/crawl", headers={"accept-language": "zh-CN"})
    for told in ("最近的抓取", "有异常", "失联", "覆盖情况", "可能遗漏", "来源静默"):
        assert told in answer.text


# --- the table itself -----------------------------------------------------------------------------

NOON = datetime(2022, 6, 14, 12, tzinfo=SHANGHAI)
EMNEWS = Named(id=1, name="emnews", heading=None, first_seen_at=NOON)


def states(span: heat.Span, **facts: object) -> list[str]:
    given = {"by_hour": {1: {NOON: 4}}, "counted_from": span.begin, "stood": {}, "gaps": ()}
    found = heat.heat(span, [EMNEWS], heat.Facts(**(given | facts)))  # type: ignore[arg-type]
    return [one.state for one in found.rows[0].cells]


def test_steps_end_with_the_hour_that_goes_on() -> None:
    span = heat.last_hours(NOON + timedelta(minutes=59), 3, 1)
    assert [time.hour for time in span.times] == [10, 11, 12]
    span = heat.last_hours(NOON + timedelta(hours=3, minutes=59), 2, 4)
    assert [time.hour for time in span.times] == [8, 12]


def test_hours_add_up_to_steps_and_days() -> None:
    span = heat.last_hours(NOON.replace(hour=1), 3, 1)
    by_hour = {1: {span.times[0]: 1, span.times[2]: 9}}
    facts_ = heat.Facts(by_hour=by_hour, counted_from=span.begin, stood={}, gaps=())
    found = heat.heat(span, [EMNEWS], facts_)
    assert [number for _, number in found.days] == [1, 2]
    assert [(one.articles, one.depth) for one in found.rows[0].cells] == [(1, 2), (0, 0), (9, 5)]


def test_a_listing_that_stood_was_looked_at() -> None:
    span = heat.last_hours(NOON, 4, 1)
    ten, eleven = span.times[1], span.times[2]
    stood = {1: ((ten + timedelta(minutes=5), eleven),)}
    assert states(span, stood=stood) == ["unseen", "looked", "looked", "unseen"]


def test_what_is_too_much_is_not_counted() -> None:
    span = heat.last_hours(NOON, 3, 1)
    late = span.times[1] + timedelta(minutes=1)
    assert states(span, counted_from=late) == ["uncounted", "uncounted", "unseen"]


def test_a_gap_is_told_where_it_is() -> None:
    span = heat.last_hours(NOON, 3, 1)
    gap = FoundRow(
        run_id=1,
        kind="gap",
        subject="emnews",
        detail="",
        since_at=span.times[1],
        until_at=span.times[2],
        seen_at=NOON,
    )
    assert states(span, gaps=(gap,)) == ["unseen", "gap", "unseen"]
