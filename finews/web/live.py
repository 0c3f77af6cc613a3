"""`/live`: the number of the newest change each time it grows, for pages that are open."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from finews.web.depends import TheEngine, TheWatcher, only_known_words
from finews.web.events import HEARTBEAT_SECONDS, event, event_stream, heartbeat
from finews.web.watching import Watcher
from pipelines.store import queries

router = APIRouter(dependencies=[Depends(only_known_words)], include_in_schema=False)


async def _numbers(watcher: Watcher, newest: int) -> AsyncIterator[str]:
    with watcher.seat():
        yield event("change", newest, str(newest))
        while not watcher.is_closed:
            newer = await watcher.beyond(newest, HEARTBEAT_SECONDS)
            newest = newest if newer is None else newer
            yield heartbeat(newest) if newer is None else event("change", newest, str(newest))


@router.get("/live")
async def live(request: Request, engine: TheEngine, watcher: TheWatcher) -> Response:
    """Tell the number of the newest change at once, and each time it grows."""
    watcher.check_room()
    newest = await run_in_threadpool(queries.newest_change, engine)
    return event_stream(request, _numbers(watcher, newest))
