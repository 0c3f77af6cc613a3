"""How units look."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from finews.queue.table import STATES, UnitRow, counts_line, unit_row, unit_table
from tests.finews.queue.making import a_unit

NOW = datetime(2022, 6, 15, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def row(**changed: Any) -> UnitRow:
    known: dict[str, Any] = {
        "id": 7,
        "status": "todo",
        "args": a_unit().as_arguments(),
        "lock": "site.test",
        "scheduled_at": None,
        "worker": None,
        "last_heartbeat": None,
        "tries": 0,
        "failures": 0,
        "fate": None,
        "exit_code": None,
        "last_worker": None,
        "ended_at": None,
        "queued_at": NOW - 9 * MINUTE,
        "started_at": None,
    }
    return unit_row({**known, **changed}, NOW, MINUTE)


RUNNING = {"status": "doing", "worker": "w@here", "started_at": NOW - 5 * MINUTE}
ENDED = {"tries": 2, "failures": 1, "last_worker": "w@there", "ended_at": NOW - MINUTE}


def shown(*rows: UnitRow) -> list[list[str]]:
    """The cells of the table's last lines."""
    console = Console(width=200)
    with console.capture() as captured:
        console.print(unit_table(rows))
    lines = captured.get().splitlines()[3:-1]
    return [[cell for cell in line.split("  ") if cell.strip()] for line in lines]


def cells(one: UnitRow) -> list[str]:
    (found,) = shown(one)
    return [cell.strip() for cell in found]


def test_a_unit_that_waits() -> None:
    expected = ["7", "mirror", "k1", "site.test", "waiting", "0", "2022-06-15 11:51:00"]
    assert cells(row()) == expected


def test_a_unit_that_waits_for_its_time() -> None:
    again = {**ENDED, "fate": "again", "exit_code": 1, "scheduled_at": NOW + MINUTE}
    told = ["waiting", "2", "failed", "w@there", "→ 2022-06-15 12:01:00"]
    assert cells(row(**again))[4:] == told


def test_a_unit_that_runs() -> None:
    told = ["running", "0", "w@here", "2022-06-15 11:55:00"]
    assert cells(row(**RUNNING, last_heartbeat=NOW - MINUTE))[4:] == told


@pytest.mark.parametrize("beat", [None, NOW - MINUTE - timedelta(seconds=1)])
def test_a_unit_whose_worker_says_nothing(beat: datetime | None) -> None:
    assert row(**RUNNING, last_heartbeat=beat).state == "silent"
    assert cells(row(**RUNNING, last_heartbeat=beat))[4] == "silent"


@pytest.mark.parametrize(
    ("status", "fate", "code", "told"),
    [
        ("succeeded", "done", 0, ["done", "2", "ok"]),
        ("succeeded", "done", 3, ["done", "2", "degraded"]),
        ("failed", "failed", 2, ["failed", "2", "not started"]),
        ("failed", "failed", None, ["failed", "2", "not run"]),
        ("failed", "lost", None, ["failed", "2", "its worker died"]),
        ("cancelled", "cancelled", 137, ["called off", "2", "ended by signal 9"]),
        ("aborted", "given_back", 1, ["called off", "2", "failed"]),
    ],
)
def test_a_unit_that_has_ended(status: str, fate: str, code: int | None, told: list[str]) -> None:
    one = row(**ENDED, status=status, fate=fate, exit_code=code)
    assert cells(one)[4:] == [*told, "w@there", "2022-06-15 11:59:00"]


def test_a_unit_of_no_job_and_without_a_word() -> None:
    """Whoever wrote it was no finews that we know."""
    assert cells(row(args={}, lock=None)) == ["7", "waiting", "0", "2022-06-15 11:51:00"]


def test_markup_in_names_is_no_markup() -> None:
    assert cells(row(args=a_unit(part="[red]x").as_arguments()))[2] == "[red]x"


def test_how_many_there_are() -> None:
    counts = {"todo": 3, "doing": 1, "succeeded": 9, "failed": 2, "cancelled": 1, "aborted": 4}
    assert counts_line(counts) == "waiting 3  running 1  done 9  failed 2  called off 5"
    assert counts_line({}).count(" 0") == len(STATES)
