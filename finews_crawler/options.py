"""The project's own settings: one table for `-s NAME=VALUE`, the environment and the documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from finews_crawler.errors import ArgumentError, ConfigurationError
from finews_crawler.reference import load_table
from finews_crawler.site import checked_root

SettingValue = str | int | float


@dataclass(frozen=True, slots=True)
class Option:
    """One setting; the environment variable has the same name."""

    name: str
    parse: Callable[[str], SettingValue]
    default: Callable[[], SettingValue]
    help: str
    shown_default: str
    """The default as the documents print it."""


def _positive_int(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise ValueError("must be a whole number, 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError("must be a number of seconds, 0 or more")
    return value


def project_folder() -> Path:
    """The folder of the nearest `scrapy.cfg` upwards, else the working folder."""
    found = closest_scrapy_cfg()
    return Path(found).parent if found else Path.cwd()


def _default_database() -> str:
    return f"sqlite:///{project_folder() / 'data' / 'var' / 'finews.db'}"


OPTIONS: tuple[Option, ...] = (
    Option(
        "FINEWS_DATABASE_URL",
        str,
        _default_database,
        "Where articles are stored: any SQLAlchemy URL; SQLite and PostgreSQL "
        "(`postgresql+psycopg://user@host/db`) are tested.",
        "`sqlite:///<project>/data/var/finews.db`, made when missing",
    ),
    Option(
        "FINEWS_SITE",
        checked_root,
        lambda: str(load_table("sites")["site"]["url"]),
        "The site that `category` crawls when `-a site=` is not given.",
        "`https://finews.withounder.com/`",
    ),
    Option(
        "FINEWS_SHARE_ENDPOINT",
        checked_root,
        lambda: str(load_table("sites")["site"]["share_endpoint"]),
        "The host asked for the text behind a share page when neither `-a endpoint=` nor the page "
        "names one.",
        "`http://finews.zning.xyz/`",
    ),
    Option(
        "FINEWS_BATCH_SIZE",
        _positive_int,
        lambda: 200,
        "Articles per transaction at most.",
        "`200`",
    ),
    Option(
        "FINEWS_BATCH_SECONDS",
        _seconds,
        lambda: 0.5,
        "Seconds that a finished article waits at most for its transaction to fill; it waits a "
        "tenth of that when no other comes.",
        "`0.5`",
    ),
    Option(
        "FINEWS_LAST_SEEN_SECONDS",
        _seconds,
        lambda: 86400.0,
        "Resolution of `article.last_seen_at`: an unchanged article's row is written again only "
        "when the stored time is older than this.",
        "`86400` (a day)",
    ),
    Option(
        "FINEWS_DATABASE_PATIENCE_SECONDS",
        _seconds,
        lambda: 60.0,
        "Seconds that a crawl waits for a database which is out of reach, before it stops and "
        "keeps what it could not write on disk.",
        "`60`",
    ),
    Option(
        "FINEWS_UNSENT_FOLDER",
        str,
        lambda: str(project_folder() / "data" / "var" / "unsent"),
        "Where a crawl that lost its database keeps what it could not write; the next one sends "
        "it.",
        "`<project>/data/var/unsent`",
    ),
)


def option_values(environment: Mapping[str, str]) -> dict[str, SettingValue]:
    """Give every option its words from the environment, unread, else its default.

    Reading waits for `check_options`, so that a bad value is one line and no traceback.
    """
    words = {option.name: environment.get(option.name, "").strip() for option in OPTIONS}
    return {option.name: words[option.name] or option.default() for option in OPTIONS}


def check_options(settings: BaseSettings) -> None:
    """Read the values that the environment and `-s` gave, and put them in their types.

    Raises:
        ConfigurationError: a value cannot be understood; the message names the setting.
    """
    for option in OPTIONS:
        given = settings.get(option.name)
        if isinstance(given, str):
            priority = settings.getpriority(option.name) or 0
            settings.set(option.name, _read(option, given), priority=priority)


def _read(option: Option, text: str) -> SettingValue:
    try:
        return option.parse(text)
    except (ValueError, ArgumentError) as error:
        raise ConfigurationError(f"{option.name}={text!r}: {error}") from error
