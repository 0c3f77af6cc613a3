"""JSON Lines: a row a line, in the form of `finews.reader.plain`."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, BinaryIO

import orjson

from finews.export.tables import About
from finews_crawler.items import isoformat_shanghai

# Rows of a batch share their times; a sixth of an export went into printing them.
time_text = lru_cache(maxsize=4096)(isoformat_shanghai)
OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


class JsonLines:
    """Writes rows as lines of UTF-8."""

    def __init__(self, out: BinaryIO, _about: About) -> None:
        self._out = out

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows."""
        options = OPTIONS | orjson.OPT_APPEND_NEWLINE
        lines = [orjson.dumps(row, default=time_text, option=options) for row in rows]
        self._out.write(b"".join(lines))

    def close(self) -> None:
        """Nothing ends the file."""
