"""The JSON endpoint behind a share page, `NewsData/GetNewsText.do?id=NW…`, as JSON or JSONP."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from finews_crawler.errors import EmptyAnswerError, UnknownLayoutError
from finews_crawler.extraction.body import Body, read_body
from finews_crawler.extraction.html import parse_fragment, squeeze, text_of
from finews_crawler.extraction.ids import article_code
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "share_json/1"

_JSONP = re.compile(r"(?:/\*.*?\*/\s*)?[\w$.]+\s*\((.*)\)", re.DOTALL)
_ASSIGNMENT = re.compile(r"(?:var\s+)?[\w$.]+\s*=(.*)", re.DOTALL)
_ENVELOPES = ("data", "result", "record", "records", "nodelist", "news")
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


def _records(answer: object) -> Iterator[Mapping[str, Any]]:
    """The objects that may be the article: the answer itself, then what its envelopes hold."""
    if isinstance(answer, list):
        for entry in answer:
            yield from _records(entry)
    elif isinstance(answer, dict):
        lowered = {str(name).lower(): value for name, value in answer.items()}
        yield lowered
        for name in _ENVELOPES:
            yield from _records(lowered.get(name))


def _named_value(record: Mapping[str, Any], field: str) -> tuple[str, str | None]:
    """The first of the field's names that holds a word, with it; numbers are their digits."""
    for name in FIELDS[field]:
        value = record.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            text = str(value).replace("\0", "").encode("utf-8", "replace").decode().strip()
            if text:
                return name, text
    return "", None


def _value(record: Mapping[str, Any], field: str) -> str | None:
    return _named_value(record, field)[1]


def _answered_code(record: Mapping[str, Any]) -> str | None:
    codes = (article_code(str(record.get(name, ""))) for name in FIELDS["id"])
    return next(filter(None, codes), None)


def _record(body: bytes, url: str, asked: str | None) -> Mapping[str, Any]:
    """The record of the article asked for, else the first that holds a text."""
    answer = unwrapped_json(body, url)
    if not isinstance(answer, dict | list):
        raise UnknownLayoutError(url, f"a JSON {type(answer).__name__}, no object")
    records = [record for record in _records(answer) if _value(record, "text")]
    if not records:
        raise EmptyAnswerError(url, "no text under any known name")
    return next((one for one in records if asked and _answered_code(one) == asked), records[0])


def _code(record: Mapping[str, Any], asked: str | None, url: str) -> str | None:
    """The answer's own id must be the one asked for: another article's text is worse than none."""
    answered = _answered_code(record)
    if asked and answered and asked != answered:
        raise UnknownLayoutError(url, f"asked for {asked}, answered {answered}")
    return asked or answered


def _body(text: str, url: str) -> Body:
    fragment = parse_fragment(text, url)
    return read_body([fragment], url)


def extract_share_json(
    body: bytes,
    url: str,
    fetched_at: datetime,
    *,
    asked: str | None = None,
    share_url: str | None = None,
) -> RawArticle:
    """Read the endpoint's answer for the article `asked` (18 digits).

    Raises:
        UnknownLayoutError: not JSON, or the answer is about another article.
        EmptyAnswerError: an answer without text.
    """
    record = _record(body, url, asked)
    found = _body(_value(record, "text") or "", url)
    if not found.blocks:
        raise EmptyAnswerError(url, "the text holds no words")
    time = _value(record, "time")
    return RawArticle(
        page_kind="share_json",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=tuple(found.blocks),
        code=_code(record, asked, url),
        canonical_url=share_url,
        title=squeeze(_value(record, "title") or ""),
        times=(StatedTime(where="json", text=time),) if time else (),
        source_line=found.source_line or _value(record, "source"),
        digest=_digest(record),
        share_url=share_url,
        origin_url=_origin(record),
        related=tuple(found.related),
        unknown_widgets=tuple(found.unknown_widgets),
        strategies=_strategies(record),
    )


def _strategies(record: Mapping[str, Any]) -> dict[str, str]:
    named = {"body": "text", "title": "title"}
    found = {field: _named_value(record, name)[0] for field, name in named.items()}
    return {field: name for field, name in found.items() if name}


def _digest(record: Mapping[str, Any]) -> str | None:
    """The summary; its first 【…】 repeats the title, a later one is part of it."""
    text = text_of(parse_fragment(found, "")) if (found := _value(record, "digest")) else ""
    return _DIGEST_TITLE.sub("", text) or None


def _origin(record: Mapping[str, Any]) -> str | None:
    address = _value(record, "origin") or ""
    return address if re.match(r"https?://[\w.]*eastmoney\.com/", address) else None
