"""A crawl in a process of its own: Scrapy's reactor can run only once in a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from scrapy.settings import Settings


def project_settings() -> Settings:
    """The project's settings, as a process that runs no `scrapy` command has them."""
    settings = Settings()
    settings.setmodule("finews_crawler.settings", priority="project")
    return settings


def crawl_command(
    spider: str, arguments: Mapping[str, str], settings: Mapping[str, str]
) -> list[str]:
    """The words of `scrapy crawl`, with this Python."""
    given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    chosen = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-P", "-m", "scrapy", "crawl", spider, *given, *chosen]


def crawl_environment(**values: str) -> dict[str, str]:
    """The environment of a crawl: the project's settings, wherever it is called from."""
    return {"SCRAPY_SETTINGS_MODULE": "finews_crawler.settings", **os.environ, **values}


def crawl(spider: str, arguments: Mapping[str, str], database: str) -> int:
    """Run a crawl and give its exit code (docs/operations.md)."""
    return run_command(crawl_command(spider, arguments, {"LOG_LEVEL": "WARNING"}), database)


def run_command(command: Sequence[str], database: str) -> int:
    """Run the words of a crawl on a database; gives its exit code.

    Whoever ends this process ends the crawl: Ctrl-C reaches both, SIGTERM is passed on, and the
    crawl stores what is under way.
    """
    environment = crawl_environment(FINEWS_DATABASE_URL=database)
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603
        before = signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # the terminal has told the crawl, too
            raise
        finally:
            signal.signal(signal.SIGTERM, before)
