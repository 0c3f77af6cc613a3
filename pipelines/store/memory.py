"""What a crawl must know of the database before it asks for a page: `finews_crawler.memory`."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import quote, unquote

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.exc import SQLAlchemyError

from finews_crawler.errors import one_line
from finews_crawler.memory import KnownListing, Standing, Wanted
from finews_crawler.reference import load_table
from pipelines.completion import address_of
from pipelines.store.clock import database_now
from pipelines.store.engine import open_engine
from pipelines.store.models import Article, Category, CrawlRun, Listing, MissedPage, Printing
from pipelines.store.rejects import page_key

logger = logging.getLogger(__name__)

LISTED_WITHIN = timedelta(days=30)
"""A category page that has been empty for longer is not asked for only because it is known."""

MOST_UNFINISHED = 200
"""Listings that are looked through for what crawls that were cut short did not come to read."""
GOOD_ENDS = ("ok", "degraded")
_SAFE = "/:!$'()*,;@+=~"
"""What the site leaves as it is in an address."""

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Stored:
    """What the database has of an article."""

    body_kind: str
    dated_at: datetime
    """When it was published; first seen, where no page says that."""
    addresses: set[str] = field(default_factory=set)
    """Of the pages that were read."""


@dataclass(frozen=True, slots=True)
class _Missed:
    """What was missed and is not due again."""

    pages: frozenset[str]
    """Keys of pages."""
    texts: frozenset[str]
    """Articles whose full text was missed."""


def _is_code(key: str) -> bool:
    return len(key) == 18 and key.isdigit()


def _identities(one: Wanted) -> list[str]:
    """What an article may be known by: a path stands for an address on one of the site's hosts.

    Without a canonical address, as on a copy elsewhere, it is known by the page that was read.
    """
    if _is_code(one.key):
        return [one.key]
    if "\0" in one.key:
        return []  # no address; PostgreSQL would refuse the whole question
    hosts = load_table("sites")["site"]["hosts"]
    paths = dict.fromkeys((one.key, quote(one.key), quote(one.key, safe=_SAFE)))
    public = [
        f"{scheme}://{host}{path}"
        for scheme in ("https", "http")
        for host in hosts
        for path in paths
    ]
    return [*public, *one.addresses]


def _plain(address: str) -> str:
    """An address whose letters do not depend on who coded them."""
    return unquote(address_of(address))


def _load_stored(connection: Connection, wanted: Iterable[Wanted]) -> dict[str, _Stored]:
    key_of = {identity: one.key for one in wanted for identity in _identities(one)}
    dated_at = func.coalesce(
        Article.published_at, Article.first_seen_at, type_=Article.first_seen_at.type
    )
    columns = (Article.id, Article.identity, Article.body_kind, dated_at.label("dated_at"))
    rows = connection.execute(select(*columns).where(Article.identity.in_(list(key_of)))).all()
    found = {row.id: _Stored(row.body_kind, row.dated_at) for row in rows}
    pages = select(Printing.article_id, Printing.address).where(
        Printing.article_id.in_(list(found))
    )
    for article_id, address in connection.execute(pages):
        found[article_id].addresses.add(_plain(address))
    return {key_of[row.identity]: found[row.id] for row in rows}


def _load_missed(connection: Connection, wanted: Sequence[Wanted], now: datetime) -> _Missed:
    pages = {page_key(url) for one in wanted for url in one.addresses}
    codes = [one.key for one in wanted if _is_code(one.key)]
    columns = (MissedPage.key, MissedPage.code, MissedPage.stage)
    asked = MissedPage.key.in_(pages) | MissedPage.code.in_(codes)
    rows = connection.execute(select(*columns).where(asked, MissedPage.due_at > now)).all()
    return _Missed(
        pages=frozenset(row.key for row in rows),
        texts=frozenset(row.code for row in rows if row.code and row.stage == "share"),
    )


def _is_known(one: Wanted, stored: _Stored, missed: _Missed) -> bool:
    """Whether every page of a stored article was read or missed, and its full text, if wanted."""
    has_text = stored.body_kind == "full" or one.key in missed.texts
    if one.full and _is_code(one.key) and not has_text:
        return False  # without a code there is nobody to ask for the text
    return all(
        _plain(url) in stored.addresses or page_key(url) in missed.pages for url in one.addresses
    )


def _is_missed(one: Wanted, missed: _Missed) -> bool:
    """Whether an article that is not stored was sought in vain not long ago.

    That the site has a page no more says nothing about the article's text elsewhere.
    """
    if one.addresses:
        return all(page_key(url) in missed.pages for url in one.addresses)
    return one.key in missed.texts


def settled(
    connection: Connection, wanted: Sequence[Wanted], refresh: timedelta
) -> dict[str, Standing]:
    """What need not be read, by key: see `finews_crawler.memory.Memory`."""
    now = database_now(connection)
    stored = _load_stored(connection, wanted)
    missed = _load_missed(connection, wanted, now)
    found: dict[str, Standing] = {}
    for one in wanted:
        article = stored.get(one.key)
        if article is None:
            if _is_missed(one, missed):
                found[one.key] = "missed"
        # A day in the future is no reason to read an article again and again.
        elif not now - refresh < article.dated_at <= now and _is_known(one, article, missed):
            found[one.key] = "known"
    return found


def _unfinished(connection: Connection, root: str, since: datetime) -> dict[int, set[str]]:
    """By category: what was listed after a crawl of it last came to a good end.

    Two crawls that are killed one after the other leave two listings that were not read whole.
    """
    finished = (
        select(Listing.category_id, func.max(Listing.id).label("id"))
        .join(CrawlRun, CrawlRun.id == Listing.last_run_id)
        .where(CrawlRun.outcome.in_(GOOD_ENDS))
        .group_by(Listing.category_id)
        .subquery()
    )
    query = (
        select(Listing.category_id, Listing.url, Listing.addresses)
        .outerjoin(finished, finished.c.category_id == Listing.category_id)
        .where(Listing.id > func.coalesce(finished.c.id, 0), Listing.last_seen_at > since)
        .order_by(Listing.id.desc())
        .limit(MOST_UNFINISHED)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for category_id, url, addresses in connection.execute(query):
        if url.startswith(root):
            found[category_id].update(addresses or ())
    return found


def _known_listing(row: Row[Any], earlier: Set[str]) -> KnownListing:
    return KnownListing(
        slug=row.slug,
        url=row.url,
        heading=row.heading,
        addresses=tuple(row.addresses or ()),
        # Without its addresses an answer "not modified" would tell nothing.
        etag=row.etag if row.addresses is not None else None,
        last_modified=row.last_modified if row.addresses is not None else None,
        unfinished=tuple(sorted(earlier - set(row.addresses or ()))),
    )


def known_listings(connection: Connection, root: str) -> dict[str, KnownListing]:
    """The newest listing of each category of a site, by slug, that had posts not long ago."""
    newest = select(func.max(Listing.id)).group_by(Listing.category_id)
    query = (
        select(Listing.__table__, Category.slug)
        .join(Category, Category.id == Listing.category_id)
        .where(Listing.id.in_(newest))
    )
    since = database_now(connection) - LISTED_WITHIN
    unfinished = _unfinished(connection, root, since)
    return {
        row.slug: _known_listing(row, unfinished.get(row.category_id, frozenset()))
        for row in connection.execute(query)
        if row.url.startswith(root) and (row.entry_count or row.first_seen_at > since)
    }


class CrawlMemory:
    """Asks the database, in a thread: a crawl goes on meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._has_warned = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the database for as long as the crawl runs.

        Raises:
            StorageError: it cannot be opened.
        """
        memory = cls(open_engine(crawler.settings["FINEWS_DATABASE_URL"]))
        crawler.signals.connect(memory.close, signal=signals.spider_closed)
        return memory

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    async def listings(self, root: str) -> Mapping[str, KnownListing]:
        """The category pages of a site, by slug, that listed posts not long ago."""
        return await self._ask(lambda connection: known_listings(connection, root), {})

    async def settled(self, wanted: Sequence[Wanted], refresh: timedelta) -> Mapping[str, Standing]:
        """What need not be read, by key: stored and older than `refresh`, or missed lately."""
        return await self._ask(lambda connection: settled(connection, wanted, refresh), {})

    async def _ask(self, question: Callable[[Connection], Answer], without: Answer) -> Answer:
        return await asyncio.to_thread(self._asked, question, without)

    def _asked(self, question: Callable[[Connection], Answer], without: Answer) -> Answer:
        """Ask; a database that is away for a moment costs requests, never an article."""
        try:
            with self._engine.connect() as connection:
                return question(connection)
        except SQLAlchemyError as error:
            line = one_line(error)
            # There is a question for each hundred articles; the operator needs one line.
            level = logging.DEBUG if self._has_warned else logging.WARNING
            logger.log(level, "what is known cannot be looked up, all is read: %s", line)
            self._has_warned = True
            return without
