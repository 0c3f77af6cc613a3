"""How far a crawl is: a live bar on a terminal, nothing elsewhere."""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from finews.messages import text

EVERY = 0.5
"""Seconds between two looks at the crawl's statistics."""
RECENT = 10
"""Looks over which the rate is taken."""
_DONE = ("store/new", "store/revised", "store/completed", "store/unchanged", "store/refused")
_SETTLED = ("memory/known", "memory/missed")
_TOLD = {
    "new": ("store/new",),
    "revised": ("store/revised", "store/completed"),
    "unchanged": ("store/unchanged", "memory/known"),
    "rejected": ("store/reject", "store/refused"),
}


def _sum(stats: Mapping[str, object], names: tuple[str, ...]) -> int:
    found = (stats.get(f"finews/{name}", 0) for name in names)
    return sum(number for number in found if isinstance(number, int))


class Rate:
    """How many a second, over the last looks."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=RECENT)

    def look(self, at: float, number: int) -> float:
        """Note a number at a time in seconds; gives the rate since the oldest look kept."""
        self._looks.append((at, number))
        first_at, first = self._looks[0]
        return (number - first) / (at - first_at) if at > first_at else 0.0


def told(stats: Mapping[str, object], rate: float) -> str:
    """One line: pages a second, and what became of them."""
    counts = {name: _sum(stats, names) for name, names in _TOLD.items()}
    return text("progress", rate=f"{rate:.0f}", **counts)


class ProgressExtension:
    """A Scrapy extension that shows what a crawl has done, and an estimate where one is possible.

    Log lines that go to the same terminal appear above the bar.
    """

    def __init__(self, crawler: Crawler, console: Console) -> None:
        self._crawler = crawler
        self._rate = Rate()
        self._looking: asyncio.Task[None] | None = None
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._bar.add_task(text("crawling"), total=None, told="")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawl.

        Raises:
            NotConfigured: nobody looks, or the setting `FINEWS_PROGRESS` is off.
        """
        console = Console(stderr=True)
        if not console.is_terminal or not crawler.settings.getbool("FINEWS_PROGRESS", True):
            raise NotConfigured
        extension = cls(crawler, console)
        crawler.signals.connect(extension.opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.closed, signal=signals.spider_closed)
        return extension

    def opened(self) -> None:
        """Show the bar, and look at the crawl from now on."""
        before = sys.stderr
        self._bar.start()
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is before:
                handler.setStream(sys.stderr)
        self._looking = asyncio.get_running_loop().create_task(self._look_again())

    async def _look_again(self) -> None:
        while True:
            self.look(monotonic())
            await asyncio.sleep(EVERY)

    def look(self, at: float) -> None:
        """Show the crawl as it is at a time in seconds."""
        stats = self._crawler.stats.get_stats()
        answers = stats.get("downloader/response_count", 0)
        done = _sum(stats, _DONE) + _sum(stats, _SETTLED)
        expected = getattr(self._crawler.spider, "expected", None)
        self._bar.update(
            self._task,
            completed=done,
            total=None if expected is None else max(expected, done),
            told=told(stats, self._rate.look(at, answers)),
        )

    def closed(self) -> None:
        """Leave the bar as it stands at the end."""
        if self._looking is not None:
            self._looking.cancel()
        self.look(monotonic())
        done = self._bar.tasks[0].completed
        self._bar.update(self._task, total=done)
        proxied = sys.stderr
        self._bar.stop()
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is proxied:
                handler.setStream(sys.stderr)
