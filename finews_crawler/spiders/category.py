"""The articles that the site lists."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from finews_crawler.arguments import Argument, comma_list, flag
from finews_crawler.errors import NotFoundPageError
from finews_crawler.extraction.feed import read_feed
from finews_crawler.extraction.listing import ListedPost, read_listing
from finews_crawler.fetching.reasons import SILENT
from finews_crawler.items import Listing, RawArticle, Reject
from finews_crawler.memory import KnownListing, Wanted, unsettled
from finews_crawler.origin_requests import LISTS
from finews_crawler.plan import Story, post_key
from finews_crawler.post_reading import (
    AsyncOutput,
    PostReadingSpider,
)
from finews_crawler.reference import load_table
from finews_crawler.share_reading import Output
from finews_crawler.site import Site, checked_root
from finews_crawler.spans import refresh_window
from finews_crawler.spider import given_of, now

NOT_MODIFIED = 304


def can_be_chosen(slug: str) -> bool:
    """Whether the argument `categories` can name a category."""
    return comma_list(slug) == (slug,)


class CategorySpider(PostReadingSpider):
    """Home page, category pages and feed; then their posts, all copies of an article as one."""

    name = "category"
    arguments = (
        Argument("site", checked_root, "address of the site, http://127.0.0.1:8000"),
        Argument("categories", comma_list, "slugs to read instead of all: emnews,Wind", ()),
        Argument("full", flag, "1: ask the share page for the text of posts with a digest", False),
        Argument("endpoint", checked_root, "host of the share pages' JSON endpoint"),
        Argument(
            "refresh",
            refresh_window,
            "read again what is known and was published within: 6h, 0, all",
            timedelta(hours=6),
        ),
        Argument(
            "rest",
            flag,
            "1: others read again what known categories list; this crawl all else",
            False,
        ),
    )

    def set_up(self) -> None:
        """Choose the site and listen for the moment when everything asked for has come."""
        settings = self.crawler.settings
        root = self.values["site"] or checked_root(settings["FINEWS_SITE"])
        self.set_up_posts(Site(cast("str", root)))
        self._known: Mapping[str, KnownListing] = {}

    async def start(self) -> AsyncIterator[Request]:
        """Ask for what names posts."""
        chosen = cast("tuple[str, ...]", self.values["categories"])
        if not chosen:
            yield self.request(self.site.root, self.parse_home, self._home_failed)
            yield self.request(self.site.page("feed.xml"), self.parse_feed)
        found = await self.memory.listings(self.site.root)
        # The same server may answer as Eastmoney, too: a demonstration, a test.
        self._known = {slug: one for slug, one in found.items() if not slug.startswith(LISTS)}
        known = chosen or (*load_table("sites")["site"]["known_categories"], *self._known)
        for request in self._category_requests(self.plan.new_categories(known)):
            yield request

    # --- what names posts ---------------------------------------------------------------------

    async def parse_home(self, response: Response) -> AsyncOutput:
        """Note the posts of the home page and read one of each group, where none is known."""
        page = self.read(read_listing, response)
        if isinstance(page, Reject):
            yield page
            return
        self.count("home/read")
        samples = list(self.plan.samples(page.posts))
        wanted = [Wanted(key=story.key, addresses=(url,)) for story, url in samples]
        # What others may read again waits until it is known what lists it.
        refresh = timedelta() if self.values["rest"] else self.refresh
        fresh = {one.key for one in await unsettled(self.memory, wanted, refresh)}
        for story, url in samples:
            if story.key in fresh:
                yield self.request(url, self.parse_sample, self._sample_failed, story=story)
            else:
                story.unread = (url, *story.unread)

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
                story.in_feed += (entry,)

    async def parse_category(self, response: Response, slug: str) -> AsyncOutput:
        """Note the posts of a category page, its order and its count."""
        listing = self._listing(response, slug)
        if isinstance(listing, Reject):
            for reject in self._category_rejected(listing, slug):
                yield reject
            return
        self.count("category/read")
        self.count("category/filled" if listing.entries else "category/empty")
        yield listing
        for address in listing.addresses:
            if self.plan.add_post(address, slug) is None:
                self.count("category/offsite")
        await self._note_dropped(listing)
        if self.is_reading_posts:
            await self.sift()
        for request in self.refill():
            yield request

    def parse_sample(self, response: Response, story: Story) -> Output:
        """Read a post for the category page in its footer, and keep it for its turn."""
        raw = self.read_post(response)
        if isinstance(raw, Reject):
            yield from self.lost(raw, story)
            return
        story.read += (raw,)
        yield from self.follow(raw)

    def _sample_failed(self, failure: Failure) -> Iterator[Reject]:
        yield from self.lost(self.fetch_reject(failure), given_of(failure)["story"])

    def _listing(self, response: Response, slug: str) -> Listing | Reject:
        known = self._known.get(slug)
        if response.status == NOT_MODIFIED and known is not None:
            self.count("category/not_modified")
            return _made(known, response)
        page = self.read(read_listing, response)
        if isinstance(page, Reject):
            return page
        found = KnownListing(
            slug=slug,
            url=response.url,
            heading=page.heading,
            addresses=tuple(map(self._address, page.posts)),
            etag=None,
            last_modified=None,
        )
        return _made(found, response)

    def _address(self, post: ListedPost) -> str:
        """A post's path where it is on this site, else its whole address."""
        own = self.site.own(post.url)
        return urlsplit(own).path if own else post.url

    async def _note_dropped(self, listing: Listing) -> None:
        """Note what was listed before, is not now, and was never read: a crawl was cut short."""
        known = self._known.get(listing.slug)
        before = {*known.addresses, *known.unfinished} if known else set()
        urls = filter(None, map(self.site.own, sorted(before.difference(listing.addresses))))
        wanted = [Wanted(key=post_key(one), addresses=(one,)) for one in urls]
        for one in await unsettled(self.memory, wanted, timedelta()):
            self.count("category/dropped")
            self.plan.add_post(one.addresses[0], listing.slug)

    def refresh_of(self, story: Story) -> timedelta | None:
        """As the arguments say; with `rest` nothing again that a known category lists."""
        is_left = self.values["rest"] and any(
            slug in self._known and can_be_chosen(slug) for slug in story.listed_in
        )
        return timedelta() if is_left else self.refresh

    def follow(self, raw: RawArticle) -> Iterator[Request]:
        """Ask for the category pages in a post's footer, unless categories were chosen."""
        if not self.values["categories"]:
            yield from self._category_requests(self.plan.linked_categories(raw.category_urls))

    def _category_requests(self, pages: Iterator[tuple[str, str]]) -> Iterator[Request]:
        for slug, url in pages:
            self.count("category/requested")
            asked = self.request(url, self.parse_category, self._category_failed, slug=slug)
            known = self._known.get(slug)
            is_same_page = known is not None and known.url == url
            validators = known.validators if known and is_same_page else {}
            if validators and self.refresh is not None:
                meta = {"handle_httpstatus_list": [NOT_MODIFIED]}
                yield asked.replace(headers=validators, meta=meta)
            else:
                yield asked

    def _home_failed(self, failure: Failure) -> Iterator[Reject]:
        """A site that gives no answer at all is not asked for its other pages."""
        reject = self.fetch_reject(failure)
        yield reject
        if reject.reason in SILENT | {"host_silent"}:
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


def _made(known: KnownListing, response: Response) -> Listing:
    """What a category lists; an answer "not modified" need not repeat what the page is called."""
    return Listing(
        slug=known.slug,
        url=response.url,
        heading=known.heading,
        entries=tuple(map(post_key, known.addresses)),
        addresses=known.addresses,
        fetched_at=now(),
        etag=_header(response, "ETag") or known.etag,
        last_modified=_header(response, "Last-Modified") or known.last_modified,
    )


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
