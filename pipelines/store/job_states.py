"""What is remembered of jobs between their runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.store.engine import writing
from pipelines.store.models import CrawlRun, JobState


@dataclass(frozen=True, slots=True)
class JobStateRow:
    """A job as it was left."""

    name: str
    definition: Mapping[str, Any]
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_exit_code: int | None
    last_run_id: int | None
    next_at: datetime | None
    host: str | None
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether its last run has no end: it is going on, or was cut off."""
        started, finished = self.last_started_at, self.last_finished_at
        return started is not None and (finished is None or finished < started)

    def has_started_since(self, moment: datetime) -> bool:
        """Whether its last run began at a moment or later."""
        return self.last_started_at is not None and self.last_started_at >= moment


def job_states(engine: Engine) -> dict[str, JobStateRow]:
    """What is known of every job, by its name."""
    names = [field.name for field in fields(JobStateRow)]
    query = select(*(getattr(JobState, name) for name in names)).order_by(JobState.name)
    with engine.connect() as connection:
        return {row.name: JobStateRow(**row._mapping) for row in connection.execute(query)}


def note_job(
    engine: Engine,
    name: str,
    now: datetime,
    definition: Mapping[str, Any],
    changed: Mapping[str, object],
) -> None:
    """Write what has changed of a job; columns that are not named stay."""
    values = {**changed, "definition": dict(definition), "updated_at": now}
    kind = postgresql if engine.dialect.name == "postgresql" else sqlite
    statement = kind.insert(JobState).values(name=name, **values)
    with writing(engine).begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def unplan_jobs(engine: Engine, names: Iterable[str], now: datetime) -> None:
    """Note that nobody plans these jobs any more; what is known of them stays."""
    planned = JobState.next_at.is_not(None) & JobState.name.in_(list(names))
    statement = update(JobState).where(planned).values(next_at=None, updated_at=now)
    with writing(engine).begin() as connection:
        connection.execute(statement)


def run_of_job(engine: Engine, name: str, started_at: datetime) -> int | None:
    """The id of the crawl that a job has made since a moment; None when it made none."""
    query = (
        select(CrawlRun.id)
        .where(CrawlRun.job == name, CrawlRun.started_at >= started_at)
        .order_by(CrawlRun.id.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()
