"""What readers ask; the only way in which floor 3 reaches the tables."""

from pipelines.store.queries.articles import (
    Place,
    article_by_code,
    articles,
    known_articles,
    stream_articles,
)
from pipelines.store.queries.changes import (
    ChangeRow,
    Feed,
    changed_articles,
    changes,
    feed,
    newest_change,
)
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
from pipelines.store.queries.securities import Alias, SecurityRow, securities, security
from pipelines.store.queries.stories import (
    Reprint,
    StoryPart,
    StoryRow,
    known_stories,
    stream_stories,
)

__all__ = [
    "Alias",
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
    "SecurityRow",
    "StoryPart",
    "StoryRow",
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
    "known_stories",
    "known_until",
    "newest_change",
    "rejects",
    "revisions",
    "run",
    "runs",
    "search",
    "securities",
    "security",
    "stream_articles",
    "stream_mentions",
    "stream_revisions",
    "stream_stories",
]
