"""A crawl in a process of its own: Scrapy's reactor can run only once in a process."""

import os
import subprocess
import sys
from collections.abc import Mapping

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
    command = crawl_command(spider, arguments, {"LOG_LEVEL": "WARNING"})
    environment = crawl_environment(FINEWS_DATABASE_URL=database)
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # the terminal has told the crawl, too: it stores what is under way
            raise
