"""Was a crawl good? One judgement, used for the exit code and for the run's record."""

from collections.abc import Mapping
from dataclasses import dataclass

STORED = ("new", "revised", "completed", "unchanged", "late")
NATURAL_ENDS = ("finished",)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a crawl ended, with one line for the operator."""

    ok: bool
    message: str
    reason: str
    """Scrapy's closing reason, `finished` or why not."""


def _count(stats: Mapping[str, object], key: str) -> int:
    value = stats.get(key, 0)
    return value if isinstance(value, int) else 0


def _failure(stats: Mapping[str, object], reason: str) -> str | None:
    answers = _count(stats, "downloader/response_count")
    stored = sum(_count(stats, f"finews/store/{outcome}") for outcome in STORED)
    failed = _count(stats, "finews/store/failed")
    listings_asked = _count(stats, "finews/category/requested")
    listings_read = _count(stats, "finews/category/read")
    checks = (
        (failed > 0, f"{failed} items could not be written to the database"),
        (answers == 0, "the site could not be reached: no answer to any request"),
        (reason not in NATURAL_ENDS, f"the crawl was stopped: {reason}"),
        (listings_asked > 0 and listings_read == 0, "no listing was found: is this a finews site?"),
        (stored == 0, "no article was stored"),
    )
    return next((message for bad, message in checks if bad), None)


def judge(stats: Mapping[str, object], reason: str) -> Verdict:
    """Judge a finished crawl by its statistics and its closing reason."""
    failure = _failure(stats, reason)
    if failure is not None:
        return Verdict(ok=False, message=failure, reason=reason)
    counts = {outcome: _count(stats, f"finews/store/{outcome}") for outcome in STORED}
    told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    return Verdict(ok=True, message=f"articles: {told}", reason=reason)
