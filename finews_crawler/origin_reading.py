"""Reading Eastmoney itself: what each answer of its lists and articles leads to."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.extraction.answers import (
    AskedArticle,
    ListPage,
    RefusedAnswerError,
    VerifyPageError,
    extract_article,
    extract_list_page,
    extract_text,
)
from finews_crawler.items import Miss, RawArticle, Reject
from finews_crawler.origin_queue import FINAL, AsyncOutput, OriginQueueSpider, Reading
from finews_crawler.origin_requests import article_page, list_url, text_endpoint
from finews_crawler.origin_walk import Walk, merged
from finews_crawler.share_requests import json_url, page_url
from finews_crawler.spider import answer_of, given_of, now

_REFUSALS = FINAL | {"http_429", "http_503", RefusedAnswerError.reason, VerifyPageError.reason}
_ABSENT = frozenset({"http_404", "http_410", "empty_answer"})


class OriginReadingSpider(OriginQueueSpider):
    """Walks back through lists and reads the articles, one request after the other."""

    may_be_empty: ClassVar[bool] = False
    """Whether a list without articles is no fault."""

    # --- lists --------------------------------------------------------------------------------

    def list_request(self, walk: Walk) -> Request:
        """Ask for the next page of a list."""
        self.count("origin/list/requested")
        request = Request(
            list_url(walk.kind, walk.subject, walk.page, walk.cursor, self.root),
            callback=self.parse_list,
            errback=self._list_failed,
            headers={"Referer": walk.kind.referer},
            cb_kwargs={"walk": walk},
        )
        return self.asking(walk, request)

    async def parse_list(self, response: Response, walk: Walk) -> AsyncOutput:
        """Note the articles of one page of a list."""
        known = {"holds": walk.kind.holds, "success": walk.kind.success}
        page = self.read(extract_list_page, response, fetched_at=now(), **known)
        if isinstance(page, Reject):
            output = self.list_missed(page, walk)
        elif walk.page == 1 and not page.articles and not self.may_be_empty:
            output = self._nothing_listed(response, walk)
        else:
            output = self._list_read(response, walk, page)
        async for one in output:
            yield one

    async def _list_read(self, response: Response, walk: Walk, page: ListPage) -> AsyncOutput:
        self.patience.answered()
        self.count("origin/list/read")
        for raw in walk.take(page):
            code = raw.code or ""
            known = self.found.get(code)
            self.found[code] = merged(known, raw) if known else raw
        if walk.is_over:
            self.walks.popleft()
            for reject in self._list_ended(walk, response.url):
                yield reject
        async for one in self.go_on():
            yield one

    def _list_ended(self, walk: Walk, url: str) -> Iterator[Reject]:
        """Note what a list told, and tell when it did not lead back to `since`."""
        back_to = walk.oldest.isoformat() if walk.oldest else "nothing"
        told = f"{walk.label}: {walk.page - 1} pages, back to {back_to}"
        self.logger.info(told)
        if walk.slug:
            first = list_url(walk.kind, walk.subject, 1, "", self.root)
            self.listings.append(walk.listing(first, now()))
        if walk.unfinished:
            self.count("origin/list/unfinished")
            detail = f"{told}; {walk.since.isoformat()} was not reached"
            yield self.reject("list", walk.unfinished, detail, url)

    async def _nothing_listed(self, response: Response, walk: Walk) -> AsyncOutput:
        """A column is never empty: its number is wrong, or the list has gone."""
        detail = f"{walk.label}: the list is empty"
        answer = answer_of(response)
        reject = self.reject("extract", "empty_answer", detail, response.url, answer)
        async for one in self.list_missed(reject, walk):
            yield one

    async def _list_failed(self, failure: Failure) -> AsyncOutput:
        async for one in self.list_missed(self.fetch_reject(failure), given_of(failure)["walk"]):
            yield one

    async def list_missed(self, reject: Reject, walk: Walk) -> AsyncOutput:
        """Ask the older list, if there is one; a host that refuses is no reason to ask another."""
        if reject.reason in _REFUSALS:
            if reject.reason == RefusedAnswerError.reason:
                walk.fall_back()
            async for one in self.refused(reject):
                yield one
            return
        self.count("origin/list/missed")
        yield reject
        if not walk.fall_back() and walk in self.walks:
            self.walks.remove(walk)
        async for one in self.go_on():
            yield one

    # --- articles -----------------------------------------------------------------------------

    def article_request(self, reading: Reading) -> Request:
        """Ask for an article's page; for its text where the page has failed."""
        page = article_page(reading.code, self.root)
        text = json_url(text_endpoint(self.root), reading.code)
        request = Request(
            text if reading.asks_text else page,
            callback=self.parse_article,
            errback=self._article_failed,
            cb_kwargs={"reading": reading},
        )
        return self.asking(reading, request)

    async def parse_article(self, response: Response, reading: Reading) -> AsyncOutput:
        """Read an article's page, or its text; what its list tells goes with it as a copy."""
        share_url = page_url(text_endpoint(self.root), reading.code)
        asked = AskedArticle(reading.code, share_url, self.verify_words)
        extract = extract_text if reading.asks_text else extract_article
        raw = self.read(extract, response, fetched_at=now(), asked=asked)
        if isinstance(raw, Reject):
            output = self.article_missed(raw, reading)
        else:
            output = self._article_read(raw, reading)
        async for one in output:
            yield one

    async def _article_read(self, raw: RawArticle, reading: Reading) -> AsyncOutput:
        self.patience.answered()
        self.count("origin/article/text" if reading.asks_text else "origin/article/page")
        yield replace(raw, copies=(reading.listed,))
        async for one in self.go_on():
            yield one

    async def _article_failed(self, failure: Failure) -> AsyncOutput:
        reading: Reading = given_of(failure)["reading"]
        async for one in self.article_missed(self.fetch_reject(failure), reading):
            yield one

    async def article_missed(self, reject: Reject, reading: Reading) -> AsyncOutput:
        """Ask for the text where the page has failed; without both, the digest is all there is."""
        readings = await self.sifted()
        if reject.reason in _REFUSALS:
            readings.appendleft(reading)
            async for one in self.refused(reject):
                yield one
            return
        if reject.reason not in _ABSENT:
            yield reject
        if reading.failed is None:
            reading.failed = reject
            readings.appendleft(reading)
        else:
            for miss in _missed_text(reading.failed):
                yield miss
            yield self.digest(reading)
        async for one in self.go_on():
            yield one


def _missed_text(page: Reject) -> Iterator[Miss]:
    """What keeps the next crawl from asking at once: a page that is not there, or is none."""
    if page.reason in _ABSENT or page.stage == "extract":
        yield Miss(
            stage="share",
            reason=page.reason,
            url=page.url,
            code=page.code,
            seen_at=page.seen_at,
        )
