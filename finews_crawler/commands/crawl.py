"""`scrapy crawl` with honest ends.

Scrapy's own command returns 0 whatever the crawl did, and shows a traceback for a mistyped
argument. This one of the same name checks arguments and database before the first request, prints
one line at the end, and returns:

| code | meaning |
|-----:|---------|
| 0 | the crawl ended by itself and stored or confirmed at least one article |
| 1 | the crawl failed: site not reached, no listing found, nothing stored, or stopped early |
| 2 | it was not started: unknown spider or argument, bad setting, database cannot be opened |
"""

import argparse
import logging
import sys
from typing import cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from finews_crawler.errors import ConfigurationError, FinewsError
from finews_crawler.options import check_options
from finews_crawler.outcome import Verdict, judge
from finews_crawler.spider import FinewsSpider

EXIT_FAILED = 1
EXIT_NOT_STARTED = 2


def say(line: str) -> None:
    """Print a line for the operator; standard output may carry articles (`-O -`)."""
    sys.stderr.write(f"finews: {line}\n")


def preflight(settings: BaseSettings) -> None:
    """Check what must hold before the first request; the checks are named in the settings.

    Raises:
        FinewsError: one fails.
    """
    check_options(settings)
    # It tells of each of its plugins when it is first imported.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for path in settings.getlist("FINEWS_PREFLIGHT"):
        load_object(path)(settings)


def verdict_of(crawler: Crawler) -> Verdict:
    """Judge a crawl that has ended."""
    # A crawl that was never begun has no statistics either.
    stats = crawler.stats.get_stats() if crawler.spider is not None else {}
    reason = stats.get("finish_reason")
    if reason is None:
        return Verdict(ok=False, message="the crawl did not start: see the log", reason="none")
    return judge(stats, str(reason))


class Command(ScrapyCrawl):
    """Run a spider by name."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, judge."""
        if len(args) != 1:
            raise UsageError
        try:
            self._check(args[0], opts.spargs)
        except FinewsError as error:
            say(str(error))
            self.exitcode = EXIT_NOT_STARTED
            return
        self._crawl(args[0], opts.spargs)

    def _check(self, name: str, given: dict[str, str]) -> None:
        loader = self.crawler_process.spider_loader  # type: ignore[union-attr]
        if name not in loader.list():
            known = ", ".join(sorted(loader.list()))
            raise ConfigurationError(f"no spider {name}; known: {known}")
        cast("type[FinewsSpider]", loader.load(name)).read_values(given)
        preflight(cast("BaseSettings", self.settings))

    def _crawl(self, name: str, given: dict[str, str]) -> None:
        process = self.crawler_process
        crawler = self._create_crawler(name)
        process.crawl(crawler, **given)  # type: ignore[union-attr]
        process.start()  # type: ignore[union-attr]
        verdict = verdict_of(crawler)
        say(f"{name}: {verdict.message}" if verdict.ok else f"{name}: failed: {verdict.message}")
        self.exitcode = 0 if verdict.ok else EXIT_FAILED
