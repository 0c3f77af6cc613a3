"""Spans of time as a person writes them."""

import re
from datetime import timedelta

from finews_crawler.errors import ArgumentError

_SPAN = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=36_525)
"""A century; a longer span would lead out of the calendar."""


def span(text: str) -> timedelta:
    """Read a span of time: `90s`, `20m`, `6h`, `3d`, `0`.

    Raises:
        ArgumentError: it is none.
    """
    if text.strip() == "0":
        return timedelta()
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise ArgumentError(f"{text!r} is no span of time, such as 90s, 20m, 6h or 3d")
    try:
        length = timedelta(**{_UNITS[found[2]]: int(found[1])})
    except (OverflowError, ValueError) as error:  # of thousands of digits int() makes no number
        raise ArgumentError(f"{text[:40]!r} is too long") from error
    if length > LONGEST:
        raise ArgumentError(f"{text!r} is too long")
    return length


def refresh_window(text: str) -> timedelta | None:
    """Read the argument `refresh`: a span, or `all` (None): everything is read again.

    Raises:
        ArgumentError: it is neither.
    """
    return None if text.strip().lower() == "all" else span(text)
