"""Did a crawl come often enough? Pure: what two listings of a category say of the time between.

The site shows a post for three days and lists all that it shows. So a listing normally overlaps
with the one before it; where it does not, posts may have come and gone unseen.

A list of Eastmoney has no such end: a crawl walks it back, page by page, to a moment of its choice.
It overlaps with the look before where that moment lies before it, whether or not anything that was
listed then is listed still; where it lies after it, what came between the two was not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finews_crawler.items import SHANGHAI

# The site's generator moves posts by the day of a machine that runs in UTC.
MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a category listed at a moment."""

    entries: Sequence[str]
    """Identities, newest first."""
    seen_at: datetime
    """When it was last seen so."""


def _latest_day(entries: Sequence[str]) -> datetime | None:
    """The newest day that entries name (an id begins with its day in Shanghai)."""
    days = [entry[:8] for entry in entries if len(entry) == 18 and entry.isdigit()]
    try:
        return datetime.strptime(max(days), "%Y%m%d").replace(tzinfo=SHANGHAI) if days else None
    except ValueError:
        return None


def missed_between(before: Listed, now: Listed, shown: timedelta) -> str | None:
    """Say why posts may have been missed between two listings; None when they were not.

    Args:
        before: the listing of the crawl before.
        now: the listing of this crawl.
        shown: how long the site shows a post.
    """
    if not before.entries or not now.entries or set(before.entries) & set(now.entries):
        return None
    away = now.seen_at - before.seen_at
    if away > shown:
        return f"nothing that was listed before is listed now; the last look was {_told(away)} ago"
    latest = _latest_day(before.entries)
    if latest is not None and now.seen_at - latest < shown - MARGIN:
        return (
            f"nothing that was listed {_told(away)} ago is listed now, although the site shows a "
            f"post for {_told(shown)}"
        )
    return None


def unread_between(seen_at: datetime, back_to: datetime) -> str | None:
    """Say why articles of a list may have been missed; None when they were not.

    Args:
        seen_at: when the list was read by the crawl before.
        back_to: all that it names since then was taken by this crawl.
    """
    if back_to <= seen_at:
        return None
    told = back_to.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return (
        f"the list was read back to {told} (Shanghai) only, and the last look was "
        f"{_told(back_to - seen_at)} before that"
    )


def _told(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
