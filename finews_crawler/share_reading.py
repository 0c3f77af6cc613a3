"""Reading the text behind a share page: the JSON endpoint first, then the page's own HTML."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.errors import EmptyAnswerError
from finews_crawler.extraction.share_html import extract_share_html
from finews_crawler.extraction.share_json import extract_share_json
from finews_crawler.items import Listing, Miss, RawArticle, Reject
from finews_crawler.share_requests import json_url, page_url
from finews_crawler.spider import FinewsSpider, given_of, http_status, now

Output = Iterator[Request | RawArticle | Listing | Miss | Reject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One article whose text is asked for."""

    code: str
    endpoint: str
    share_url: str
    """The share page: as a post prints it, or as the endpoint has it."""
    then: Callable[[RawArticle | None], Output]
    """Goes on with the article, or with None when neither JSON nor page gave one."""


class ShareReadingSpider(FinewsSpider):
    """A spider that can ask for the text behind a share page."""

    def ask_share(self, asked: Asked) -> Request:
        """Ask the JSON endpoint."""
        self.count("share/requested")
        return Request(
            json_url(asked.endpoint, asked.code),
            callback=self.parse_share_json,
            errback=self._json_failed,
            cb_kwargs={"asked": asked},
        )

    def parse_share_json(self, response: Response, asked: Asked) -> Output:
        """Read the endpoint's answer; without text in it, ask for the page."""
        given = {"asked": asked.code, "share_url": asked.share_url}
        raw = self.read(extract_share_json, response, fetched_at=now(), **given)
        if isinstance(raw, RawArticle):
            yield from asked.then(raw)
            return
        yield from self.missed(raw, is_absent=raw.reason == EmptyAnswerError.reason)
        yield self._page_request(asked)

    def parse_share_page(self, response: Response, asked: Asked) -> Output:
        """Read the page's own HTML, the last resort."""
        raw = self.read(extract_share_html, response, fetched_at=now(), asked=asked.code)
        if isinstance(raw, RawArticle):
            yield from asked.then(raw)
            return
        yield from self.missed(raw, is_absent=raw.reason == EmptyAnswerError.reason)
        yield from asked.then(None)

    def missed(self, reject: Reject, *, is_absent: bool) -> Iterator[Reject | Miss]:
        """Tell of a share answer without an article; `is_absent`: it holds none, and says so."""
        self.count("share/absent" if is_absent else "share/unusable")
        yield reject

    def _page_request(self, asked: Asked) -> Request:
        self.count("share/fallback")
        return Request(
            page_url(asked.endpoint, asked.code),
            callback=self.parse_share_page,
            errback=self._page_failed,
            cb_kwargs={"asked": asked},
        )

    def _json_failed(self, failure: Failure) -> Output:
        asked: Asked = given_of(failure)["asked"]
        is_absent = http_status(failure) == 404
        yield from self.missed(self.fetch_reject(failure), is_absent=is_absent)
        yield self._page_request(asked)

    def _page_failed(self, failure: Failure) -> Output:
        asked: Asked = given_of(failure)["asked"]
        is_absent = http_status(failure) == 404
        yield from self.missed(self.fetch_reject(failure), is_absent=is_absent)
        yield from asked.then(None)
