"""How near a reading of a page is to what is true of it: pure functions on values."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean, median

from finews_crawler.items import SHANGHAI

Mentions = frozenset[tuple[str, str]]
"""The (secid, kind) of the stock widgets of a page."""

GRAM = 4
EXACT_F1 = 0.995
"""From here on a body counts as exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a page; a title is known by its hash, for some are other people's words."""

    title_sha256: str
    published_at: datetime | None
    source: str | None
    body: str
    lead: str | None
    """The summary in front of the body, which a reader may give as part of it."""
    mentions: Mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader made of a page."""

    title: str | None = None
    time: str | None = None
    source: str | None = None
    body: str = ""
    mentions: Mentions = frozenset()
    crashed: str | None = None
    """The error that came instead of an answer."""
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyScore:
    """How much of the body is right, and how much of it is there."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScore:
    """One reading held against the truth."""

    title: bool
    time: bool
    """The same instant, to the second, its zone stated."""
    clock: bool
    """The digits are those of a clock in China, whatever zone they claim."""
    source: bool
    body: BodyScore
    mentions_right: int
    mentions_given: int
    mentions_true: int
    crashed: bool = False

    def wrong(self, fields: Iterable[str]) -> list[str]:
        """Which of these fields are not exact; after a crash none is."""
        if self.crashed:
            return [*fields]
        exact = {
            "title": self.title,
            "time": self.time,
            "source": self.source,
            "body": self.body.f1 >= EXACT_F1,
            "mentions": self.mentions_right == self.mentions_given == self.mentions_true,
        }
        return [field for field in fields if not exact[field]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One reader on a set of pages; shares are of 1."""

    title: float
    time: float
    clock: float
    source: float
    precision: float
    recall: float
    f1: float
    mention_precision: float
    mention_recall: float
    exact: int
    ms: float


def hash_of(title: str) -> str:
    """The form in which titles are compared."""
    return hashlib.sha256(title.strip().encode()).hexdigest()


def grams(text: str) -> Counter[str]:
    """All runs of four characters, white space left out; a shorter text is one run."""
    letters = "".join(text.split())
    if not letters:
        return Counter()
    last = max(len(letters) - GRAM, 0)
    return Counter(letters[start : start + GRAM] for start in range(last + 1))


def score_body(true: str, given: str) -> BodyScore:
    """Compare two texts by the runs of characters that they share, each as often as it occurs."""
    wanted, found = grams(true), grams(given)
    if not wanted and not found:
        return BodyScore(precision=1.0, recall=1.0)
    shared = (wanted & found).total()
    return BodyScore(
        precision=shared / found.total() if found else 0.0,
        recall=shared / wanted.total() if wanted else 0.0,
    )


def moment(text: str | None) -> datetime | None:
    """Read an ISO time that says the second; a bare date says none."""
    if not text or len(text) < len("2022-06-13 17:28:41"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_same_time(true: datetime | None, given: str | None) -> bool:
    """Whether the instant is right to the second and its zone is stated."""
    if true is None or not given:
        return true is None and not given
    found = moment(given)
    return found is not None and found.tzinfo is not None and found == true


def is_same_clock(true: datetime | None, given: str | None) -> bool:
    """Whether the digits are right, whatever zone stands behind them."""
    if true is None or not given:
        return true is None and not given
    found = moment(given)
    clock = true.astimezone(SHANGHAI).replace(tzinfo=None)
    return found is not None and found.replace(tzinfo=None) == clock


def _best_body(truth: Truth, reading: Reading, fields: Sequence[str]) -> BodyScore:
    """A reader that has no field for the lead may give it as part of the body."""
    alone = score_body(truth.body, reading.body)
    if truth.lead is None or "lead" in fields:
        return alone
    with_lead = score_body(truth.lead + truth.body, reading.body)
    return max(alone, with_lead, key=lambda score: score.f1)


def score_page(truth: Truth, reading: Reading, fields: Sequence[str]) -> PageScore:
    """Score a reading; of a page on which its reader crashed nothing is right."""
    if reading.crashed is not None:
        return _nothing_right(truth)
    return PageScore(
        title=hash_of(reading.title or "") == truth.title_sha256,
        time=is_same_time(truth.published_at, reading.time),
        clock=is_same_clock(truth.published_at, reading.time),
        source=(reading.source or None) == truth.source,
        body=_best_body(truth, reading, fields),
        mentions_right=len(truth.mentions & reading.mentions),
        mentions_given=len(reading.mentions),
        mentions_true=len(truth.mentions),
    )


def _nothing_right(truth: Truth) -> PageScore:
    return PageScore(
        title=False,
        time=False,
        clock=False,
        source=False,
        body=BodyScore(precision=0.0, recall=0.0),
        mentions_right=0,
        mentions_given=0,
        mentions_true=len(truth.mentions),
        crashed=True,
    )


def _share(right: int, of: int) -> float:
    return right / of if of else 1.0


def summarise(scores: Sequence[PageScore], ms: Sequence[float], fields: Sequence[str]) -> Summary:
    """Means over the pages; of mentions over all of them together; of times the median."""
    scored = [field for field in fields if field != "lead"]
    right = sum(score.mentions_right for score in scores)
    return Summary(
        title=mean(score.title for score in scores),
        time=mean(score.time for score in scores),
        clock=mean(score.clock for score in scores),
        source=mean(score.source for score in scores),
        precision=mean(score.body.precision for score in scores),
        recall=mean(score.body.recall for score in scores),
        f1=mean(score.body.f1 for score in scores),
        mention_precision=_share(right, sum(score.mentions_given for score in scores)),
        mention_recall=_share(right, sum(score.mentions_true for score in scores)),
        exact=sum(not score.wrong(scored) for score in scores),
        ms=median(ms) if ms else float("nan"),
    )
