"""Is it news? Nobody reads the tenth message of the same trouble.

What was told of a crawl stands in its record (`counts` of `crawl_run`), so that all machines that
share a database know it. Of a crawl without a record (it could not be started, or the database is
away) it stands in a small file.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, update

from finews_crawler.outcome import FOUND, EndedRun
from pipelines.monitors.history import Work, same_work
from pipelines.notify.texts import Event
from pipelines.store.engine import writing
from pipelines.store.models import CrawlRun

SENT = "finews/notify/sent"
"""In the counts of a run: to how many the end was told."""
_LOOKED_THROUGH = 20_000
"""So many of the newest runs: what counts they have, no index knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told last of some work."""

    state: str
    kinds: frozenset[str]
    """Of the findings."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an operator wants to be told."""

    states: Collection[str]
    again: timedelta
    """How long a trouble that stands is not told again."""


def event_of(run: EndedRun, last: Told | None, wish: Wish) -> Event | None:
    """What there is to tell of a run; None: nothing that is not known.

    Args:
        run: the run that has ended.
        last: what was told last of the same work; None: nothing ever.
        wish: what is told at all.
    """
    state = run.state
    # What could not be started has failed in the eyes of whoever waits for it.
    is_wanted = ("failed" if state == "not_started" else state) in wish.states
    if state == "ok" or not is_wanted:
        if last is not None and last.state != "ok":
            return "recovered" if state == "ok" else None
        return "ok" if is_wanted else None
    if last is None or last.state == "ok":
        return "begins"
    if last.state != state:
        return "changes"
    if set(run.found) - last.kinds:
        return "more"
    return "goes_on" if run.finished_at - last.at >= wish.again else None


def work_of(run: EndedRun) -> Work:
    """What a run was for."""
    return Work(spider=run.spider, arguments=run.arguments, job=run.job)


# --- in the database --------------------------------------------------------------------------


def told_in_database(connection: Connection, run: EndedRun) -> Told | None:
    """What was told last of earlier runs of the same work."""
    columns = (CrawlRun.id, CrawlRun.arguments, CrawlRun.outcome, CrawlRun.counts)
    newest = select(func.max(CrawlRun.id)).scalar_subquery()
    query = select(*columns, CrawlRun.finished_at).where(
        CrawlRun.id > newest - _LOOKED_THROUGH,
        CrawlRun.finished_at.is_not(None),
        CrawlRun.counts[SENT].as_integer() > 0,
    )
    if run.run_id is not None:
        query = query.where(CrawlRun.id < run.run_id)
    for row in same_work(connection, work_of(run), query, most=100):
        kinds = (key.removeprefix(FOUND) for key in row.counts if key.startswith(FOUND))
        return Told(state=row.outcome, kinds=frozenset(kinds), at=row.finished_at)
    return None


def note_in_database(engine: Engine, run_id: int, number: int) -> None:
    """Note that the end of a run was told, to how many."""
    mine = CrawlRun.id == run_id
    with writing(engine).begin() as connection:
        counts = connection.execute(select(CrawlRun.counts).where(mine)).scalar_one()
        told = {**counts, SENT: number}
        connection.execute(update(CrawlRun).where(mine).values(counts=told))


# --- in a file --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notes:
    """A folder with a small file for each work of which something was told."""

    folder: Path

    def _path(self, work: Work) -> Path:
        name = hashlib.sha256("\0".join(work.key).encode()).hexdigest()[:32]
        return self.folder / f"{name}.json"

    def read(self, work: Work) -> Told | None:
        """What was told last; None where nothing was, or the file says nothing sensible."""
        try:
            said = json.loads(self._path(work).read_text(encoding="utf-8"))
            at = datetime.fromisoformat(said["at"]).astimezone(UTC)
            return Told(state=str(said["state"]), kinds=frozenset(said["kinds"]), at=at)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, work: Work, told: Told) -> None:
        """Note what was told.

        Raises:
            OSError: it cannot be written.
        """
        said = {"state": told.state, "kinds": sorted(told.kinds), "at": told.at.isoformat()}
        path = self._path(work)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(said), encoding="utf-8")
        new.replace(path)

    def forget(self, work: Work) -> None:
        """Let go of a note that the database knows better.

        Raises:
            OSError: it cannot be deleted.
        """
        self._path(work).unlink(missing_ok=True)
