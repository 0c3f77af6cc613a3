"""Was a crawl good? One judgement, used for the exit code, the run's record and those it is told.

| end state | meaning |
|-----------|---------|
| `ok` | it ended by itself and stored or confirmed at least one article |
| `degraded` | the same, but something was found that a person should look at |
| `failed` | all else |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Outcome = Literal["ok", "degraded", "failed"]
State = Outcome | Literal["not_started"]
STATES: tuple[State, ...] = ("ok", "degraded", "failed", "not_started")
NOT_STARTED = "not_started"
"""The closing reason of a crawl that could not be started."""

STORED = ("new", "revised", "completed", "unchanged", "late")
NATURAL_ENDS = ("finished",)
ENDINGS = {
    "site_refuses": "the site refuses to be read",
    "site_busy": "the site asks to be left alone",
    "site_unreachable": "the site gives no answer any more",
}
"""Closing reasons that a person need not look up."""
FINDINGS = "finews/findings"
"""The statistic under which a crawl's findings stand, a list of lines."""
FOUND = "finews/finding/"
"""Before the kind of a finding: how many of it there are."""
RUN_ID = "finews_run_id"
"""The statistic that holds the number of the run in `crawl_run`. It counts nothing."""
_TAIL = "; degraded: "


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a crawl ended, with one line for the operator."""

    ok: bool
    """Whether it did not fail."""
    message: str
    reason: str
    """Scrapy's closing reason, `finished` or why not."""
    findings: tuple[str, ...] = ()
    """What a person should look at, one line each."""

    @property
    def outcome(self) -> Outcome:
        """The end state."""
        if not self.ok:
            return "failed"
        return "degraded" if self.findings else "ok"

    @property
    def summary(self) -> str:
        """The message without what it says of findings."""
        return self.message.partition(_TAIL)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """What is known of a crawl that has ended, or could not be started."""

    spider: str
    arguments: Mapping[str, str]
    job: str | None
    """The scheduled job that it belongs to."""
    verdict: Verdict
    exit_code: int
    started_at: datetime
    finished_at: datetime
    run_id: int | None = None
    """The row in `crawl_run`; None when it made none."""
    stats: Mapping[str, object] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """How it ended, also when it never began."""
        return "not_started" if self.verdict.reason == NOT_STARTED else self.verdict.outcome

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.job or self.spider

    @property
    def found(self) -> dict[str, int]:
        """How many findings it has, by their kind."""
        return {
            key.removeprefix(FOUND): count_of(self.stats, key)
            for key in sorted(self.stats)
            if key.startswith(FOUND)
        }


def count_of(stats: Mapping[str, object], key: str) -> int:
    """A statistic that counts; 0 when nothing was counted."""
    value = stats.get(key, 0)
    return value if isinstance(value, int) else 0


def _failure(stats: Mapping[str, object], reason: str) -> str | None:
    answers = count_of(stats, "downloader/response_count")
    stored = sum(count_of(stats, f"finews/store/{outcome}") for outcome in STORED)
    known = count_of(stats, "finews/memory/known")
    failed = count_of(stats, "finews/store/failed")
    listings_asked = count_of(stats, "finews/category/requested")
    listings_read = count_of(stats, "finews/category/read")
    lists_asked = count_of(stats, "finews/origin/list/requested")
    lists_read = count_of(stats, "finews/origin/list/read")
    is_quiet = lists_read > 0 and count_of(stats, "finews/origin/listed") == 0
    checks = (
        (failed > 0, f"{failed} items could not be written to the database"),
        (answers == 0, "the site could not be reached: no answer to any request"),
        (reason in ENDINGS, ENDINGS.get(reason, "")),
        (reason not in NATURAL_ENDS, f"the crawl was stopped: {reason}"),
        (lists_asked > 0 and lists_read == 0, "no list of Eastmoney could be read"),
        (listings_asked > 0 and listings_read == 0, "no listing was found: is this a finews site?"),
        (stored + known == 0 and not is_quiet, "no article was stored"),
    )
    return next((message for bad, message in checks if bad), None)


def _tail(findings: Sequence[str]) -> str:
    if not findings:
        return ""
    number = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
    return f"{_TAIL}{number}: {findings[0]}"


def judge(stats: Mapping[str, object], reason: str, findings: Sequence[str] = ()) -> Verdict:
    """Judge a finished crawl.

    Args:
        stats: its statistics.
        reason: its closing reason.
        findings: what the monitors found, one line each.
    """
    failure = _failure(stats, reason)
    if failure is not None:
        return Verdict(False, failure, reason, tuple(findings))
    counts = {outcome: count_of(stats, f"finews/store/{outcome}") for outcome in STORED}
    counts["known and not read again"] = count_of(stats, "finews/memory/known")
    told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    message = f"articles: {told or 'none new'}{_tail(findings)}"
    return Verdict(True, message, reason, tuple(findings))
