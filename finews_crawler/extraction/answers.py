"""Eastmoney's answers: a page of a list, an article, or a refusal in the form of success.

A refusal must not look like the end of a list: what follows it is a pause, not the next list.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finews_crawler.errors import EmptyAnswerError, ExtractionError, UnknownLayoutError
from finews_crawler.extraction.html import parse_html, text_of
from finews_crawler.extraction.lists import extract_list
from finews_crawler.extraction.origin import extract_origin
from finews_crawler.extraction.records import Record, answered_code, records_of, unwrapped_json
from finews_crawler.extraction.share_json import extract_share_json
from finews_crawler.items import RawArticle

_SAID = 200
"""Characters of a refusal that are kept."""
_SHORT = 500
"""Characters of a page that is no more than a question; longer ones have a login box, too."""


class RefusedAnswerError(ExtractionError):
    """The endpoint answered with an error code; the message is its own, where it has one."""

    reason = "refused_answer"


class VerifyPageError(ExtractionError):
    """A page that wants a reader to prove that he is one, instead of what was asked for."""

    reason = "verify_page"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list."""

    articles: tuple[RawArticle, ...]
    """In its order; none where the list has ended."""
    cursor: str | None
    """From where the next page goes on, in lists that have that."""


@dataclass(frozen=True, slots=True)
class AskedArticle:
    """The article that an answer must be about."""

    code: str
    """Its 18 digits."""
    share_url: str
    """Its share page."""
    verify_words: tuple[str, ...]
    """Words of pages that want a proof, in small letters."""


def _is_html(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _words_of_page(body: bytes, url: str) -> str:
    """Title and text of a page, without scripts."""
    root = parse_html(body, url)
    for element in root.xpath("//script | //style"):
        element.drop_tree()
    return text_of(root)


def _refuse_verify_page(body: bytes, url: str, words: Iterable[str]) -> None:
    if not _is_html(body):
        return
    said = _words_of_page(body, url)
    if len(said) <= _SHORT and any(word in said.lower() for word in words):
        raise VerifyPageError(url, said[:_SAID])


def _word(record: Record, *names: str) -> str | None:
    found = (record.get(name) for name in names)
    return next((str(one) for one in found if isinstance(one, str | int) and str(one)), None)


def _refusal(answer: Any, success: Collection[str]) -> str | None:
    """What the answer says why it refuses; None when it does not."""
    if not isinstance(answer, dict):
        return None
    top = {str(name).lower(): value for name, value in answer.items()}
    code = _word(top, "code", "rc")
    if code is None or code in success:
        return None
    return f"{_word(top, 'message', 'msg', 'me') or 'no message'} (code {code})"[:_SAID]


def _cursor(records: Collection[Record]) -> str | None:
    """The last item's place in the list, else the place that the answer itself names."""
    places = [_word(record, "realsort") for record in records if answered_code(record)]
    named = (_word(record, "sortend") for record in records)
    return next(filter(None, reversed(places)), None) or next(filter(None, named), None)


def _names(answer: Any) -> list[str]:
    """The names of what an answer holds, inside its envelope where it has one."""
    inner = answer.get("result") or answer.get("data") if isinstance(answer, dict) else None
    shown = inner if isinstance(inner, dict) else answer
    return [str(name) for name in shown] if isinstance(shown, dict) else []


def _empty_page(answer: Any, holds: str, url: str) -> ListPage:
    """An answer without articles: the list's end, if there is a list in it."""
    if any(holds.lower() in record for record in records_of(answer)):
        return ListPage(articles=(), cursor=None)
    others = ", ".join(_names(answer)) or "nothing"
    raise EmptyAnswerError(url, f"no {holds} in the answer, only {others}"[:_SAID])


def extract_list_page(
    body: bytes, url: str, fetched_at: datetime, *, holds: str, success: Collection[str]
) -> ListPage:
    """Read one page of a list whose items stand under `holds`.

    Raises:
        VerifyPageError: a page of HTML instead of JSON.
        RefusedAnswerError: no articles, and a code that is not one of `success`.
        EmptyAnswerError: no list in the answer at all.
        UnknownLayoutError: neither JSON nor JSONP.
    """
    if _is_html(body):
        raise VerifyPageError(url, f"a page instead of a list: {_words_of_page(body, url)[:_SAID]}")
    answer = unwrapped_json(body, url)
    try:
        articles = extract_list(body, url, fetched_at)
    except EmptyAnswerError:
        refusal = _refusal(answer, success)
        if refusal is not None:
            raise RefusedAnswerError(url, refusal) from None
        return _empty_page(answer, holds, url)
    return ListPage(articles=articles, cursor=_cursor(list(records_of(answer))))


def extract_article(
    body: bytes, url: str, fetched_at: datetime, *, asked: AskedArticle
) -> RawArticle:
    """Read an article's own page.

    Raises:
        VerifyPageError: a page that wants a proof.
        UnknownLayoutError: no article page, or another article's.
    """
    try:
        raw = extract_origin(body, url, fetched_at)
    except UnknownLayoutError:
        _refuse_verify_page(body, url, asked.verify_words)
        raise
    if raw.code != asked.code:
        told = raw.code or "another page"
        raise UnknownLayoutError(url, f"asked for {asked.code}, answered {told}")
    return raw


def extract_text(body: bytes, url: str, fetched_at: datetime, *, asked: AskedArticle) -> RawArticle:
    """Read an article's JSON text.

    Raises:
        VerifyPageError: a page that wants a proof.
        UnknownLayoutError: not JSON, or another article's.
        EmptyAnswerError: an answer without text.
    """
    _refuse_verify_page(body, url, asked.verify_words)
    return extract_share_json(body, url, fetched_at, asked=asked.code, share_url=asked.share_url)
