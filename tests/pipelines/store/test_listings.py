"""What category pages listed: a new row only when that differs from the newest one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, select

from finews_crawler.items import Listing
from pipelines.store.engine import writing
from pipelines.store.listings import Moment, write_listings
from pipelines.store.models import Category
from pipelines.store.models import Listing as ListingTable
from pipelines.store.runs import start_run
from tests.pipelines.making import listing

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Write = Callable[..., int]
ONE, TWO = "202206143000000001", "202206143000000002"


@pytest.fixture
def write(engine: Engine, clock: "Clock") -> Write:
    """Write the listings of one batch in a run of its own; gives the run's id."""

    def written(*listings: Listing) -> int:
        run = start_run(engine, "category", {}, clock())
        with writing(engine).begin() as connection:
            write_listings(connection, listings, Moment(clock(), run))
        return run

    return written


def rows(engine: Engine) -> list[tuple[str, list[str]]]:
    """Slug and entries of every row, the oldest first."""
    query = (
        select(Category.slug, ListingTable.entries)
        .join(Category, Category.id == ListingTable.category_id)
        .order_by(ListingTable.id)
    )
    with engine.connect() as connection:
        return [(slug, entries) for slug, entries in connection.execute(query)]


def headings(engine: Engine) -> dict[str, str | None]:
    with engine.connect() as connection:
        return dict(connection.execute(select(Category.slug, Category.heading)).all())


def test_a_listing_is_written_whole(engine: Engine, write: Write, clock: "Clock") -> None:
    run = write(listing(slug="Wind", heading="Wind新闻", entries=(TWO, ONE)))
    with engine.connect() as connection:
        (row,) = connection.execute(select(ListingTable.__table__)).mappings().all()
    assert {name: value for name, value in row.items() if name not in {"id", "category_id"}} == {
        "url": "https://finews.withounder.com/category/Wind.html",
        "heading": "Wind新闻",
        "entry_count": 2,
        "entries": [TWO, ONE],
        "first_seen_at": clock(),
        "last_seen_at": clock(),
        "first_run_id": run,
        "last_run_id": run,
    }


def test_the_same_again_is_only_seen_again(engine: Engine, write: Write, clock: "Clock") -> None:
    first, begun = write(listing()), clock()
    clock.forward(hours=1)
    second = write(listing())
    columns = ("first_seen_at", "last_seen_at", "first_run_id", "last_run_id")
    with engine.connect() as connection:
        query = select(*(ListingTable.__table__.c[name] for name in columns))
        assert connection.execute(query).all() == [(begun, clock(), first, second)]


@pytest.mark.parametrize(
    "changed",
    [{"entries": (TWO, ONE)}, {"entries": ()}, {"heading": "另一名"}, {"heading": None}],
    ids=["an_entry_more", "emptied", "another_heading", "no_heading"],
)
def test_what_differs_is_a_new_row(
    engine: Engine, write: Write, changed: dict[str, object]
) -> None:
    later = listing(**changed)
    write(listing())
    write(later)
    assert rows(engine) == [("Wind", [ONE]), ("Wind", list(later.entries))]


def test_another_order_is_another_listing(engine: Engine, write: Write) -> None:
    write(listing(entries=(ONE, TWO)))
    write(listing(entries=(TWO, ONE)))
    assert rows(engine) == [("Wind", [ONE, TWO]), ("Wind", [TWO, ONE])]


def test_going_back_is_a_change_too(engine: Engine, write: Write) -> None:
    for entries in ((ONE,), (TWO,), (ONE,)):
        write(listing(entries=entries))
    assert rows(engine) == [("Wind", [ONE]), ("Wind", [TWO]), ("Wind", [ONE])]


def test_another_address_alone_is_no_change(engine: Engine, write: Write) -> None:
    write(listing())
    write(listing(url="http://127.0.0.1:8000/category/Wind.html"))
    assert rows(engine) == [("Wind", [ONE])]


def test_of_a_category_that_stands_twice_in_a_batch_the_last_counts(
    engine: Engine, write: Write
) -> None:
    write(listing(entries=(ONE,)), listing(entries=(TWO,)))
    assert rows(engine) == [("Wind", [TWO])]


def test_slugs_that_differ_in_case_are_two_categories(engine: Engine, write: Write) -> None:
    write(listing(slug="TechWeb"), listing(slug="Techweb", entries=(TWO,)))
    write(listing(slug="Techweb", entries=(TWO,)))
    assert rows(engine) == [("TechWeb", [ONE]), ("Techweb", [TWO])]


def test_a_category_keeps_the_newest_heading_that_it_had(engine: Engine, write: Write) -> None:
    write(listing(slug="empty", heading=None, entries=()), listing(heading="旧名"))
    write(listing(heading="新名"))
    write(listing(heading=None, entries=()))
    assert headings(engine) == {"empty": None, "Wind": "新名"}


def test_no_listings_write_nothing(engine: Engine, write: Write) -> None:
    write()
    assert (rows(engine), headings(engine)) == ([], {})
