"""The last stage in a real crawler: what goes on, what is counted, how the run is recorded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler
from sqlalchemy import Engine, NullPool, create_engine, inspect, select, text

from finews_crawler.errors import StorageError
from finews_crawler.items import LateCopy
from finews_crawler.options import option_values
from pipelines.store.models import CrawlRun
from pipelines.store.queries import article_by_code, counts, rejects, runs
from pipelines.store.spool import Spool
from pipelines.store.stage import StorePipeline, preflight
from tests.pipelines.making import CODE, article, listing, reject

ARTICLE = article()
NAIVE = article(published_at=datetime(2022, 6, 14, 9, 0, tzinfo=UTC).replace(tzinfo=None))


class NewsSpider(Spider):
    """A spider as its stage sees it: a name and the arguments that were given."""

    name = "news"
    given = {"categories": "emnews"}


@dataclass
class Engines:
    """Scrapy's engine as the stage sees it: something that can be told to stop."""

    closed: list[str] = field(default_factory=list)

    async def close_spider_async(self, *, reason: str) -> None:
        self.closed.append(reason)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "finews.db"


@pytest.fixture
def engine(database: Path) -> Engine:
    """What a reader sees; SQLite is enough, the writer is tested on both engines."""
    return create_engine(f"sqlite:///{database}", poolclass=NullPool)


@pytest.fixture
def crawler(database: Path) -> Crawler:
    own = {
        "FINEWS_DATABASE_URL": f"sqlite:///{database}",
        "FINEWS_BATCH_SECONDS": 0.01,
        "FINEWS_UNSENT_FOLDER": str(database.parent / "unsent"),
        "EXTENSIONS_BASE": {},  # they wait for signals of a whole crawl
    }
    crawler = get_crawler(NewsSpider, {**option_values({}), **own})
    crawler.spider = NewsSpider.from_crawler(crawler)
    return crawler


def crawled(crawler: Crawler, *batches: Sequence[Any]) -> list[object]:
    """What the stage gives for the items of a crawl, batch after batch; errors as they are."""

    async def crawl() -> list[object]:
        stage = StorePipeline.from_crawler(crawler)
        given: list[object] = []
        for items in batches:
            waiting = (stage.process_item(item) for item in items)
            given += await asyncio.gather(*waiting, return_exceptions=True)
        await stage.close_spider()
        closed = {"spider": crawler.spider, "reason": "finished"}
        await crawler.signals.send_catch_log_async(signals.spider_closed, **closed)
        return given

    return asyncio.run(crawl())


def counted(crawler: Crawler, *prefixes: str) -> dict[str, object]:
    stats = crawler.stats.get_stats()
    numbers = {key: value for key, value in stats.items() if isinstance(value, int)}
    return {key: count for key, count in numbers.items() if key.startswith(prefixes)}


def dropped(given: object) -> tuple[str, str | None]:
    assert isinstance(given, DropItem)
    return str(given), given.log_level


def test_a_stored_article_goes_on_to_the_exports(crawler: Crawler, engine: Engine) -> None:
    assert crawled(crawler, [ARTICLE]) == [ARTICLE]
    stored = article_by_code(engine, CODE)
    assert stored is not None
    assert stored.article == ARTICLE
    assert counted(crawler, "finews/") == {"finews/store/new": 1}


def test_an_article_goes_on_whatever_the_store_knew_of_it(crawler: Crawler) -> None:
    edited = article(title="改了")
    listed = article(title="改了", categories=("Wind",))
    assert crawled(crawler, [ARTICLE], [ARTICLE], [edited], [listed]) == [
        ARTICLE,
        ARTICLE,
        edited,
        listed,
    ]
    assert counted(crawler, "finews/store") == {
        "finews/store/new": 1,
        "finews/store/unchanged": 1,
        "finews/store/revised": 1,
        "finews/store/completed": 1,
    }


@pytest.mark.parametrize(
    ("item", "told", "counts"),
    [
        (LateCopy(article=ARTICLE), "LateCopy: late", {"finews/store/late": 1}),
        (listing(), "Listing: listing", {"finews/store/listing": 1}),
        (
            reject(),
            "Reject: reject",
            {"finews/store/reject": 1, "finews/reject/extract/unknown_layout": 1},
        ),
        (
            NAIVE,
            "Article: refused",
            {"finews/store/refused": 1, "finews/reject/store/refused": 1},
        ),
    ],
    ids=["late_copy", "listing", "reject", "refused"],
)
def test_what_is_no_article_to_export_ends_here(
    crawler: Crawler, item: object, told: str, counts: dict[str, object]
) -> None:
    (given,) = crawled(crawler, [item])
    assert (dropped(given), counted(crawler, "finews/")) == ((told, "DEBUG"), counts)


def test_a_late_copy_is_stored(crawler: Crawler, engine: Engine) -> None:
    crawled(crawler, [ARTICLE], [LateCopy(article=article(title="改了"))])
    stored = article_by_code(engine, CODE)
    assert stored is not None
    assert (stored.article.title, stored.revision) == ("改了", 2)


