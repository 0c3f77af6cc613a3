"""Crawls as pages show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from finews.web import crawl_texts
from finews.web.pages.durations import duration
from finews.web.pages.showing import View
from finews.web.templating import moment
from finews_crawler.outcome import STORED, Verdict
from pipelines.store.queries import RunRow

_MEGABYTE = 1_000_000
_GROUPS = ("store", "reject", "category", "origin", "memory", "dedupe", "extract", "normalise")
"""Counts are told in this order; those that begin with none of these come last."""
_OTHER = "other"
FINDINGS = frozenset(
    name.removeprefix("finding_") for name in crawl_texts.TEXTS if name.startswith("finding_")
)
"""Kinds of findings that have a name in a reader's language."""
MARKS = {"ok": "✓", "degraded": "!", "failed": "✗", "lost": "?", "running": "▸"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A crawl's row of a table."""

    run: RunRow
    state: str
    mark: str
    arguments: str
    message: str
    is_english: bool
    """The message is a crawl's own line, which is in English."""
    lasted: str
    new: int
    revised: int
    rejects: int


def arguments(run: RunRow) -> str:
    """What a person gave; names that begin with `_` are a scheduler's own."""
    given = run.arguments.items()
    return " ".join(f"{name}={value}" for name, value in given if not name.startswith("_"))


def _told(view: View, run: RunRow, state: str) -> str:
    """The line that the crawl printed; of one that has printed none, what is known of it."""
    if run.message is not None:
        return Verdict(True, run.message, "").summary
    if state == "lost":
        return view.say("lost_since", at=moment(run.alive_at))
    articles = sum(run.counts.get(f"finews/store/{outcome}", 0) for outcome in STORED)
    rejects = run.counts.get("finews/store/reject", 0)
    return view.say("so_far", articles=articles, rejects=rejects)


def _lasted(run: RunRow, state: str, now: datetime) -> timedelta:
    over = run.finished_at or (now if state == "running" else run.alive_at) or run.started_at
    return max(over - run.started_at, timedelta())


def shown(view: View, run: RunRow, now: datetime | None = None) -> Shown:
    """A crawl as it stands at a moment."""
    at = now or datetime.now(UTC)
    state = run.state(at)
    return Shown(
        run=run,
        state=state,
        mark=MARKS[state],
        arguments=arguments(run),
        message=_told(view, run, state),
        is_english=run.message is not None,
        lasted=duration(view, _lasted(run, state, at)),
        new=run.counts.get("finews/store/new", 0),
        revised=run.counts.get("finews/store/revised", 0),
        rejects=run.counts.get("finews/store/reject", 0),
    )


def size(number: int | None) -> str:
    """Bytes as a person reads them."""
    if number is None:
        return ""
    if number < _MEGABYTE:
        return f"{number / 1000:,.0f} kB"
    return f"{number / _MEGABYTE:,.1f} MB"


def facts(view: View, row: Shown) -> Iterator[tuple[str, str]]:
    """What is known of a crawl, under the names of the texts; what is not known is left out."""
    run = row.run
    latency = (
        run.latency_p50_ms is not None and f"{run.latency_p50_ms:,} / {run.latency_p95_ms:,} ms"
    )
    found = {
        "spider": run.spider,
        "arguments": row.arguments,
        "job": run.job,
        "machine": run.host and f"{run.host} (pid {run.pid})",
        "started": moment(run.started_at),
        "ended": moment(run.finished_at),
        "lasted": row.lasted,
        "last_alive": "" if run.finished_at else moment(run.alive_at),
        "received": size(run.received_bytes),
        "memory": size(run.peak_memory_bytes),
        "latency": latency,
    }
    yield from ((name, str(value)) for name, value in found.items() if value)


def _group_of(name: str) -> str:
    first, _, rest = name.partition("/")
    group = rest.partition("/")[0]
    return group if first == "finews" and group in _GROUPS else _OTHER


def grouped(counts: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Counts by what they are about, those of the articles first; zeros are left out."""
    found: dict[str, list[tuple[str, int]]] = {one: [] for one in (*_GROUPS, _OTHER)}
    for name, number in sorted(counts.items()):
        group = _group_of(name)
        if number:
            found[group].append((name.removeprefix(f"finews/{group}/"), number))
    return [(group, lines) for group, lines in found.items() if lines]
