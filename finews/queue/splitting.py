"""How a job is split into units.

| spider | units |
|--------|-------|
| category | its category pages, by their posts, and at the end one that reads all that is left |
| share | codes, by host |
| pages | addresses |
| live | columns |
| stock | symbols |
| archive | one: the copies of an article may lie in several folders |

The same job gives the same units as long as what is known of its site stays the same. Only
arguments are used that the spiders have, so that a unit can be run by hand.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from finews.jobs.definition import Job, spiders
from finews.jobs.sites import Values, root_for, share_endpoint, site_of, sites_of, words_of
from finews.queue.units import LAST, Unit, unit_of
from finews_crawler.errors import ConfigurationError
from finews_crawler.memory import KnownListing
from finews_crawler.origin_requests import LISTS
from finews_crawler.share_requests import page_url
from finews_crawler.spiders.category import can_be_chosen
from finews_crawler.spiders.share import parse_code
from pipelines.store.memory import known_listings

POSTS_OF_A_UNIT = 400
"""Posts that a unit of categories lists: some five minutes at the site's pace, were all new."""
POSTS_AT_A_GUESS = 200
"""Posts of a category that was never read."""
CODES_OF_A_UNIT = 200
SYMBOLS_OF_A_UNIT = 10
"""Stocks: a page of the search and some twenty articles each, one request a second."""

Listings = Callable[[str], Mapping[str, KnownListing]]
"""Gives the category pages of a site that are known, by slug."""


def listings_in(engine: Engine) -> Listings:
    """What splitting must know of a site."""

    def listings(root: str) -> Mapping[str, KnownListing]:
        with engine.connect() as connection:
            return known_listings(connection, root)

    return listings


def split(job: Job, listings: Listings) -> list[Unit]:
    """The units of a job, in the order in which they are to be queued.

    Raises:
        ConfigurationError: its arguments cannot be understood on this machine; a file is missing.
    """
    values = spiders()[job.spider].read_values(dict(job.arguments))
    return list(_SPLITTERS[job.spider](job, values, listings))


def _sites(job: Job) -> tuple[str, ...]:
    return sites_of(job.spider, job.arguments, job.settings)


# --- categories -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Batch:
    """Categories that are read together."""

    slugs: list[str] = field(default_factory=list)
    posts: set[str] = field(default_factory=set)


def gathered(posts: Mapping[str, Sequence[str]], most: int = POSTS_OF_A_UNIT) -> list[list[str]]:
    """Categories in batches of so many posts at most, those with the same posts together.

    A post that stands in the categories of two units is asked for twice while it is young enough
    to be read again.

    Args:
        posts: the addresses that each category lists.
        most: a category that lists more is a batch by itself.
    """
    batches: list[_Batch] = []
    for slug in sorted(posts, key=lambda one: (-len(posts[one]), one)):
        own = set(posts[slug])
        fitting = [one for one in batches if len(one.posts | own) <= most]
        batch = max(fitting, key=lambda one: len(one.posts & own), default=None)
        if batch is None:
            batch = _Batch()
            batches.append(batch)
        batch.slugs.append(slug)
        batch.posts |= own
    return [sorted(one.slugs) for one in batches]


def _categories(job: Job, values: Values, listings: Listings) -> Iterator[Unit]:
    """Category pages that are known, then everything.

    The last unit is the job as it is: the only one that reads home page and feed, and finds new
    categories. It asks for each listing whether it has changed. Of what is known it reads again
    only what no unit before it has read: what stands in no category that an argument can name.
    """
    where = _sites(job)
    found = listings(root_for(values, job.settings))
    known = {slug: one for slug, one in found.items() if not slug.startswith(LISTS)}
    chosen = cast("tuple[str, ...]", values["categories"])
    posts = {
        slug: known[slug].addresses if slug in known else _guessed(slug)
        for slug in chosen or known
        if can_be_chosen(slug)
    }
    batches = gathered(posts)
    for slugs in batches:
        named = {**job.arguments, "categories": ",".join(slugs)}
        yield unit_of(job, _named(slugs), named, *where)
    if not chosen:
        rest = {**job.arguments, "rest": "1"} if batches else job.arguments
        yield replace(unit_of(job, "home", rest, *where), priority=LAST)


def _guessed(slug: str) -> list[str]:
    return [f"{slug} {number}" for number in range(POSTS_AT_A_GUESS)]


# --- lists of words ---------------------------------------------------------------------------


def _numbered(job: Job, words: Sequence[str], name: str, *where: str) -> Iterator[Unit]:
    """Units of so many words in an argument, by their numbers."""
    first = 1
    words_elsewhere = ("codes", "urls", "url", "file")
    kept = {key: value for key, value in job.arguments.items() if key not in words_elsewhere}
    for batch in _batched(words, CODES_OF_A_UNIT):
        last = first + len(batch) - 1
        yield unit_of(job, f"{first}-{last}", {**kept, name: ",".join(batch)}, *where)
        first = last + 1


def _shares(job: Job, values: Values, _listings: Listings) -> Iterator[Unit]:
    """Codes by the host that is asked for them. The file is read here: workers need not have it."""
    default = share_endpoint(values, job.settings)
    by_host: dict[str, dict[str, str]] = {}
    for word in words_of(values, "codes", "file", "url"):
        parsed = parse_code(word)
        code, printed = parsed or (word, None)
        endpoint = share_endpoint(values, job.settings, printed)
        # With its address, where it names another host than the one that is asked anyhow.
        asked = f"NW{code}" if endpoint == default else page_url(endpoint, code)
        by_host.setdefault(endpoint, {}).setdefault(code, asked if parsed else word)
    for endpoint, words in by_host.items():
        yield from _numbered(job, list(words.values()), "codes", site_of(endpoint))


def _pages(job: Job, values: Values, _listings: Listings) -> Iterator[Unit]:
    words = [word.replace(",", "%2C") for word in words_of(values, "urls", "file")]
    yield from _numbered(job, words, "urls", *_sites(job))


def _named(words: Sequence[str], shown: int = 3) -> str:
    """The first of several words."""
    told = ", ".join(words[:shown])
    return told if len(words) <= shown else f"{told} +{len(words) - shown}"


def _batched(words: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for first in range(0, len(words), size):
        yield words[first : first + size]


# --- Eastmoney --------------------------------------------------------------------------------


def _of_origin(name: str, size: int) -> Callable[[Job, Values, Listings], Iterator[Unit]]:
    """A splitter by the words of an argument; all units read the same host."""

    def units(job: Job, values: Values, _listings: Listings) -> Iterator[Unit]:
        for words in _batched(words_of(values, name), size):
            chosen = {**job.arguments, name: ",".join(words)}
            yield unit_of(job, _named(words), chosen, *_sites(job))

    return units


def _archive(job: Job, _values: Values, _listings: Listings) -> Iterator[Unit]:
    path = job.arguments["path"]
    if not Path(path).is_absolute():
        raise ConfigurationError(f"job {job.name}: path: workers need an absolute one, not {path}")
    yield unit_of(job, path, job.arguments, f"file:{path}")


_SPLITTERS: Mapping[str, Callable[[Job, Values, Listings], Iterator[Unit]]] = {
    "archive": _archive,
    "category": _categories,
    "live": _of_origin("columns", 1),
    "pages": _pages,
    "share": _shares,
    "stock": _of_origin("symbols", SYMBOLS_OF_A_UNIT),
}
