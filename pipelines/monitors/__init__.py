"""Is the site as it always was? What a crawl is held against when it ends.

| part | what it does |
|------|--------------|
| `thresholds` | When a monitor speaks: read strictly from a file. |
| `history` | Which earlier crawls did the same work, and what became of them. |
| `facts` | What the database tells of sources and listings. |
| `checks` | Facts and thresholds in, findings out; a table of checks. |

Why not Spidermon: its monitors see the statistics of one crawl. Most of what matters here is only
visible against what the database remembers (a source that falls silent, a strategy that gives way
to another, a crawl that died). What is good of it is here, too: a monitor is a small named check, a
threshold stands in a file and not in code, all monitors run whatever one of them finds, and what
they find is sent to people (`pipelines.notify`). A setting that is missing aborts Spidermon's whole
suite at the end of a crawl; here it is refused before the first request.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from traceback import format_exc
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings
from scrapy.statscollectors import StatsCollector
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from finews_crawler.errors import FinewsError, one_line
from finews_crawler.outcome import FINDINGS, FOUND, NATURAL_ENDS, count_of
from finews_crawler.reference import load_table
from pipelines.monitors.checks import CHECKS, Facts, check
from pipelines.monitors.facts import Regular, Rhythm, Usual, listed_posts, rhythms, usual_posts
from pipelines.monitors.history import (
    RunFacts,
    dead_runs,
    good_ends,
    good_runs,
    load_run,
    sound_runs,
)
from pipelines.monitors.thresholds import Thresholds, read_thresholds
from pipelines.store.engine import writing
from pipelines.store.findings import Finding, load_findings, write_findings

KINDS = frozenset(CHECKS)
"""What monitors can be switched off by."""
ALL_KINDS = ("gap", *CHECKS, "monitors_failed")
"""All kinds of findings: `gap` is found where listings are written, the last one by `watch`."""
logger = logging.getLogger(__name__)
_CHOOSING: Mapping[str, tuple[str, ...]] = {"category": ("categories",), "live": ("columns",)}
"""Spiders that read everything unless one of these arguments chooses a part."""


def preflight(settings: BaseSettings) -> None:
    """Read the thresholds before the first request.

    Raises:
        ConfigurationError: a file or a value in it cannot be used.
    """
    read_thresholds(settings["FINEWS_MONITORS"], KINDS)


def findings_of(
    engine: Engine,
    run_id: int,
    stats: Mapping[str, object],
    settings: BaseSettings,
    now: datetime | None = None,
) -> list[Finding]:
    """What is wrong, at the end of a crawl; reads only.

    Args:
        engine: the database, with all that the crawl has stored.
        run_id: the crawl's row in `crawl_run`.
        stats: its statistics.
        settings: its settings.
        now: the moment; None: this one.

    Raises:
        ConfigurationError: the thresholds cannot be read.
    """
    thresholds = read_thresholds(settings["FINEWS_MONITORS"], KINDS)
    with engine.connect() as connection:
        run = load_run(connection, run_id)
        ended = _Ended(run, stats, settings, now or datetime.now(UTC))
        return check(_facts(connection, ended, thresholds), thresholds)


def watch(engine: Engine, run_id: int, stats: StatsCollector, settings: BaseSettings) -> list[str]:
    """Find what is wrong, keep it, and say so in the crawl's statistics.

    Gives a line for each finding of the run, also for those that were kept while it went on. A
    monitor that fails is a finding itself: an alarm that breaks must not look like silence, and the
    record of the run is written in any case.
    """
    now = datetime.now(UTC)
    found: list[Finding] = []
    try:
        found = findings_of(engine, run_id, stats.get_stats(), settings, now)
        kept = _kept(engine, run_id, found, now)
    except (SQLAlchemyError, FinewsError) as error:
        line = one_line(error)
        kept = [*found, _broken(line)]
    except Exception as error:  # noqa: BLE001 - see above
        logger.debug("the monitors: %s", format_exc())
        kept = [*found, _broken(f"{type(error).__name__}: {error}")]
    lines = [one.line for one in kept]
    if lines:
        stats.set_value(FINDINGS, lines)
    for one in kept:
        stats.inc_value(f"{FOUND}{one.kind}")
    return lines


def _kept(engine: Engine, run_id: int, found: list[Finding], now: datetime) -> list[Finding]:
    with writing(engine).begin() as connection:
        write_findings(connection, found, run_id, now)
        return load_findings(connection, run_id)


def _broken(detail: str) -> Finding:
    return Finding(kind="monitors_failed", subject="", detail=detail)


# --- what the checks need ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ended:
    """A crawl at its end."""

    run: RunFacts
    stats: Mapping[str, object]
    settings: BaseSettings
    now: datetime

    @property
    def is_whole(self) -> bool:
        """Whether it read every listing that there is."""
        spider, given = self.run.work.spider, self.run.work.arguments
        chosen = any(given.get(name) for name in _CHOOSING.get(spider, ()))
        ended_well = self.stats.get("finish_reason", "finished") in NATURAL_ENDS
        if spider not in _CHOOSING or chosen or not ended_well:
            return False
        return self._missed_listings() == 0

    def _missed_listings(self) -> int:
        count = {
            name: count_of(self.stats, f"finews/{name}")
            for name in (
                "category/requested",
                "category/read",
                "category/absent",
                "origin/list/missed",
                "origin/refused",
            )
        }
        if self.run.work.spider == "live":
            read = count_of(self.stats, "finews/origin/list/read")
            return count["origin/list/missed"] + count["origin/refused"] + (read == 0)
        read_or_absent = count["category/read"] + count["category/absent"]
        return count["category/requested"] - read_or_absent + (count["category/read"] == 0)

    def has_ranges(self, *, apply_to_all: bool) -> bool:
        """Whether the site that was read is the one whose ranges are known."""
        if self.run.work.spider != "category":
            return False
        root = self.run.work.arguments.get("site") or self.settings["FINEWS_SITE"]
        return apply_to_all or urlsplit(root).hostname in load_table("sites")["site"]["hosts"]


def _facts(connection: Connection, ended: _Ended, thresholds: Thresholds) -> Facts:
    run, now = ended.run, ended.now
    shift = thresholds.strategy_shift
    regular = _rhythms(connection, ended, thresholds)
    has_ranges = ended.has_ranges(apply_to_all=thresholds.out_of_range.apply_to_all)
    posts = listed_posts(connection, run.id) if run.work.spider in _CHOOSING else {}
    return Facts(
        spider=run.work.spider,
        stats=ended.stats,
        now=now,
        shown=timedelta(days=load_table("sites")["site"]["shown_days"]),
        rhythms=regular,
        good_ends=_good_ends(connection, ended, thresholds) if regular else (),
        listed=posts if has_ranges else None,
        posts=posts,
        usual=_usual(connection, ended, thresholds, posts),
        is_whole=ended.is_whole,
        before=good_runs(connection, run, now - timedelta(days=shift.days), shift.runs),
        dead=dead_runs(connection, run, now),
    )


def _usual(
    connection: Connection, ended: _Ended, thresholds: Thresholds, slugs: Collection[str]
) -> dict[str, Usual]:
    if not slugs or "out_of_range" in thresholds.off:
        return {}
    since = ended.now - timedelta(days=thresholds.out_of_range.days)
    return usual_posts(connection, slugs, since, sound_runs(connection, ended.run, since))


def _rhythms(connection: Connection, ended: _Ended, thresholds: Thresholds) -> list[Rhythm]:
    known = thresholds.silent_source
    if not ended.is_whole or "silent_source" in thresholds.off:
        return []
    wanted = Regular(
        since=ended.now - timedelta(days=known.days),
        until=ended.now,
        least_articles=known.least_articles,
        least_days=known.least_days,
    )
    return rhythms(connection, wanted)


def _good_ends(connection: Connection, ended: _Ended, thresholds: Thresholds) -> list[datetime]:
    since = ended.now - timedelta(days=thresholds.silent_source.days)
    return good_ends(connection, tuple(_CHOOSING), since)
