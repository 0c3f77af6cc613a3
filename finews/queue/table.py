"""How units look on a terminal and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from finews.jobs.table import outcome_text
from finews.messages import text
from finews.show import moment

STATES: Mapping[str, tuple[str, ...]] = {
    "waiting": ("todo",),
    "running": ("doing",),
    "done": ("succeeded",),
    "failed": ("failed",),
    "cancelled": ("cancelled", "aborting", "aborted"),
}
"""What a unit can be, and what procrastinate calls it."""
OPEN = ("waiting", "running", "failed")
"""What an operator may have to act on."""
_COLUMNS = ("unit", "job", "part", "site", "state", "tries", "last_end", "worker", "since")
_FOLDED = {"part", "worker", "last_end"}
_WORDS = {name: word for word, names in STATES.items() for name in names}


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the queue."""

    id: int
    state: str
    """One of `STATES`; `silent` where it runs, and its worker is taken for dead soon."""
    job: str | None
    part: str
    spider: str
    arguments: Mapping[str, str]
    settings: Mapping[str, str]
    site: str
    tries: int
    """Tries that have ended, in whatever way."""
    failures: int
    """Those of them that failed."""
    last_end: str | None
    """What became of the last of them: done, again, failed, given_back, lost, cancelled."""
    last_exit_code: int | None
    last_worker: str | None
    worker: str | None
    """Who runs it."""
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    """It waits until then; None: until its turn comes."""


def unit_row(row: Mapping[str, Any], now: datetime, silence: timedelta) -> UnitRow:
    """A row of the queue as this program tells of it."""
    given = row["args"]
    state = _WORDS[row["status"]]
    beat = row["last_heartbeat"]
    if state == "running" and (beat is None or now - beat > silence):
        state = "silent"
    return UnitRow(
        id=row["id"],
        state=state,
        job=given.get("job"),
        part=str(given.get("part", "")),
        spider=str(given.get("spider", "")),
        arguments=given.get("arguments", {}),
        settings=given.get("settings", {}),
        site=row["lock"] or "",
        tries=row["tries"],
        failures=row["failures"],
        last_end=row["fate"],
        last_exit_code=row["exit_code"],
        last_worker=row["last_worker"],
        worker=row["worker"],
        queued_at=row["queued_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        due_at=row["scheduled_at"] if state == "waiting" else None,
    )


def unit_table(rows: Sequence[UnitRow]) -> Table:
    """What waits, runs, and has ended."""
    table = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(text(name), overflow="fold", no_wrap=name not in _FOLDED)
    for row in rows:
        table.add_row(
            str(row.id),
            Text(row.job or row.spider),
            Text(row.part),
            Text(row.site),
            text(f"state_{row.state}"),
            str(row.tries),
            _last_end(row),
            Text(row.worker or row.last_worker or ""),
            _since(row),
        )
    return table


def _last_end(row: UnitRow) -> str:
    if row.last_end is None:
        return ""
    return text("fate_lost") if row.last_end == "lost" else outcome_text(row.last_exit_code)


def _since(row: UnitRow) -> str:
    """Since when it is what it is; of one that waits for its time: until when."""
    if row.due_at is not None:
        return f"→ {moment(row.due_at)}"
    by_state = {"waiting": row.queued_at, "running": row.started_at, "silent": row.started_at}
    at = by_state.get(row.state, row.ended_at or row.queued_at)
    return moment(at) if at is not None else ""


def counts_line(counts: Mapping[str, int]) -> str:
    """How many units there are of each state."""
    sums = {state: sum(counts.get(name, 0) for name in names) for state, names in STATES.items()}
    return "  ".join(f"{text(f'state_{state}')} {number}" for state, number in sums.items())
