"""What readers ask; the only way in which floor 3 reaches the tables."""

from pipelines.store.queries.articles import (
    ArticleRow,
    Filter,
    article_by_code,
    articles,
    revisions,
)
from pipelines.store.queries.changes import ChangeRow, changes
from pipelines.store.queries.moments import known_until
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
    "Filter",
    "Hit",
    "RejectFilter",
    "RejectRow",
    "Reprint",
    "RunRow",
    "article_by_code",
    "articles",
    "changes",
    "counts",
    "findings",
    "known_until",
    "rejects",
    "revisions",
    "run",
    "runs",
    "search",
]
