"""A database as some crawls of different ends leave it; the last of them still runs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from finews_crawler.items import Answer, Article, Listing, Reject
from finews_crawler.outcome import Verdict
from pipelines.store.batch import Item
from pipelines.store.engine import open_engine, writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.runs import finish_run, start_run, tell_alive
from pipelines.store.writer import Writer
from tests.finews.filling import BANK_ARTICLE
from tests.finews.web.pages.written import SCRIPT

FIRST, DEGRADED, FAILED, LOST, RUNNING = range(1, 6)
WIRE, DAILY = "财联社", "证券日报"
SITE = "http://127.0.0.1:8000"
PAGE = f"<!doctype html><title>坏页</title>{SCRIPT}\x00\u202e<p>没有正文</p>\n"
COUNTS = {
    "finews/store/new": 3,
    "finews/store/revised": 1,
    "finews/extract/title/section h1": 3,
    "finews/normalise/published_at/stated": 3,
    "downloader/response_count": 12,
}


def code(number: int) -> str:
    return f"20220614{3_000_500_000 + number}"


def article(number: int, published_at: datetime, *categories: str, source: str) -> Article:
    one = code(number)
    return replace(
        BANK_ARTICLE,
        code=one,
        identity=one,
        title=f"第{number}条快讯",
        body_text=f"江苏银行公布第{number}条业绩。",
        body_html=f"<p>江苏银行公布第{number}条业绩。</p>",
        published_at=published_at,
        source=source,
        source_raw=source,
        categories=categories,
        url=f"https://finews.withounder.com/emnews/2022/06/14/{one}.html",
    )


def listing(slug: str, heading: str, *numbers: int) -> Listing:
    return Listing(
        slug=slug,
        url=f"{SITE}/category/{slug}.html",
        heading=heading,
        entries=tuple(code(number) for number in numbers),
        fetched_at=BANK_ARTICLE.fetched_at,
    )


def reject(at: datetime, **changed: object) -> Reject:
    answer = Answer(
        status=200, headers=(("Content-Type", "text/html"),), body=PAGE.encode(), reader="post"
    )
    made = Reject(
        stage="extract",
        reason="unknown_layout",
        detail="no section",
        url=f"{SITE}/emnews/2022/06/14/{code(90)}.html",
        code=code(90),
        seen_at=at,
        answer=answer,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


class Site:
    """Writes crawls that began so many hours before a moment."""

    def __init__(self, url: str, now: datetime) -> None:
        self.engine: Engine = open_engine(url)
        self.now = now

    def at(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def begun(self, hours: float, items: Iterable[Item] = (), spider: str = "category") -> int:
        arguments = {"site": SITE, "_job": "abc"}
        run = start_run(self.engine, spider, arguments, self.at(hours), "hourly")
        if batch := list(items):
            Writer(self.engine, run, timedelta(days=1), lambda: self.at(hours)).write(batch)
        return run

    def found(self, run: int, hours: float, *findings: Finding) -> None:
        with writing(self.engine).begin() as connection:
            write_findings(connection, findings, run, self.at(hours))

    def ended(self, run: int, hours: float, verdict: Verdict, **more: int) -> None:
        counts: Mapping[str, int] = {
            **COUNTS,
            **more,
            "finews/latency/p50_ms": 80,
            "finews/latency/p95_ms": 1250,
            "finews/peak_memory_bytes": 90_000_000,
            "downloader/response_bytes": 2_345_678,
        }
        finish_run(self.engine, run, verdict, counts, self.at(hours) + timedelta(minutes=2))


def crawled(url: str, now: datetime) -> None:
    """Five crawls: ok, degraded, failed, lost, running; times count back from a moment."""
    site = Site(url, now)
    a_good_crawl(site)
    a_degraded_crawl(site)
    third = site.begun(10)
    told = "the site could not be reached: no answer to any request"
    site.ended(third, 10, Verdict(ok=False, message=told, reason="finished"))
    tell_alive(site.engine, site.begun(6), COUNTS, site.at(5.9))
    tell_alive(site.engine, site.begun(0.1, spider="live"), COUNTS, site.now)
    site.engine.dispose()


def a_good_crawl(site: Site) -> None:
    first = site.begun(
        30,
        [
            article(1, site.at(30.1), "emnews", "cailianshe", source=WIRE),
            article(2, site.at(31), "emnews", source=DAILY),
            article(3, site.at(80), "emnews", source=WIRE),
            listing("emnews", "东方财富", 1, 2, 3),
            listing("Wind", "万得"),
        ],
    )
    site.ended(first, 30, Verdict(ok=True, message="articles: 3 new", reason="finished"))


def a_degraded_crawl(site: Site) -> None:
    gone: dict[str, object] = {"stage": "fetch", "reason": "http_404", "code": None, "answer": None}
    second = site.begun(
        20,
        [
            article(4, site.at(20.5), "emnews", source=WIRE),
            listing("emnews", "东方财富", 4, 99),
            reject(site.at(20)),
            reject(site.at(20), url="javascript:alert(1)", **gone),
        ],
    )
    gap = Finding(
        kind="gap",
        subject="emnews",
        detail="nothing that was listed 10.0 hours ago is listed now",
        since_at=site.at(30),
        until_at=site.at(20),
    )
    shift = "`section h1` found 20 %, was 100 %"
    site.found(
        second,
        20,
        gap,
        Finding(kind="strategy_shift", subject="title", detail=shift),
        Finding(kind="silent_source", subject=DAILY, detail="nothing for 11.0 hours"),
    )
    message = "articles: 1 new; degraded: 3 findings: gap emnews: nothing that was listed …"
    findings = ("gap", "strategy_shift", "silent_source")
    verdict = Verdict(ok=True, message=message, reason="finished", findings=findings)
    rules = {"finews/extract/title/og:title": 12, "finews/store/reject": 2}
    site.ended(second, 20, verdict, **rules)
