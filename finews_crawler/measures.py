"""How long answers took, and how much memory the process held: for the record of a run."""

import math
import sys
from collections import Counter
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

STEP = 1.05
"""A quantile is exact to this factor, and to a millisecond."""


class Latencies:
    """Durations, counted in classes that grow by `STEP`: memory stays flat however many come."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Count one duration."""
        milliseconds = max(seconds * 1000, 1.0)
        self._counts[round(math.log(milliseconds, STEP))] += 1

    def quantile(self, share: float) -> int | None:
        """Milliseconds within which this share of the answers came; None without any."""
        wanted = share * self._counts.total()
        seen = 0
        for place in sorted(self._counts):
            seen += self._counts[place]
            if seen >= wanted:
                return round(STEP**place)
        return None


def peak_memory() -> int | None:
    """The most bytes that this process ever held in memory; None where nobody counts them."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class MeasuresExtension:
    """Puts `finews/latency/p50_ms`, `…/p95_ms` and `finews/peak_memory_bytes` into the stats."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._latencies = Latencies()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawl."""
        extension = cls(crawler.stats)
        crawler.signals.connect(extension.answered, signal=signals.response_received)
        crawler.signals.connect(extension.measured, signal=signals.spider_closed)
        return extension

    def answered(self, response: Response) -> None:
        """Count an answer; one from a cache or without a network has no latency."""
        seconds = response.meta.get("download_latency")
        if seconds is not None:
            self._latencies.add(seconds)

    def measured(self) -> None:
        """Say what was measured."""
        found = {
            "finews/latency/p50_ms": self._latencies.quantile(0.5),
            "finews/latency/p95_ms": self._latencies.quantile(0.95),
            "finews/peak_memory_bytes": peak_memory(),
        }
        for name, value in found.items():
            if value is not None:
                self._stats.set_value(name, value)
