"""Reading posts: all copies of an article one after the other, so that it leaves as one."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.errors import ExtractionError, NotFoundPageError
from finews_crawler.extraction.feed import extract_entry
from finews_crawler.extraction.markdown import extract_markdown
from finews_crawler.extraction.post import extract_post
from finews_crawler.fetching.hosts import host_name
from finews_crawler.items import Miss, RawArticle, Reject
from finews_crawler.memory import Standing, Wanted, standings
from finews_crawler.old_posts import checked_template, old_post_url
from finews_crawler.plan import Plan, Story
from finews_crawler.share_reading import Asked, Output, ShareReadingSpider
from finews_crawler.share_requests import allowed_hosts, chosen_endpoint, page_url
from finews_crawler.site import Site, checked_root
from finews_crawler.spider import given_of, http_status, now

WINDOW = 64
GONE = (404, 410)
"""Statuses that say that a page is no more."""
GONE_REASONS = frozenset({*(f"http_{status}" for status in GONE), NotFoundPageError.reason})

AsyncOutput = AsyncIterator[object]
Callback = Callable[..., Iterator[object] | AsyncIterator[object]]
Errback = Callable[[Failure], Iterator[object]]


class PostReadingSpider(ShareReadingSpider):
    """A spider that notes posts in a plan and reads them when all are noted.

    Its arguments must have `endpoint`, `full` and `refresh`.
    """

    def set_up_posts(self, site: Site) -> None:
        """Choose the hosts, and listen for the moment when everything asked for has come."""
        settings = self.crawler.settings
        self.site = site
        self.endpoint = cast("str | None", self.values["endpoint"])
        self.default_endpoint = checked_root(settings["FINEWS_SHARE_ENDPOINT"])
        self.old_posts = checked_template(settings["FINEWS_OLD_POSTS"])
        self.refresh = cast("timedelta | None", self.values["refresh"])
        hosts = allowed_hosts(site.root, self.endpoint, default=self.default_endpoint)
        self.allow_hosts([*hosts, *filter(None, [urlsplit(self.old_posts).hostname])])
        self.plan = Plan(site)
        self.is_reading_posts = False
        self._under_way = 0
        self.crawler.signals.connect(self._on_idle, signal=signals.spider_idle)

    @property
    def expected(self) -> int | None:
        """The articles that are noted, once all pages that name some are read."""
        return len(self.plan) if self.is_reading_posts else None

    def follow(self, raw: RawArticle) -> Iterator[Request]:
        """Ask for what a post leads to; here nothing."""
        yield from ()

    def refresh_of(self, _story: Story) -> timedelta | None:
        """How old an article may be that is read again although it is known; None: any."""
        return self.refresh

    def depends_on(self, url: str) -> bool:
        """A crawl of a site depends on the site; what a post leads to may fail."""
        return host_name(url) == host_name(self.site.root)

    def failed(self, failure: Failure) -> Iterator[Reject]:
        """Keep a page that did not come as a reject."""
        yield self.fetch_reject(failure)

    # --- posts --------------------------------------------------------------------------------

    def parse_post(self, response: Response, story: Story) -> Output:
        """Read one copy of an article, then its next copy."""
        raw = self.read_post(response)
        if isinstance(raw, Reject):
            yield from self.lost(raw, story)
        else:
            story.read += (raw,)
            yield from self.follow(raw)
        yield from self._continue(story)
        yield from self.refill()

    def read_post(self, response: Response) -> RawArticle | Reject:
        """Extract a post."""
        return self.read(extract_post, response, fetched_at=now())

    def lost(self, reject: Reject, story: Story) -> Iterator[Reject]:
        """Tell of a page without a post; one that is gone may still stand in another place."""
        if reject.reason in GONE_REASONS and old_post_url(self.old_posts, reject.url):
            story.failed += (reject,)
            story.gone += (reject.url,)
        else:
            yield reject

    def _continue(self, story: Story) -> Output:
        if story.unread:
            yield self.request(story.take(), self.parse_post, self._post_failed, story=story)
        elif self._wants_share_text(story):
            yield self.ask_share(self._asked(story))
        elif story.gone and not story.read:
            *others, last = story.gone
            story.gone = tuple(others)
            url = old_post_url(self.old_posts, last) or ""
            yield self.request(url, self.parse_old_post, self._old_post_failed, story=story)
        else:
            yield from self._finish(story)

    def parse_old_post(self, response: Response, story: Story) -> Output:
        """Read a post that the site has no more, as its repository keeps it."""
        raw = self.read(extract_markdown, response, fetched_at=now())
        if isinstance(raw, Reject):
            yield raw
        else:
            self.count("old_post/read")
            story.read += (raw,)
        yield from self._continue(story)
        yield from self.refill()

    def _old_post_failed(self, failure: Failure) -> Output:
        story: Story = given_of(failure)["story"]
        if http_status(failure) in GONE:
            self.count("old_post/absent")
        else:
            yield self.fetch_reject(failure)
        yield from self._continue(story)
        yield from self.refill()

    def _wants_share_text(self, story: Story) -> bool:
        """Whether every copy is a flash, or a post that Jekyll broke so that it states no time."""
        has_code = bool(story.read) and story.read[0].code is not None
        is_digest = all(raw.body_kind == "digest" for raw in story.read)
        is_broken = not any(raw.times for raw in story.read)
        return bool(self.values["full"]) and has_code and (is_digest or is_broken)

    def _asked(self, story: Story) -> Asked:
        first = story.read[0]
        code = first.code or ""
        endpoint = chosen_endpoint(
            self.endpoint, first.share_url, self.site.root, self.default_endpoint
        )
        page = first.share_url or page_url(endpoint, code)
        then = partial(self._share_read, story=story)
        return Asked(code=code, endpoint=endpoint, share_url=page, then=then)

    def _share_read(self, raw: RawArticle | None, story: Story) -> Output:
        if raw is not None:
            story.read += (raw,)
        yield from self._finish(story)
        yield from self.refill()

    def missed(self, reject: Reject, *, is_absent: bool) -> Iterator[Reject | Miss]:
        """A flash may be all there is: then it stays a flash, and nothing was lost."""
        if is_absent:
            self.count("share/absent")
        else:
            yield from super().missed(reject, is_absent=is_absent)
        if is_absent or reject.stage == "extract":
            yield _as_miss(replace(reject, stage="share"))

    def _finish(self, story: Story) -> Output:
        """Let the article leave, all its copies in one item."""
        if not story.read:
            story.read = tuple(self._read_in_feed(story))
        if story.read:
            copies = sorted(story.read, key=lambda raw: (raw.page_kind != "post", raw.url))
            first, *others = (self._with_listings(raw, story) for raw in copies)
            yield replace(first, copies=tuple(others))
            yield from map(_as_miss, story.failed)
        else:
            yield from story.failed
        self.plan.done(story)  # a crawl of many thousands would keep every page to its end
        self._under_way -= 1

    def _read_in_feed(self, story: Story) -> Iterator[RawArticle]:
        """The whole post stands in the feed, too: for one whose page cannot be read."""
        for entry in story.in_feed:
            try:
                yield extract_entry(entry, self.site.page("feed.xml"), now())
            except ExtractionError as error:
                self.logger.debug("%s", error)
            else:
                self.count("feed/used")

    @staticmethod
    def _with_listings(raw: RawArticle, story: Story) -> RawArticle:
        words = (word for slug in sorted(story.listed_in) for word in slug.split())
        return replace(raw, categories=tuple(dict.fromkeys((*raw.categories, *words))))

    def _post_failed(self, failure: Failure) -> Output:
        story: Story = given_of(failure)["story"]
        yield from self.lost(self.fetch_reject(failure), story)
        yield from self._continue(story)
        yield from self.refill()

    # --- the order of things ------------------------------------------------------------------

    def refill(self) -> Output:
        """Start waiting stories up to the window, once the listings are through."""
        while self.is_reading_posts and self._under_way < WINDOW and self.plan.has_waiting:
            self._under_way += 1
            yield from self._continue(self.plan.next_story())

    async def parse_waiting(self, _response: Response) -> AsyncOutput:
        """Start the posts: every request that names posts has come back.

        Comes again only if a callback failed and left stories waiting.
        """
        self.is_reading_posts = True
        self._under_way = 0
        await self.sift()
        for request in self.refill():
            yield request

    async def sift(self) -> None:
        """Leave out what need not be read: known and old enough, or missed not long ago.

        What was sampled is under way: what came of it in this run must not settle it.
        """
        noted = self.plan.take_noted()
        wanted: defaultdict[timedelta | None, list[Wanted]] = defaultdict(list)
        for one in noted:
            if not one.is_touched:
                asked = Wanted(key=one.key, addresses=one.seen, full=bool(self.values["full"]))
                wanted[self.refresh_of(one)].append(asked)
        found: dict[str, Standing] = {}
        for refresh, some in wanted.items():
            found |= await standings(self.memory, some, refresh)
        self.plan.sift(noted, found)
        for standing, number in Counter(found.values()).items():
            self.stats.inc_value(f"finews/memory/{standing}", number)

    def _on_idle(self) -> None:
        """Come back into a callback, the only place from which articles can leave.

        Scrapy answers a `data:` URL itself, without a network.
        """
        if self.plan.has_more:
            request = Request("data:,", callback=self.parse_waiting, dont_filter=True)
            self.crawler.engine.crawl(request)
            raise DontCloseSpider

    def request(
        self, url: str, callback: Callback, errback: Errback | None = None, **given: object
    ) -> Request:
        """A request whose callback gets `given`.

        Not by functools.partial: Scrapy inspects every callback that it has not seen before, and a
        partial is always new to it.
        """
        return Request(
            url, callback=callback, errback=errback or self.failed, cb_kwargs=dict(given)
        )


def _as_miss(reject: Reject) -> Miss:
    """What is told of a page of which another has given the article."""
    return Miss(
        stage=reject.stage,
        reason=reject.reason,
        url=reject.url,
        code=reject.code,
        seen_at=reject.seen_at,
    )
