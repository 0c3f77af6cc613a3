"""A jobs file: TOML, read strictly, with one line for each fault in it."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from scrapy.settings import Settings, default_settings
from scrapy.spiderloader import SpiderLoader

from finews.jobs.timing import Cron, parse_cron, shortest_gap
from finews_crawler.errors import ArgumentError, ConfigurationError
from finews_crawler.options import OPTIONS
from finews_crawler.spans import span
from finews_crawler.spider import FinewsSpider

Overlap = Literal["skip", "wait"]
Missed = Literal["once", "skip"]
SETTINGS_MODULE = "finews_crawler.settings"
DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_GRACE = timedelta(seconds=90)
# It is a file's name and a unit's name, too.
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_SETTING = re.compile(r"[A-Z][A-Z0-9_]*")
_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(days=366)
_NOT_OF_A_JOB = {
    "FINEWS_DATABASE_URL": "all jobs of a file share one database; set it in the environment",
    "FINEWS_JOB": "is the name of the job",
    "FINEWS_NOTIFY": "holds secrets: set it in the environment",
}
_TIMES = ("jitter", "missed", "timezone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A crawl that comes again."""

    name: str
    definition: Mapping[str, Any]
    """As the file says it, to be kept and compared."""
    spider: str
    arguments: Mapping[str, str]
    settings: Mapping[str, str]
    every: timedelta | None
    cron: Cron | None
    """At most one of the two; a job with neither runs only when it is told to."""
    jitter: timedelta
    """A run starts up to so much later than its moment."""
    overlap: Overlap
    missed: Missed
    timeout: timedelta | None
    grace: timedelta
    """How long a crawl that was told to stop may take to end."""

    @property
    def is_timed(self) -> bool:
        """Whether the scheduler starts it."""
        return self.every is not None or self.cron is not None

    def same_times(self, definition: Mapping[str, Any]) -> bool:
        """Whether another definition of it has the same moments."""
        keys = ("every", "cron", "timezone")
        return all(self.definition.get(key) == definition.get(key) for key in keys)


# --- values --------------------------------------------------------------------------------------


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{value!r} is no text")
    return value


def _bounded_span(value: object, least: timedelta) -> timedelta:
    found = span(_word(value))
    if not least <= found <= _LONGEST:
        raise ConfigurationError(f"{value!r} is not between {least.seconds}s and {_LONGEST.days}d")
    return found


def _one_of(value: object, *words: str) -> str:
    if value not in words:
        raise ConfigurationError(f"{value!r} is neither {' nor '.join(words)}")
    return str(value)


def _zone(value: object) -> str:
    try:
        return ZoneInfo(_word(value)).key
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(f"{value!r} is no time zone, such as {DEFAULT_ZONE}") from error


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ConfigurationError("must be a table, { name = value }")
    return value


def _scalar(value: object) -> str:
    """A plain value as the command line takes it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise ConfigurationError(f"{value!r} is neither text nor a number")


def _argument(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_scalar(one) for one in value)
    return _scalar(value)


def _setting(name: str, value: object) -> str:
    text = json.dumps(value) if isinstance(value, dict | list) else _scalar(value)
    option = next((one for one in OPTIONS if one.name == name), None)
    try:
        if option is not None:
            option.parse(text)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    return text


def _arguments(value: object) -> Mapping[str, str]:
    hidden = [name for name in _table(value) if name.startswith("_")]
    if hidden:
        raise ConfigurationError(f"{hidden[0]}: names with _ in front are for schedulers")
    return {name: _argument(one) for name, one in _table(value).items()}


@cache
def _known_settings() -> frozenset[str]:
    modules = (default_settings, import_module(SETTINGS_MODULE))
    names = {name for module in modules for name in dir(module) if _SETTING.fullmatch(name)}
    return frozenset(names | {option.name for option in OPTIONS})


def _settings(value: object) -> Mapping[str, str]:
    read: dict[str, str] = {}
    for name, one in _table(value).items():
        if name in _NOT_OF_A_JOB:
            raise ConfigurationError(f"{name}: {_NOT_OF_A_JOB[name]}")
        if name not in _known_settings():
            near = get_close_matches(name, _known_settings(), 1)
            raise ConfigurationError(f"no setting {name}" + (f"; is it {near[0]}?" if near else ""))
        try:
            read[name] = _setting(name, one)
        except ConfigurationError as error:
            raise ConfigurationError(f"{name}: {error}") from error
    return read


# --- jobs ----------------------------------------------------------------------------------------

# What a job may say, and how it is read.
_KEYS: Mapping[str, Callable[[object], object]] = {
    "spider": _word,
    "arguments": _arguments,
    "settings": _settings,
    "every": partial(_bounded_span, least=_SECOND),
    "cron": _word,
    "jitter": partial(_bounded_span, least=timedelta()),
    "overlap": lambda value: _one_of(value, "skip", "wait"),
    "missed": lambda value: _one_of(value, "once", "skip"),
    "timeout": partial(_bounded_span, least=_SECOND),
    "grace": partial(_bounded_span, least=_SECOND),
    "timezone": _zone,
}
KEYS = tuple(_KEYS)
_DEFAULTS: Mapping[str, object] = {
    "arguments": {},
    "settings": {},
    "every": None,
    "cron": None,
    "jitter": timedelta(),
    "overlap": "skip",
    "missed": "once",
    "timeout": None,
    "grace": DEFAULT_GRACE,
    "timezone": DEFAULT_ZONE,
}


@cache
def spiders() -> Mapping[str, type[FinewsSpider]]:
    """The project's spiders by name."""
    settings = Settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    loader = SpiderLoader.from_settings(settings)
    return {name: cast("type[FinewsSpider]", loader.load(name)) for name in loader.list()}


