"""Rejected pages again: those that were kept with today's readers, without a network."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.readers import READERS
from finews_crawler.items import Article
from finews_crawler.outcome import STORED, Verdict
from pipelines.normalise.article import normalise
from pipelines.store.rejects import KeptPage, kept_pages, readable, settle
from pipelines.store.runs import finish_run, start_run
from pipelines.store.writer import Writer
from pipelines.validate import missing_part

_IDS = 500
"""Rejects that one statement names."""
_PAGES = 20
"""Pages that are held in memory, and written in one transaction: each may be many megabytes."""
SPIDER = "retry"
"""As what the run is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A kept page that still gives no article."""

    reject_id: int
    url: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What came of rejects that were tried again."""

    tried: int
    settled: frozenset[int]
    """Their article is in the database now."""
    unusable: tuple[Unusable, ...] = ()
    """Of the others those of which a page is kept."""


def read_again(page: KeptPage) -> Article | str:
    """Read a kept page with today's readers; a sentence when it still cannot be used.

    The page was fetched when it was rejected, and says nothing of a later time.
    """
    reader = READERS.get(page.reader)
    if reader is None:
        return "no article page"
    try:
        raw = reader(page.body, page.url, page.seen_at)
        part = missing_part(raw)
        return normalise(raw) if part is None else f"the page has no {part}"
    except ExtractionError as error:
        return error.detail
    except Exception as error:  # noqa: BLE001 - the edge of a page: our bug costs no other
        return f"{type(error).__name__}: {error}"


@dataclass(slots=True)
class _Reading:
    """What the kept pages of rejects give, and what the store says to it."""

    engine: Engine
    writer: Writer
    outcomes: Counter[str] = field(default_factory=Counter)
    unusable: list[Unusable] = field(default_factory=list)

    def read(self, ids: Sequence[int]) -> None:
        """Read pages and store their articles, in one transaction.

        Raises:
            StorageError: the database refuses.
        """
        found: list[tuple[KeptPage, Article]] = []
        for page in kept_pages(self.engine, ids):
            told = read_again(page)
            if isinstance(told, Article):
                found.append((page, told))
            else:
                self._note(page, told)
        outcomes = self.writer.write([article for _, article in found]) if found else []
        self.outcomes.update(outcomes)
        for (page, _), outcome in zip(found, outcomes, strict=True):
            if outcome == "refused":
                self._note(page, "the database refuses the article")

    def _note(self, page: KeptPage, why: str) -> None:
        self.unusable.append(Unusable(reject_id=page.reject_id, url=page.url, why=why))

    @property
    def counts(self) -> dict[str, int]:
        """As a crawl counts them."""
        return {f"finews/store/{outcome}": number for outcome, number in self.outcomes.items()}

    @property
    def verdict(self) -> Verdict:
        """How the run ended: a page that is as unusable as before is no failure of it."""
        stored = sum(self.outcomes[outcome] for outcome in STORED)
        message = f"{stored} of {stored + len(self.unusable)} kept pages give an article now"
        return Verdict(ok=True, message=message, reason="finished")


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[first : first + size] for first in range(0, len(ids), size))


def _now() -> datetime:
    return datetime.now(UTC)


def retry(engine: Engine, ids: Sequence[int], now: Callable[[], datetime] = _now) -> Retried:
    """Read the kept pages of rejects again, as a run of its own, and note what came of them.

    Those whose article has come by another way are settled without being read: of a page that has
    changed since, the kept one is older.

    Args:
        engine: the database.
        ids: of the rejects.
        now: replaces the clock in tests.

    Raises:
        StorageError: the database refuses.
    """
    come = settled(engine, ids, now())
    unread = [number for number in ids if number not in come.settled]
    kept = [number for chunk in _chunks(unread, _IDS) for number in readable(engine, chunk)]
    if not kept:
        return come
    unusable = _reread(engine, kept, now)
    found = settled(engine, ids, now())
    still = (one for one in unusable if one.reject_id not in found.settled)
    return Retried(tried=found.tried, settled=found.settled, unusable=tuple(still))


def _reread(engine: Engine, ids: Sequence[int], now: Callable[[], datetime]) -> list[Unusable]:
    run_id = start_run(engine, SPIDER, {"rejects": str(len(ids))}, now())
    reading = _Reading(engine, Writer(engine, run_id, timedelta(days=1)))
    for chunk in _chunks(ids, _PAGES):
        reading.read(chunk)
    finish_run(engine, run_id, reading.verdict, reading.counts, now())
    return reading.unusable


def settled(engine: Engine, ids: Sequence[int], now: datetime) -> Retried:
    """Note that rejects were tried again, and which have their article now."""
    done = [number for chunk in _chunks(ids, _IDS) for number in settle(engine, chunk, now)]
    return Retried(tried=len(ids), settled=frozenset(done))
