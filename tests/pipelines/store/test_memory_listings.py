"""What a crawl knows of a site's category pages, and what it does when nobody can be asked."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from scrapy import signals
from scrapy.utils.test import get_crawler
from sqlalchemy import Engine, NullPool, create_engine, text

from finews_crawler.items import Listing
from finews_crawler.memory import KnownListing, Wanted, memory_of
from finews_crawler.outcome import Verdict
from pipelines.store import memory
from pipelines.store.engine import writing
from pipelines.store.memory import LISTED_WITHIN, CrawlMemory, known_listings
from pipelines.store.runs import finish_run, start_run
from pipelines.store.writer import Writer
from tests.pipelines.making import article, listing

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

SITE = "http://127.0.0.1:8000/"
ONE, TWO, THREE, FOUR = (f"20220614300000000{number}" for number in range(1, 5))


@pytest.fixture(autouse=True)
def _clock_of_the_test(clock: "Clock", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "database_now", lambda _connection: clock())


def listed(*codes: str, slug: str = "Wind", root: str = SITE, etag: str | None = '"1"') -> Listing:
    return listing(
        slug=slug,
        url=f"{root}category/{slug}.html",
        heading="Wind新闻" if codes else None,
        entries=codes,
        addresses=tuple(f"/wind/2022/06/14/NW{code}.html" for code in codes),
        etag=etag,
    )


def known(engine: Engine, root: str = SITE) -> dict[str, tuple[str, ...]]:
    """The addresses of a site's known listings, by slug."""
    with engine.connect() as connection:
        return {slug: one.addresses for slug, one in known_listings(connection, root).items()}


def page(code: str) -> str:
    return f"/wind/2022/06/14/NW{code}.html"


# --- known listings ---------------------------------------------------------------------------


def test_a_listing_is_known_as_it_was_read(engine: Engine, writer: Writer) -> None:
    writer.write([listed(TWO, ONE)])
    with engine.connect() as connection:
        assert known_listings(connection, SITE) == {
            "Wind": KnownListing(
                slug="Wind",
                url=f"{SITE}category/Wind.html",
                heading="Wind新闻",
                addresses=(page(TWO), page(ONE)),
                etag='"1"',
                last_modified="Tue, 14 Jun 2022 10:00:00 GMT",
            )
        }


def test_an_empty_database_knows_no_listing(engine: Engine) -> None:
    assert known(engine) == {}


def test_the_newest_of_each_category_counts(engine: Engine, writer: Writer) -> None:
    writer.write([listed(ONE), listed(ONE, slug="emnews")])
    writer.write([listed(TWO, ONE)])
    assert known(engine) == {"Wind": (page(TWO), page(ONE)), "emnews": (page(ONE),)}


def test_what_was_seen_again_is_known_as_it_was_seen_last(engine: Engine, writer: Writer) -> None:
    writer.write([listed(ONE)])
    writer.write([listed(ONE, etag=None)])
    with engine.connect() as connection:
        assert known_listings(connection, SITE)["Wind"].etag is None


@pytest.mark.parametrize(
    "root", ["http://127.0.0.1:80001/", "http://127.0.0.1:9000/", "https://127.0.0.1:8000/"]
)
def test_the_pages_of_another_site_are_not_known_here(
    engine: Engine, writer: Writer, root: str
) -> None:
    writer.write([listed(ONE, root=root), listed(ONE, slug="emnews")])
    assert (known(engine), known(engine, root)) == (
        {"emnews": (page(ONE),)},
        {"Wind": (page(ONE),)},
    )


def test_a_category_that_was_read_elsewhere_last_is_asked_for_without_a_condition(
    engine: Engine, writer: Writer
) -> None:
    writer.write([listed(ONE)])
    writer.write([listed(ONE, root="http://127.0.0.1:9000/")])
    assert known(engine) == {}


def test_a_category_that_has_been_empty_for_long_is_forgotten(
    engine: Engine, writer: Writer, clock: "Clock"
) -> None:
    writer.write([listed(slug="empty"), listed(ONE)])
    clock.now += LISTED_WITHIN - timedelta(seconds=1)
    assert known(engine) == {"empty": (), "Wind": (page(ONE),)}
    clock.forward(seconds=1)
    assert known(engine) == {"Wind": (page(ONE),)}
    writer.write([listed(ONE, slug="empty")])
    writer.write([listed(slug="empty")])
    assert known(engine) == {"empty": (), "Wind": (page(ONE),)}


def test_rows_of_an_older_schema_have_no_addresses_and_so_no_condition(
    engine: Engine, writer: Writer
) -> None:
    writer.write([listed(ONE)])
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE listing SET addresses = NULL"))
    with engine.connect() as connection:
        found = known_listings(connection, SITE)["Wind"]
    assert (found.addresses, found.validators) == ((), {})


# --- crawls that were cut short ---------------------------------------------------------------

DAY = timedelta(days=1)
GOOD = Verdict(ok=True, message="articles: 1 new", reason="finished")
STOPPED = Verdict(ok=False, message="the crawl was stopped: shutdown", reason="shutdown")


