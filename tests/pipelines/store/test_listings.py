"""What category pages listed: a new row only when that differs from the newest one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, select

from finews_crawler.items import Listing
from pipelines.store.engine import writing
from pipelines.store.findings import Finding, load_findings
from pipelines.store.listings import Moment, write_listings
from pipelines.store.models import Category
from pipelines.store.models import Finding as FindingTable
from pipelines.store.models import Listing as ListingTable
from pipelines.store.runs import start_run
from tests.pipelines.making import listing

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Write = Callable[..., int]
ONE, TWO = "202206143000000001", "202206143000000002"
LOCAL = "http://127.0.0.1:8000/category/Wind.html"


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
    addresses = (f"/wind/2022/06/14/NW{TWO}.html", f"/wind/2022/06/14/NW{ONE}.html")
    listed = listing(
        slug="Wind", heading="Wind新闻", entries=(TWO, ONE), addresses=addresses, etag='"2"'
    )
    run = write(listed)
    with engine.connect() as connection:
        (row,) = connection.execute(select(ListingTable.__table__)).mappings().all()
    assert {name: value for name, value in row.items() if name not in {"id", "category_id"}} == {
        "url": "https://finews.withounder.com/category/Wind.html",
        "heading": "Wind新闻",
        "entry_count": 2,
        "entries": [TWO, ONE],
        "addresses": list(addresses),
        "etag": '"2"',
        "last_modified": "Tue, 14 Jun 2022 10:00:00 GMT",
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


# --- where it stands --------------------------------------------------------------------------


def whereabouts(engine: Engine) -> list[dict[str, Any]]:
    names = ("url", "addresses", "etag", "last_modified")
    query = select(*(ListingTable.__table__.c[name] for name in names)).order_by(ListingTable.id)
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


MOVED: dict[str, Any] = {
    "url": LOCAL,
    "addresses": (f"/emnews/2022/06/14/{ONE}.html",),
    "etag": 'W/"2"',
    "last_modified": "Wed, 15 Jun 2022 10:00:00 GMT",
}


@pytest.mark.parametrize(
    "moved",
    [
        *({name: value} for name, value in MOVED.items()),
        MOVED,
        {"etag": None, "last_modified": None},
    ],
    ids=[*MOVED, "all", "no_validators"],
)
def test_what_stands_elsewhere_is_no_change_and_is_known_where_it_stands_now(
    engine: Engine, write: Write, clock: "Clock", moved: dict[str, Any]
) -> None:
    first = write(listing())
    (before,) = whereabouts(engine)
    clock.forward(hours=1)
    write(listing(**moved))
    assert (rows(engine), findings(engine, first)) == ([("Wind", [ONE])], [])
    told = {name: list(value) if name == "addresses" else value for name, value in moved.items()}
    assert whereabouts(engine) == [{**before, **told}]


def test_a_row_that_is_superseded_keeps_where_it_stood(engine: Engine, write: Write) -> None:
    write(listing(etag='"1"'))
    write(listing(entries=(TWO, ONE), url=LOCAL, etag='"2"'))
    write(listing(entries=(TWO, ONE), url=LOCAL, etag='"3"'))
    assert [one["etag"] for one in whereabouts(engine)] == ['"1"', '"3"']
    assert [one["url"] for one in whereabouts(engine)] == [listing().url, LOCAL]


# --- posts that came and went unseen ----------------------------------------------------------

LATER, PATH = "202206183000000001", "/sitenews/2022/06/14/notice.html"


def findings(engine: Engine, run: int) -> list[Finding]:
    with engine.connect() as connection:
        return load_findings(connection, run)


def test_a_gap_is_told_once_with_its_span(engine: Engine, write: Write, clock: "Clock") -> None:
    first, begun = write(listing()), clock()
    clock.forward(days=4)
    second, seen = write(listing(entries=(LATER,))), clock()
    clock.forward(hours=1)
    third = write(listing(entries=(LATER,)))
    assert (findings(engine, first), findings(engine, third)) == ([], [])
    assert findings(engine, second) == [
        Finding(
            kind="gap",
            subject="Wind",
            detail="nothing that was listed before is listed now; the last look was 4.0 days ago",
            since_at=begun,
            until_at=seen,
        )
    ]


def test_the_last_look_counts_not_the_first(engine: Engine, write: Write, clock: "Clock") -> None:
    """A list that stood still was looked at all the time."""
    for _ in range(5):
        write(listing(entries=(PATH,)))
        clock.forward(days=1)
    assert findings(engine, write(listing(entries=(LATER,)))) == []


def test_fresh_posts_that_vanish_are_a_gap(engine: Engine, write: Write, clock: "Clock") -> None:
    write(listing())
    clock.forward(hours=1)
    (gap,) = findings(engine, write(listing(entries=(TWO,))))
    assert gap.detail.startswith("nothing that was listed 1.0 hours ago is listed now, although")
    assert gap.until_at == clock()
    assert gap.since_at == clock() - timedelta(hours=1)


def test_each_category_has_its_own_gap(engine: Engine, write: Write, clock: "Clock") -> None:
    slugs = ("Wind", "emnews", "empty")
    write(*(listing(slug=slug, entries=(ONE,) if slug != "empty" else ()) for slug in slugs))
    clock.forward(days=4)
    later = {"Wind": (LATER,), "emnews": (LATER, ONE), "empty": (LATER,), "new": (LATER,)}
    run = write(*(listing(slug=slug, entries=entries) for slug, entries in later.items()))
    assert [one.subject for one in findings(engine, run)] == ["Wind"]


def test_a_copy_on_this_machine_says_nothing_about_the_site(
    engine: Engine, write: Write, clock: "Clock"
) -> None:
    write(listing(url=LOCAL))
    clock.forward(days=4)
    assert findings(engine, write(listing(entries=(LATER,)))) == []
    clock.forward(days=4)
    other = listing(entries=(TWO,), url="https://finews.zning.me/category/Wind.html")
    assert [one.kind for one in findings(engine, write(other))] == ["gap"]


def test_a_gap_and_the_listing_that_shows_it_are_one_transaction(
    engine: Engine, write: Write, clock: "Clock"
) -> None:
    """Else a kill between the two would leave a gap that nobody is told of."""
    write(listing())
    clock.forward(days=4)
    late, run = listing(entries=(LATER,)), start_run(engine, "category", {}, clock())

    def killed() -> None:
        with writing(engine).begin() as connection:
            write_listings(connection, [late], Moment(clock(), run))
            assert len(connection.execute(select(FindingTable.id)).all()) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert (rows(engine), findings(engine, run)) == ([("Wind", [ONE])], [])
    assert len(findings(engine, write(late))) == 1


# --- lists that are walked back ---------------------------------------------------------------


def walked(clock: "Clock", read: float, **back: float) -> Listing:
    """A list that was read so many minutes ago, back to so long before that."""
    at = clock() - timedelta(minutes=read)
    url = "https://np-listapi.eastmoney.com/comm/web/getNewsByColumns?column=350"
    made = listing(slug="eastmoney:350", url=url, heading=None, addresses=(), etag=None)
    return replace(made, fetched_at=at, back_to=at - timedelta(**back))


def test_a_list_was_seen_when_it_was_read(engine: Engine, write: Write, clock: "Clock") -> None:
    """Its articles were read for ten minutes after that; what came meanwhile was not seen."""
    first = walked(clock, 10, hours=6)
    write(first)
    clock.forward(hours=1)
    again = walked(clock, 10, hours=6)
    write(again)
    columns = (ListingTable.first_seen_at, ListingTable.last_seen_at)
    with engine.connect() as connection:
        seen = connection.execute(select(*columns)).all()
    assert seen == [(first.fetched_at, again.fetched_at)]


@pytest.mark.parametrize("entries", [(ONE,), (TWO,), ()], ids=["the same", "all new", "none"])
def test_a_list_that_was_read_back_to_the_last_look_is_no_gap(
    engine: Engine, write: Write, clock: "Clock", entries: tuple[str, ...]
) -> None:
    write(walked(clock, 10, hours=6))
    clock.forward(hours=6)
    run = write(replace(walked(clock, 0, hours=6, minutes=10), entries=entries))
    assert findings(engine, run) == []


def test_what_came_while_articles_were_read_may_be_missed(
    engine: Engine, write: Write, clock: "Clock"
) -> None:
    write(walked(clock, 10, hours=6))
    begun = clock() - timedelta(minutes=10)
    clock.forward(hours=6)
    late = walked(clock, 0, hours=6)
    assert findings(engine, write(late)) == [
        Finding(
            kind="gap",
            subject="eastmoney:350",
            detail=(
                "the list was read back to 2022-06-14 18:00 (Shanghai) only, and the last look was "
                "0.2 hours before that"
            ),
            since_at=begun,
            until_at=late.back_to,
        )
    ]


def test_the_first_look_at_a_list_is_no_gap(engine: Engine, write: Write, clock: "Clock") -> None:
    assert findings(engine, write(walked(clock, 0, minutes=1))) == []


# --- several categories -----------------------------------------------------------------------


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
