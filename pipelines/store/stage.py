"""The last stage: items into the database, in batches."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from finews_crawler.errors import StorageError, one_line
from finews_crawler.items import Article, Reject
from finews_crawler.outcome import RUN_ID, judge
from pipelines.monitors import watch
from pipelines.store.batch import Item
from pipelines.store.drafts import Outcome
from pipelines.store.engine import open_engine, shown_url
from pipelines.store.group_commit import GroupCommit
from pipelines.store.runs import BEAT, finish_run, has_run, start_run, tell_alive
from pipelines.store.spool import Spool
from pipelines.store.writer import Patience, Writer, keyed

logger = logging.getLogger(__name__)


def preflight(settings: BaseSettings) -> None:
    """Open the database, bring it up to date, and write what earlier crawls could not.

    Raises:
        StorageError: it cannot be opened, or what waits cannot be read or written.
    """
    engine = open_engine(settings["FINEWS_DATABASE_URL"])
    try:
        for path, number in _spool(settings).send(partial(_send, engine, settings)):
            logger.info("%d items that waited in %s are written", number, path)
    finally:
        engine.dispose()


def _spool(settings: BaseSettings) -> Spool:
    folder = Path(settings["FINEWS_UNSENT_FOLDER"])
    return Spool(folder, shown_url(settings["FINEWS_DATABASE_URL"]))


def _writer(engine: Engine, run_id: int, settings: BaseSettings) -> Writer:
    return Writer(
        engine,
        run_id,
        timedelta(seconds=settings.getfloat("FINEWS_LAST_SEEN_SECONDS")),
        patience=Patience(settings.getfloat("FINEWS_DATABASE_PATIENCE_SECONDS")),
    )


def _send(engine: Engine, settings: BaseSettings, run_id: int, items: Sequence[Item]) -> None:
    if not has_run(engine, run_id):
        raise StorageError(f"what waits is of crawl {run_id}, which this database does not have")
    _writer(engine, run_id, settings).write(items)


def _now() -> datetime:
    return datetime.now(UTC)


class StorePipeline:
    """Writes articles, listings and rejects, and the record of the run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        settings = crawler.settings
        self._engine = open_engine(settings["FINEWS_DATABASE_URL"])
        job = settings["FINEWS_JOB"] or None
        self._run_id = start_run(self._engine, self._spider.name, self._arguments(), _now(), job)
        self._stats.set_value(RUN_ID, self._run_id)
        self._ending: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._writer = _writer(self._engine, self._run_id, settings)
        self._spool = _spool(settings)
        self._commits: GroupCommit[Item, Outcome] = GroupCommit(
            self._write,
            settings.getint("FINEWS_BATCH_SIZE"),
            settings.getfloat("FINEWS_BATCH_SECONDS"),
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the database; its run ends when the spider has closed."""
        stage = cls(crawler)
        crawler.signals.connect(stage.spider_closed, signal=signals.spider_closed)
        return stage

    async def process_item(self, item: Item) -> Article:
        """Store an item; an article goes on to the exports when it is committed.

        Raises:
            DropItem: the item is stored but no article to export, or it was refused, or the
                database is lost (what Scrapy is not told with a traceback for every item).
        """
        try:
            outcome = await self._commits.submit(item)
        except StorageError as error:
            self._stop(error)
            lost = f"{type(item).__name__}: not stored"
            raise DropItem(lost, log_level="DEBUG") from error
        self._count(item, outcome)
        if isinstance(item, Article) and outcome != "refused":
            return item
        raise DropItem(f"{type(item).__name__}: {outcome}", log_level="DEBUG")

    async def open_spider(self) -> None:
        """Begin to say now and then that the run lives."""
        self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def close_spider(self) -> None:
        """Write what waits, and let a beat that is under way end: it needs the database."""
        await self._commits.close()
        self._closing.set()
        if self._beating is not None:
            await self._beating

    async def _beat(self) -> None:
        while not await self._closes_within(BEAT):
            await asyncio.to_thread(self._tell_alive, dict(self._stats.get_stats()))

    async def _closes_within(self, span: timedelta) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), span.total_seconds())
        return self._closing.is_set()

    def _tell_alive(self, stats: Mapping[str, object]) -> None:
        try:
            tell_alive(self._engine, self._run_id, stats, _now())
        except SQLAlchemyError as error:  # the next batch of items tells of it, and waits
            logger.debug("run %d: not told that it lives: %s", self._run_id, error)

    def spider_closed(self, reason: str) -> None:
        """Look at what is wrong, and complete the record of the run."""
        found = watch(self._engine, self._run_id, self._stats, self._crawler.settings)
        stats = self._stats.get_stats()
        try:
            finish_run(self._engine, self._run_id, judge(stats, reason, found), stats, _now())
        except SQLAlchemyError as error:
            line = one_line(error)
            told = f"the end of crawl {self._run_id} is not noted: {line}"
            self._spider.logger.error(told)  # noqa: TRY400 - a traceback tells an operator nothing
        self._engine.dispose()

    def _write(self, items: Sequence[Item]) -> list[Outcome]:
        """Write a batch; what the database does not take goes to disk."""
        batch = keyed(items)
        try:
            return self._writer.write(batch)
        except StorageError as error:
            path = self._spool.keep(self._run_id, batch)
            raise StorageError(
                f"{error}; {len(batch)} items are kept in {path.parent} for the next crawl"
            ) from error

    @property
    def _spider(self) -> Spider:
        if self._crawler.spider is None:
            raise StorageError("a run belongs to a spider")
        return self._crawler.spider

    def _arguments(self) -> Mapping[str, str]:
        given: Mapping[str, str] = getattr(self._spider, "given", {})
        return given

    def _count(self, item: Item, outcome: Outcome) -> None:
        self._stats.inc_value(f"finews/store/{outcome}")
        if isinstance(item, Reject):
            self._stats.inc_value(f"finews/reject/{item.stage}/{item.reason}")
            self._spider.logger.warning("%s: %s: %s", item.url, item.reason, item.detail)
        if outcome == "refused":
            self._stats.inc_value("finews/reject/store/refused")

    def _stop(self, error: StorageError) -> None:
        """Without a database a crawl only loses articles: end it, once."""
        self._stats.inc_value("finews/store/failed")
        if self._ending is None:
            self._spider.logger.error("%s", error)
            ending = self._crawler.engine.close_spider_async(reason="database_failed")
            self._ending = asyncio.get_running_loop().create_task(ending)
