"""What is remembered of jobs: written in parts, read whole, on both engines."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from pipelines.store.job_states import (
    JobStateRow,
    job_states,
    note_job,
    run_of_job,
    unplan_jobs,
)
from pipelines.store.runs import start_run
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

MIRROR = {"spider": "category", "every": "20m", "arguments": {"categories": ["Wind"]}}
HOUR = timedelta(hours=1)


def row(**changed: object) -> JobStateRow:
    """The row of `mirror`."""
    empty = dict.fromkeys(JobStateRow.__dataclass_fields__)
    known = {"name": "mirror", "definition": MIRROR, "updated_at": START}
    return JobStateRow(**{**empty, **known, **changed})  # type: ignore[arg-type]


def test_nothing_is_known_at_first(engine: Engine) -> None:
    assert job_states(engine) == {}


def test_a_job_is_noted_in_parts(engine: Engine, clock: "Clock") -> None:
    note_job(engine, "mirror", clock(), MIRROR, {"next_at": START + HOUR})
    assert job_states(engine) == {"mirror": row(next_at=START + HOUR)}

    clock.forward(minutes=1)
    note_job(engine, "mirror", clock(), MIRROR, {"last_started_at": clock(), "host": "a"})
    begun = row(next_at=START + HOUR, last_started_at=clock(), host="a", updated_at=clock())
    assert job_states(engine) == {"mirror": begun}

    clock.forward(minutes=1)
    ended = {"last_finished_at": clock(), "last_exit_code": 3, "last_run_id": 7}
    note_job(engine, "mirror", clock(), {"spider": "share"}, ended)
    assert job_states(engine)["mirror"] == row(
        definition={"spider": "share"},
        next_at=START + HOUR,
        last_started_at=START + timedelta(minutes=1),
        host="a",
        updated_at=clock(),
        **ended,
    )


def test_a_value_can_be_taken_back(engine: Engine, clock: "Clock") -> None:
    note_job(engine, "mirror", clock(), MIRROR, {"next_at": START, "last_run_id": 7})
    note_job(engine, "mirror", clock(), MIRROR, {"last_run_id": None})
    assert job_states(engine) == {"mirror": row(next_at=START)}


def test_jobs_that_are_planned_no_more_keep_their_past(engine: Engine, clock: "Clock") -> None:
    for name in ("mirror", "share", "old"):
        note_job(engine, name, clock(), MIRROR, {"next_at": START, "last_exit_code": 1})
    clock.forward(minutes=1)
    unplan_jobs(engine, ["old", "never"], clock())
    found = job_states(engine)
    told = {name: (one.next_at, one.last_exit_code) for name, one in found.items()}
    assert told == {"mirror": (START, 1), "old": (None, 1), "share": (START, 1)}
    assert (found["mirror"].updated_at, found["old"].updated_at) == (START, clock())


def test_unplanning_nothing_changes_nothing(engine: Engine, clock: "Clock") -> None:
    note_job(engine, "mirror", clock(), MIRROR, {"next_at": START})
    unplan_jobs(engine, [], clock())
    assert job_states(engine) == {"mirror": row(next_at=START)}


def test_a_run_is_open_until_it_ends() -> None:
    later = START + HOUR
    assert not row().is_open
    assert row(last_started_at=START).is_open
    assert not row(last_started_at=START, last_finished_at=later).is_open
    assert row(last_started_at=later, last_finished_at=START).is_open


def test_the_run_of_a_job_is_found(engine: Engine, clock: "Clock") -> None:
    start_run(engine, "category", {}, clock(), "mirror")
    clock.forward(minutes=5)
    begun = clock()
    clock.forward(seconds=1)
    numbers = [start_run(engine, "category", {}, clock(), job) for job in ("mirror", "share", None)]
    assert run_of_job(engine, "mirror", begun) == numbers[0]
    assert run_of_job(engine, "share", clock()) == numbers[1]
    assert run_of_job(engine, "old", START) is None
    clock.forward(seconds=1)
    assert run_of_job(engine, "mirror", clock()) is None
