"""The main job on the bundled sample site: serve it, crawl it, tell what came of it."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from sqlalchemy import Engine

from finews.crawling import project_settings
from finews.messages import text
from finews.sample_site.server import sample_site_root, serving
from finews_crawler import json_logs
from finews_crawler.commands.crawl import EXIT_FAILED, preflight, verdict_of
from finews_crawler.options import project_folder
from finews_crawler.outcome import Verdict
from pipelines.store.engine import open_engine, shown_url
from pipelines.store.queries import Counts, Filter, articles, counts

LOG = Path("data") / "var" / "demo.log"
SYMBOL = "600919.SH"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a crawl of the sample site did."""

    verdict: Verdict
    stats: Mapping[str, object]
    seconds: float
    before: Counts
    after: Counts


def demo_settings(log: Path) -> Settings:
    """The project's settings with a progress bar, and the log in a file."""
    settings = project_settings()
    settings.set("LOG_FILE", str(log))
    settings.set("LOG_LEVEL", "INFO")
    return settings


def _asked(settings: Settings, query: Callable[[Engine], Answer]) -> Answer:
    engine = open_engine(settings["FINEWS_DATABASE_URL"])
    try:
        return query(engine)
    finally:
        engine.dispose()


def crawl_sample(settings: Settings, url: str) -> DemoResult:
    """Crawl the site at `url` in this process; a process can do this once.

    Raises:
        FinewsError: a setting is wrong or the database cannot be opened.
    """
    json_logs.install(settings)
    preflight(settings)
    before = _asked(settings, counts)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler("category")
    began = time.monotonic()
    process.crawl(crawler, site=url, full="1")
    process.start()
    seconds = round(time.monotonic() - began, 1)
    stats = crawler.stats.get_stats()
    return DemoResult(verdict_of(crawler), stats, seconds, before, _asked(settings, counts))


def summary_table(result: DemoResult) -> Table:
    """What is new by this run, beside what the database holds."""
    table = Table("", text("in_run"), text("in_database"), title=text("summary"))
    for column in table.columns[1:]:
        column.justify = "right"
    names = [field.name for field in fields(Counts)]
    pairs = zip(names, astuple(result.before), astuple(result.after), strict=True)
    for name, before, after in pairs:
        table.add_row(text(name), f"+{after - before}", str(after))
    table.add_row(text("seconds"), str(result.seconds), "")
    return table


def _outcome_line(stats: Mapping[str, object]) -> str:
    names = ("new", "revised", "completed", "unchanged")
    told = {name: stats.get(f"finews/store/{name}", 0) for name in names}
    told["known"] = stats.get("finews/memory/known", 0)
    changed = any(told[name] for name in names[:3])
    return text("something_new" if changed else "nothing_new", **told)


def next_commands(code: str) -> tuple[str, str, str]:
    """Three commands to try, with the path by which this one was called."""
    command = sys.argv[0]
    return (
        f"{command} articles --symbol {SYMBOL}",
        f"{command} show {code}",
        f"{command} sample-site",
    )


def run_demo(console: Console) -> int:
    """Serve, crawl, tell; gives the exit code.

    Raises:
        FinewsError: a setting is wrong or the database cannot be opened.
    """
    log = project_folder() / LOG
    log.parent.mkdir(parents=True, exist_ok=True)
    settings = demo_settings(log)
    with serving(sample_site_root()) as url:
        console.print(text("serving", url=url))
        console.print(text("database", url=shown_url(settings["FINEWS_DATABASE_URL"])))
        result = crawl_sample(settings, url)
    if not result.verdict.ok:
        console.print(text("failed", message=result.verdict.message, log=log))
        return EXIT_FAILED
    console.print(summary_table(result))
    console.print(_outcome_line(result.stats))
    shown = _asked(settings, partial(articles, limit=1, wanted=Filter(symbols=(SYMBOL,))))
    console.print(text("try_next"))
    for command in next_commands(shown[0].code or ""):
        console.print(f"  {command}", soft_wrap=True, highlight=False)
    return 0
