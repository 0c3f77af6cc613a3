"""The thin stage over the pure functions."""

import logging
from traceback import format_exc
from typing import Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from finews_crawler.items import INTERNAL_ERROR, Article, Listing, RawArticle, Reject
from pipelines.normalise.article import normalise
from pipelines.normalise.sources import is_known_source

logger = logging.getLogger(__name__)


def _reject(raw: RawArticle, error: Exception) -> Reject:
    return Reject(
        stage="normalise",
        reason=INTERNAL_ERROR,
        detail=f"{type(error).__name__}: {error}",
        url=raw.url,
        code=raw.code,
        seen_at=raw.fetched_at,
        answer=raw.page and raw.page(),
    )


class NormalisePipeline:
    """RawArticle -> Article, counting what an operator should look at."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's statistics."""
        return cls(crawler.stats)

    def process_item(self, item: RawArticle | Listing | Reject) -> Article | Listing | Reject:
        """Normalise one article."""
        if not isinstance(item, RawArticle):
            return item
        try:
            article = normalise(item)
        except Exception as error:  # noqa: BLE001 - the edge of a page: our bug costs no other
            logger.debug("%s: %s", item.url, format_exc())
            self._stats.inc_value("finews/normalise/article/dropped")
            return _reject(item, error)
        self._count(item, article)
        return article

    def _count(self, raw: RawArticle, article: Article) -> None:
        for field, provenance in article.provenance.items():
            self._stats.inc_value(f"finews/extract/{field}/{provenance.strategy}")
        self._stats.inc_value("finews/extract/widget/unknown", len(raw.unknown_widgets))
        self._stats.inc_value(f"finews/normalise/published_at/{article.published_quality}")
        if article.source is not None and not is_known_source(article.source):
            self._stats.inc_value(f"finews/normalise/source/new/{article.source}")
        for mention in article.mentions:
            if mention.symbol is None:
                self._stats.inc_value("finews/normalise/symbol/unknown")
