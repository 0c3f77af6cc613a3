"""What a batch does to each of its articles, decided before anything is written."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from finews_crawler.addresses import is_same_page
from finews_crawler.items import Article
from pipelines.completion import complete, content_hash
from pipelines.store.stored import StoredArticle

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
class Revision:
    """One version of an article."""

    number: int
    article: Article
    content_hash: str
    changed: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """One article of the batch: as stored, and as it will be."""

    stored: StoredArticle | None
    article: Article
    number: int
    content_hash: str
    revisions: list[Revision] = field(default_factory=list)
    is_changed: bool = False

    @classmethod
    def of_new(cls, article: Article) -> "Draft":
        """An article that the database does not know."""
        digest = content_hash(article)
        first = Revision(number=1, article=article, content_hash=digest, changed=())
        return cls(None, article, 1, digest, [first], is_changed=True)

    @classmethod
    def of_stored(cls, stored: StoredArticle) -> "Draft":
        """An article as the database has it."""
        return cls(stored, stored.article, stored.revision, stored.content_hash)

    def take(self, new: Article) -> Outcome:
        """Unite it with what a page says now."""
        united = complete(self.article, new)
        if united is self.article:
            return "unchanged"
        before, self.article, self.is_changed = self.article, united, True
        digest = content_hash(united)
        if digest == self.content_hash:
            return "completed"
        self._revise(before, united, digest)
        is_edit = before.page_kind == new.page_kind and is_same_page(before.url, new.url)
        return "revised" if is_edit else "completed"

    def _revise(self, before: Article, united: Article, digest: str) -> None:
        self.number += 1
        self.content_hash = digest
        self.revisions.append(
            Revision(
                number=self.number,
                article=united,
                content_hash=digest,
                changed=changed_fields(before, united),
            )
        )

    def is_stale(self, now: datetime, resolution: timedelta) -> bool:
        """Whether an unchanged row's `last_seen_at` is due to be written again."""
        return self.stored is not None and now - self.stored.last_seen_at > resolution


def changed_fields(before: Article, after: Article) -> tuple[str, ...]:
    """The names of the content fields in which two versions differ."""
    return tuple(name for name in _CONTENT if getattr(before, name) != getattr(after, name))
