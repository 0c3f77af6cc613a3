"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from collections.abc import AsyncIterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
"""Proxies cut a connection that is silent for a minute or less."""
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}  # nginx must not keep it back


def event(kind: str, number: int, data: str) -> str:
    """An event; a client that comes back tells the last number that it has seen.

    `data` has no line feed.
    """
    return f"event: {kind}\nid: {number}\ndata: {data}\n\n"


def heartbeat(number: int) -> str:
    """A sign of life without an event; the client notes the number."""
    return f"id: {number}\n\n"


def event_stream(request: Request, events: AsyncIterator[str]) -> Response:
    """Answer with events as they come; to HEAD with none."""
    if request.state.is_head:
        return Response(media_type=MEDIA_TYPE, headers=_HEADERS)
    return StreamingResponse(events, media_type=MEDIA_TYPE, headers=_HEADERS)
