"""Logs as JSON: one object a line, whoever speaks; in this process and in real crawls."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Spider
from scrapy.settings import Settings
from scrapy.utils.log import (
    _uninstall_scrapy_root_handler,
    configure_logging,
    get_scrapy_root_handler,
)
from scrapy.utils.test import get_crawler

from finews.sample_site.server import sample_site_root
from finews_crawler.json_logs import JsonLines, JsonLogs, install
from finews_crawler.outcome import RUN_ID

if TYPE_CHECKING:
    from tests.conftest import Crawler

URL = "http://127.0.0.1/快讯.html"


def record(message: Any = "read %s", *values: object, **changed: Any) -> logging.LogRecord:
    made = logging.LogRecord("finews.a", logging.INFO, "", 0, message, values or (URL,), None)
    made.created = 1_765_875_600.25
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def said(made: logging.LogRecord, lines: JsonLines | None = None) -> dict[str, Any]:
    line = (lines or JsonLines()).format(made)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


# --- a record ---------------------------------------------------------------------------------


def test_a_line() -> None:
    assert said(record()) == {
        "time": "2025-12-16T09:00:00.250+00:00",
        "level": "INFO",
        "logger": "finews.a",
        "message": f"read {URL}",
    }


def test_chinese_letters_stay_as_they_are() -> None:
    assert "快讯" in JsonLines().format(record())


def test_a_message_of_several_lines_is_one() -> None:
    assert said(record("a\nb%s", "\nc"))["message"] == "a\nb\nc"


def test_a_traceback_is_a_field() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("两行\n的错误")
    found = said(record(exc_info=(caught.type, caught.value, caught.tb)))
    first, *_, last = found["traceback"].splitlines()
    assert first == "Traceback (most recent call last):"
    assert last.startswith("ValueError: invalid literal for int()")
    assert found["message"] == f"read {URL}"


def test_what_loggers_pass_beside_the_message_is_left_out() -> None:
    found = said(record(spider=Spider("a"), crawler=object()))
    assert sorted(found) == ["level", "logger", "message", "time"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (record("%d pages", "many"), "%d pages ('many',)"),
        (record("%s and %s", "one"), "%s and %s ('one',)"),
        (record({"pages": 3}, args=()), "{'pages': 3}"),
    ],
)
def test_a_record_that_does_not_fit_is_a_line_too(made: logging.LogRecord, message: str) -> None:
    assert said(made)["message"] == message


# --- handlers ---------------------------------------------------------------------------------


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back after the test."""
    root, shown = logging.getLogger(), warnings.showwarning
    level, handlers = root.level, list(root.handlers)
    yield root
    _uninstall_scrapy_root_handler()
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)
    warnings.showwarning = shown


def json_settings(path: Path | None = None, **given: object) -> Settings:
    file = {"LOG_FILE": str(path)} if path else {}
    return Settings({"FINEWS_LOG_FORMAT": "json", "LOG_LEVEL": "INFO", **file, **given})


def own_handlers(root: logging.Logger) -> list[logging.Handler]:
    return [one for one in root.handlers if isinstance(one.formatter, JsonLines)]


def test_text_is_left_to_scrapy(root: logging.Logger) -> None:
    settings = Settings({"FINEWS_LOG_FORMAT": "text"})
    install(settings)
    assert own_handlers(root) == []
    assert settings.getbool("LOG_INSTALL_ROOT_HANDLER") is True


def test_a_file_survives_the_set_up_of_scrapys_logging(
    root: logging.Logger, tmp_path: Path
) -> None:
    path = tmp_path / "a.log"
    path.write_text("before\n")
    settings = json_settings(path, LOG_FILE_APPEND=False)
    install(settings)
    logging.getLogger("a").info("first")
    configure_logging(settings)
    logging.getLogger("a").info("second")
    logging.getLogger("a").debug("hidden")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["first", "second"]


