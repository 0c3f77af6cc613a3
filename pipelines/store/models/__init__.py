"""The tables. Times are UTC; null means that no page says it."""

from pipelines.store.models.article import Article, ArticleCategory, Printing
from pipelines.store.models.base import Base
from pipelines.store.models.crawl import (
    CrawlRun,
    Derived,
    Finding,
    Listing,
    MissedPage,
    Reject,
    RejectPage,
)
from pipelines.store.models.jobs import JobState
from pipelines.store.models.names import Category, Security, SecurityAlias, Source
from pipelines.store.models.revision import (
    ArticleRevision,
    Change,
    ChangeKind,
    Clock,
    Mention,
    RevisionKind,
)
from pipelines.store.models.story import Story, StoryMember

__all__ = [
    "Article",
    "ArticleCategory",
    "ArticleRevision",
    "Base",
    "Category",
    "Change",
    "ChangeKind",
    "Clock",
    "CrawlRun",
    "Derived",
    "Finding",
    "JobState",
    "Listing",
    "Mention",
    "MissedPage",
    "Printing",
    "Reject",
    "RejectPage",
    "RevisionKind",
    "Security",
    "SecurityAlias",
    "Source",
    "Story",
    "StoryMember",
]
