"""When a monitor speaks: thresholds from a file, read strictly.

The file that ships is `data/reference/monitors.toml`; one that an operator names lays over it, key
by key. An unknown key, a wrong type or a value out of bounds is an error that names file and key:
a mistyped threshold would be an alarm that never comes.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from finews_crawler.errors import ConfigurationError
from finews_crawler.reference import data_path

Section = TypeVar("Section")
_SHARE = {"least": 0.0, "most": 1.0}
OTHER = "other"
"""In the table of categories: all that are not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentSource:
    """For `silent_source`."""

    days: int
    least_articles: int
    least_days: int
    factor: float = field(metadata={"least": 1.0})
    least_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfRange:
    """For `out_of_range`."""

    apply_to_all: bool
    days: int
    least_looks: int
    factor: float = field(metadata={"least": 1.0})
    least_posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyRejects:
    """For `many_rejects`."""

    share: float = field(metadata=_SHARE)
    least_pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleShare:
    """For `no_time` and `future_times`."""

    share: float = field(metadata=_SHARE)
    least_articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyShift:
    """For `strategy_shift`."""

    runs: int
    least_runs: int
    days: int
    fall: float = field(metadata=_SHARE)
    least_articles: int
    deviations: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRefuses:
    """For `host_refuses`."""

    least_pages: int
    least_refusals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From `min` to `max`, both allowed."""

    min: int = field(metadata={"least": 0})
    max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a full crawl of the site finds."""

    listings_min: int = field(metadata={"least": 0})
    categories: Mapping[str, Range]

    def of(self, slug: str) -> Range | None:
        """How many posts a category lists."""
        return self.categories.get(slug, self.categories.get(OTHER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """All of them, by the name of the monitor."""

    silent_source: SilentSource
    out_of_range: OutOfRange
    many_rejects: ManyRejects
    no_time: ArticleShare
    future_times: ArticleShare
    strategy_shift: StrategyShift
    host_refuses: HostRefuses
    expected: Expected
    off: frozenset[str]
    """Monitors that are switched off."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands, for the message about it."""

    path: Path
    key: str = ""

    def at(self, key: str) -> "_Place":
        return _Place(self.path, f"{self.key}.{key}".lstrip("."))

    def fault(self, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self.path}: {self.key}: {text}")


def read_thresholds(path: str, kinds: frozenset[str]) -> Thresholds:
    """Read the thresholds.

    Args:
        path: the operator's own file; empty: there is none.
        kinds: the names of all monitors.

    Raises:
        ConfigurationError: a file cannot be read, or a value in it; the message names file and key.
    """
    shipped, site = data_path("reference", "monitors.toml"), data_path("reference", "sites.toml")
    tables, expected = _toml(shipped), _toml(site).get("expected", {})
    found = _thresholds(tables, expected, kinds, (_Place(shipped), _Place(site, "expected")))
    if not path:
        return found
    place = _Place(Path(path))
    tables = _laid_over({**tables, "expected": expected}, _toml(place.path), place)
    expected = tables.pop("expected")
    return _thresholds(tables, expected, kinds, (place, place.at("expected")))


def _thresholds(
    tables: Mapping[str, Any],
    expected: object,
    kinds: frozenset[str],
    places: tuple[_Place, _Place],
) -> Thresholds:
    place, place_of_expected = places
    hints = get_type_hints(Thresholds)
    sections = {name: kind for name, kind in hints.items() if name not in {"off", "expected"}}
    _refuse_unknown({key: 0 for key in tables if key not in hints}, place)
    read = {name: _section(kind, tables[name], place.at(name)) for name, kind in sections.items()}
    return Thresholds(
        off=_off(tables["off"], kinds, place.at("off")),
        expected=_expected(expected, place_of_expected),
        **read,
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _laid_over(below: dict[str, Any], above: dict[str, Any], place: _Place) -> dict[str, Any]:
    """One table over another; where both hold a table, key by key."""
    found = dict(below)
    for key, value in above.items():
        if isinstance(below.get(key), dict):
            found[key] = _laid_over(below[key], _table(value, place.at(key)), place.at(key))
        else:
            found[key] = value
    return found


def _table(value: object, place: _Place) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise place.fault("must be a table")
    return value


def _refuse_unknown(left: Mapping[str, object], place: _Place) -> None:
    if left:
        raise place.at(next(iter(left))).fault("there is no such key")


def _section(kind: type[Section], value: object, place: _Place) -> Section:
    table = dict(_table(value, place))
    hints = get_type_hints(kind)
    read = {}
    for one in fields(kind):  # type: ignore[arg-type]  # a TypeVar cannot say "dataclass"
        if one.name not in table:
            raise place.at(one.name).fault("is missing")
        given = table.pop(one.name)
        read[one.name] = _value(hints[one.name], given, one.metadata, place.at(one.name))
    _refuse_unknown(table, place)
    return kind(**read)


def _value(
    kind: type, given: object, bounds: Mapping[str, float], place: _Place
) -> bool | int | float:
    if kind is bool:
        if not isinstance(given, bool):
            raise place.fault(f"{given!r} is neither true nor false")
        return given
    whole = kind is int
    if isinstance(given, bool) or not isinstance(given, int if whole else int | float):
        raise place.fault(f"{given!r} is no {'whole ' if whole else ''}number")
    least, most = bounds.get("least", 1 if whole else 0.0), bounds.get("most", float("inf"))
    if not least <= given <= most:
        told = f"{least:g} or more" if most == float("inf") else f"from {least:g} to {most:g}"
        raise place.fault(f"{given!r} is not {told}")
    return given


def _expected(value: object, place: _Place) -> Expected:
    table = dict(_table(value, place))
    named = place.at("categories")
    ranges = _table(table.pop("categories", {}), named)
    categories = {slug: _range(one, named.at(slug)) for slug, one in ranges.items()}
    if "listings_min" not in table:
        raise place.at("listings_min").fault("is missing")
    least = _value(int, table.pop("listings_min"), {"least": 0}, place.at("listings_min"))
    _refuse_unknown(table, place)
    return Expected(listings_min=int(least), categories=categories)


def _range(value: object, place: _Place) -> Range:
    found = _section(Range, value, place)
    if found.min > found.max:
        raise place.fault("min is more than max")
    return found


def _off(value: object, kinds: frozenset[str], place: _Place) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise place.fault("must be a list of names of monitors")
    unknown = [one for one in value if one not in kinds]
    if unknown:
        raise place.fault(f"there is no monitor {unknown[0]}; known: {', '.join(sorted(kinds))}")
    return frozenset(value)