def test_without_a_log_nothing_is_written(
    root: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    install(json_settings(LOG_ENABLED=False))
    logging.getLogger("a").error("unheard")
    assert capfd.readouterr() == ("", "")


def test_warnings_are_lines_too(root: logging.Logger, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    install(json_settings(path))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
    (line,) = path.read_text(encoding="utf-8").splitlines()
    told = json.loads(line)
    assert (told["logger"], told["level"]) == ("py.warnings", "WARNING")
    assert "DeprecationWarning: old ways" in told["message"]


def test_lines_say_their_spider_and_their_run(root: logging.Logger, tmp_path: Path) -> None:
    install(json_settings(tmp_path / "a.log"))
    (handler,) = own_handlers(root)
    lines = handler.formatter
    assert isinstance(lines, JsonLines)
    crawler = get_crawler(type("Own", (Spider,), {"name": "own"}), settings_dict={})
    JsonLogs.from_crawler(crawler)
    assert said(record(), lines)["spider"] == "own"
    assert "run_id" not in said(record(), lines)
    crawler.stats.set_value(RUN_ID, 7)
    assert said(record(), lines)["run_id"] == 7


def test_scrapys_own_handler_is_changed_where_another_program_crawls(
    root: logging.Logger, tmp_path: Path
) -> None:
    settings = json_settings(tmp_path / "a.log")
    configure_logging(settings)
    JsonLogs.from_crawler(get_crawler(settings_dict={"FINEWS_LOG_FORMAT": "json"}))
    scrapys = get_scrapy_root_handler()
    assert scrapys is not None
    assert isinstance(scrapys.formatter, JsonLines)


# --- a crawl ----------------------------------------------------------------------------------

SHORT = ("-a", "categories=Wind", "-s", "FINEWS_LOG_FORMAT=json")


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if not line.startswith("finews: ")]


def test_a_crawl_speaks_json_from_the_first_line_on(
    crawler: "Crawler", served: Callable[[Path], str]
) -> None:
    crawler.environment["PYTHONWARNINGS"] = "always"
    site = served(sample_site_root())
    crawl = crawler.run("category", "-a", f"site={site}", *SHORT, "-L", "INFO")
    told = objects(crawl.told)
    messages = [one["message"] for one in told]
    assert crawl.exit_code == 0
    assert messages[0].startswith("Scrapy ")
    assert any(message.startswith("Dumping Scrapy stats:\n") for message in messages)
    assert {one.get("spider") for one in told if one["message"].startswith("Spider closed")} == {
        "category"
    }
    assert told[-1]["run_id"] == 1
    assert crawl.last_line.startswith("finews: category: articles: ")


def test_a_log_file_holds_json_and_nothing_else(
    crawler: "Crawler", served: Callable[[Path], str], tmp_path: Path
) -> None:
    path, site = tmp_path / "crawl.log", served(sample_site_root())
    path.write_text("of another crawl\n")
    to_file = ("-s", f"LOG_FILE={path}", "-s", "LOG_FILE_APPEND=0", "-L", "INFO")
    crawl = crawler.run("category", "-a", f"site={site}", *SHORT, *to_file)
    lines = [json.loads(line)["message"] for line in path.read_text("utf-8").splitlines()]
    assert len([line for line in lines if line.startswith("Scrapy ")]) == 1
    assert [line for line in crawl.told.splitlines() if not line.startswith("finews: ")] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-s", "FINEWS_LOG_FORMAT=xml"), "FINEWS_LOG_FORMAT='xml': must be text or json"),
        (("-s", "LOG_FILE=/nowhere/a.log"), "the log: [Errno 2] No such file or directory"),
        (("-L", "LOUD"), "the log: Unknown level: 'LOUD'"),
    ],
)
def test_a_log_that_cannot_be_stops_the_crawl(
    crawler: "Crawler", words: tuple[str, ...], told: str
) -> None:
    crawl = crawler.run("category", "-s", "FINEWS_LOG_FORMAT=json", *words)
    assert crawl.exit_code == 2
    assert told in crawl.last_line
    assert "Traceback" not in crawl.told
