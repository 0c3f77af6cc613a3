"""Jobs are queued when they are due, once, by whichever worker looks first."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews.queue.store import UnitStore, opened
from finews.queue.terms import Terms
from finews.queue.timekeeping import Timekeeper, offset
from finews_crawler.errors import ConfigurationError
from pipelines.store.engine import open_engine
from pipelines.store.job_lock import job_lock
from pipelines.store.job_states import JobStateRow, job_states
from tests.finews.jobs.making import a_job
from tests.finews.queue.conftest import Line, begin_worker, fetch, on_postgres

# In Shanghai; long before the moments at which the server itself notes what it does.
NOON = datetime(2022, 6, 15, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY = 'every = "20m"'
TRIED = "INSERT INTO finews_try (job_id, fate, exit_code, worker) VALUES (%s, %s, %s, '')"
pytestmark = pytest.mark.postgres


class World:
    """A worker that looks at the clock which the test sets."""

    def __init__(self, folder: Path, queue: UnitStore, engine: Engine, url: str) -> None:
        self.path, self.queue, self.engine = folder / "jobs.toml", queue, engine
        self.terms = Terms(url=url, jobs=self.path, host="here")
        self.told: list[str] = []
        self.now = NOON
        queue.now = lambda: self.now  # type: ignore[method-assign]  # the server's clock

    def write(self, lines: str, name: str = "mirror", more: str = "") -> None:
        arguments = 'arguments = { site = "http://127.0.0.1:8000", categories = "a,b,c" }'
        body = f'[jobs.{name}]\nspider = "category"\n{arguments}\n{lines}\n{more}'
        self.path.write_text(body, encoding="utf-8")

    def keeper(self) -> Timekeeper:
        return Timekeeper(self.terms, self.engine, self.told.append)

    def look(self, **later: float) -> list[str]:
        """What a worker that has just begun tells of a look at the jobs."""
        self.now += timedelta(**later)
        self.told.clear()
        self.keeper().look(self.queue)
        return list(self.told)

    def state(self) -> JobStateRow:
        return job_states(self.engine)["mirror"]


@pytest.fixture
def engine(queue_url: str) -> Iterator[Engine]:
    engine = open_engine(queue_url)
    yield engine
    engine.dispose()


@pytest.fixture
def world(tmp_path: Path, queue: UnitStore, engine: Engine, queue_url: str) -> World:
    return World(tmp_path, queue, engine, queue_url)


@pytest.fixture
def do(line: Line) -> Callable[[str, int], None]:
    """Have a worker end all units that wait."""

    def done(fate: str, code: int) -> None:
        worker = begin_worker(line)
        while (number := fetch(line, worker)) is not None:
            status = "succeeded" if fate == "done" else "failed"
            line.execute(TRIED, [number, fate, code])
            line.execute("SELECT procrastinate_finish_job_v1(%s, %s, false)", [number, status])

    return done


QUEUED = "mirror: 2 units queued; 0 more waited already."


@on_postgres
def test_a_job_comes_every_so_often(world: World, do: Callable[[str, int], None]) -> None:
    world.write(EVERY)
    assert world.look() == [QUEUED]
    state = world.state()
    assert (state.next_at, state.last_started_at) == (NOON + 20 * MINUTE, NOON)
    assert (state.host, state.last_exit_code) == ("here", None)
    do("done", 0)
    assert world.look(minutes=19) == ["mirror: all units have ended: ok."]
    assert world.look(minutes=1) == [QUEUED]
    assert world.state().next_at == NOON + 40 * MINUTE


@on_postgres
def test_what_was_missed_is_made_up_for_once(world: World, do: Callable[[str, int], None]) -> None:
    world.write(EVERY)
    world.look()
    do("done", 0)
    assert world.look(minutes=130)[1:] == [QUEUED]
    assert world.state().next_at == NOON + 140 * MINUTE


@on_postgres
def test_what_was_missed_is_skipped(world: World) -> None:
    world.write(f'{EVERY}\nmissed = "skip"\noverlap = "wait"')
    world.look()
    assert world.look(minutes=30) == [
        "mirror: the run of 2022-06-15 12:20:00 was missed and is skipped."
    ]
    assert world.state().next_at == NOON + 40 * MINUTE
    assert world.look(minutes=9) == []


@on_postgres
def test_a_crontab_is_read_on_the_clock_of_its_zone(world: World) -> None:
    """At 13:00 in Shanghai, which is no full hour of the day in UTC."""
    world.write('cron = "0 13 * * *"')
    assert world.look() == []
    assert world.state().next_at == NOON + 60 * MINUTE
    assert world.look(minutes=59) == []
    assert world.look(minutes=1) == [QUEUED]


@on_postgres
def test_a_run_waits_for_its_jitter(world: World) -> None:
    world.write(f'{EVERY}\njitter = "10m"')
    late = offset(world.keeper()._jobs["mirror"], NOON)
    assert timedelta(seconds=5) < late < 10 * MINUTE
    assert world.look() == []
    assert world.state().next_at == NOON
    assert world.look(seconds=late.total_seconds() - 1) == []
    assert world.look(seconds=1) == [QUEUED]
    assert world.state().next_at == NOON + 20 * MINUTE


@given(st.datetimes(timezones=st.just(UTC)), st.integers(1, 60))
def test_a_jitter_is_the_same_for_all_and_never_too_long(due: datetime, minutes: int) -> None:
    job = a_job(jitter=minutes * MINUTE)
    assert timedelta() <= offset(job, due) < job.jitter
    assert offset(job, due) == offset(job, due)
    assert offset(a_job(), due) == timedelta()


@on_postgres
def test_a_run_is_skipped_while_the_last_goes_on(world: World, line: Line) -> None:
    world.write(EVERY)
    world.look()
    fetch(line, begin_worker(line))
    expected = ["mirror: due, but 2 of its units are unfinished; this run is skipped."]
    assert world.look(minutes=20) == expected
    assert world.state().next_at == NOON + 40 * MINUTE
    assert world.state().last_started_at == NOON


@on_postgres
def test_of_runs_that_wait_there_is_one(world: World, line: Line) -> None:
    world.write(f'{EVERY}\noverlap = "wait"')
    world.look()
    fetch(line, begin_worker(line))
    assert world.look(minutes=20) == ["mirror: 1 units queued; 1 more waited already."]
    assert world.look(minutes=20) == ["mirror: 0 units queued; 2 more waited already."]


@on_postgres
@pytest.mark.parametrize(
    ("fate", "code", "told"),
    [("done", 3, "degraded"), ("failed", 2, "not started"), ("failed", 137, "failed")],
)
def test_how_all_units_ended_is_noted(
    world: World, do: Callable[[str, int], None], *, fate: str, code: int, told: str
) -> None:
    world.write(EVERY)
    world.look()
    do(fate, code)
    assert world.look(minutes=1) == [f"mirror: all units have ended: {told}."]
    state = world.state()
    assert state.last_finished_at == NOON + MINUTE
    assert state.last_exit_code == {137: 1}.get(code, code)
    assert world.look(minutes=1) == []


@on_postgres
def test_a_job_that_cannot_be_split_is_told(world: World, tmp_path: Path) -> None:
    gone = tmp_path / "codes"
    gone.write_text("NW202206143000000001", encoding="utf-8")
    body = f'[jobs.mirror]\nspider = "share"\narguments = {{ file = "{gone}" }}\n{EVERY}'
    world.path.write_text(body, encoding="utf-8")
    keeper = world.keeper()
    gone.unlink()
    keeper.look(world.queue)
    assert world.told == [f"mirror: not queued: spider share: file: {gone}: " + _missing(gone)]
    assert (world.state().last_exit_code, world.state().next_at) == (2, NOON + 20 * MINUTE)


def _missing(path: Path) -> str:
    return f"[Errno 2] No such file or directory: '{path}'"


@on_postgres
def test_a_job_without_times_is_left_alone(world: World) -> None:
    world.write("")
    assert world.look() == []
    assert job_states(world.engine) == {}


@on_postgres
def test_the_file_is_read_again(world: World) -> None:
    world.write(EVERY)
    keeper = world.keeper()
    world.path.write_text("[jobs]", encoding="utf-8")
    keeper.reload()
    world.write(EVERY, "other")
    keeper.reload()
    keeper.look(world.queue)
    path = world.path
    assert world.told == [
        f"{path}: has no [jobs.NAME]\nThe jobs stay as they were.",
        f"{path}: read again.",
        "other: 2 units queued; 0 more waited already.",
    ]


@on_postgres
def test_a_worker_without_a_file_queues_nothing(world: World, queue_url: str) -> None:
    keeper = Timekeeper(Terms(url=queue_url), world.engine, world.told.append)
    keeper.reload()
    keeper.look(world.queue)
    assert world.told == []


@on_postgres
def test_a_file_with_a_fault_begins_nothing(world: World) -> None:
    world.path.write_text("[jobs]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"has no \[jobs\.NAME\]"):
        world.keeper()


@on_postgres
def test_of_many_workers_one_looks(world: World, queue_url: str) -> None:
    world.write(EVERY)
    told: list[str] = []

    def look() -> None:
        with opened(queue_url) as queue:
            Timekeeper(world.terms, world.engine, told.append).look(queue)

    lock = job_lock(queue_url, "workers' times")
    assert lock.take()
    look()
    assert told == []
    lock.release()
    threads = [Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look()
    assert told == [QUEUED]


@on_postgres
def test_a_look_that_was_cut_off_is_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The units are queued, and it is not noted: they are not queued twice."""
    world.write(EVERY)
    noted: list[Mapping[str, object]] = []
    with monkeypatch.context() as patched:
        patched.setattr("finews.queue.timekeeping.note_job", lambda *given: noted.append(given[-1]))
        world.look()
    assert len(noted) == 1
    assert world.look(minutes=1) == [
        "mirror: due, but 2 of its units are unfinished; this run is skipped."
    ]
