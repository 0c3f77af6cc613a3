"""`/api/v1/changes`: once, with patience (long poll), or without an end (server-sent events)."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine

from finews.web import events
from finews.web.api import models, rows
from finews.web.api.answers import FORMATS, Table, chosen_format, dumped, table_answer
from finews.web.api.asked import HIGHEST_LIMIT, Asked, Fields
from finews.web.depends import TheWatcher
from finews.web.watching import Watcher
from finews.web.words import address
from finews_crawler.errors import QueryError
from pipelines.store import queries
from pipelines.store.queries import Feed, Filter

router = APIRouter()

LONGEST_WAIT_SECONDS = 60
_LARGEST = 2**63 - 1

After = Annotated[
    int | None,
    Query(ge=0, le=_LARGEST, description="Changes after this number; without it, from the first."),
]
Wait = Annotated[
    float,
    Query(
        ge=0,
        le=LONGEST_WAIT_SECONDS,
        description="Seconds to wait for a change when there is none yet.",
    ),
]
LastEvent = Annotated[
    str | None,
    Header(description="The number at which a stream of events broke off; instead of `after`."),
]


@dataclass(frozen=True, kw_only=True)
class Following:
    """What a client follows."""

    engine: Engine
    wanted: Filter
    names: tuple[str, ...]
    """Fields of the article that go with each change; none: changes alone."""

    def feed(self, after: int, limit: int) -> tuple[Feed, list[dict[str, Any]]]:
        """The changes after a number, as they are sent."""
        feed = queries.feed(self.engine, after, limit, self.wanted)
        return feed, self._rows(feed)

    def _rows(self, feed: Feed) -> list[dict[str, Any]]:
        found = [rows.picked(change, rows.CHANGE) for change in feed.changes]
        if not self.names:
            return found
        versions = queries.changed_articles(self.engine, feed.changes)
        return [
            {**change, "article": rows.picked(version, self.names)}
            for change, version in zip(found, versions, strict=True)
        ]

    def check(self, after: int) -> None:
        """Refuse a number that this database has not given out yet: it is of another one.

        Raises:
            QueryError: it lies ahead.
        """
        newest = queries.newest_change(self.engine)
        if after > newest:
            raise QueryError(
                f"after: {after} lies ahead of this database, whose newest change is {newest}; "
                "was the number noted from another database?"
            )


async def _waited(
    following: Following, watcher: Watcher, after: int, limit: int, wait: float
) -> tuple[Feed, list[dict[str, Any]]]:
    """The changes after a number; when there are none, those that come within a time."""
    end = time.monotonic() + wait
    found = await run_in_threadpool(following.feed, after, limit)
    if found[1] or not wait:
        return found
    with watcher.seat():
        while not found[1] and (left := end - time.monotonic()) > 0:
            if await watcher.beyond(found[0].after, left) is None:
                break
            found = await run_in_threadpool(following.feed, found[0].after, limit)
    return found


async def _followed(following: Following, watcher: Watcher, after: int) -> AsyncIterator[str]:
    with watcher.seat():
        yield events.heartbeat(after)
        while not watcher.is_closed:
            feed, found = await run_in_threadpool(following.feed, after, HIGHEST_LIMIT)
            for row in found:
                yield events.event("change", row["seq"], dumped(row).decode())
            after = feed.after
            if len(found) < HIGHEST_LIMIT:
                await watcher.beyond(after, events.HEARTBEAT_SECONDS)
                yield events.heartbeat(after)


def _begin(after: After = None, last_event_id: LastEvent = None) -> int:
    if last_event_id is None:
        return after or 0
    if not (last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 19):
        raise QueryError("last_event_id: it is no number of a change")
    return int(last_event_id)


@router.get("/changes", response_model=models.ChangePage)
async def list_changes(
    question: Asked,
    watcher: TheWatcher,
    begin: Annotated[int, Depends(_begin)],
    wait: Wait = 0,
    fields: Fields = None,
) -> Response:
    """Follow the changes of articles in the order of their commit."""
    request, wanted, limit = question.request, question.wanted, question.limit
    names = () if fields is None else rows.fields_of(fields)
    following = Following(engine=question.engine, wanted=wanted, names=names)
    media = chosen_format(request, (*FORMATS, events.MEDIA_TYPE))
    await run_in_threadpool(following.check, begin)
    if wait or media == events.MEDIA_TYPE:
        watcher.check_room()
    if media == events.MEDIA_TYPE:
        return events.event_stream(request, _followed(following, watcher, begin))
    feed, found = await _waited(following, watcher, begin, limit, wait)
    words = (("after", feed.after), ("limit", limit), ("wait", wait or None), ("fields", fields))
    return table_answer(_table(feed, found, names, address(request.url.path, wanted, words)), media)


def _table(
    feed: Feed, found: list[dict[str, Any]], names: tuple[str, ...], following: str
) -> Table:
    return Table(
        rows=found,
        columns=(*rows.CHANGE, *(("article",) if names else ())),
        around={"after": feed.after, "next": following},
        next=following,
    )
