"""Eastmoney's JSON: unwrapping an answer, and the names under which endpoints keep a field."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from finews_crawler.addresses import is_of_eastmoney
from finews_crawler.errors import UnknownLayoutError
from finews_crawler.extraction.html import squeeze
from finews_crawler.extraction.ids import article_code

Record = Mapping[str, Any]

_ENVELOPES = (
    *("data", "result", "record", "records", "nodelist", "news", "list"),
    *("fastnewslist", "liveslist", "cmsarticlewebold"),
)
_JSONP = re.compile(r"(?:/\*.*?\*/\s*)?[\w$.]+\s*\((.*)\)", re.DOTALL)
_ASSIGNMENT = re.compile(r"(?:var\s+)?[\w$.]+\s*=(.*)", re.DOTALL)
_MARKUP = re.compile(r"</?(?:em|b|strong|i|u|font|span|p|br|a|div)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_DIGEST_TITLE = re.compile(r"^【[^】]*】\s*")

# Names by lower case: the site's two generators read `text` for publishers' news and `content`
# for the rolling news of the same endpoint; the others are those that public clients declare.
FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text", "content", "newstext"),
    "title": ("title", "simtitle"),
    "time": ("showtime", "date", "datetime", "publishtime"),
    "source": ("medianame", "from", "source"),
    "id": ("infocode", "newsid", "id", "code", "newid"),
    "origin": ("url_w", "url", "url_unique", "uniqueurl"),
    "digest": ("digest", "simdigest", "summary"),
}


def unwrapped_json(body: bytes, url: str) -> Any:
    """Decode JSON, JSONP (`cb({…})`) or an assignment (`var ajaxResult={…}`).

    Raises:
        UnknownLayoutError: it is none of these.
    """
    text = body.decode("utf-8-sig", "replace").strip()
    statement = text.rstrip("; \r\n\t")
    wrapped = _JSONP.fullmatch(statement) or _ASSIGNMENT.fullmatch(statement)
    for candidate in filter(None, (text, wrapped and wrapped[1])):
        try:
            return json.loads(candidate)
        except (ValueError, RecursionError):  # ValueError: also a number of too many digits
            continue
    raise UnknownLayoutError(url, "neither JSON nor JSONP")


def records_of(answer: object) -> Iterator[Record]:
    """The objects that may be an article: the answer itself, then what its envelopes hold.

    Keys are lowered: endpoints write `infoCode`, `infocode` and `InfoCode`.
    """
    waiting = [answer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, dict):
            lowered = {str(name).lower(): value for name, value in one.items()}
            yield lowered
            waiting += (lowered[name] for name in reversed(_ENVELOPES) if name in lowered)


def named_value(record: Record, field: str) -> tuple[str, str | None]:
    """The first of the field's names that holds a word, with it; numbers are their digits."""
    for name in FIELDS[field]:
        value = record.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            text = str(value).replace("\0", "").encode("utf-8", "replace").decode().strip()
            if text:
                return name, text
    return "", None


def value(record: Record, field: str) -> str | None:
    """The field's value, under whichever of its names it stands."""
    return named_value(record, field)[1]


def answered_code(record: Record) -> str | None:
    """The article's 18 digits, under whichever name."""
    codes = (article_code(str(record.get(name, ""))) for name in FIELDS["id"])
    return next(filter(None, codes), None)


def digest(record: Record) -> str | None:
    """The summary; its first 【…】 repeats the title, a later one is part of it."""
    text = plain_text_of(value(record, "digest"))
    return _DIGEST_TITLE.sub("", text).removesuffix("[点击查看全文]").strip() or None


def origin(record: Record) -> str | None:
    """The article's address at Eastmoney."""
    address = value(record, "origin")
    return address if address and is_of_eastmoney(address) else None


def plain_text_of(text: str | None) -> str:
    """The words of a field that may hold markup (`<em>` around what was searched for).

    Only known tags are markup: 利差<LPR is words.
    """
    return squeeze(unescape(_MARKUP.sub("", text or "")))
