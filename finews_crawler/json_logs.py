"""Logs for programs: one JSON object a line (`FINEWS_LOG_FORMAT=json`).

| field | holds |
|-------|-------|
| `time` | UTC, ISO 8601 with milliseconds |
| `level` | `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL` |
| `logger` | who says it |
| `message` | the line as text would have it |
| `spider` | of this process; absent before its crawl is set up |
| `run_id` | the crawl's number in `crawl_run`; absent before it has one |
| `traceback` | a whole traceback in one string; absent without one |

Two parts. `install` takes the place of Scrapy's handler before the first line is logged. The
extension says which spider and run the lines belong to; where Scrapy's handler is in use (another
program runs the crawl), it changes that one's lines, from then on.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pythonjsonlogger.json import JsonFormatter
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from finews_crawler.outcome import RUN_ID


def is_json(settings: BaseSettings) -> bool:
    """Whether the operator wants JSON."""
    return str(settings.get("FINEWS_LOG_FORMAT")).strip() == "json"


class JsonLines(JsonFormatter):
    """Makes one JSON object of a log record."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)
        self.crawler: Crawler | None = None
        """The crawl of this process."""

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Fill in what is known; what loggers pass beside their message are objects of Scrapy."""
        at = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = at.isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = record.message or str(record.msg)
        log_data.update(self._whereabouts())
        traceback = message_dict.get("exc_info") or message_dict.get("stack_info")
        if traceback:
            log_data["traceback"] = traceback

    def format(self, record: logging.LogRecord) -> str:
        """One line, also for a record whose message and values do not fit."""
        try:
            record.getMessage()
        except (TypeError, ValueError, KeyError):
            record.msg, record.args = f"{record.msg} {record.args!r}", ()
        return super().format(record)

    def _whereabouts(self) -> dict[str, object]:
        if self.crawler is None:
            return {}
        run_id = self.crawler.stats.get_value(RUN_ID)
        known = {"spider": self.crawler.spidercls.name, "run_id": run_id}
        return {name: value for name, value in known.items() if value is not None}


def install(settings: BaseSettings) -> None:
    """Log JSON from the first line on, to where Scrapy's settings say.

    To be called before Scrapy sets up its logging: its own handler would be made anew for every
    crawl, each time with its own lines.

    Raises:
        OSError: `LOG_FILE` cannot be written.
        ValueError: `LOG_LEVEL` is no level.
    """
    if not is_json(settings):
        return
    handler = _handler(settings)
    handler.setFormatter(JsonLines())
    handler.setLevel(settings["LOG_LEVEL"])
    logging.root.setLevel(logging.NOTSET)
    logging.root.addHandler(handler)
    logging.captureWarnings(True)
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")


def _handler(settings: BaseSettings) -> logging.Handler:
    if path := settings.get("LOG_FILE"):
        if not settings.getbool("LOG_FILE_APPEND"):
            Path(path).write_bytes(b"")
        # Scrapy's set-up closes all handlers; a file that is appended to is opened again.
        return logging.FileHandler(path, mode="a", encoding=settings.get("LOG_ENCODING"))
    return logging.StreamHandler() if settings.getbool("LOG_ENABLED") else logging.NullHandler()


class JsonLogs:
    """Says which spider and which run the lines of this process belong to."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Find the handlers that write JSON."""
        scrapys = get_scrapy_root_handler()
        if is_json(crawler.settings) and scrapys is not None:
            scrapys.setFormatter(JsonLines())
        for handler in logging.root.handlers:
            if isinstance(handler.formatter, JsonLines):
                handler.formatter.crawler = crawler
        return cls()
