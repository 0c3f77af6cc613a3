"""Many items, one transaction: each waits until its own is committed.

Nothing counts as done before the commit, and waiting costs no throughput: a transaction takes what
has come while the one before it was written.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Result]):
    """An item and what tells its submitter that it is written."""

    item: Item
    done: "asyncio.Future[Result]"


class GroupCommit(Generic[Item, Result]):
    """Collects items and writes them in one thread, up to `size` at a time, one batch at a time.

    `seconds` is how long an item waits at most for its transaction to fill; when no other item has
    come for a tenth of that, it waits no longer than until the batch before is written: many small
    transactions in a queue cost much more than the one that they make together. An error of the
    write function reaches every item of the batch.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], Sequence[Result]], size: int, seconds: float
    ) -> None:
        self._write = write
        self._size = size
        self._seconds = seconds
        self._waiting: list[_Waiting[Item, Result]] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="finews-store")
        self._timer: asyncio.TimerHandle | None = None
        self._first = self._last = 0.0
        self._writing: asyncio.Task[None] | None = None
        self._is_due = False
        """What waits is written as soon as the thread is free."""

    async def submit(self, item: Item) -> Result:
        """Write an item; returns when its transaction is committed."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Waiting(item, done))
        self._last = loop.time()
        if len(self._waiting) >= self._size:
            self._flush()
        elif self._timer is None and not self._is_due:
            self._first = self._last
            self._timer = loop.call_later(self._seconds / 10, self._flush_when_quiet)
        return await done

    def _flush_when_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        due = min(self._first + self._seconds, self._last + self._seconds / 10)
        if loop.time() >= due:
            self._flush()
        else:
            self._timer = loop.call_at(due, self._flush_when_quiet)

    async def close(self) -> None:
        """Write what waits and end the thread."""
        self._flush()
        while self._writing is not None:
            await self._writing
        self._thread.shutdown()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_due = bool(self._waiting)
        self._write_next()

    def _write_next(self) -> None:
        if self._writing is not None or not self._is_due:
            return
        batch, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
        self._is_due = bool(self._waiting)
        self._writing = asyncio.get_running_loop().create_task(self._write_batch(batch))

    async def _write_batch(self, batch: list[_Waiting[Item, Result]]) -> None:
        loop = asyncio.get_running_loop()
        items = [waiting.item for waiting in batch]
        try:
            results = await loop.run_in_executor(self._thread, self._write, items)
        except Exception as error:  # noqa: BLE001 - the waiters raise it, each at its own edge
            for waiting in batch:
                waiting.done.set_exception(error)
        else:
            for waiting, result in zip(batch, results, strict=True):
                waiting.done.set_result(result)
        finally:
            self._writing = None
            self._write_next()
