"""Tells waiting clients that something was committed: one question to the database for all."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from finews.web.problems import WebError
from finews_crawler.errors import one_line

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
_RETRY = {"retry-after": "30"}


class Watcher:
    """Watches the number of the newest change for as long as somebody waits for it."""

    most = 200
    """Clients that wait at the same time: each is a socket, no thread, no connection."""

    def __init__(self, read: Callable[[], int], pause: float = PAUSE_SECONDS) -> None:
        self._read, self._pause = read, pause
        self._newest = -1
        self._moved = asyncio.Condition()
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self.is_closed = False

    def check_room(self) -> None:
        """Refuse one client more than there are places.

        Raises:
            WebError: all are taken, or the server ends.
        """
        if self._waiting >= self.most or self.is_closed:
            raise WebError(503, "too many clients wait for changes", _RETRY)

    @contextmanager
    def seat(self) -> Iterator[None]:
        """The place of one client, as long as it waits.

        Raises:
            WebError: all are taken, or the server ends.
        """
        self.check_room()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def beyond(self, number: int, seconds: float) -> int | None:
        """Wait for a change after a number; give the number of the newest, None when none came.

        The caller has a seat.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._newest > number or self.is_closed)
        except TimeoutError:
            return None
        return None if self.is_closed else self._newest

    async def _watch(self) -> None:
        while self._waiting and not self.is_closed:
            try:
                newest = await asyncio.to_thread(self._read)
            except SQLAlchemyError as error:
                _log.warning("waiting for changes: %s", one_line(error))
            else:
                await self._tell(newest)
            await asyncio.sleep(self._pause)

    async def _tell(self, newest: int) -> None:
        if newest != self._newest:
            async with self._moved:
                self._newest = newest
                self._moved.notify_all()

    async def close(self) -> None:
        """Send everybody home: the server ends."""
        async with self._moved:
            self.is_closed = True
            self._moved.notify_all()
        if self._task is not None:
            await self._task
