"""What a batch does to each of its articles, decided before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from finews_crawler.items import Article
from pipelines.completion import (
    PageKey,
    content_hash,
    known_at,
    page_key,
    printing_hash,
    printings_of,
    reread,
    unite,
)
from pipelines.store.models import ChangeKind, RevisionKind

Outcome = Literal[
    "new",
    "revised",
    "completed",
    "re-extracted",
    "backfilled",
    "unchanged",
    "late",
    "listing",
    "missed",
    "reject",
    "refused",
]
# What `content_hash` covers.
_CONTENT = (
    "title",
    "published_at",
    "published_precision",
    "published_quality",
    "source",
    "digest",
    "body_text",
    "body_kind",
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

    article: Article
    content_hash: str
    changed: tuple[str, ...]
    kind: RevisionKind = "read"

    @property
    def is_past(self) -> bool:
        """Whether another version was newer already when this one came."""
        return self.kind == "backfill"


@dataclass(slots=True, kw_only=True)
class Change:
    """One entry of the change feed."""

    kind: ChangeKind
    number: int
    """Of the revision that is newest after it."""
    revision: Revision | None
    """The revision that it makes; a completion may make none."""
    seq: int = 0
    """Given when the batch is written."""


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
    older: list[Article] = field(default_factory=list)
    """Archived printings that are older than what the database has of their pages."""
    changes: list[Change] = field(default_factory=list)
    """Empty when nothing that the database tells has changed."""
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

    @property
    def is_changed(self) -> bool:
        """Whether the article itself is another one than before, not only its past."""
        return any(not _is_past(change) for change in self.changes)

    def take(self, new: Article, *, is_reextracted: bool = False) -> Outcome:
        """Take what pages say now, or as the program reads today what they said."""
        before = self.article if self.printings else None
        known_pages = set(self.hashes)
        taken = [page_key(one) for one in printings_of(new) if self._take_printing(one)]
        if not taken:
            return "unchanged"
        self._article = None
        if before is not None and _same_facts(before, self.article):
            return "unchanged"
        if before is None:
            return self._revise("new", None)
        if is_reextracted:
            return self._tell("re-extracted", before)
        if set(taken) <= known_pages and content_hash(before) != content_hash(self.article):
            return self._tell("revised", before)
        return self._tell("completed", before)

    def _take_printing(self, printing: Article) -> bool:
        key = page_key(printing)
        known = self.printings.get(key)
        if known is not None:
            if known_at(printing) < known_at(known):
                self._note_older(printing)
                return False  # a page that was fetched earlier and arrives later tells nothing new
            printing = reread(known, printing)
        found = printing_hash(printing)
        if self.hashes.get(key) == found:
            if known is not None and known_at(known) < known_at(printing):
                self._note_older(printing)  # it has been another one in between
            return False
        self.hashes[key] = found
        self.printings[key] = self.fresh[key] = replace(printing, printings=(), earlier=())
        return True

    def _note_older(self, printing: Article) -> None:
        if printing.archived_at is not None:
            self.older.append(printing)

    def _tell(
        self, kind: Literal["revised", "completed", "re-extracted"], before: Article
    ) -> Outcome:
        """Note a change of what is known, which may be none of the content."""
        if content_hash(before) != content_hash(self.article):
            return self._revise(kind, before)
        self.changes.append(Change(kind=kind, number=self.number, revision=None))
        return kind

    def _revise(
        self,
        kind: Literal["new", "revised", "completed", "re-extracted"],
        before: Article | None,
    ) -> Outcome:
        self.number += 1
        self.content_hash = content_hash(self.article)
        revision = Revision(
            article=self.article,
            content_hash=self.content_hash,
            changed=changed_fields(before, self.article) if before else (),
            kind="re-extracted" if kind == "re-extracted" else "read",
        )
        self.changes.append(Change(kind=kind, number=self.number, revision=revision))
        return kind

    @property
    def id(self) -> int:
        """The row of its article: for a new one the number of the change that brings it."""
        return self.known.id if self.known else self.changes[0].seq


def _is_past(change: Change) -> bool:
    return change.revision is not None and change.revision.is_past


def _facts(article: Article, like: Article) -> Article:
    return replace(
        article,
        fetched_at=like.fetched_at,
        archived_at=None,
        extractor=like.extractor,
        provenance={},
        printings=(),
        earlier=(),
    )


def _same_facts(first: Article, second: Article) -> bool:
    """Reading a page again moves the times of reading and may take another way to the same."""
    return _facts(first, first) == _facts(second, first)


def changed_fields(before: Article, after: Article) -> tuple[str, ...]:
    """The names of the content fields in which two versions differ."""
    return tuple(name for name in _CONTENT if getattr(before, name) != getattr(after, name))
