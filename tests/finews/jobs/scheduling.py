"""A scheduler's runner without crawls: a run goes on until it is let go or told to stop."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest
from sqlalchemy import Engine

from finews.jobs.definition import Job
from finews.jobs.notebook import Notebook
from finews.jobs.process import Inbox
from finews.jobs.runner import RunEnd, Runner, note_in
from pipelines.store.engine import open_engine
from pipelines.store.job_states import job_states
from tests.finews.jobs.conftest import NOW, PATIENCE

MINUTE = timedelta(minutes=1)
MIRROR = '[jobs.mirror]\nspider = "category"\nevery = "20m"\n'


def next_at(runner: Runner) -> dict[str, float | None]:
    """Minutes until each job is due, as the database has it."""
    assert runner.notebook.close(PATIENCE) == []
    states = job_states(runner.engine).values()
    moments = {one.name: one.next_at for one in states}
    return {name: None if at is None else (at - NOW) / MINUTE for name, at in moments.items()}


class Runs:
    """Stands where the runner is: a run goes on until it is let go or told to stop."""

    def __init__(self) -> None:
        self.begun: SimpleQueue[tuple[Job, Inbox, datetime]] = SimpleQueue()
        self.error: Exception | None = None
        self.is_stubborn = False

    def run(self, job: Job, inbox: Inbox, due_at: datetime) -> RunEnd:
        self.begun.put((job, inbox, due_at))
        if self.error is not None:
            raise self.error
        told = inbox.get(timeout=PATIENCE)
        if self.is_stubborn:
            told = inbox.get(timeout=PATIENCE)
        code = 0 if told == "ended" else 1
        return RunEnd(job=job, outcome="ran", exit_code=code, started_at=NOW, finished_at=NOW)

    def next(self) -> tuple[Job, Inbox, datetime]:
        return self.begun.get(timeout=PATIENCE)


class TestRunner(Runner):
    """A runner whose runs are those."""

    __test__ = False
    runs: Runs

    def run(self, job: Job, inbox: Inbox, due_at: datetime | None = None) -> RunEnd:
        assert due_at is not None
        return type(self).runs.run(job, inbox, due_at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.toml"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'finews.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def runner(
    engine: Engine, told: list[str], runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runner]:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    monkeypatch.setattr(TestRunner, "runs", runs, raising=False)
    notebook = Notebook(note_in(engine), told.append, lambda: NOW)
    yield TestRunner(
        url=str(engine.url),
        engine=engine,
        notebook=notebook,
        say=told.append,
        patience=0,
        now=lambda: NOW,
    )
    notebook.close(PATIENCE)
