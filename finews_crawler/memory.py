"""What earlier crawls have learned: the part of it that decides what is asked for now.

A crawl knows no database; what does is named in the setting `FINEWS_MEMORY`. It is asked before the
requests are made, many articles at a time: a request that is made and then thrown away by a
middleware would cost a turn through the whole of Scrapy, and a middleware could not name the
category pages that earlier crawls have found.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from scrapy.crawler import Crawler
from scrapy.utils.misc import load_object

Standing = Literal["known", "missed"]
CHUNK = 500
"""Articles that are asked about at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An article that a crawl could read."""

    key: str
    """Its 18 digits, or the path of a post without them."""
    addresses: tuple[str, ...] = ()
    """The pages that would be read; none: any page of it will do."""
    full: bool = False
    """Whether a digest is not enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownListing:
    """A category page as it was read last."""

    slug: str
    url: str
    heading: str | None
    addresses: tuple[str, ...]
    """Of its posts, in its order."""
    etag: str | None
    last_modified: str | None
    unfinished: tuple[str, ...] = ()
    """What it listed earlier, to crawls that were all cut short: not all may have been read."""

    @property
    def validators(self) -> dict[str, str]:
        """Headers that let the server say that nothing has changed."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


class Memory(Protocol):
    """Answers what earlier crawls have learned."""

    async def listings(self, root: str) -> Mapping[str, KnownListing]:
        """The category pages of a site, by slug, that listed posts not long ago."""

    async def settled(self, wanted: Sequence[Wanted], refresh: timedelta) -> Mapping[str, Standing]:
        """What need not be read, by key: stored and older than `refresh`, or missed lately."""


class NoMemory:
    """Knows nothing: everything is asked for."""

    @staticmethod
    async def listings(_root: str) -> Mapping[str, KnownListing]:
        """None."""
        return {}

    @staticmethod
    async def settled(_wanted: Sequence[Wanted], _refresh: timedelta) -> Mapping[str, Standing]:
        """None."""
        return {}


def memory_of(crawler: Crawler) -> Memory:
    """What the settings name, set up for this crawl; without a name, what knows nothing."""
    path = crawler.settings.get("FINEWS_MEMORY")
    if not path:
        return NoMemory()
    memory: Memory = load_object(path).from_crawler(crawler)
    return memory


async def standings(
    memory: Memory, wanted: Sequence[Wanted], refresh: timedelta | None
) -> dict[str, Standing]:
    """What need not be read, by key; nothing where `refresh` is None."""
    found: dict[str, Standing] = {}
    for first in range(0, len(wanted) if refresh is not None else 0, CHUNK):
        found |= await memory.settled(wanted[first : first + CHUNK], refresh or timedelta())
    return found


async def unsettled(
    memory: Memory, wanted: Iterable[Wanted], refresh: timedelta | None
) -> list[Wanted]:
    """Those that must be read, in their order; all where `refresh` is None."""
    asked = list(wanted)
    found = await standings(memory, asked, refresh)
    return [one for one in asked if one.key not in found]
