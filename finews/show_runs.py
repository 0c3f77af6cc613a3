"""How crawls and rejects look on a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from finews.messages import text
from finews.show import fact_grid, minute, moment, table
from finews_crawler.outcome import STORED, Verdict
from pipelines.store.findings import Finding
from pipelines.store.queries import RejectRow, RunRow
from pipelines.store.rejects import KeptPage

_STATES = {
    "ok": ("state_ok", "green"),
    "degraded": ("state_degraded", "yellow"),
    "failed": ("state_failed", "red"),
    "lost": ("state_lost", "red"),
    "running": ("state_running", "cyan"),
}
"""State of a crawl -> the key of its word, its colour."""
_MEGABYTE = 1_000_000
_FIRST = ("finews/store/", "finews/reject/", "finews/")
"""Counts that begin like this stand above the others, in this order."""


# --- crawls -----------------------------------------------------------------------------------


def run_row(row: RunRow, now: datetime) -> dict[str, object]:
    """A crawl's fields by name, with its `state`."""
    return {**asdict(row), "state": row.state(now)}


def state_word(state: str) -> Text:
    """A crawl's state in the reader's language, in its colour."""
    key, style = _STATES[state]
    return Text(text(key), style=style)


def _told(row: RunRow, now: datetime) -> str:
    """The line that the crawl printed; of one that has printed none, what is known of it."""
    if row.message is not None:
        return row.message
    if row.state(now) == "lost":
        return text("lost_since", at=moment(row.alive_at))
    articles = sum(row.counts.get(f"finews/store/{outcome}", 0) for outcome in STORED)
    return text("so_far", articles=articles, rejects=row.counts.get("finews/store/reject", 0))


def run_table(rows: Sequence[RunRow], now: datetime) -> Table:
    """Newest first: number, when, which spider, how it ended."""
    found = table("run", "started", "spider", "outcome", "message")
    for row in rows:
        told = Text(_told(row, now))
        found.add_row(
            str(row.id), minute(row.started_at), row.spider, state_word(row.state(now)), told
        )
    return found


def _size(number: int | None) -> str:
    if number is None:
        return ""
    if number < _MEGABYTE:
        return f"{number / 1000:,.0f} kB"
    return f"{number / _MEGABYTE:,.1f} MB"


def _milliseconds(row: RunRow) -> str:
    if row.latency_p50_ms is None:
        return ""
    return f"{row.latency_p50_ms:,} / {row.latency_p95_ms:,} ms"


def _end(row: RunRow) -> str:
    """When it ended, and after which time."""
    if row.finished_at is None:
        return ""
    seconds = round((row.finished_at - row.started_at).total_seconds())
    return f"{moment(row.finished_at)} ({timedelta(seconds=seconds)})"


def _machine(row: RunRow) -> str:
    return f"{row.host} (pid {row.pid})" if row.host else ""


def _place(count: tuple[str, int]) -> tuple[bool, ...]:
    """Where a count stands among the others: what came of the pages first."""
    return tuple(not count[0].startswith(first) for first in _FIRST)


def _count_table(counts: Mapping[str, int]) -> Table:
    found = Table.grid(padding=(0, 2))
    found.add_column(justify="right")
    found.add_column(overflow="fold")
    for name, number in sorted(counts.items(), key=_place):
        if number:
            found.add_row(f"{number:,}", Text(name))
    return found


def run_page(row: RunRow, findings: Sequence[Finding], now: datetime) -> RenderableType:
    """One crawl: how it ended, what it measured, found and counted."""
    facts = (
        ("run", str(row.id)),
        ("spider", row.spider),
        ("arguments", " ".join(f"{name}={value}" for name, value in row.arguments.items())),
        ("job", row.job or ""),
        ("machine", _machine(row)),
        ("started", moment(row.started_at)),
        ("ended", _end(row)),
        ("outcome", state_word(row.state(now))),
        ("message", Verdict(True, _told(row, now), "").summary if findings else _told(row, now)),
        ("received", _size(row.received_bytes)),
        ("memory", _size(row.peak_memory_bytes)),
        ("latency", _milliseconds(row)),
    )
    parts: list[RenderableType] = [fact_grid(facts)]
    if findings:
        lines = Text("\n").join(Text(f"• {one.line}") for one in findings)
        parts += [Text(f"\n{text('findings')}", style="bold yellow"), lines]
    if any(row.counts.values()):
        parts += [Text(f"\n{text('counts')}", style="bold"), _count_table(row.counts)]
    return Group(*parts)


# --- rejects ----------------------------------------------------------------------------------


def reject_row(row: RejectRow) -> dict[str, object]:
    """A reject's fields by name."""
    return asdict(row)


def page_row(kept: KeptPage | None) -> dict[str, object] | None:
    """What is kept of an answer, without the page itself."""
    if kept is None:
        return None
    return {
        "status": kept.status,
        "headers": kept.headers,
        "bytes": len(kept.body),
        "reader": kept.reader,
    }


def _standing(row: RejectRow) -> Text:
    if row.settled_at is not None:
        return Text(text("is_settled"), style="green")
    return Text(text("is_open"), style="yellow")


def reject_table(rows: Sequence[RejectRow]) -> Table:
    """Newest first: number, when, whether it is open, why, and which page."""
    found = table("number", "seen", "reason", "address")
    for row in rows:
        seen = Text(f"{minute(row.seen_at)}\n").append(_standing(row))
        page = Text(f"{row.url}\n").append(row.detail, style="dim")
        found.add_row(str(row.id), seen, Text(f"{row.stage}\n{row.reason}"), page)
    return found


def _answer(kept: KeptPage | None) -> str:
    if kept is None:
        return text("nothing_kept")
    return text("kept", status=kept.status, size=f"{len(kept.body):,}")


def _headers(kept: KeptPage) -> Text:
    lines = (Text(f"{name}: {value}", style="dim") for name, value in kept.headers)
    return Text("\n").join([Text(""), *lines])


def reject_page(row: RejectRow, kept: KeptPage | None) -> RenderableType:
    """One reject, and what is kept of the answer."""
    facts = (
        ("number", str(row.id)),
        ("standing", _standing(row)),
        ("run", str(row.run_id)),
        ("seen", moment(row.seen_at)),
        ("stage", row.stage),
        ("reason", row.reason),
        ("detail", row.detail),
        ("address", row.url),
        ("code", row.code or ""),
        ("retried_at", moment(row.retried_at) if row.retried_at else ""),
        ("settled_at", moment(row.settled_at) if row.settled_at else ""),
        ("page", _answer(kept)),
    )
    if kept is None:
        return fact_grid(facts)
    see = Text(f"\n{text('see_page', number=row.id)}")
    return Group(fact_grid(facts), _headers(kept), see)
