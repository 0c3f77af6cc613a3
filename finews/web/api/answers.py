"""Answers: JSON, JSON Lines or CSV, with a mark by which a client asks whether it still holds."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import Request, Response

from finews.web.problems import WebError
from finews_crawler.items import isoformat_shanghai

JSON, LINES, CSV = "application/json", "application/x-ndjson", "text/csv"
FORMATS = (JSON, LINES, CSV)
_ALIASES = {"application/jsonl": LINES, "application/jsonlines": LINES, "application/ndjson": LINES}
_CHARSET = {CSV: "text/csv; charset=utf-8; header=present"}

Row = Mapping[str, Any]


# --- which form -----------------------------------------------------------------------------------


def _ranges(accept: str) -> Iterable[tuple[float, int, str]]:
    """The media ranges of an `Accept` header: quality, how exact, which."""
    for part in accept.lower().split(","):
        media, *parameters = (one.strip() for one in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            yield float(quality), 2 - media.count("*"), _ALIASES.get(media, media)
        except ValueError:
            continue


def _quality(offered: str, ranges: Sequence[tuple[float, int, str]]) -> float:
    family = f"{offered.partition('/')[0]}/*"
    fits = [one for one in ranges if one[2] in {offered, family, "*/*"}]
    return max(fits, key=lambda one: one[1])[0] if fits else 0.0


def chosen_format(request: Request, offered: Sequence[str] = FORMATS) -> str:
    """The form that a client likes best; the first offered where it does not say.

    Raises:
        WebError: it takes none of them.
    """
    ranges = list(_ranges(request.headers.get("accept") or "*/*"))
    best = max(offered, key=lambda one: _quality(one, ranges))
    if _quality(best, ranges) <= 0:
        raise WebError(406, f"this can be had as {', '.join(offered)}")
    return best


# --- does it still hold ---------------------------------------------------------------------------


def tag_of(*parts: object) -> str:
    """A weak entity tag: the same for the same parts, as long as the program is the same."""
    text = "\0".join([version("finews"), *map(repr, parts)])
    return f'W/"{sha256(text.encode()).hexdigest()[:24]}"'


def unchanged(request: Request, tag: str) -> Response | None:
    """The answer to a client that has this already; None: it has not."""
    known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known or tag.removeprefix("W/") in known or "*" in known:
        return Response(status_code=304, headers={"etag": tag, "vary": "Accept"})
    return None


# --- the answer -----------------------------------------------------------------------------------


def plain(value: object) -> object:
    """The JSON form of what JSON does not know."""
    if isinstance(value, datetime):
        return isoformat_shanghai(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def dumped(value: object) -> bytes:
    """A value as JSON; times in China's zone."""
    return orjson.dumps(value, default=plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _cell(value: object) -> object:
    """A value in a CSV file: texts and numbers as they are, lists and objects as JSON."""
    if isinstance(value, datetime):
        return isoformat_shanghai(value)
    if value is None or isinstance(value, str | int | float | date):
        return str(value).lower() if isinstance(value, bool) else value
    return dumped(value).decode()


def _as_csv(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows that can be told in each form."""

    rows: Sequence[Row]
    columns: Sequence[str]
    around: Mapping[str, Any]
    """What stands beside the rows in a JSON answer."""
    next: str | None = None

    def body(self, media: str) -> bytes:
        """The rows in a form."""
        if media == CSV:
            return _as_csv(self.rows, self.columns)
        if media == LINES:
            return b"".join(dumped(row) + b"\n" for row in self.rows)
        return dumped({"items": self.rows, **self.around})


def table_answer(table: Table, media: str, tag: str | None = None) -> Response:
    """Answer with rows; where the next ones are stands in the header `Link`, too."""
    headers = {"vary": "Accept"}
    headers |= {"etag": tag} if tag else {}
    headers |= {"link": f'<{table.next}>; rel="next"'} if table.next else {}
    return Response(table.body(media), media_type=_CHARSET.get(media, media), headers=headers)


def whole_table(request: Request, table: Table) -> Response:
    """Answer with a short list; its mark is made of what it says."""
    media = chosen_format(request)
    tag = tag_of(media, table.body(media))
    return unchanged(request, tag) or table_answer(table, media, tag)


def one_answer(request: Request, value: object) -> Response:
    """Answer with one object."""
    media = chosen_format(request, (JSON,))
    body = dumped(value)
    tag = tag_of(body)
    headers = {"etag": tag, "vary": "Accept"}
    return unchanged(request, tag) or Response(body, media_type=media, headers=headers)
