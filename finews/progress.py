"""How far a crawl is: a bar on a terminal, a plain line now and then elsewhere."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scrapy import signals
from scrapy.crawler import Crawler

from finews.messages import text

PLAIN_LINE_EVERY = 20


class ProgressExtension:
    """A Scrapy extension that shows stored articles beside those found so far."""

    def __init__(self, crawler: Crawler, console: Console) -> None:
        self._crawler = crawler
        self._console = console
        self._done = 0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self._bar.add_task(text("crawling"), total=None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawl."""
        extension = cls(crawler, Console(stderr=True))
        crawler.signals.connect(extension.opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.answered, signal=signals.response_received)
        crawler.signals.connect(extension.stored, signal=signals.item_scraped)
        crawler.signals.connect(extension.closed, signal=signals.spider_closed)
        return extension

    def opened(self) -> None:
        """Show the bar, where there is a terminal."""
        if self._console.is_terminal:
            self._bar.start()

    def answered(self) -> None:
        """Follow the number of articles found."""
        self._bar.update(self._task, total=self._found() or None)

    def stored(self) -> None:
        """Move on by one article."""
        self._done += 1
        self._bar.update(self._task, completed=self._done)
        if not self._console.is_terminal and self._done % PLAIN_LINE_EVERY == 0:
            self._console.print(text("progress", done=self._done, total=self._found()))

    def closed(self) -> None:
        """Leave the bar as it stands at the end."""
        self._bar.update(self._task, total=self._done, completed=self._done)
        self._bar.stop()

    def _found(self) -> int:
        plan = getattr(self._crawler.spider, "plan", ())
        return max(len(plan), self._done)
