"""What becomes of a unit whose crawl has ended. Pure.

| how the crawl ended | what becomes of the unit |
|---------------------|--------------------------|
| ok, degraded | done |
| not started (2) | failed: it would fail again; `finews jobs retry` when that is mended |
| failed, killed, out of time | again after a pause, each time twice as long; at last failed |
| told to end with its worker | again at once, and not counted |
| its worker died | the same; one that takes worker after worker with it is failed |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from finews.jobs.process import Ending
from finews_crawler.commands.crawl import EXIT_DEGRADED, EXIT_FAILED, EXIT_NOT_STARTED

Fate = Literal["done", "failed", "again", "given_back"]
"""Done or failed for good; to be tried again, counted or not."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
MOST_TRIES = 6
"""Tries that failed, with the first one: over half an hour, more than most outages last."""
MOST_DEATHS = 10
"""Workers that may die with a unit: a machine that is restarted does no harm, a unit that eats all
memory does."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a unit."""

    fate: Fate
    exit_code: int | None
    """Of the crawl; None when there was none."""
    pause: timedelta | None = None
    """Before it is tried again; None: at once."""


def pause_after(failures: int, first: timedelta = FIRST_PAUSE) -> timedelta | None:
    """How long to wait after so many tries that failed; None: it is not tried again."""
    if failures >= MOST_TRIES:
        return None
    return min(first * (1 << failures - 1), LONGEST_PAUSE)


def judged(ending: Ending, failures: int, first_pause: timedelta = FIRST_PAUSE) -> Verdict:
    """Judge a try.

    Args:
        ending: how the crawl ended.
        failures: tries that failed before it.
        first_pause: the pause after the first one that fails.
    """
    code = ending.exit_code
    if code in {0, EXIT_DEGRADED}:
        return Verdict("done", code)
    if ending.cause in {"stop", "lost"}:
        return Verdict("given_back", code)
    if code == EXIT_NOT_STARTED:
        return Verdict("failed", code)
    pause = pause_after(failures + 1, first_pause)
    return Verdict("failed", code) if pause is None else Verdict("again", code, pause)


def worst(codes: Iterable[int]) -> int:
    """The exit code that tells of several crawls: that of the worst, and 1 for all that failed."""
    mild = (0, EXIT_DEGRADED, EXIT_NOT_STARTED)
    ranks = [mild.index(code) if code in mild else len(mild) for code in codes]
    return (*mild, EXIT_FAILED)[max(ranks, default=0)]
