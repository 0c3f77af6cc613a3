"""The JSON endpoint behind a share page, `NewsData/GetNewsText.do?id=NW…`, as JSON or JSONP."""

from datetime import datetime

from finews_crawler.errors import EmptyAnswerError, UnknownLayoutError
from finews_crawler.extraction.body import Body, read_body
from finews_crawler.extraction.html import parse_fragment
from finews_crawler.extraction.records import (
    Record,
    answered_code,
    digest,
    named_value,
    origin,
    plain_text_of,
    records_of,
    unwrapped_json,
    value,
)
from finews_crawler.items import RawArticle, StatedTime

EXTRACTOR = "share_json/1"


def _record(body: bytes, url: str, asked: str | None) -> Record:
    """The record of the article asked for, else the first that holds a text."""
    answer = unwrapped_json(body, url)
    if not isinstance(answer, dict | list):
        raise UnknownLayoutError(url, f"a JSON {type(answer).__name__}, no object")
    records = [record for record in records_of(answer) if value(record, "text")]
    if not records:
        raise EmptyAnswerError(url, "no text under any known name")
    return next((one for one in records if asked and answered_code(one) == asked), records[0])


def _code(record: Record, asked: str | None, url: str) -> str | None:
    """The answer's own id must be the one asked for: another article's text is worse than none."""
    answered = answered_code(record)
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
    found = _body(value(record, "text") or "", url)
    if not found.blocks:
        raise EmptyAnswerError(url, "the text holds no words")
    time = value(record, "time")
    return RawArticle(
        page_kind="share_json",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=tuple(found.blocks),
        code=_code(record, asked, url),
        canonical_url=share_url,
        title=plain_text_of(value(record, "title")),
        times=(StatedTime(where="json", text=time),) if time else (),
        source_line=found.source_line or value(record, "source"),
        digest=digest(record),
        share_url=share_url,
        origin_url=origin(record),
        related=tuple(found.related),
        unknown_widgets=tuple(found.unknown_widgets),
        strategies=_strategies(record),
    )


def _strategies(record: Record) -> dict[str, str]:
    named = {"body": "text", "title": "title"}
    found = {field: named_value(record, name)[0] for field, name in named.items()}
    return {field: name for field, name in found.items() if name}