def test_a_reject_is_told_in_one_line(crawler: Crawler, caplog: pytest.LogCaptureFixture) -> None:
    lost = reject()
    crawled(crawler, [lost])
    expected = ("news", "WARNING", f"{lost.url}: unknown_layout: no section")
    assert [(one.name, one.levelname, one.getMessage()) for one in caplog.records] == [expected]


def test_one_refused_article_costs_no_other(crawler: Crawler, engine: Engine) -> None:
    others = [article(code=None, identity=str(number), url=str(number)) for number in range(4)]
    given = crawled(crawler, [*others[:2], NAIVE, *others[2:]])
    assert [*given[:2], *given[3:]] == others
    assert (counts(engine).articles, [one.code for one in rejects(engine, 9)]) == (4, [CODE])


# --- the record of the run -----------------------------------------------------------------------


def test_the_run_is_recorded_with_its_arguments_counts_and_verdict(
    crawler: Crawler, engine: Engine
) -> None:
    crawler.stats.set_value("downloader/response_count", 1)
    crawled(crawler, [ARTICLE, listing()])
    (run,) = runs(engine, 10)
    assert (run.spider, run.arguments) == ("news", {"categories": "emnews"})
    assert (run.outcome, run.reason, run.message) == ("ok", "finished", "articles: 1 new")
    with engine.connect() as connection:
        assert connection.execute(select(CrawlRun.counts)).scalar_one() == {
            "downloader/response_count": 1,
            "finews/store/listing": 1,
            "finews/store/new": 1,
        }


def test_a_run_that_stored_nothing_has_failed(crawler: Crawler, engine: Engine) -> None:
    crawler.stats.set_value("downloader/response_count", 1)
    crawled(crawler, [listing()])
    (run,) = runs(engine, 10)
    assert (run.outcome, run.message) == ("failed", "no article was stored")


def test_the_run_begins_before_the_first_item(crawler: Crawler, engine: Engine) -> None:
    StorePipeline.from_crawler(crawler)
    (run,) = runs(engine, 10)
    assert (run.spider, run.finished_at, run.outcome) == ("news", None, None)


# --- without a database --------------------------------------------------------------------------


def test_a_database_that_goes_away_ends_the_crawl_once_and_what_it_could_not_write_is_kept(
    crawler: Crawler, database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engines: Any = Engines()
    crawler.engine = engines
    preflight(crawler.settings)
    with create_engine(f"sqlite:///{database}", poolclass=NullPool).begin() as connection:
        connection.execute(text("ALTER TABLE article_category RENAME TO away"))
    given = crawled(crawler, [ARTICLE, listing()], [ARTICLE])
    assert [dropped(one) for one in given] == [
        ("Article: not stored", "DEBUG"),
        ("Listing: not stored", "DEBUG"),
        ("Article: not stored", "DEBUG"),
    ]
    assert engines.closed == ["database_failed"]
    (line,) = [one.getMessage() for one in caplog.records if one.name == "news"]
    told = "the database cannot be written: no such table: article_category; 2 items are kept in "
    assert line.partition(str(tmp_path))[0] == told
    assert len(list(tmp_path.glob("unsent/*/*.json"))) == 2
    assert counted(crawler, "finews/") == {"finews/store/failed": 3}


def test_the_next_crawl_writes_what_was_kept(
    crawler: Crawler, engine: Engine, database: Path, tmp_path: Path
) -> None:
    engines: Any = Engines()
    crawler.engine = engines
    preflight(crawler.settings)
    with create_engine(f"sqlite:///{database}", poolclass=NullPool).begin() as connection:
        connection.execute(text("ALTER TABLE article_category RENAME TO away"))
    crawled(crawler, [ARTICLE, reject()])
    (kept,) = tmp_path.glob("unsent/*/*.json")
    content = kept.read_bytes()
    with create_engine(f"sqlite:///{database}", poolclass=NullPool).begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO article_category"))
    preflight(crawler.settings)
    assert not kept.exists()
    kept.write_bytes(content)  # as after a kill between the commit and the deletion
    preflight(crawler.settings)
    assert (counts(engine).articles, counts(engine).revisions, counts(engine).rejects) == (1, 1, 1)


def test_what_cannot_be_sent_stops_the_next_crawl_with_the_file_named(
    crawler: Crawler, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "unsent", crawler.settings["FINEWS_DATABASE_URL"])
    path = spool.keep(7, [ARTICLE])
    with pytest.raises(StorageError, match="is of crawl 7, which this database does not have"):
        preflight(crawler.settings)
    path.write_bytes(b"{")
    with pytest.raises(StorageError, match=f"{path} cannot be read: .*move it out of the folder"):
        preflight(crawler.settings)


def test_the_check_before_the_first_request_makes_the_database(
    crawler: Crawler, engine: Engine
) -> None:
    preflight(crawler.settings)
    assert "article" in inspect(engine).get_table_names()
    assert runs(engine, 10) == []


def test_the_check_before_the_first_request_tells_what_is_wrong() -> None:
    with pytest.raises(StorageError, match="FINEWS_DATABASE_URL is no database URL"):
        preflight(Settings({"FINEWS_DATABASE_URL": "nonsense"}))
