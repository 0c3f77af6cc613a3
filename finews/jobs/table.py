"""How jobs look on a terminal and as JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from finews.jobs.definition import Job
from finews.messages import text
from finews.show import moment
from pipelines.store.job_states import JobStateRow

_COLUMNS = ("job", "spider", "when", "next_run", "last_run", "took", "outcome", "host")
# Their values are copied; the other columns share what is left.
_WHOLE = {"job", "spider", "next_run", "last_run", "took", "outcome"}
_OPEN = ("running", "cut_off")
_OUTCOMES: Mapping[str, str] = {
    "ok": "outcome_ok",
    "failed": "outcome_failed",
    "not_started": "outcome_not_started",
    "degraded": "outcome_degraded",
    "running": "outcome_running",
    "cut_off": "outcome_cut_off",
}
_WORDS = {0: "ok", 1: "failed", 2: "not_started", 3: "degraded"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A job of the file, of the database, or of both."""

    name: str
    definition: Mapping[str, Any]
    state: JobStateRow | None
    is_running: bool

    @property
    def word(self) -> str | None:
        """How its last run ended, in a word for programs; None when it never ran."""
        state = self.state
        if state is None or state.last_started_at is None:
            return None
        if state.is_open:
            return "running" if self.is_running else "cut_off"
        code = state.last_exit_code
        return None if code is None else _WORDS.get(code, "killed" if code > 128 else "failed")


def entries(
    jobs: Mapping[str, Job] | None,
    states: Mapping[str, JobStateRow],
    is_taken: Callable[[str], bool],
) -> list[Entry]:
    """The jobs of a file, or all that the database knows, by name.

    Args:
        jobs: those of the file; None: no file was named.
        states: what the database knows.
        is_taken: tells whether a job's lock is held; asked only where a run has no end.
    """
    names = states if jobs is None else jobs
    found = []
    for name in sorted(names):
        state = states.get(name)
        definition = jobs[name].definition if jobs is not None else states[name].definition
        is_running = state is not None and state.is_open and is_taken(name)
        found.append(Entry(name, definition, state, is_running))
    return found


def outcome_of(code: int) -> str:
    """What an exit code means."""
    if code in _WORDS:
        return text(_OUTCOMES[_WORDS[code]])
    if code > 128:
        return text("outcome_killed", number=code - 128)
    return text("outcome_other", code=code)


def outcome_text(code: int | None) -> str:
    """The same; None: there was no crawl."""
    return text("outcome_none") if code is None else outcome_of(code)


def _outcome(entry: Entry) -> str:
    code = entry.state.last_exit_code if entry.state else None
    if entry.word in _OPEN:
        return text(_OUTCOMES[entry.word])
    return "" if code is None else outcome_of(code)


def _when(definition: Mapping[str, Any]) -> str:
    return str(definition.get("every") or definition.get("cron") or text("on_demand"))


def _minute(value: datetime, now: datetime) -> str:
    """China time as a list shows it; the year only where it is not this one."""
    told = moment(value)[:-3]
    return told.removeprefix(moment(now)[:5])


def _next(state: JobStateRow | None, now: datetime) -> str:
    if state is None or state.next_at is None:
        return ""
    told = _minute(state.next_at, now)
    return told if state.next_at >= now else f"{told} ({text('overdue')})"


def _took(state: JobStateRow | None) -> str:
    if state is None or state.is_open or not (state.last_started_at and state.last_finished_at):
        return ""
    took = state.last_finished_at - state.last_started_at
    return str(timedelta(seconds=round(took.total_seconds())))


def job_table(rows: Sequence[Entry], now: datetime) -> Table:
    """What runs when, and how it went last."""
    table = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(text(name), overflow="fold", no_wrap=name in _WHOLE)
    for row in rows:
        state = row.state
        started = state.last_started_at if state else None
        table.add_row(
            row.name,
            Text(str(row.definition.get("spider", ""))),
            Text(_when(row.definition)),
            _next(state, now),
            _minute(started, now) if started else text("never"),
            _took(state),
            _outcome(row),
            Text((state.host if state else None) or ""),
        )
    return table


def job_row(row: Entry) -> dict[str, object]:
    """A job's fields by name."""
    state = row.state
    names = ("next_at", "last_started_at", "last_finished_at", "last_exit_code", "last_run_id")
    known = {name: getattr(state, name, None) for name in (*names, "host")}
    return {"name": row.name, **row.definition, "outcome": row.word, **known}
