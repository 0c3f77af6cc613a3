"""What readers ask; the only way in which floor 3 reaches the tables."""

from pipelines.store.queries.articles import (
    Place,
    article_by_code,
    articles,
    known_articles,
    stream_articles,
)
from pipelines.store.queries.changes import ChangeRow, Feed, changed_articles, changes, feed
from pipelines.store.queries.filter import Filter
from pipelines.store.queries.mentions import MentionRow, known_mentions, stream_mentions
from pipelines.store.queries.moments import known_until
from pipelines.store.queries.revisions import known_revisions, revisions, stream_revisions
from pipelines.store.queries.rows import ArticleRow
from pipelines.store.queries.runs import (
    Counts,
    RejectFilter,
    RejectRow,
    RunRow,
    counts,
    findings,
    rejects,
    run,
    runs,
)
from pipelines.store.queries.search import Hit, search
from pipelines.store.queries.stories import Reprint

__all__ = [
    "ArticleRow",
    "ChangeRow",
    "Counts",
    "Feed",
    "Filter",
    "Hit",
    "MentionRow",
    "Place",
    "RejectFilter",
    "RejectRow",
    "Reprint",
    "RunRow",
    "article_by_code",
    "articles",
    "changed_articles",
    "changes",
    "counts",
    "feed",
    "findings",
    "known_articles",
    "known_mentions",
    "known_revisions",
    "known_until",
    "rejects",
    "revisions",
    "run",
    "runs",
    "search",
    "stream_articles",
    "stream_mentions",
    "stream_revisions",
]
