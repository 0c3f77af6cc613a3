"""Write what category pages and Eastmoney's lists told: a new row only when it is another.

A list that is walked back was seen when its first page was read. A crawl reads its articles for
minutes after that, and what the list has got meanwhile was not seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from finews_crawler.addresses import is_loopback
from finews_crawler.items import Listing
from finews_crawler.reference import load_table
from pipelines.coverage import Listed, missed_between, unread_between
from pipelines.store.findings import Finding, write_findings
from pipelines.store.lookups import category_ids
from pipelines.store.models import Category
from pipelines.store.models import Listing as ListingTable


@dataclass(frozen=True, slots=True)
class Moment:
    """When and in which run something was seen."""

    at: datetime
    run_id: int


def _newest(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    last = (
        select(func.max(ListingTable.id))
        .where(ListingTable.category_id.in_(ids))
        .group_by(ListingTable.category_id)
    )
    query = select(ListingTable.__table__).where(ListingTable.id.in_(last))
    return {row.category_id: row for row in connection.execute(query)}


def _whereabouts(listing: Listing) -> dict[str, Any]:
    """What may change while a category lists the same: where that stands."""
    return {
        "url": listing.url,
        "addresses": list(listing.addresses),
        "etag": listing.etag,
        "last_modified": listing.last_modified,
    }


def _row(listing: Listing, category_id: int, seen: Moment) -> dict[str, Any]:
    return {
        "category_id": category_id,
        "heading": listing.heading,
        "entry_count": len(listing.entries),
        "entries": list(listing.entries),
        **_whereabouts(listing),
        "first_seen_at": seen.at,
        "last_seen_at": seen.at,
        "first_run_id": seen.run_id,
        "last_run_id": seen.run_id,
    }


def _is_same(listing: Listing, row: Row[Any]) -> bool:
    return (listing.heading, list(listing.entries)) == (row.heading, row.entries)


def write_listings(connection: Connection, listings: Sequence[Listing], seen: Moment) -> None:
    """Write the listings of a batch, and a finding where posts were missed since the last one."""
    if not listings:
        return
    last = {listing.slug: listing for listing in listings}
    ids = category_ids(connection, list(last), seen.at)
    newest = _newest(connection, list(ids.values()))
    for listing in last.values():
        known, read = newest.get(ids[listing.slug]), _read_at(listing, seen)
        if known is not None and _is_same(listing, known):
            _touch(connection, known.id, listing, read)
        else:
            connection.execute(insert(ListingTable), [_row(listing, ids[listing.slug], read)])
            _name_category(connection, ids[listing.slug], listing.heading)
    pairs = ((one, newest.get(ids[one.slug])) for one in last.values())
    write_findings(connection, list(_gaps(pairs, seen)), seen.run_id, seen.at)


def _read_at(listing: Listing, seen: Moment) -> Moment:
    return seen if listing.back_to is None else replace(seen, at=listing.fetched_at)


def _gaps(pairs: Iterator[tuple[Listing, Row[Any] | None]], seen: Moment) -> Iterator[Finding]:
    for listing, known in pairs:
        # A copy on this machine (a demonstration, a test) says nothing about the site itself.
        if known is None or is_loopback(known.url) != is_loopback(listing.url):
            continue
        if detail := _missed(listing, known, seen):
            yield Finding(
                kind="gap",
                subject=listing.slug,
                detail=detail,
                since_at=known.last_seen_at,
                until_at=listing.back_to or seen.at,
            )


def _missed(listing: Listing, known: Row[Any], seen: Moment) -> str | None:
    if listing.back_to is not None:
        return unread_between(known.last_seen_at, listing.back_to)
    shown = timedelta(days=load_table("sites")["site"]["shown_days"])
    before = Listed(entries=known.entries, seen_at=known.last_seen_at)
    return missed_between(before, Listed(entries=listing.entries, seen_at=seen.at), shown)


def _touch(connection: Connection, listing_id: int, listing: Listing, seen: Moment) -> None:
    moved = update(ListingTable).where(ListingTable.id == listing_id)
    last = {"last_seen_at": seen.at, "last_run_id": seen.run_id}
    connection.execute(moved.values(**last, **_whereabouts(listing)))


def _name_category(connection: Connection, category_id: int, heading: str | None) -> None:
    """Keep the newest heading that a category had; an empty listing has none."""
    if heading is not None:
        named = update(Category).where(Category.id == category_id)
        connection.execute(named.values(heading=heading))
