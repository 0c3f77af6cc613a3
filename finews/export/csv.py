"""CSV that a spreadsheet opens right: UTF-8 with its mark, RFC 4180, no cell that calculates.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that
has such apostrophes already: `unguarded` gives every text back as it was.
"""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from finews.export.jsonl import OPTIONS, time_text
from finews.export.tables import About

# What begins a formula in Excel, LibreOffice or Google Sheets (OWASP, "CSV Injection"); full-width
# forms do in versions for Chinese and Japanese.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """A text as it stands in a cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    if value is None or isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else value
    if isinstance(value, datetime):
        return time_text(value)
    return orjson.dumps(value, default=time_text, option=OPTIONS).decode()


class Csv:
    """Writes rows under a line of names."""

    def __init__(self, out: BinaryIO, about: About) -> None:
        self._out = out
        self._columns = about.table.columns
        out.write(BOM_UTF8)
        self._put([self._columns])

    def _put(self, lines: Sequence[Sequence[Any]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        self._out.write(text.getvalue().encode())

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows."""
        self._put([[_cell(row[name]) for name in self._columns] for row in rows])

    def close(self) -> None:
        """Nothing ends the file."""
