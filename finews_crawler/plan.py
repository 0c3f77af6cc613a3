"""Which pages a category crawl reads, and in which order.

Two halves. First what names posts: home, feed and category pages; for every group of posts on the
home page one post is read for the category page in its footer. Only when no further category turns
up are the posts read, all copies of an article one after the other, so that it leaves as one. Posts
are handed out a window at a time: ten thousand waiting requests would be memory for nothing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from finews_crawler.extraction.feed import FeedEntry
from finews_crawler.extraction.footer import category_slug
from finews_crawler.extraction.ids import PostPath, article_code
from finews_crawler.extraction.listing import ListedPost
from finews_crawler.items import RawArticle
from finews_crawler.site import Site


def post_key(url: str) -> str:
    """What a post is known by before it is read: its 18 digits, else its path."""
    return article_code(PostPath(url).slug) or unquote(urlsplit(url).path)


@dataclass(slots=True)
class Story:
    """The copies of one article on the site."""

    key: str
    unread: deque[str] = field(default_factory=deque)
    listed_in: set[str] = field(default_factory=set)
    read: list[RawArticle] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    in_feed: list[FeedEntry] = field(default_factory=list)
    started: bool = False

    def add(self, url: str) -> None:
        """Note a copy's address, once."""
        if url not in self.seen:
            self.seen.add(url)
            self.unread.append(url)


class Plan:
    """Keeps what was found and gives what is next; every page is asked for once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._asked_categories: set[str] = set()
        self._sampled: set[tuple[str | None, tuple[str, ...]]] = set()
        self._stories: dict[str, Story] = {}
        self._waiting: deque[Story] = deque()

    def __len__(self) -> int:
        return len(self._stories)

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
        story = self._stories.setdefault(key, Story(key))
        if story.started and own not in story.seen:
            story = Story(key)
        if not story.seen:
            self._waiting.append(story)
        story.add(own)
        story.listed_in |= {slug} if slug else set()
        self._stories[key] = story
        return story

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
            story.unread.remove(url)
            yield story, url

    @property
    def has_waiting(self) -> bool:
        """Whether stories are left to start."""
        return bool(self._waiting)

    def next_story(self) -> Story:
        """Start the next of the waiting stories."""
        story = self._waiting.popleft()
        story.started = True
        return story