@pytest.fixture
def crawl(engine: Engine, clock: "Clock") -> "Crawl":
    """A crawl that reads listings and ends so; None: it was killed."""

    def crawled(verdict: Verdict | None, *listings: Listing) -> None:
        run = start_run(engine, "category", {}, clock())
        Writer(engine, run, DAY, clock).write(listings)
        if verdict is not None:
            finish_run(engine, run, verdict, {}, clock())
        clock.forward(hours=1)

    return crawled


Crawl = Callable[..., None]


def unfinished(engine: Engine, root: str = SITE) -> dict[str, tuple[str, ...]]:
    with engine.connect() as connection:
        return {slug: one.unfinished for slug, one in known_listings(connection, root).items()}


@pytest.mark.parametrize("end", [None, STOPPED], ids=["killed", "stopped"])
def test_what_two_crawls_listed_that_were_cut_short_is_not_forgotten(
    engine: Engine, crawl: Crawl, end: Verdict | None
) -> None:
    crawl(end, listed(TWO, ONE))
    crawl(end, listed(THREE, TWO))
    assert unfinished(engine) == {"Wind": (page(ONE),)}
    crawl(end, listed(FOUR))
    assert unfinished(engine) == {"Wind": (page(ONE), page(TWO), page(THREE))}


def test_a_crawl_that_ends_well_has_read_what_was_left(engine: Engine, crawl: Crawl) -> None:
    crawl(None, listed(ONE))
    crawl(GOOD, listed(TWO))
    assert unfinished(engine) == {"Wind": ()}
    crawl(None, listed(THREE))
    assert unfinished(engine) == {"Wind": ()}
    crawl(None, listed(FOUR))
    assert unfinished(engine) == {"Wind": (page(THREE),)}


def test_each_category_and_each_site_has_its_own(engine: Engine, crawl: Crawl) -> None:
    crawl(None, listed(ONE), listed(ONE, slug="emnews"))
    crawl(GOOD, listed(TWO))
    crawl(None, listed(THREE), listed(THREE, slug="emnews"))
    assert unfinished(engine) == {"Wind": (), "emnews": (page(ONE),)}
    crawl(None, listed(FOUR, slug="emnews", root="http://127.0.0.1:9000/"))
    assert unfinished(engine, "http://127.0.0.1:9000/") == {"emnews": ()}


def test_what_was_listed_very_long_ago_is_forgotten(
    engine: Engine, crawl: Crawl, clock: "Clock"
) -> None:
    crawl(None, listed(ONE))
    clock.now += LISTED_WITHIN
    crawl(None, listed(TWO))
    assert unfinished(engine) == {"Wind": ()}


def test_not_more_is_looked_through_than_a_crawl_can_bear(
    engine: Engine, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST_UNFINISHED", 2)
    for code in (ONE, TWO, THREE):
        crawl(None, listed(code))
    assert unfinished(engine) == {"Wind": (page(TWO),)}


# --- in a crawl -------------------------------------------------------------------------------


def test_a_crawl_asks_its_database(engine: Engine, writer: Writer) -> None:
    writer.write([article(), listed(ONE)])
    url = engine.url.render_as_string(hide_password=False)
    settings = {"FINEWS_DATABASE_URL": url, "FINEWS_MEMORY": "pipelines.store.memory.CrawlMemory"}
    crawler = get_crawler(settings_dict=settings)
    asked = memory_of(crawler)
    try:
        assert isinstance(asked, CrawlMemory)
        assert list(asyncio.run(asked.listings(SITE))) == ["Wind"]
        wanted = [Wanted(key=ONE), Wanted(key=TWO)]
        assert asyncio.run(asked.settled(wanted, timedelta())) == {ONE: "known"}
    finally:
        crawler.signals.send_catch_log(signals.spider_closed)


def questions(asked: CrawlMemory) -> tuple[object, object]:
    async def both() -> tuple[object, object]:
        return await asked.listings(SITE), await asked.settled([Wanted(key=ONE)], timedelta())

    return asyncio.run(both())


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What an operator reads; no line may carry a traceback."""
    assert all(record.exc_info is None for record in caplog.records)
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.mark.parametrize("url", ["sqlite:////proc/finews.db", "postgresql+psycopg://127.0.0.1:1/x"])
def test_a_database_that_is_away_knows_nothing_and_one_line_says_so(
    caplog: pytest.LogCaptureFixture, url: str
) -> None:
    away = CrawlMemory(create_engine(url, poolclass=NullPool))
    assert questions(away) == ({}, {})
    assert questions(away) == ({}, {})
    (line,) = warnings(caplog)
    assert line.startswith("what is known cannot be looked up, all is read: ")
    assert "\n" not in line
    away.close()


def test_a_database_that_goes_away_and_comes_back(
    engine: Engine, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    writer.write([article(), listed(ONE)])
    asked = CrawlMemory(engine)
    moved = "ALTER TABLE {} RENAME TO {}"
    for first, second in (("listing", "aside"), ("article", "beside")):
        with writing(engine).begin() as connection:
            connection.execute(text(moved.format(first, second)))
    assert questions(asked) == ({}, {})
    for first, second in (("listing", "aside"), ("article", "beside")):
        with writing(engine).begin() as connection:
            connection.execute(text(moved.format(second, first)))
    listings, standings = questions(asked)
    assert (list(listings), standings) == (["Wind"], {ONE: "known"})  # type: ignore[call-overload]
    (line,) = warnings(caplog)
    assert "listing" in line
