"""Write what category pages listed: a new row only when it differs from the newest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from finews_crawler.items import Listing
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


def _row(listing: Listing, category_id: int, seen: Moment) -> dict[str, Any]:
    return {
        "category_id": category_id,
        "url": listing.url,
        "heading": listing.heading,
        "entry_count": len(listing.entries),
        "entries": list(listing.entries),
        "first_seen_at": seen.at,
        "last_seen_at": seen.at,
        "first_run_id": seen.run_id,
        "last_run_id": seen.run_id,
    }


def _is_same(listing: Listing, row: Row[Any]) -> bool:
    return (listing.heading, list(listing.entries)) == (row.heading, row.entries)


def write_listings(connection: Connection, listings: Sequence[Listing], seen: Moment) -> None:
    """Write the listings of a batch."""
    if not listings:
        return
    last = {listing.slug: listing for listing in listings}
    ids = category_ids(connection, list(last), seen.at)
    newest = _newest(connection, list(ids.values()))
    for listing in last.values():
        known = newest.get(ids[listing.slug])
        if known is not None and _is_same(listing, known):
            _touch(connection, known.id, seen)
        else:
            connection.execute(insert(ListingTable), [_row(listing, ids[listing.slug], seen)])
            _name_category(connection, ids[listing.slug], listing.heading)


def _touch(connection: Connection, listing_id: int, seen: Moment) -> None:
    moved = update(ListingTable).where(ListingTable.id == listing_id)
    connection.execute(moved.values(last_seen_at=seen.at, last_run_id=seen.run_id))


def _name_category(connection: Connection, category_id: int, heading: str | None) -> None:
    """Keep the newest heading that a category had; an empty listing has none."""
    if heading is not None:
        named = update(Category).where(Category.id == category_id)
        connection.execute(named.values(heading=heading))
