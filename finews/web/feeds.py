"""`/feed.atom` (RFC 4287) and `/feed.json` (JSON Feed 1.1): the newest articles of any filter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from finews.web.api.answers import tag_of, unchanged
from finews.web.depends import TheEngine, Wanted, only_known_words
from finews.web.feed_forms import Channel, atom, json_feed
from finews.web.words import address, words_of
from pipelines.store import queries
from pipelines.store.queries import Filter

router = APIRouter(dependencies=[Depends(only_known_words)])

_SECOND = timedelta(seconds=1)
_ATOM, _JSON = "application/atom+xml", "application/feed+json"


@dataclass(frozen=True)
class FeedQuestion:
    """What a feed is asked with."""

    request: Request
    engine: TheEngine
    wanted: Wanted
    limit: Annotated[int, Query(ge=1, le=200, description="Articles at most.")] = 50


Asked = Annotated[FeedQuestion, Depends()]


def last_modified(known: datetime, now: datetime) -> datetime:
    """A time in whole seconds after which nothing has changed.

    While the second of the last change is not over, another change may come in it: then the one
    before is told, so that nobody takes that for what he has.
    """
    whole = known.replace(microsecond=0)
    return whole if now - whole >= _SECOND else whole - _SECOND


def _is_since(header: str | None, modified: datetime) -> bool:
    """Whether a client's `If-Modified-Since` covers what there is."""
    try:
        since = parsedate_to_datetime(header or "")
    except ValueError:
        return False
    return since.tzinfo is not None and modified <= since


def _not_modified(request: Request, tag: str, modified: datetime) -> Response | None:
    """An entity tag goes before a time: RFC 9110, section 13.2.2."""
    if "if-none-match" in request.headers:
        return unchanged(request, tag)
    if _is_since(request.headers.get("if-modified-since"), modified):
        return Response(status_code=304, headers={"etag": tag})
    return None


def _channel(question: FeedQuestion, known: datetime) -> Channel:
    base, wanted = str(question.request.base_url).rstrip("/"), question.wanted
    found = queries.articles(question.engine, question.limit, wanted)
    return Channel(
        base=base,
        address=base + str(question.request.url.path) + _query(question.request),
        home=base + address("/", wanted),
        words=tuple(words_of(_lasting(wanted))),
        articles=found,
        updated=max((one.seen_at for one in found), default=known),
    )


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def _lasting(wanted: Filter) -> Filter:
    """What of a filter names a feed: moments can be relative, and another one each time."""
    return Filter(
        symbols=wanted.symbols,
        sources=wanted.sources,
        categories=wanted.categories,
        kinds=wanted.kinds,
        with_late=wanted.with_late,
    )


def _answer(question: FeedQuestion, media: str, form: Callable[[Channel], bytes]) -> Response:
    request, known = question.request, queries.known_until(question.engine)
    tag = tag_of(media, request.base_url, known, question.wanted, question.limit)
    modified = last_modified(known, datetime.now(UTC))
    if (kept := _not_modified(request, tag, modified)) is not None:
        return kept
    told = format_datetime(modified.astimezone(UTC), usegmt=True)
    headers = {"etag": tag, "last-modified": told}
    return Response(form(_channel(question, known)), media_type=media, headers=headers)


@router.get("/feed.atom", response_class=Response, responses={200: {"content": {_ATOM: {}}}})
def get_atom_feed(question: Asked) -> Response:
    """Give the newest articles as an Atom feed."""
    return _answer(question, _ATOM, atom)


@router.get("/feed.json", response_class=Response, responses={200: {"content": {_JSON: {}}}})
def get_json_feed(question: Asked) -> Response:
    """Give the newest articles as a JSON Feed."""
    return _answer(question, _JSON, json_feed)
