"""One transaction's work: decide for every item, then write each table once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from finews_crawler.items import Article, LateCopy, Listing, Miss, Reextracted, Reject
from pipelines.store.articles import touch, write_changed
from pipelines.store.clock import Now, database_now, tick
from pipelines.store.drafts import Draft, Outcome
from pipelines.store.listings import Moment, write_listings
from pipelines.store.past import Past, backfill, load_past
from pipelines.store.printings import load_known, load_printings, write_printings
from pipelines.store.rejects import write_misses, write_rejects
from pipelines.store.stories import write_stories
from pipelines.store.words import add_words

Item = Article | LateCopy | Listing | Miss | Reextracted | Reject


def article_of(item: Item) -> Article | None:
    """The article that an item brings, if it does."""
    if isinstance(item, LateCopy | Reextracted):
        return item.article
    return item if isinstance(item, Article) else None


class Batch:
    """One transaction's work; `now` replaces the database's clock in tests."""

    def __init__(
        self, connection: Connection, run_id: int, resolution: timedelta, now: Now | None
    ) -> None:
        self._connection = connection
        self._run_id = run_id
        self._resolution = resolution
        self._now = now
        self._drafts: dict[str, Draft] = {}
        self._past: dict[int, Past] = {}
        self._as_known: set[int] = set()
        """The `id` of each article of the batch that says nothing but what is stored."""

    def write(self, items: Sequence[Item]) -> list[Outcome]:
        """Decide for every item in order, then write all."""
        self._load(items)
        outcomes = [self._decide(item) for item in items]
        at = self._write_articles()
        self._write_others(items, Moment(at, self._run_id))
        return outcomes

    def _write_others(self, items: Sequence[Item], seen: Moment) -> None:
        rejects = [item for item in items if isinstance(item, Reject)]
        missed = [item for item in items if isinstance(item, Miss | Reject)]
        listings = [item for item in items if isinstance(item, Listing)]
        write_listings(self._connection, listings, seen)
        write_rejects(self._connection, rejects, self._run_id)
        write_misses(self._connection, missed, seen)

    def _load(self, items: Sequence[Item]) -> None:
        articles = [article for item in items if (article := article_of(item))]
        known = load_known(self._connection, {article.identity for article in articles})
        news = set()
        for article in articles:
            found = known.get(article.identity)
            if found and (article.earlier or found.is_news(article)):
                news.add(found.id)
            elif found:
                self._as_known.add(id(article))
        printings = load_printings(self._connection, news)
        archived = {one.identity for one in articles if one.earlier or one.archived_at}
        ids = [found.id for identity in archived if (found := known.get(identity))]
        self._past = load_past(self._connection, ids)
        for article in articles:  # in their order, which is that of the change feed
            found = known.get(article.identity)
            self._drafts[article.identity] = (
                Draft.of_known(found, printings.get(found.id, {})) if found else Draft(None, {})
            )

    def _decide(self, item: Item) -> Outcome:
        if isinstance(item, Listing):
            return "listing"
        if isinstance(item, Reject):
            return "reject"
        if isinstance(item, Miss):
            return "missed"
        if isinstance(item, LateCopy):
            self._take(item.article)
            return "late"
        if isinstance(item, Reextracted):
            return self._take(item.article, is_reextracted=True)
        return self._take(item)

    def _take(self, article: Article, *, is_reextracted: bool = False) -> Outcome:
        draft = self._drafts[article.identity]
        # Hashing what a page says is most of the work of seeing it again.
        if id(article) in self._as_known and not draft.fresh:
            return "unchanged"
        outcome = draft.take(article, is_reextracted=is_reextracted)
        is_filled = self._backfill(draft, article)
        return "backfilled" if is_filled and outcome == "unchanged" else outcome

    def _backfill(self, draft: Draft, article: Article) -> bool:
        versions = [*article.earlier, *draft.older]
        if not versions:
            return False
        draft.older.clear()
        key = draft.known.id if draft.known else id(draft)
        return backfill(draft, self._past.setdefault(key, Past()), versions)

    def _write_articles(self) -> datetime:
        """Write what has changed under the lock that orders changes; else only note the time."""
        drafts = list(self._drafts.values())
        changed = [draft for draft in drafts if draft.changes]
        if changed:
            at = self._write_changed(changed)
        else:
            at = self._now() if self._now else database_now(self._connection)
        fresh = [draft for draft in drafts if draft.fresh]
        write_printings(self._connection, fresh, at)
        touch(self._connection, [one for one in drafts if self._is_stale(one, at)], at)
        return at

    def _write_changed(self, changed: Sequence[Draft]) -> datetime:
        moment = tick(self._connection, self._now)
        written = write_changed(self._connection, changed, moment)
        readable = [one for one in written if not one.revision.is_past]
        words = [
            (one.change.seq, one.revision.article.title, one.revision.article.body_text)
            for one in readable
        ]
        add_words(self._connection, words)
        write_stories(self._connection, readable, moment)
        moment.save(self._connection)
        return moment.at

    def _is_stale(self, draft: Draft, at: datetime) -> bool:
        is_due = draft.known is not None and draft.known.is_stale(at, self._resolution)
        return is_due and not draft.changes
