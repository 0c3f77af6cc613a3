"""The last stage: items into the database, in batches."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings

from finews_crawler.errors import StorageError
from finews_crawler.items import Article, Reject
from finews_crawler.outcome import judge
from pipelines.store.batch import Item
from pipelines.store.drafts import Outcome
from pipelines.store.engine import open_engine
from pipelines.store.group_commit import GroupCommit
from pipelines.store.runs import finish_run, start_run
from pipelines.store.writer import Patience, Writer


def preflight(settings: BaseSettings) -> None:
    """Open the database and bring it up to date, before the first request.

    Raises:
        StorageError: it cannot be opened.
    """
    open_engine(settings["FINEWS_DATABASE_URL"]).dispose()


def _now() -> datetime:
    return datetime.now(UTC)


class StorePipeline:
    """Writes articles, listings and rejects, and the record of the run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        settings = crawler.settings
        self._engine = open_engine(settings["FINEWS_DATABASE_URL"])
        self._run_id = start_run(self._engine, self._spider.name, self._arguments(), _now())
        writer = Writer(
            self._engine,
            self._run_id,
            timedelta(seconds=settings.getfloat("FINEWS_LAST_SEEN_SECONDS")),
            patience=Patience(settings.getfloat("FINEWS_DATABASE_PATIENCE_SECONDS")),
        )
        self._commits: GroupCommit[Item, Outcome] = GroupCommit(
            writer.write,
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
            DropItem: the item is stored but no article to export, or it was refused.
        """
        try:
            outcome = await self._commits.submit(item)
        except StorageError as error:
            self._stop(error)
            raise
        self._count(item, outcome)
        if isinstance(item, Article) and outcome != "refused":
            return item
        raise DropItem(f"{type(item).__name__}: {outcome}", log_level="DEBUG")

    async def close_spider(self) -> None:
        """Write what waits."""
        await self._commits.close()

    def spider_closed(self, reason: str) -> None:
        """Complete the record of the run."""
        stats = self._stats.get_stats()
        verdict = judge(stats, reason)
        finish_run(self._engine, self._run_id, verdict, stats, _now())
        self._engine.dispose()

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
        if self._stats.get_value("finews/store/failed") == 1:
            self._spider.logger.error("%s", error)
            self._crawler.engine.close_spider(self._spider, reason="database_failed")
