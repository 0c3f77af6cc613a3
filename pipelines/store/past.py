"""Versions of an article from before its newest, which an archive tells of: backfill.

They make revisions that nobody could read here: each ends when it begins, so that no `as_of` shows
it. When the archive knew it stands in `archived_at`. What is read now does not change.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from finews_crawler.items import Article
from pipelines.completion import PageKey, content_hash, known_at, page_key
from pipelines.store.drafts import Change, Draft, Revision, changed_fields
from pipelines.store.models import ArticleRevision

Version = tuple[datetime | None, str]
"""When the archive knew it, and the hash of its content."""


@dataclass(slots=True)
class Past:
    """The versions that the database has of an article."""

    versions: set[Version] = field(default_factory=set)
    lowest: int = 1
    """The smallest number of a revision; those of the past go down from 0."""


def load_past(connection: Connection, ids: Collection[int]) -> dict[int, Past]:
    """Read which versions of articles are known, by the article's row."""
    found: dict[int, Past] = defaultdict(Past)
    if ids:
        table = ArticleRevision
        columns = (table.article_id, table.number, table.archived_at, table.content_hash)
        for row in connection.execute(select(*columns).where(table.article_id.in_(ids))):
            past = found[row.article_id]
            past.versions.add((row.archived_at, row.content_hash))
            past.lowest = min(past.lowest, row.number)
    return found


def backfill(draft: Draft, past: Past, versions: Sequence[Article]) -> bool:
    """Add those versions of the past that are not known yet; tells whether there were any.

    The newest of them has the highest number, below those of the revisions that were read here.
    """
    known = past.versions | {_version(one.revision) for one in draft.changes if one.revision}
    found = {_version(one): one for one in _revisions(sorted(versions, key=known_at))}
    news = [one for version, one in found.items() if version not in known]
    for revision in reversed(news):
        past.lowest -= 1
        draft.changes.append(Change(kind="backfilled", number=past.lowest, revision=revision))
    past.versions = known | set(found)
    return bool(news)


def _version(revision: Revision) -> Version:
    return revision.article.archived_at, revision.content_hash


def _revisions(versions: Sequence[Article]) -> Iterator[Revision]:
    """Each as its page alone tells it, beside the version of the same page before it."""
    before: dict[PageKey, Article] = {}
    for version in versions:
        older = before.get(page_key(version))
        yield Revision(
            article=version,
            content_hash=content_hash(version),
            changed=changed_fields(older, version) if older else (),
            kind="backfill",
        )
        before[page_key(version)] = version
