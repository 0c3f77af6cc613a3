"""Floor 3: use it. What a person or a program downstream touches.

    import finews

    with finews.connect() as reader:
        for article in reader.articles(symbols="600919.SH", seen_from="1d"):
            ...

    article = finews.extract(Path("page.html"), url="https://…")

Everything here is imported when it is first used: `import finews` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finews.extracting import extract
    from finews.reader.extras import MissingExtraError
    from finews.reader.plain import plain_row
    from finews.reader.reader import Reader, connect
    from finews.reader.rows import Changes, Rows
    from finews_crawler.errors import (
        ConfigurationError,
        ExtractionError,
        FinewsError,
        QueryError,
        StorageError,
    )
    from finews_crawler.items import Article, Mention
    from pipelines.store.queries import (
        Alias,
        ArticleRow,
        ChangeRow,
        Hit,
        MentionRow,
        Reprint,
        SecurityRow,
        StoryPart,
        StoryRow,
    )

__all__ = [
    "Alias",
    "Article",
    "ArticleRow",
    "ChangeRow",
    "Changes",
    "ConfigurationError",
    "ExtractionError",
    "FinewsError",
    "Hit",
    "Mention",
    "MentionRow",
    "MissingExtraError",
    "QueryError",
    "Reader",
    "Reprint",
    "Rows",
    "SecurityRow",
    "StorageError",
    "StoryPart",
    "StoryRow",
    "connect",
    "extract",
    "plain_row",
]

_HOMES = {
    "finews.extracting": {"extract"},
    "finews.reader.extras": {"MissingExtraError"},
    "finews.reader.plain": {"plain_row"},
    "finews.reader.reader": {"Reader", "connect"},
    "finews.reader.rows": {"Changes", "Rows"},
    "finews_crawler.errors": {name for name in __all__ if name.endswith("Error")},
    "finews_crawler.items": {"Article", "Mention"},
    "pipelines.store.queries": set(__all__),
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used."""
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(home), name)
    return found


def __dir__() -> list[str]:
    """Tell the names before they are imported."""
    return sorted({*globals(), *__all__})
