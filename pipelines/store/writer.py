"""Write batches: one transaction for many items; one bad item costs one row."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from finews_crawler.errors import StorageError, one_line
from finews_crawler.items import Reject
from pipelines.store.batch import Batch, Item, article_of
from pipelines.store.clock import Now
from pipelines.store.drafts import Outcome
from pipelines.store.engine import writing
from pipelines.store.faults import fault_of

# Another writer may insert the same identity between our SELECT and our INSERT: with its row
# visible the second attempt finds it.
ATTEMPTS = 3
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 8.0


@dataclass(slots=True)
class Patience:
    """How long a database that is out of reach is waited for, in seconds; once, then no more."""

    seconds: float = 0
    sleep: Callable[[float], None] = time.sleep

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before each new attempt: doubling, bounded, `seconds` in sum."""
        pause, left = FIRST_PAUSE, self.seconds
        while left > 0:
            step = min(pause, left, LONGEST_PAUSE)
            yield step
            left -= step
            pause *= 2


def keyed(items: Sequence[Item]) -> list[Item]:
    """Give each reject a key, so that sending it again changes nothing."""
    return [
        replace(item, key=uuid4().hex) if isinstance(item, Reject) and item.key is None else item
        for item in items
    ]


def _storable(text: str) -> str:
    """What no engine refuses: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


class Writer:
    """Writes items of one run; `now` replaces the database's clock in tests."""

    def __init__(
        self,
        engine: Engine,
        run_id: int,
        resolution: timedelta,
        now: Now | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._engine = writing(engine)
        self._run_id = run_id
        self._resolution = resolution
        self._now = now
        self._patience = patience or Patience()

    def write(self, items: Sequence[Item]) -> list[Outcome]:
        """Write items in one transaction and give the outcome of each, in order.

        A batch that the database refuses is halved until the one bad item is found; that one is
        kept as a reject of stage `store`. Writing the same items again changes nothing.

        Raises:
            StorageError: the database is out of reach or full; a part may have been written.
        """
        return self._write(keyed(items))

    def _write(self, items: Sequence[Item]) -> list[Outcome]:
        try:
            return self._write_with_patience(items)
        except (SQLAlchemyError, ValueError, OverflowError) as error:
            return self._write_halves(items, error)

    def _write_with_patience(self, items: Sequence[Item]) -> list[Outcome]:
        pauses = self._patience.pauses()
        while True:
            try:
                return self._write_among_others(items)
            except DBAPIError as error:
                fault = fault_of(error)
                if fault == "item":
                    raise
                pause = next(pauses, None) if fault == "passing" else None
                if pause is None:
                    self._patience.seconds = 0
                    line = one_line(error)
                    raise StorageError(f"the database cannot be written: {line}") from error
            self._patience.sleep(pause)

    def _write_among_others(self, items: Sequence[Item]) -> list[Outcome]:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._write_once(items)
            except IntegrityError:
                continue
        return self._write_once(items)

    def _write_once(self, items: Sequence[Item]) -> list[Outcome]:
        with self._engine.begin() as connection:
            return Batch(connection, self._run_id, self._resolution, self._now).write(items)

    def _write_halves(self, items: Sequence[Item], error: Exception) -> list[Outcome]:
        if len(items) == 1:
            return [self._refuse(items[0], error)]
        middle = len(items) // 2
        return [*self._write(items[:middle]), *self._write(items[middle:])]

    def _refuse(self, item: Item, error: Exception) -> Outcome:
        article = article_of(item)
        reject = Reject(
            stage="store",
            reason=type(error).__name__.lower(),
            detail=_storable(str(getattr(error, "orig", None) or error)[:1000]),
            url=_storable(article.url if article else getattr(item, "url", "")),
            code=article.code if article else None,
            seen_at=self._now() if self._now else datetime.now(UTC),
            key=uuid4().hex,
        )
        self._write_with_patience([reject])
        return "refused"
