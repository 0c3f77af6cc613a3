"""How long to wait. Pure: what a server asks for, and what is polite where it says nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import uniform
from time import monotonic

from scrapy.http import Headers
from scrapy.settings import BaseSettings


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance; tests bring their own."""

    clock: Callable[[], float] = monotonic
    """Seconds that only grow."""
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    dice: Callable[[float, float], float] = uniform
    """A number between two."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Twice as long each time, with jitter: many that wait must not come back at once."""

    first: float
    """Seconds."""
    longest: float
    """Seconds."""

    def pause(self, times: int, dice: Callable[[float, float], float]) -> float:
        """Seconds to wait after the `times`-th failure in a row (1, 2, …)."""
        doubled = self.first * 2.0 ** min(times - 1, 32)
        return min(doubled * dice(1.0, 1.5), self.longest)


def backoff_of(settings: BaseSettings) -> Backoff:
    """The pauses that the settings ask for."""
    return Backoff(
        settings.getfloat("FINEWS_RETRY_PAUSE_SECONDS"),
        settings.getfloat("FINEWS_LONGEST_PAUSE_SECONDS"),
    )


def retry_after(headers: Headers, now: Callable[[], datetime]) -> float | None:
    """The seconds that a server asks to wait; None when it says nothing that can be understood.

    A date counts from the server's own `Date`, where it sends one: its clock may be wrong.
    """
    text = _text(headers, "Retry-After")
    if text.isascii() and text.isdecimal():
        return float(text)
    until = _date(text)
    if until is None:
        return None
    since = _date(_text(headers, "Date")) or now()
    return max((until - since).total_seconds(), 0.0)


def _text(headers: Headers, name: str) -> str:
    return (headers.get(name) or b"").decode("latin-1").strip()


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
