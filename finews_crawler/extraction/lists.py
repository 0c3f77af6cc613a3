"""Eastmoney's lists of news: 7×24, columns, search, and the older `record`s and `nodeList`.

An item names an article and tells its digest; its text stands on the article's own page.
"""

import re
from datetime import datetime

from finews_crawler.errors import EmptyAnswerError
from finews_crawler.extraction.origin import article_url
from finews_crawler.extraction.records import (
    Record,
    answered_code,
    digest,
    origin,
    plain_text_of,
    records_of,
    unwrapped_json,
    value,
)
from finews_crawler.items import Paragraph, RawArticle, Run, StatedTime

EXTRACTOR = "list/1"

_SECID = re.compile(r"\d{1,3}\.[A-Za-z0-9_\-]+")


def _secids(record: Record) -> tuple[str, ...]:
    listed = record.get("stocklist")
    words = listed if isinstance(listed, list) else str(listed or "").split(",")
    return tuple(dict.fromkeys(word for word in map(str, words) if _SECID.fullmatch(word)))


def _article(record: Record, code: str, url: str, fetched_at: datetime) -> RawArticle:
    words = digest(record) or plain_text_of(value(record, "text"))
    time = value(record, "time")
    return RawArticle(
        page_kind="list",
        extractor=EXTRACTOR,
        url=url,
        fetched_at=fetched_at,
        body=(Paragraph(runs=(Run(text=words),)),) if words else (),
        body_kind="digest",
        code=code,
        canonical_url=article_url(code),
        title=plain_text_of(value(record, "title")),
        times=(StatedTime(where="json", text=time),) if time else (),
        source_line=value(record, "source"),
        origin_url=origin(record) or article_url(code),
        listed_secids=_secids(record),
        strategies={"title": "list item", "body": "list digest"},
    )


def extract_list(body: bytes, url: str, fetched_at: datetime) -> tuple[RawArticle, ...]:
    """Read a list's articles in its order; one without a digest has no body.

    Raises:
        UnknownLayoutError: neither JSON nor JSONP.
        EmptyAnswerError: no article in it; the message is the endpoint's own, where it has one.
    """
    answer = unwrapped_json(body, url)
    coded = ((record, answered_code(record)) for record in records_of(answer))
    found = tuple(_article(record, code, url, fetched_at) for record, code in coded if code)
    if not found:
        said = answer.get("message") if isinstance(answer, dict) else None
        raise EmptyAnswerError(url, f"no articles in the list: {said or 'no message'}")
    return found
