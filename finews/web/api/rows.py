"""Rows of answers: the fields of the queries' rows by name."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from finews.reader.columns import columns
from finews_crawler.errors import QueryError
from pipelines.store.queries import ArticleRow, ChangeRow, Hit, MentionRow, RunRow, SecurityRow
from pipelines.store.stored import StoredArticle

ALL_FIELDS = "all"
ARTICLE = tuple(columns(ArticleRow))
MENTION = tuple(columns(MentionRow))
CHANGE = tuple(columns(ChangeRow))
RUN = (*columns(RunRow), "state")
SECURITY = tuple(columns(SecurityRow))
FOUND = ("score", "snippet")
# What only the newest version of an article has.
DETAILS = (
    "tags",
    "images",
    "related",
    "share_url",
    "origin_url",
    "page_kind",
    "extractor",
    "fetched_at",
    "provenance",
)


def fields_of(text: str | None) -> tuple[str, ...]:
    """The fields that `fields=` names; all without it.

    Raises:
        QueryError: one of them is no field of an article.
    """
    if text is None or text == ALL_FIELDS:
        return ARTICLE
    named = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in named:
        if name not in ARTICLE:
            listed = ", ".join(ARTICLE)
            raise QueryError(f"fields: {name[:40]!r} is no field of an article: {listed}")
    return named


def picked(row: object, names: Sequence[str]) -> dict[str, Any]:
    """Some fields of a row."""
    return {name: getattr(row, name) for name in names}


def hit(found: Hit, names: Sequence[str]) -> dict[str, Any]:
    """What a search found."""
    return {
        "score": found.score,
        "title_pieces": [piece._asdict() for piece in found.title],
        "snippet": [piece._asdict() for piece in found.snippet],
        "article": picked(found.article, names),
    }


def details(found: StoredArticle) -> dict[str, Any]:
    """What is kept of an article's newest version only."""
    kept = picked(found.article, DETAILS)
    kept["provenance"] = {name: asdict(one) for name, one in kept["provenance"].items()}
    return {**kept, "last_seen_at": found.last_seen_at}


def run(row: RunRow, now: datetime) -> dict[str, Any]:
    """A crawl."""
    return {**picked(row, RUN[:-1]), "state": row.state(now)}
