"""A host that has complained is asked slower than before, until many of its answers are good."""

from dataclasses import dataclass

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler

SLOWEST = 16.0
"""Seconds between two requests at most."""
EASE = 50
"""Good answers after which the delay is halved again."""


@dataclass(slots=True)
class _Slowed:
    normal: float
    """The delay before the host complained, in seconds."""
    delay: float
    good: int = 0


class Pace:
    """Doubles the delay of download slots.

    AutoThrottle sets a slot's delay anew with every answer, by the server's speed alone; a slowed
    slot's delay is put back behind it.
    """

    def __init__(self, crawler: Crawler, least: float) -> None:
        self._crawler = crawler
        self._least = least
        self._slowed: dict[str, _Slowed] = {}
        self._is_connected = False

    @property
    def has_slowed(self) -> bool:
        """Whether some host is asked slower than it was."""
        return bool(self._slowed)

    def slow(self, request: Request) -> float | None:
        """Double the delay of a request's slot; gives it, None when the slot is no more."""
        key, slot = self._slot(request)
        if slot is None:
            return None
        known = self._slowed.setdefault(key, _Slowed(slot.delay, slot.delay))
        known.delay = slot.delay = min(max(2 * known.delay, self._least), SLOWEST)
        known.good = 0
        # After AutoThrottle, which is connected when the crawl begins.
        if not self._is_connected:
            self._crawler.signals.connect(self.hold, signal=signals.response_downloaded)
            self._is_connected = True
        return known.delay

    def good(self, request: Request) -> None:
        """Count an answer without a complaint."""
        known = self._slowed.get(request.meta.get("download_slot", ""))
        if known is None:
            return
        known.good += 1
        if known.good < EASE:
            return
        known.good, known.delay = 0, known.delay / 2
        if known.delay < max(known.normal, self._least):
            self.restore(request)
            return
        _, slot = self._slot(request)
        if slot is not None:
            slot.delay = known.delay

    def restore(self, request: Request) -> None:
        """Take all of it back."""
        key, slot = self._slot(request)
        known = self._slowed.pop(key, None)
        if slot is not None and known is not None:
            slot.delay = known.normal

    def hold(self, request: Request) -> None:
        """Keep a slowed slot slow."""
        key, slot = self._slot(request)
        if slot is not None and key in self._slowed:
            slot.delay = max(slot.delay, self._slowed[key].delay)

    def _slot(self, request: Request) -> tuple[str, Slot | None]:
        key: str = request.meta.get("download_slot", "")
        return key, self._crawler.engine.downloader.slots.get(key)
