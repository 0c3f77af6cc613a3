"""The articles that the site lists."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import cast

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.arguments import Argument, comma_list, flag
from finews_crawler.errors import ExtractionError, NotFoundPageError
from finews_crawler.extraction.feed import extract_entry, read_feed
from finews_crawler.extraction.listing import ListingPage, read_listing
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Listing, RawArticle, Reject
from finews_crawler.plan import Plan, Story, post_key
from finews_crawler.reference import load_table
from finews_crawler.share_reading import Asked, Output, ShareReadingSpider
from finews_crawler.share_requests import allowed_hosts, chosen_endpoint, page_url
from finews_crawler.site import Site, checked_root
from finews_crawler.spider import given_of, http_status, now

WINDOW = 64

Callback = Callable[..., Iterator[object]]
Errback = Callable[[Failure], Iterator[object]]


class CategorySpider(ShareReadingSpider):
    """Home page, category pages and feed; then their posts, all copies of an article as one."""

    name = "category"
    arguments = (
        Argument("site", checked_root, "address of the site, http://127.0.0.1:8000"),
        Argument("categories", comma_list, "slugs to read instead of all: emnews,Wind", ()),
        Argument("full", flag, "1: ask the share page for the text of posts with a digest", False),
        Argument("endpoint", checked_root, "host of the share pages' JSON endpoint"),
    )

    def set_up(self) -> None:
        """Choose the site and listen for the moment when everything asked for has come."""
        settings = self.crawler.settings
        root = self.values["site"] or checked_root(settings["FINEWS_SITE"])
        self.site = Site(cast("str", root))
        self.endpoint = cast("str | None", self.values["endpoint"])
        self.default_endpoint = checked_root(settings["FINEWS_SHARE_ENDPOINT"])
        hosts = allowed_hosts(self.site.root, self.endpoint, default=self.default_endpoint)
        self.allow_hosts(hosts)
        self.plan = Plan(self.site)
        self._reading_posts = False
        self._under_way = 0
        self.crawler.signals.connect(self._on_idle, signal=signals.spider_idle)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for what names posts."""
        chosen = cast("tuple[str, ...]", self.values["categories"])
        if not chosen:
            yield self._request(self.site.root, self.parse_home, self._home_failed)
            yield self._request(self.site.page("feed.xml"), self.parse_feed)
        known = chosen or load_table("sites")["site"]["known_categories"]
        for request in self._category_requests(self.plan.new_categories(known)):
            yield request

    # --- what names posts ---------------------------------------------------------------------

    def parse_home(self, response: Response) -> Output:
        """Note the posts of the home page and read one of each group."""
        page = self.read(read_listing, response)
        if isinstance(page, Reject):
            yield page
            return
        self.count("home/read")
        for story, url in self.plan.samples(page.posts):
            yield self._request(url, self.parse_sample, story=story)

    def parse_feed(self, response: Response) -> Output:
        """Note the posts of the feed: those that Jekyll could not build stand only there."""
        entries = self.read(read_feed, response)
        if isinstance(entries, Reject):
            yield entries
            return
        self.count("feed/read")
        for entry in entries:
            story = self.plan.add_post(entry.url)
            if story is None:
                self.count("feed/offsite")
            else:
                story.in_feed.append(entry)

    def parse_category(self, response: Response, slug: str) -> Output:
        """Note the posts of a category page, its order and its count."""
        page = self.read(read_listing, response)
        if isinstance(page, Reject):
            yield from self._category_rejected(page, slug)
            return
        self.count("category/read")
        self.count("category/empty" if not page.posts else "category/filled")
        yield self._listing(response, slug, page)
        for post in page.posts:
            if self.plan.add_post(post.url, slug) is None:
                self.count("category/offsite")
        yield from self._refill()

    def parse_sample(self, response: Response, story: Story) -> Output:
        """Read a post for the category page in its footer, and keep it for its turn."""
        raw = self._raw(response)
        if isinstance(raw, Reject):
            yield raw
            return
        story.read.append(raw)
        yield from self._linked_categories(raw)

    def _listing(self, response: Response, slug: str, page: ListingPage) -> Listing:
        return Listing(
            slug=slug,
            url=response.url,
            heading=page.heading,
            entries=tuple(post_key(post.url) for post in page.posts),
            fetched_at=now(),
        )

    # --- posts --------------------------------------------------------------------------------

    def parse_post(self, response: Response, story: Story) -> Output:
        """Read one copy of an article, then its next copy."""
        raw = self._raw(response)
        if isinstance(raw, Reject):
            yield raw
        else:
            story.read.append(raw)
            yield from self._linked_categories(raw)
        yield from self._continue(story)
        yield from self._refill()

    def _raw(self, response: Response) -> RawArticle | Reject:
        return self.read(extract_post, response, fetched_at=now())

    def _continue(self, story: Story) -> Output:
        if story.unread:
            url = story.unread.popleft()
            yield self._request(url, self.parse_post, self._post_failed, story=story)
        elif self._wants_share_text(story):
            yield self.ask_share(self._asked(story))
        else:
            yield from self._finish(story)

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
            story.read.append(raw)
        yield from self._finish(story)
        yield from self._refill()

    def missed(self, reject: Reject, *, is_absent: bool) -> Iterator[Reject]:
        """A flash may be all there is: then it stays a flash, and nothing was lost."""
        if is_absent:
            self.count("share/absent")
        else:
            yield from super().missed(reject, is_absent=is_absent)

    def _finish(self, story: Story) -> Output:
        """Let the article leave, all its copies in one item."""
        if not story.read:
            story.read += self._read_in_feed(story)
        if story.read:
            copies = sorted(story.read, key=lambda raw: (raw.page_kind != "post", raw.url))
            first, *others = (self._with_listings(raw, story) for raw in copies)
            yield replace(first, copies=tuple(others))
            story.read.clear()  # a crawl of many thousands would keep every page to its end
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

    # --- the order of things ------------------------------------------------------------------

    def _refill(self) -> Output:
        """Start waiting stories up to the window, once the listings are through."""
        while self._reading_posts and self._under_way < WINDOW and self.plan.has_waiting:
            self._under_way += 1
            yield from self._continue(self.plan.next_story())

    def parse_waiting(self, _response: Response) -> Output:
        """Start the posts: every request that names posts has come back.

        Comes again only if a callback failed and left stories waiting.
        """
        self._reading_posts = True
        self._under_way = 0
        yield from self._refill()

    def _on_idle(self) -> None:
        """Come back into a callback, the only place from which articles can leave.

        Scrapy answers a `data:` URL itself, without a network.
        """
        if self.plan.has_waiting:
            request = Request("data:,", callback=self.parse_waiting, dont_filter=True)
            self.crawler.engine.crawl(request)
            raise DontCloseSpider

    def _request(
        self, url: str, callback: Callback, errback: Errback | None = None, **given: object
    ) -> Request:
        """A request whose callback gets `given`.

        Not by functools.partial: Scrapy inspects every callback that it has not seen before, and a
        partial is always new to it.
        """
        return Request(
            url, callback=callback, errback=errback or self._failed, cb_kwargs=dict(given)
        )

    def _linked_categories(self, raw: RawArticle) -> Iterator[Request]:
        """The category pages in a post's footer, unless categories were chosen."""
        if not self.values["categories"]:
            yield from self._category_requests(self.plan.linked_categories(raw.category_urls))

    def _category_requests(self, pages: Iterator[tuple[str, str]]) -> Iterator[Request]:
        for slug, url in pages:
            self.count("category/requested")
            yield self._request(url, self.parse_category, self._category_failed, slug=slug)

    def _failed(self, failure: Failure) -> Iterator[Reject]:
        yield self.fetch_reject(failure)

    def _home_failed(self, failure: Failure) -> Iterator[Reject]:
        """A site that gives no answer at all is not asked for its other pages."""
        yield self.fetch_reject(failure)
        if http_status(failure) is None:
            raise CloseSpider("site_unreachable")

    def _category_failed(self, failure: Failure) -> Iterator[Reject]:
        yield from self._category_rejected(self.fetch_reject(failure), given_of(failure)["slug"])

    def _category_rejected(self, reject: Reject, slug: str) -> Iterator[Reject]:
        """A category that the site does not have now is no fault, unless somebody asked for it."""
        is_absent = reject.reason in {"http_404", NotFoundPageError.reason}
        if is_absent and slug not in cast("tuple[str, ...]", self.values["categories"]):
            self.count("category/absent")
        else:
            yield reject

    def _post_failed(self, failure: Failure) -> Output:
        yield self.fetch_reject(failure)
        yield from self._continue(given_of(failure)["story"])
        yield from self._refill()