def _spider_faults(values: Mapping[str, Any]) -> Iterator[str]:
    spider = spiders().get(values["spider"])
    if spider is None:
        known = ", ".join(sorted(spiders()))
        yield f"spider: no spider {values['spider']}; known: {known}"
        return
    try:
        spider.read_values(dict(values["arguments"]))
    except ArgumentError as error:
        yield f"arguments: {error}"


def _time_faults(values: Mapping[str, Any], given: Mapping[str, object]) -> Iterator[str]:
    every, cron, jitter = values["every"], values["cron"], values["jitter"]
    if every is not None and cron is not None:
        yield "every and cron: a job has one of them, not both"
    elif every is None and cron is None:
        needless = [key for key in _TIMES if key in given]
        yield from (f"{key}: has no meaning without every or cron" for key in needless)
    elif jitter >= (every or shortest_gap(cron)):
        yield f"jitter: {given['jitter']!r} is not shorter than the time between two runs"


def _read_values(given: Mapping[str, object], faults: list[str]) -> dict[str, Any]:
    """Read each key by itself; what is missing or faulty has its default."""
    values = dict(_DEFAULTS)
    for key, value in given.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1)
            hint = f"is it {near[0]}?" if near else f"known: {', '.join(KEYS)}"
            faults.append(f"{key}: no such key; {hint}")
            continue
        try:
            values[key] = _KEYS[key](value)
        except ConfigurationError as error:
            faults.append(f"{key}: {error}")
    return values


def _read_cron(values: dict[str, Any], faults: list[str]) -> None:
    """It needs the zone, which is a key of its own."""
    if values["cron"] is None:
        return
    try:
        values["cron"] = parse_cron(values["cron"], values["timezone"])
    except ConfigurationError as error:
        values["cron"] = None
        faults.append(f"cron: {error}")


def _read_job(name: str, given: object, faults: list[str]) -> Job | None:
    if not _NAME.fullmatch(name):
        faults.append("a name has small letters, digits, - and _, at most 64, first a letter")
    if not isinstance(given, dict):
        faults.append("must be a table")
        return None
    values = _read_values(given, faults)
    _read_cron(values, faults)
    if not faults:
        faults += [] if "spider" in given else ["spider: is missing"]
        faults += _spider_faults(values) if "spider" in given else []
        faults += _time_faults(values, given)
    del values["timezone"]
    return None if faults else Job(name=name, definition=given, **values)


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is no TOML: {error}") from error


def read_jobs(path: Path) -> dict[str, Job]:
    """Read a jobs file.

    Raises:
        ConfigurationError: something in it is wrong; a line for each fault names file, job and key.
    """
    tables = _parsed(path)
    told = [f"{path}: {key}: no such table; all stands in [jobs.NAME]" for key in tables]
    told = [line for line in told if not line.startswith(f"{path}: jobs: ")]
    given = tables.get("jobs")
    if not isinstance(given, dict) or not given:
        raise ConfigurationError("\n".join([*told, f"{path}: has no [jobs.NAME]"]))
    jobs: dict[str, Job] = {}
    for name, table in given.items():
        faults: list[str] = []
        job = _read_job(name, table, faults)
        told += [f"{path}: job {name}: {fault}" for fault in faults]
        if job is not None:
            jobs[name] = job
    if told:
        raise ConfigurationError("\n".join(told))
    return jobs


def find_job(jobs: Mapping[str, Job], name: str, path: Path) -> Job:
    """The job of a name.

    Raises:
        ConfigurationError: the file has none; the message lists those that it has.
    """
    if name not in jobs:
        raise ConfigurationError(f"{path}: no job {name}; known: {', '.join(sorted(jobs))}")
    return jobs[name]
