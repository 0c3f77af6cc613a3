"""CSV that a spreadsheet opens right: UTF-8 with its mark, RFC 4180, no cell that calculates.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that
has such apostrophes already: `unguarded` gives every text back as it was.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, BinaryIO, get_args, get_origin

import orjson

from finews.export.jsonl import OPTIONS, time_text
from finews.export.tables import About

# What begins a formula in Excel, LibreOffice or Google Sheets (OWASP, "CSV Injection"); full-width
# forms do in versions for Chinese and Japanese.
_FIRST = "=+-@\t\r\n＝＋－＠"
_FORMULA = re.compile(f"'*[{re.escape(_FIRST)}]")
_SUSPECT = frozenset(f"'{_FIRST}")


def guarded(text: str) -> str:
    """A text as it stands in a cell."""
    return f"'{text}" if text[:1] in _SUSPECT and _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def _quoted(text: str) -> str:
    """By hand: `csv.writer` looks at texts letter by letter, which took half of the time."""
    return '"' + text.replace('"', '""') + '"'


def _text(value: str | None) -> str:
    return "" if value is None else _quoted(guarded(value))


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _answer(value: bool | None) -> str:
    return _plain(value).lower()


def _time(value: datetime | None) -> str:
    return time_text(value) or ""


def _parts(value: object) -> str:
    return _quoted(orjson.dumps(value, default=time_text, option=OPTIONS).decode())


_CELLS: Mapping[object, Callable[[Any], str]] = {
    datetime: _time,
    bool: _answer,
    int: _plain,
    float: _plain,
}


def _cell(hint: Any) -> Callable[[Any], str]:
    """How a column of this Python type is written; most are texts, or one of several words."""
    if get_origin(hint) is tuple:
        return _parts
    inner = next((one for one in get_args(hint) if one is not NoneType), hint)
    return _CELLS.get(inner, _text)


class Csv:
    """Writes rows under a line of names."""

    def __init__(self, out: BinaryIO, about: About) -> None:
        self._out = out
        self._cells = [(name, _cell(hint)) for name, hint in about.table.columns.items()]
        out.write(BOM_UTF8)
        self._put([about.table.columns])

    def _put(self, lines: Iterable[Iterable[str]]) -> None:
        self._out.write("".join([f"{','.join(cells)}\r\n" for cells in lines]).encode())

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows."""
        self._put([cell(row[name]) for name, cell in self._cells] for row in rows)

    def close(self) -> None:
        """Nothing ends the file."""
