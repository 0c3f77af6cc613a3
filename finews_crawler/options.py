"""The project's own settings: one table for `-s NAME=VALUE`, the environment and the documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from finews_crawler.errors import ArgumentError, ConfigurationError
from finews_crawler.old_posts import checked_template
from finews_crawler.outcome import Outcome
from finews_crawler.reference import load_table
from finews_crawler.site import checked_root
from finews_crawler.spans import span

if TYPE_CHECKING:  # who only reads the database's address need not wait for Scrapy
    from scrapy.settings import BaseSettings

SettingValue = str | int | float
LOG_FORMATS = ("text", "json")


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


def _switch(text: str) -> int:
    try:
        return {"1": 1, "0": 0}[text.strip()]
    except KeyError as error:
        raise ValueError("must be 1 or 0") from error


def _span_seconds(text: str) -> float:
    return span(text).total_seconds()


def _outcomes(text: str) -> str:
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = get_args(Outcome)
    if not words or not set(words) <= set(known):
        raise ValueError(f"must be some of {', '.join(known)}, with commas between")
    return ",".join(words)


def _log_format(text: str) -> str:
    if text.strip() not in LOG_FORMATS:
        raise ValueError(f"must be {' or '.join(LOG_FORMATS)}")
    return text.strip()


def _metrics_file(text: str) -> str:
    if text and Path(text).suffix != ".prom":
        raise ValueError("must end in .prom: the node exporter reads no other file")
    return text


def project_folder() -> Path:
    """The folder of the nearest `scrapy.cfg` upwards, else the working folder."""
    here = Path.cwd()
    return next((path for path in (here, *here.parents) if (path / "scrapy.cfg").is_file()), here)


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
        "FINEWS_OLD_POSTS",
        checked_template,
        lambda: "",
        "Where posts are kept that the site shows no more, as an address with `{date}` and "
        "`{slug}` in it: `https://…/old_post/{date}-{slug}.md`. Asked when a listed post is gone.",
        "empty",
    ),
    Option(
        "FINEWS_ORIGIN_PAUSE_SECONDS",
        _seconds,
        lambda: float(load_table("origin")["politeness"]["pause_seconds"]),
        "Seconds that `live` and `stock` wait after Eastmoney's first refusal; each further time "
        "twice as long.",
        "`30`",
    ),
    Option(
        "FINEWS_PROGRESS",
        _switch,
        lambda: 1,
        "0: no live bar; where standard error is no terminal there is none anyhow.",
        "`1`",
    ),
    Option(
        "FINEWS_JOB",
        str,
        lambda: "",
        "Name of the scheduled job that a crawl belongs to; it stands in the run's record.",
        "empty",
    ),
    Option(
        "FINEWS_RETRY_PAUSE_SECONDS",
        _seconds,
        lambda: 2.0,
        "Seconds before a page that failed is asked again; twice as long each further time, and up "
        "to half more by chance.",
        "`2`",
    ),
    Option(
        "FINEWS_LONGEST_PAUSE_SECONDS",
        _seconds,
        lambda: 600.0,
        "Seconds that a crawl waits at most before it asks a host or a page again. A host that "
        "asks for more (Retry-After) is left alone for the rest of the crawl.",
        "`600` (ten minutes)",
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
    Option(
        "FINEWS_LOG_FORMAT",
        _log_format,
        lambda: "text",
        "`json`: each line of the log is a JSON object; see [monitoring](monitoring.md).",
        "`text`",
    ),
    Option(
        "FINEWS_MONITORS",
        str,
        lambda: "",
        "TOML file with thresholds of the monitors; what it does not say is as in "
        "`data/reference/monitors.toml`.",
        "empty",
    ),
    Option(
        "FINEWS_NOTIFY",
        str,
        lambda: "",
        "Who is told how crawls end: Apprise URLs with spaces between. They hold secrets: set them "
        "in the environment, not on a command line.",
        "empty",
    ),
    Option(
        "FINEWS_NOTIFY_ON",
        _outcomes,
        lambda: "degraded,failed",
        "End states that are told: some of `ok`, `degraded`, `failed`. A recovery is always told.",
        "`degraded,failed`",
    ),
    Option(
        "FINEWS_NOTIFY_AGAIN",
        _span_seconds,
        lambda: "6h",
        "How long a trouble that stands is not told again: 30m, 6h, 1d.",
        "`6h`",
    ),
    Option(
        "FINEWS_NOTIFY_FOLDER",
        str,
        lambda: str(project_folder() / "data" / "var" / "notified"),
        "Where it is noted what was told of a crawl that has no record in the database.",
        "`<project>/data/var/notified`",
    ),
    Option(
        "FINEWS_METRICS_FILE",
        _metrics_file,
        lambda: "",
        "Prometheus textfile, `/var/lib/node_exporter/finews.prom`; each job writes one of its "
        "own, `finews-<job>.prom`.",
        "empty",
    ),
    Option(
        "FINEWS_WEB_TOKEN",
        str,
        lambda: "",
        "Token that readers of `finews serve` must know; needed beyond this machine. A secret: set "
        "it in the environment, or use `--token-file`. Crawls do not use it.",
        "empty",
    ),
)


def option_values(environment: Mapping[str, str]) -> dict[str, SettingValue]:
    """Give every option its words from the environment, unread, else its default.

    Reading waits for `check_options`, so that a bad value is one line and no traceback.
    """
    words = {option.name: environment.get(option.name, "").strip() for option in OPTIONS}
    return {option.name: words[option.name] or option.default() for option in OPTIONS}


def read_options(environment: Mapping[str, str]) -> dict[str, SettingValue]:
    """Give every option its value from the environment, read, else its default.

    Raises:
        ConfigurationError: a value cannot be understood; the message names the setting.
    """
    given = option_values(environment)
    return {option.name: _read(option, str(given[option.name])) for option in OPTIONS}


def check_options(settings: "BaseSettings") -> None:
    """Read the values that the environment and `-s` gave, and put them in their types.

    A value that cannot be understood is replaced by the default before this ends: who tells of the
    failure needs settings, too.

    Raises:
        ConfigurationError: a value cannot be understood; the message names the setting.
    """
    faults = [fault for option in OPTIONS if (fault := _check(option, settings))]
    if faults:
        raise faults[0]


def _check(option: Option, settings: "BaseSettings") -> ConfigurationError | None:
    given = settings.get(option.name)
    if not isinstance(given, str):
        return None
    fault, value = None, option.default()
    try:
        value = _read(option, given)
    except ConfigurationError as error:
        fault = error
        value = _read(option, value) if isinstance(value, str) else value
    settings.set(option.name, value, priority=settings.getpriority(option.name) or 0)
    return fault


def _read(option: Option, text: str) -> SettingValue:
    try:
        return option.parse(text)
    except (ValueError, ArgumentError) as error:
        raise ConfigurationError(f"{option.name}={text!r}: {error}") from error
