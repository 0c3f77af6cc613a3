"""What a batch does to each of its articles, decided before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from finews_crawler.items import Article
from pipelines.completion import (
    PageKey,
    content_hash,
    page_key,
    printing_hash,
    printings_of,
    reread,
    unite,
)

Outcome = Literal[
    "new", "revised", "completed", "unchanged", "late", "listing", "reject", "refused"
]
# What `content_hash` covers.
_CONTENT = (
    "title",
    "published_at",
    "published_precision",
    "source",
    "digest",
    "body_text",
    "mentions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows of an article, without its texts."""

    id: int
    revision: int
    content_hash: str
    first_seen_at: datetime
    last_seen_at: datetime
    hashes: Mapping[PageKey, str]
    """The hash of each of its printings."""

    def is_news(self, article: Article) -> bool:
        """Whether a printing of it is new or has changed."""
        return any(
            self.hashes.get(page_key(printing)) != printing_hash(printing)
            for printing in printings_of(article)
        )

    def is_stale(self, now: datetime, resolution: timedelta) -> bool:
        """Whether an unchanged row's `last_seen_at` is due to be written again."""
        return now - self.last_seen_at > resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an article."""

    number: int
    article: Article
    content_hash: str
    changed: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """One article of the batch: its printings as stored, and as they will be."""

    known: Known | None
    printings: dict[PageKey, Article]
    """All of them, where one is news; else none: nothing needs them."""
    number: int = 0
    content_hash: str = ""
    hashes: dict[PageKey, str] = field(default_factory=dict)
    fresh: dict[PageKey, Article] = field(default_factory=dict)
    """The printings to write."""
    revisions: list[Revision] = field(default_factory=list)
    is_changed: bool = False
    _article: Article | None = None

    @classmethod
    def of_known(cls, known: Known, printings: Mapping[PageKey, Article]) -> "Draft":
        """An article as the database has it."""
        return cls(known, dict(printings), known.revision, known.content_hash, dict(known.hashes))

    @property
    def article(self) -> Article:
        """The article that the printings tell of."""
        if self._article is None:
            self._article = unite(list(self.printings.values()))
        return self._article

    def take(self, new: Article) -> Outcome:
        """Take what pages say now."""
        before = self.article if self.printings else None
        known_pages = set(self.hashes)
        taken = [page_key(one) for one in printings_of(new) if self._take_printing(one)]
        if not taken:
            return "unchanged"
        self._article = None
        if before is not None and _same_facts(before, self.article):
            return "unchanged"
        self.is_changed = True
        if before is None:
            self._revise(None)
            return "new"
        return self._compare(before, is_edit=set(taken) <= known_pages)

    def _take_printing(self, printing: Article) -> bool:
        key = page_key(printing)
        if key in self.printings:
            printing = reread(self.printings[key], printing)
        found = printing_hash(printing)
        if self.hashes.get(key) == found:
            return False
        self.hashes[key] = found
        self.printings[key] = self.fresh[key] = replace(printing, printings=())
        return True

    def _compare(self, before: Article, *, is_edit: bool) -> Outcome:
        if content_hash(self.article) == self.content_hash:
            return "completed"
        self._revise(before)
        return "revised" if is_edit else "completed"

    def _revise(self, before: Article | None) -> None:
        self.number += 1
        self.content_hash = content_hash(self.article)
        self.revisions.append(
            Revision(
                number=self.number,
                article=self.article,
                content_hash=self.content_hash,
                changed=changed_fields(before, self.article) if before else (),
            )
        )


def _facts(article: Article, at: datetime) -> Article:
    return replace(article, fetched_at=at, provenance={}, printings=())


def _same_facts(first: Article, second: Article) -> bool:
    """Reading a page again moves `fetched_at` and may take another way to the same facts."""
    return _facts(first, first.fetched_at) == _facts(second, first.fetched_at)


def changed_fields(before: Article, after: Article) -> tuple[str, ...]:
    """The names of the content fields in which two versions differ."""
    return tuple(name for name in _CONTENT if getattr(before, name) != getattr(after, name))
