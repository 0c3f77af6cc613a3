"""Write batches: one transaction for many items; one bad item costs one row."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from finews_crawler.errors import StorageError
from finews_crawler.items import Article, LateCopy, Listing, Reject
from pipelines.store.articles import touch, write_changed
from pipelines.store.drafts import Draft, Outcome
from pipelines.store.engine import writing
from pipelines.store.listings import Moment, write_listings
from pipelines.store.models import Reject as RejectTable
from pipelines.store.printings import load_known, load_printings

Item = Article | LateCopy | Listing | Reject
# Another writer may insert the same identity between our SELECT and our INSERT: with its row
# visible the second attempt finds it.
ATTEMPTS = 3


def _article(item: Item) -> Article | None:
    if isinstance(item, LateCopy):
        return item.article
    return item if isinstance(item, Article) else None


class Batch:
    """One transaction's work."""

    def __init__(self, connection: Connection, seen: Moment, resolution: timedelta) -> None:
        self._connection = connection
        self._seen = seen
        self._resolution = resolution
        self._drafts: dict[str, Draft] = {}

    def write(self, items: Sequence[Item]) -> list[Outcome]:
        """Decide for every item in order, then write all."""
        self._load(items)
        outcomes = [self._decide(item) for item in items]
        drafts = list(self._drafts.values())
        write_changed(self._connection, drafts, self._seen.at)
        stale = [one for one in drafts if not one.is_changed and self._is_stale(one)]
        touch(self._connection, stale, self._seen.at)
        listings = [item for item in items if isinstance(item, Listing)]
        write_listings(self._connection, listings, self._seen)
        self._write_rejects([item for item in items if isinstance(item, Reject)])
        return outcomes

    def _load(self, items: Sequence[Item]) -> None:
        articles = [article for item in items if (article := _article(item))]
        known = load_known(self._connection, {article.identity for article in articles})
        news = [
            found.id
            for article in articles
            if (found := known.get(article.identity)) and found.is_news(article)
        ]
        printings = load_printings(self._connection, set(news))
        self._drafts = {
            identity: Draft.of_known(found, printings.get(found.id, {}))
            for identity, found in known.items()
        }

    def _decide(self, item: Item) -> Outcome:
        if isinstance(item, Listing):
            return "listing"
        if isinstance(item, Reject):
            return "reject"
        article = _article(item) or item
        outcome = self._take(article)  # type: ignore[arg-type]  # only articles are left
        return "late" if isinstance(item, LateCopy) else outcome

    def _take(self, article: Article) -> Outcome:
        draft = self._drafts.setdefault(article.identity, Draft(None, {}))
        return draft.take(article)

    def _is_stale(self, draft: Draft) -> bool:
        return draft.known is not None and draft.known.is_stale(self._seen.at, self._resolution)

    def _write_rejects(self, rejects: Sequence[Reject]) -> None:
        rows = [{**asdict(reject), "run_id": self._seen.run_id} for reject in rejects]
        if rows:
            self._connection.execute(insert(RejectTable), rows)


class Writer:
    """Writes items of one run."""

    def __init__(
        self,
        engine: Engine,
        run_id: int,
        resolution: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = writing(engine)
        self._run_id = run_id
        self._resolution = resolution
        self._clock = clock

    def write(self, items: Sequence[Item]) -> list[Outcome]:
        """Write items in one transaction and give the outcome of each, in order.

        A batch that the database refuses is halved until the one bad item is found; that one is
        kept as a reject of stage `store`.

        Raises:
            StorageError: the database is out of reach; nothing of the batch is written.
        """
        try:
            return self._write_with_patience(items)
        except (OperationalError, InterfaceError) as error:
            raise StorageError(f"the database went away: {error.orig}") from error
        except (SQLAlchemyError, ValueError, OverflowError) as error:
            return self._write_halves(items, error)

    def _write_with_patience(self, items: Sequence[Item]) -> list[Outcome]:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._write_once(items)
            except IntegrityError:
                continue
        return self._write_once(items)

    def _write_once(self, items: Sequence[Item]) -> list[Outcome]:
        with self._engine.begin() as connection:
            seen = Moment(self._clock(), self._run_id)
            return Batch(connection, seen, self._resolution).write(items)

    def _write_halves(self, items: Sequence[Item], error: Exception) -> list[Outcome]:
        if len(items) == 1:
            return [self._refuse(items[0], error)]
        middle = len(items) // 2
        return [*self.write(items[:middle]), *self.write(items[middle:])]

    def _refuse(self, item: Item, error: Exception) -> Outcome:
        article = _article(item)
        reject = Reject(
            stage="store",
            reason=type(error).__name__.lower(),
            detail=str(getattr(error, "orig", None) or error)[:1000].replace("\0", ""),
            url=article.url if article else getattr(item, "url", ""),
            code=article.code if article else None,
            seen_at=self._clock(),
        )
        self._write_once([reject])
        return "refused"
