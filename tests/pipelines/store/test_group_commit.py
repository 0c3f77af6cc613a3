"""Items wait for their transaction, not one for another."""

import asyncio
from collections.abc import Sequence
from threading import Event

from finews_crawler.errors import StorageError
from pipelines.store.group_commit import GroupCommit


class Recorder:
    """A write function that keeps its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, items: Sequence[int]) -> list[str]:
        self.batches.append(list(items))
        return [f"wrote {item}" for item in items]


async def submit_all(commits: GroupCommit[int, str], numbers: range) -> list[str]:
    return await asyncio.gather(*(commits.submit(number) for number in numbers))


def test_a_full_batch_is_written_at_once() -> None:
    async def run() -> tuple[list[str], list[list[int]]]:
        recorder = Recorder()
        commits: GroupCommit[int, str] = GroupCommit(recorder, size=3, seconds=3600)
        results = await submit_all(commits, range(6))
        await commits.close()
        return results, recorder.batches

    results, batches = asyncio.run(run())
    assert results == [f"wrote {number}" for number in range(6)]
    assert batches == [[0, 1, 2], [3, 4, 5]]


def test_a_part_of_a_batch_is_written_in_time() -> None:
    async def run() -> list[list[int]]:
        recorder = Recorder()
        commits: GroupCommit[int, str] = GroupCommit(recorder, size=100, seconds=0)
        await submit_all(commits, range(4))
        await commits.close()
        return recorder.batches

    assert asyncio.run(run()) == [[0, 1, 2, 3]]


def test_what_comes_while_a_batch_is_written_is_written_together() -> None:
    async def run() -> list[list[int]]:
        recorder, go_on = Recorder(), Event()

        def write(items: Sequence[int]) -> list[str]:
            go_on.wait()
            return recorder(items)

        commits: GroupCommit[int, str] = GroupCommit(write, size=4, seconds=0)
        waiting = []
        for number in range(7):
            waiting.append(asyncio.ensure_future(commits.submit(number)))
            await asyncio.sleep(0.01)  # the time of each item runs out before the next one comes
        go_on.set()
        await asyncio.gather(*waiting)
        await commits.close()
        return recorder.batches

    assert asyncio.run(run()) == [[0], [1, 2, 3, 4], [5, 6]]


def test_closing_writes_what_waits() -> None:
    async def run() -> tuple[list[str], list[list[int]]]:
        recorder = Recorder()
        commits: GroupCommit[int, str] = GroupCommit(recorder, size=100, seconds=3600)
        waiting = asyncio.ensure_future(submit_all(commits, range(2)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await commits.close()
        return await waiting, recorder.batches

    assert asyncio.run(run()) == (["wrote 0", "wrote 1"], [[0, 1]])


def test_an_error_reaches_everyone_in_the_batch() -> None:
    def fail(_: Sequence[int]) -> list[str]:
        raise StorageError("gone")

    async def run() -> list[str | BaseException]:
        commits: GroupCommit[int, str] = GroupCommit(fail, size=2, seconds=3600)
        both = (commits.submit(1), commits.submit(2))
        results = await asyncio.gather(*both, return_exceptions=True)
        await commits.close()
        return list(results)

    assert [str(result) for result in asyncio.run(run())] == ["gone", "gone"]
