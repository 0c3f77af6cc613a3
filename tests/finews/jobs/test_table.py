"""Jobs on a terminal and as JSON."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from finews.jobs.definition import Job
from finews.jobs.table import Entry, entries, job_row, job_table, outcome_of
from pipelines.store.job_states import JobStateRow
from tests.finews.jobs.making import a_job

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DEFINITION = {"spider": "category", "every": "20m", "arguments": {"full": "1"}}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")


def state(name: str = "mirror", **known: Any) -> JobStateRow:
    empty = dict.fromkeys(JobStateRow.__dataclass_fields__)
    own = {"name": name, "definition": DEFINITION, "updated_at": NOW}
    return JobStateRow(**{**empty, **own, **known})


def ran(code: int, **known: Any) -> JobStateRow:
    times = {"last_started_at": NOW - 3 * MINUTE, "last_finished_at": NOW - MINUTE}
    return state(**{**times, "last_exit_code": code, "host": "here", **known})


def shown(*rows: Entry) -> list[list[str]]:
    """The cells of the table, without its heads."""
    out = StringIO()
    Console(file=out, width=200).print(job_table(rows, NOW))
    lines = [line.split("  ") for line in out.getvalue().splitlines() if line.strip()]
    return [[cell.strip() for cell in line if cell.strip()] for line in lines[2:]]


@pytest.mark.parametrize(
    ("known", "is_running", "expected"),
    [
        (None, False, ["mirror", "category", "20m", "never"]),
        (
            ran(0, next_at=NOW + MINUTE),
            False,
            ["mirror", "category", "20m", "11-25 12:01", "11-25 11:57", "0:02:00", "ok", "here"],
        ),
        (
            ran(3, next_at=NOW - MINUTE),
            False,
            [
                *("mirror", "category", "20m", "11-25 11:59 (overdue)", "11-25 11:57", "0:02:00"),
                *("degraded", "here"),
            ],
        ),
        (
            ran(1, last_started_at=NOW),
            True,
            ["mirror", "category", "20m", "11-25 12:00", "running", "here"],
        ),
        (
            ran(1, last_started_at=NOW),
            False,
            ["mirror", "category", "20m", "11-25 12:00", "cut off", "here"],
        ),
        (
            ran(137, last_started_at=datetime(2025, 1, 1, tzinfo=UTC)),
            False,
            [
                *("mirror", "category", "20m", "2025-01-01 08:00", "693 days, 3:59:00"),
                *("ended by signal 9", "here"),
            ],
        ),
    ],
)
def test_a_job_as_a_line(known: JobStateRow | None, is_running: bool, expected: list[str]) -> None:
    assert shown(Entry("mirror", DEFINITION, known, is_running)) == [expected]


def test_what_a_definition_says_of_its_times() -> None:
    crontab = Entry("a", {"spider": "share", "cron": "0 9 * * mon-fri"}, None, is_running=False)
    on_demand = Entry("b", {"spider": "archive"}, None, is_running=False)
    assert shown(crontab, on_demand) == [
        ["a", "share", "0 9 * * mon-fri", "never"],
        ["b", "archive", "when told", "never"],
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (0, "ok"),
        (1, "failed"),
        (2, "not started"),
        (3, "degraded"),
        (4, "failed (4)"),
        (137, "ended by signal 9"),
        (143, "ended by signal 15"),
    ],
)
def test_what_an_exit_code_means(code: int, told: str) -> None:
    assert outcome_of(code) == told


@pytest.mark.parametrize(
    ("known", "is_running", "word"),
    [
        (None, False, None),
        (state(next_at=NOW), False, None),
        (ran(0), False, "ok"),
        (ran(1), False, "failed"),
        (ran(2), False, "not_started"),
        (ran(3), False, "degraded"),
        (ran(7), False, "failed"),
        (ran(137), False, "killed"),
        (ran(0, last_started_at=NOW), True, "running"),
        (ran(0, last_started_at=NOW), False, "cut_off"),
    ],
)
def test_a_job_as_json(known: JobStateRow | None, is_running: bool, word: str | None) -> None:
    row = job_row(Entry("mirror", DEFINITION, known, is_running))
    assert row["outcome"] == word
    assert list(row) == [
        *("name", "spider", "every", "arguments", "outcome", "next_at", "last_started_at"),
        *("last_finished_at", "last_exit_code", "last_run_id", "host"),
    ]
    assert (row["name"], row["host"]) == ("mirror", known.host if known else None)


def test_the_jobs_of_a_file_and_those_of_the_database() -> None:
    jobs: dict[str, Job] = {name: a_job(name) for name in ("b", "a")}
    states = {"a": ran(0, name="a", last_started_at=NOW), "old": ran(0, name="old")}
    asked: list[str] = []

    def is_taken(name: str) -> bool:
        asked.append(name)
        return True

    of_file = entries(jobs, states, is_taken)
    assert [(one.name, one.state, one.is_running) for one in of_file] == [
        ("a", states["a"], True),
        ("b", None, False),
    ]
    assert of_file[0].definition == jobs["a"].definition
    of_database = entries(None, states, is_taken)
    assert [(one.name, one.definition) for one in of_database] == [
        ("a", DEFINITION),
        ("old", DEFINITION),
    ]
    assert asked == ["a", "a"]  # of a run that has ended nobody needs to ask
