"""Refuse what lacks a mandatory part: an identity and a body."""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from finews_crawler.items import Listing, RawArticle, Reject


def missing_part(raw: RawArticle) -> str | None:
    """Name the mandatory part that a page lacks; None when it has all."""
    if not raw.body:
        return "body"
    has_identity = raw.code or raw.canonical_url or raw.page_kind == "post"
    return None if has_identity else "identity"


def is_useful_copy(raw: RawArticle) -> bool:
    """Whether a further page adds to an article: a list tells time and securities, without text."""
    return missing_part(raw) is None or (raw.page_kind == "list" and raw.code is not None)


def _whole_first(raw: RawArticle) -> RawArticle:
    """The article with a copy in front that has all its parts, where there is one."""
    whole = next((one for one in (raw, *raw.copies) if missing_part(one) is None), raw)
    if whole is raw:
        return raw
    others = tuple(one for one in raw.copies if one is not whole)
    return replace(whole, copies=(replace(raw, copies=()), *others))


def refusal(raw: RawArticle, part: str) -> Reject:
    """Say what was refused and why."""
    return Reject(
        stage="validate",
        reason=f"no_{part}",
        detail=f"the page has no {part}",
        url=raw.url,
        code=raw.code,
        seen_at=raw.fetched_at,
        answer=raw.page and raw.page(),
    )


class ValidatePipeline:
    """Turns an article without body or identity into a reject, and leaves out such copies."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's statistics."""
        return cls(crawler.stats)

    def process_item(self, item: RawArticle | Listing | Reject) -> RawArticle | Listing | Reject:
        """Check one item; only articles can fail."""
        if not isinstance(item, RawArticle):
            return item
        item = _whole_first(item)
        part = missing_part(item)
        if part is not None:
            self._stats.inc_value(f"finews/validate/{part}/missing")
            return refusal(item, part)
        whole = tuple(copy for copy in item.copies if is_useful_copy(copy))
        self._stats.inc_value("finews/validate/copy/dropped", len(item.copies) - len(whole))
        return replace(item, copies=whole)
