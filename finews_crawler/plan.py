"""Which pages a category crawl reads, and in which order.

Two halves. First what names posts: home, feed and category pages; for every group of posts on the
home page one post is read for the category page in its footer. Only when no further category turns
up are the posts read, all copies of an article one after the other, so that it leaves as one. Posts
are handed out a window at a time: ten thousand waiting requests would be memory for nothing.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from finews_crawler.extraction.feed import FeedEntry
from finews_crawler.extraction.footer import category_slug
from finews_crawler.extraction.ids import PostPath, article_code
from finews_crawler.extraction.listing import ListedPost
from finews_crawler.items import RawArticle, Reject
from finews_crawler.site import Site


def post_key(url: str) -> str:
    """What a post is known by before it is read: its 18 digits, else its path."""
    return article_code(PostPath(url).slug) or unquote(urlsplit(url).path)


@dataclass(slots=True)
class Story:
    """The copies of one article on the site.

    Small: tens of thousands wait while listings are read, most with one address and nothing else.
    """

    key: str
    seen: tuple[str, ...] = ()
    """The addresses of its copies, in the order in which they were found."""
    unread: tuple[str, ...] = ()
    """Those that were not asked for yet."""
    listed_in: frozenset[str] = frozenset()
    read: tuple[RawArticle, ...] = ()
    in_feed: tuple[FeedEntry, ...] = ()
    failed: tuple[Reject, ...] = ()
    """Of its pages, as long as another may still give the article."""
    gone: tuple[str, ...] = ()
    """Pages that the site has no more, and another place may."""
    started: bool = False

    def add(self, url: str) -> None:
        """Note a copy's address, once."""
        if url not in self.seen:
            self.seen += (url,)
            self.unread += (url,)

    def take(self, url: str | None = None) -> str:
        """Take an address that was not asked for yet, else the next of them."""
        taken = url or self.unread[0]
        self.unread = tuple(one for one in self.unread if one != taken)
        return taken

    @property
    def is_touched(self) -> bool:
        """Whether one of its pages was asked for already."""
        return len(self.unread) < len(self.seen)


class Plan:
    """Keeps what was found and gives what is next; every page is asked for once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._asked_categories: set[str] = set()
        self._sampled: set[tuple[str | None, tuple[str, ...]]] = set()
        self._stories: dict[str, Story] = {}
        self._done: set[int] = set()
        """Hashes of the addresses of stories that are done."""
        self._found = 0
        self._slugs: dict[frozenset[str], frozenset[str]] = {}
        self._noted: list[Story] = []
        self._waiting: deque[Story] = deque()

    def __len__(self) -> int:
        """How many stories were found."""
        return self._found

    def new_categories(self, slugs: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give (slug, URL) of those category pages that were not asked for yet."""
        for slug in slugs:
            if slug not in self._asked_categories:
                self._asked_categories.add(slug)
                yield slug, self._site.category_page(slug)

    def linked_categories(self, links: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give the new category pages among links that lead to this site."""
        own = filter(None, map(self._site.own, links))
        return self.new_categories(filter(None, map(category_slug, own)))

    def add_post(self, url: str, slug: str | None = None) -> Story | None:
        """Note a post that a listing shows; None when it is not on this site."""
        own = self._site.own(url)
        if own is None:
            return None
        key = post_key(own)
        if hash(own) in self._done:
            return Story(key, seen=(own,), started=True)
        story = self._stories.get(key)
        if story is None or (story.started and own not in story.seen):
            story = self._new_story(key)
        story.add(own)
        if slug is not None:
            story.listed_in = self._same(story.listed_in | {slug})
        return story

    def _new_story(self, key: str) -> Story:
        story = Story(key)
        self._stories[key] = story
        self._noted.append(story)
        self._found += 1
        return story

    def _same(self, slugs: frozenset[str]) -> frozenset[str]:
        """One object for all stories of the same categories."""
        return self._slugs.setdefault(slugs, slugs)

    def done(self, story: Story) -> None:
        """Forget a story; what is left of it is that its pages were read."""
        self._done.update(map(hash, story.seen))
        # A page holds its answer, that its request, and that this story: without this, all of it
        # waits for the collector.
        story.read = story.failed = ()
        if self._stories.get(story.key) is story:
            del self._stories[story.key]

    def samples(self, posts: Iterable[ListedPost]) -> Iterator[tuple[Story, str]]:
        """Give one post of each group, so that its footer shows the group's category page.

        A group is a heading with a path: `TechWeb` and `Techweb` share the down-cased path.
        """
        for post in posts:
            story = self.add_post(post.url)
            group = (post.heading, PostPath(post.url).categories)
            url = self._site.own(post.url) or ""
            if story is None or group in self._sampled or url not in story.unread:
                continue
            self._sampled.add(group)
            yield story, story.take(url)

    def take_noted(self) -> list[Story]:
        """The stories that nobody has looked at yet; each is now started or set waiting."""
        noted, self._noted = self._noted, []
        return noted

    def sift(self, stories: Iterable[Story], settled: Collection[str]) -> None:
        """Let those wait that are not settled.

        Of a settled story another copy may turn up: that is a new story.
        """
        for story in stories:
            if story.key in settled:
                self.done(story)
            else:
                self._waiting.append(story)

    @property
    def has_waiting(self) -> bool:
        """Whether stories are left to start."""
        return bool(self._waiting)

    @property
    def has_more(self) -> bool:
        """Whether stories are left to start or to be looked at."""
        return bool(self._waiting or self._noted)

    def next_story(self) -> Story:
        """Start the next of the waiting stories."""
        story = self._waiting.popleft()
        story.started = True
        return story
