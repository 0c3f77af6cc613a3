"""How long a page that gave no article is left alone. Pure: no database, no clock."""

from datetime import timedelta

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

ABSENT: frozenset[str] = frozenset({"http_404", "http_410", "not_found_page", "empty_answer"})
"""Reasons that say: there is no such page. The site shows a post for three days and never again."""
UNREADABLE: frozenset[str] = frozenset({"extract", "share", "validate", "normalise"})
"""Stages at which a page that was there could not be used."""


def pause_after(stage: str, reason: str, times: int) -> timedelta | None:
    """How long to wait after a page was missed so many times; None: the next crawl asks again.

    A page that is not there is asked for once a day. One that cannot be read may have been caught
    half-built, so the first wait is an hour, and each further one is twice as long. All else
    (time-outs, refusals, servers in trouble) says nothing about the page.
    """
    if reason in ABSENT:
        return DAY
    if stage in UNREADABLE:
        return min(HOUR * (1 << min(times - 1, 10)), DAY)
    return None
