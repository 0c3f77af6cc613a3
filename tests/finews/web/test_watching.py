"""Waiting for changes: one question for all, and nobody waits for ever."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import chain, repeat
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from finews.web.problems import WebError
from finews.web.watching import Watcher

LONG = 30.0


def numbers(*found: int | Exception) -> Callable[[], int]:
    """A clock that shows these numbers, then the last one for ever; it counts who looks."""
    left = chain(found, repeat(found[-1]))

    def read() -> int:
        number = next(left)
        if isinstance(number, Exception):
            raise number
        return number

    return read


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_all_who_wait_are_told_by_the_same_question() -> None:
    asked: list[int] = []
    clock = numbers(1, 1, 2)

    def read() -> int:
        asked.append(1)
        return clock()

    async def test() -> None:
        watcher = Watcher(read, pause=0.01)
        with watcher.seat(), watcher.seat(), watcher.seat():
            waits = [watcher.beyond(1, LONG) for _ in range(3)]
            assert await asyncio.gather(*waits) == [2, 2, 2]
            assert len(asked) == 3
        await watcher.close()

    run(test)


def test_who_waits_in_vain_is_told_so() -> None:
    async def test() -> None:
        watcher = Watcher(numbers(5), pause=0.001)
        with watcher.seat():
            assert await watcher.beyond(5, 0.05) is None
            assert await watcher.beyond(4, LONG) == 5
        await watcher.close()

    run(test)


def test_nobody_asks_when_nobody_waits() -> None:
    async def test() -> None:
        watcher = Watcher(numbers(1, 2), pause=0.001)
        with watcher.seat():
            assert await watcher.beyond(1, LONG) == 2
        task = watcher._task
        assert task is not None
        await asyncio.wait_for(task, LONG)
        with watcher.seat():
            assert await watcher.beyond(1, LONG) == 2
        await watcher.close()

    run(test)


def test_a_database_that_does_not_answer_is_asked_again() -> None:
    async def test() -> None:
        gone = OperationalError("SELECT", {}, Exception("away"))
        watcher = Watcher(numbers(1, gone, gone, 2), pause=0.001)
        with watcher.seat():
            assert await watcher.beyond(1, LONG) == 2
        await watcher.close()

    run(test)


def test_there_are_so_many_seats_and_no_more() -> None:
    watcher = Watcher(numbers(1))
    watcher.most = 2
    with watcher.seat(), watcher.seat():
        with pytest.raises(WebError) as refused:
            watcher.check_room()
        assert (refused.value.status, refused.value.headers) == (503, {"retry-after": "30"})
    watcher.check_room()


def test_when_the_server_ends_everybody_goes_home() -> None:
    async def test() -> None:
        watcher = Watcher(numbers(1), pause=0.001)
        with watcher.seat():
            waiting = asyncio.create_task(watcher.beyond(1, LONG))
            await asyncio.sleep(0.01)
            await watcher.close()
            assert await waiting is None
        with pytest.raises(WebError):
            watcher.check_room()

    run(test)
