"""`scrapy crawl` with honest ends.

Scrapy's own command returns 0 whatever the crawl did, and shows a traceback for a mistyped
argument. This one of the same name checks arguments and database before the first request, prints
one line at the end, and returns:

| code | meaning |
|-----:|---------|
| 0 | the crawl ended by itself and stored or confirmed at least one article |
| 1 | the crawl failed: site not reached, no listing found, nothing stored, or stopped early |
| 2 | it was not started: unknown spider or argument, bad setting, database cannot be opened |
| 3 | as 0, but degraded: the monitors found something; one line tells each finding |

Whoever the setting `FINEWS_AFTER_RUN` names is told of every end.
"""

import argparse
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from finews_crawler import json_logs
from finews_crawler.errors import ConfigurationError, FinewsError
from finews_crawler.options import check_options
from finews_crawler.outcome import FINDINGS, NOT_STARTED, RUN_ID, EndedRun, Outcome, Verdict, judge
from finews_crawler.spider import FinewsSpider

EXIT_FAILED = 1
EXIT_NOT_STARTED = 2
EXIT_DEGRADED = 3
EXIT_CODES: Mapping[Outcome, int] = {"ok": 0, "failed": EXIT_FAILED, "degraded": EXIT_DEGRADED}
MOST_FINDINGS = 5
"""So many are told one by one."""

logger = logging.getLogger(__name__)


def say(line: str) -> None:
    """Print a line for the operator; standard output may carry articles (`-O -`)."""
    sys.stderr.write(f"finews: {line}\n")


def preflight(settings: BaseSettings) -> None:
    """Check what must hold before the first request; the checks are named in the settings.

    Raises:
        FinewsError: one fails.
    """
    check_options(settings)
    for path in settings.getlist("FINEWS_PREFLIGHT"):
        load_object(path)(settings)


def _stats_of(crawler: Crawler) -> dict[str, object]:
    """A crawl that was never begun has no statistics either."""
    return dict(crawler.stats.get_stats()) if crawler.spider is not None else {}


def _run_id(stats: Mapping[str, object]) -> int | None:
    return cast("int | None", stats.get(RUN_ID))


def verdict_of(crawler: Crawler) -> Verdict:
    """Judge a crawl that has ended."""
    stats = _stats_of(crawler)
    reason = stats.get("finish_reason")
    if reason is None:
        return Verdict(ok=False, message="the crawl did not start: see the log", reason="none")
    return judge(stats, str(reason), cast("list[str]", stats.get(FINDINGS, [])))


def closing_lines(name: str, verdict: Verdict, run_id: int | None) -> list[str]:
    """What the operator reads at the end, the most important line last.

    Findings are told where they are what is wrong; `finews runs show` has those of a failure, too.
    """
    if not verdict.ok:
        return [f"{name}: failed: {verdict.message}"]
    told = [f"{name}: {line}" for line in verdict.findings[:MOST_FINDINGS]]
    more = len(verdict.findings) - MOST_FINDINGS
    if more > 0:
        shown = "" if run_id is None else f": finews runs show {run_id}"
        told.append(f"{name}: and {more} more{shown}")
    return [*told, f"{name}: {verdict.message}"]


def tell(run: EndedRun, settings: BaseSettings) -> None:
    """Tell whoever the settings name how a run ended; a run is what it is without them."""
    for path in settings.getlist("FINEWS_AFTER_RUN"):
        try:
            load_object(path)(run, settings)
        except Exception as error:  # noqa: BLE001 - a run is not worse for one who cannot be told
            # What other errors say may hold an address with its secrets.
            is_ours = isinstance(error, FinewsError | OSError)
            logger.error("%s: %s", path, error if is_ours else type(error).__name__)  # noqa: TRY400


class Command(ScrapyCrawl):
    """Run a spider by name."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Set up logging where it is not Scrapy's own."""
        # It tells of each of its plugins when it is first imported.
        logging.getLogger("alembic").setLevel(logging.WARNING)
        super().process_options(args, opts)
        try:
            json_logs.install(cast("BaseSettings", self.settings))
        except (OSError, ValueError) as error:
            raise UsageError(f"the log: {error}", print_help=False) from error

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, judge, tell."""
        if len(args) != 1:
            raise UsageError
        name, given = args[0], opts.spargs
        began = datetime.now(UTC)
        stats: dict[str, object] = {}
        try:
            self._check(name, given)
        except FinewsError as error:
            say(str(error))
            self.exitcode = EXIT_NOT_STARTED
            verdict = Verdict(False, str(error), NOT_STARTED)
        else:
            verdict, stats = self._crawl(name, given)
            self.exitcode = EXIT_CODES[verdict.outcome]
        settings = cast("BaseSettings", self.settings)
        run = EndedRun(
            spider=name,
            arguments=given,
            job=settings["FINEWS_JOB"] or None,
            verdict=verdict,
            exit_code=self.exitcode,
            started_at=began,
            finished_at=datetime.now(UTC),
            run_id=_run_id(stats),
            stats=stats,
        )
        tell(run, settings)

    def _check(self, name: str, given: dict[str, str]) -> None:
        # First: whoever is told of a failure reads settings, too.
        check_options(cast("BaseSettings", self.settings))
        loader = self.crawler_process.spider_loader  # type: ignore[union-attr]
        if name not in loader.list():
            known = ", ".join(sorted(loader.list()))
            raise ConfigurationError(f"no spider {name}; known: {known}")
        cast("type[FinewsSpider]", loader.load(name)).read_values(given)
        preflight(cast("BaseSettings", self.settings))

    def _crawl(self, name: str, given: dict[str, str]) -> tuple[Verdict, dict[str, object]]:
        process = self.crawler_process
        crawler = self._create_crawler(name)
        process.crawl(crawler, **given)  # type: ignore[union-attr]
        process.start()  # type: ignore[union-attr]
        verdict, stats = verdict_of(crawler), _stats_of(crawler)
        for line in closing_lines(name, verdict, _run_id(stats)):
            say(line)
        return verdict, stats
