"""A runner on both engines, and something that stands where a crawl would."""

import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event as Flag
from typing import Any

import pytest
from sqlalchemy import Engine

from finews.jobs import runner as runner_module
from finews.jobs.notebook import Notebook
from finews.jobs.process import Inbox
from finews.jobs.runner import Runner, note_in
from pipelines.store.engine import open_engine
from pipelines.store.job_lock import JobLock, job_lock

# Where the engine makes no difference.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
PATIENCE = 60.0


class Crawl:
    """Stands where a crawl would: ends when it is let, or told to."""

    code = 0
    lets_go = True
    output = b""
    made: list["Crawl"]
    begun: Flag

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], inbox: Inbox, output: Any
    ) -> None:
        self.command = list(command)
        self.environment = environment
        self.signals: list[signal.Signals] = []
        self.inbox = inbox
        self.exit_code = self.code
        if output is not None:
            output.write(self.output)
        if self.lets_go:
            inbox.put("ended")
        self.made.append(self)
        self.begun.set()

    def send(self, number: signal.Signals) -> None:
        self.signals.append(number)
        self.exit_code = 1
        self.inbox.put("ended")


@pytest.fixture
def crawl(monkeypatch: pytest.MonkeyPatch) -> type[Crawl]:
    made = type("Crawl", (Crawl,), {"made": [], "begun": Flag()})
    monkeypatch.setattr(runner_module, "Child", made)
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    monkeypatch.delenv("FINEWS_PROGRESS", raising=False)
    return made


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def runner(
    crawl: type[Crawl], database_url: str, engine: Engine, told: list[str]
) -> Iterator[Runner]:
    notebook = Notebook(note_in(engine), told.append, lambda: NOW)
    yield Runner(
        url=database_url,
        engine=engine,
        notebook=notebook,
        say=told.append,
        patience=0,
        now=lambda: NOW,
        heartbeat=0.01,
    )
    notebook.close(PATIENCE)


@pytest.fixture
def inbox() -> Inbox:
    return SimpleQueue()


@pytest.fixture
def held(database_url: str) -> Iterator[JobLock]:
    """The lock of the job, held by another run."""
    lock = job_lock(database_url, "mirror")
    assert lock.take()
    yield lock
    lock.release()
