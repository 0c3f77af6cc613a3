"""How versions, changes and mentions look on a terminal."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from finews.messages import text
from finews.show import minute, moment, table
from pipelines.store.queries import ArticleRow, ChangeRow, MentionRow

CHANGES = {
    "new": "change_new",
    "revised": "change_revised",
    "completed": "change_completed",
    "story": "change_story",
    "re-extracted": "change_reextracted",
    "backfilled": "change_backfilled",
}
"""Kind of a change -> the key of its word."""
KINDS = {
    "read": "revision_read",
    "re-extracted": "revision_reextracted",
    "backfill": "revision_backfill",
}
"""Kind of a revision -> the key of its word."""


def revision_table(rows: Sequence[ArticleRow]) -> Table:
    """Oldest first: number, how and when it was known, what differs, the title."""
    found = table("revision", "known_from", "seen", "changed", "published", "title")
    for row in rows:
        found.add_row(
            str(row.revision),
            text(KINDS[row.revision_kind]),
            moment(row.archived_at if row.revision_kind == "backfill" else row.seen_at),
            " ".join(row.changed),
            minute(row.published_at),
            Text(row.title or text("untitled")),
        )
    return found


def change_row(change: ChangeRow, article: ArticleRow) -> dict[str, object]:
    """A change's fields by name, with what a list shows of the article."""
    told = {
        "title": article.title,
        "source": article.source,
        "published_at": article.published_at,
        "symbols": article.symbols,
    }
    return {**asdict(change), **told}


def change_table(rows: Sequence[tuple[ChangeRow, ArticleRow]]) -> Table:
    """In the order of commit: number, when, what became of which article."""
    found = table("number", "seen", "change", "title", "symbols", "code", cut=("title",))
    for change, article in rows:
        found.add_row(
            str(change.seq),
            moment(change.committed_at),
            text(CHANGES[change.kind]),
            Text(article.title or text("untitled")),
            Text(" ".join(article.symbols)),
            change.code or "",
        )
    return found


def change_line(change: ChangeRow, article: ArticleRow) -> Text:
    """A change in one line, for a list that has no end."""
    line = Text(f"{change.seq:>8}  ", style="dim")
    line.append(f"{moment(change.committed_at)}  ")
    line.append(f"{text(CHANGES[change.kind])}  ", style="cyan")
    line.append(f"{article.source or '-'}  ", style="dim")
    line.append(article.title or text("untitled"))
    line.append(f"  {' '.join(article.symbols)}", style="bold cyan")
    return line


def mention_table(rows: Sequence[MentionRow]) -> Table:
    """When, which security, by which words, in which article."""
    found = table("published", "symbol", "mention_kind", "surface", "title", "code", cut=("title",))
    for row in rows:
        found.add_row(
            minute(row.published_at),
            row.symbol or row.secid,
            row.kind,
            Text(row.surface or ""),
            Text(row.title or text("untitled")),
            row.code or "",
        )
    return found
