"""Read the rows of a reference table strictly: what nobody understands is an error."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from finews_crawler.errors import ConfigurationError

T = TypeVar("T")


class TableRow:
    """A table row whose values are taken out one by one; what nobody takes is an error."""

    def __init__(self, place: str, row: object) -> None:
        self._place = place
        if not isinstance(row, dict):
            raise self.error("is no row")
        self._left = dict(row)

    def error(self, detail: str) -> ConfigurationError:
        """An error that names the row."""
        return ConfigurationError(f"{self._place}: {detail}")

    def optional(self, key: str, kind: type[T]) -> T | None:
        """Take a value of a type, if there is one."""
        value: object = self._left.pop(key, None)
        # not isinstance alone: to Python a TOML instant is a date and true is a number
        if value is None or (isinstance(value, kind) and type(value) is kind):
            return value
        raise self.error(f"{key} {value!r} is not of type {kind.__name__}")

    def required(self, key: str, kind: type[T]) -> T:
        """Take a value of a type."""
        value = self.optional(key, kind)
        if value is None:
            raise self.error(f"{key} is missing")
        return value

    def one_of(self, key: str, meanings: Mapping[str, T]) -> T:
        """Take one of some words; gives what it means."""
        value = self.required(key, str)
        if value not in meanings:
            raise self.error(f"{key} {value!r} is none of {', '.join(meanings)}")
        return meanings[value]

    def pattern(self, key: str, text: str) -> re.Pattern[str]:
        """Compile a pattern of the row."""
        try:
            return re.compile(text, re.ASCII)  # else \d takes full-width digits
        except re.error as error:
            raise self.error(f"{key} {text!r}: {error}") from error

    def finish(self) -> None:
        """Complain of what nobody took."""
        if self._left:
            raise self.error(f"unknown {', '.join(self._left)}")


def table_rows(file: str, key: str, table: Mapping[str, object]) -> list[object]:
    """The rows of a table that holds nothing else."""
    rows = table.get(key)
    if not isinstance(rows, list) or len(table) != 1:
        raise ConfigurationError(f"{file}: needs rows [[{key}]] and nothing else")
    return rows


def by_key(file: str, keyed: Iterable[tuple[str, T]]) -> dict[str, T]:
    """Rows by their keys, each of which stands once."""
    found: dict[str, T] = {}
    for key, value in keyed:
        if key in found:
            raise ConfigurationError(f"{file}: {key} stands twice")
        found[key] = value
    return found
