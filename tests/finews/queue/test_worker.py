"""What surrounds the work: troubles told once, dead workers noticed whatever happens."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from finews.queue import worker as worker_module
from finews.queue.terms import Terms
from finews.queue.worker import Housekeeper, Reach, _OneLine
from finews_crawler.errors import StorageError
from tests.end_to_end.scheduling import eventually

AWAY = "The database does not answer: gone; trying again until it does."
BACK = "The database answers."


def test_that_the_database_is_away_is_told_once() -> None:
    told: list[str] = []
    reach = Reach(told.append)
    reach.is_there("work")
    for part in ("work", "house", "work"):
        reach.is_lost(part, "gone")
    assert told == [AWAY]
    reach.is_there("house")
    assert told == [AWAY]
    for _ in range(2):
        reach.is_there("work")
    assert told == [AWAY, BACK]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"msg": "a\n  b"}, ["The queue: a b"]),
        ({"msg": "x", "action": "job_error"}, []),
        ({"msg": "x", "action": "side_task_failed"}, ["The queue: x"]),
    ],
)
def test_troubles_of_procrastinate_are_one_line(
    record: dict[str, Any], expected: list[str]
) -> None:
    told: list[str] = []
    _OneLine(told.append).emit(logging.makeLogRecord({"levelno": logging.ERROR, **record}))
    assert told == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [(StorageError("gone"), [AWAY]), (KeyError("x"), ["The queue: KeyError: 'x'"])],
)
def test_a_housekeeper_goes_on_whatever_happens(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: list[str]
) -> None:
    told: list[str] = []
    asked: list[Callable[[], None]] = []

    def opened(*given: Any) -> None:
        asked.append(lambda: None)
        raise error

    monkeypatch.setattr(worker_module, "opened", opened)
    terms = Terms(url="postgresql+psycopg://x@127.0.0.1:1/x", silence=timedelta(seconds=0.1))
    engine: Engine = None  # type: ignore[assignment]  # not asked
    keeper = Housekeeper(terms, engine, told.append, Reach(told.append))
    keeper.start()
    eventually(lambda: len(asked) > 3)
    keeper.close()
    assert told == expected
