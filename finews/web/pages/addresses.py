"""Addresses of pages, and small forms of values that only pages show."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from pipelines.store.queries import ArticleRow
from pipelines.store.queries.reading import Headline

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def with_query(path: str, **words: object) -> str:
    """A path with what of the query is not empty."""
    query = urlencode({name: value for name, value in words.items() if value})
    return f"{path}?{query}" if query else path


def _article_path(row: ArticleRow | Headline) -> str:
    if row.code:
        return f"/article/{row.code}"
    return f"/article/id/{row.article_id if isinstance(row, Headline) else row.id}"


def article_url(row: ArticleRow | Headline, as_of: str = "") -> str:
    """The page of an article; one without a code goes by its number in this database."""
    return with_query(_article_path(row), as_of=as_of)


def difference_url(row: ArticleRow, number: int | None = None) -> str:
    """What a version changed; without a number: the version shown."""
    new = row.revision if number is None else number
    return versions_url(row, new - 1, new)


def versions_url(row: ArticleRow, old: int, new: int) -> str:
    """Two versions side by side."""
    return with_query(f"{_article_path(row)}/diff", **{"from": str(old), "to": str(new)})


def security_url(symbol: str, as_of: str = "") -> str:
    """The page of a security."""
    return with_query(f"/security/{quote(symbol, safe='')}", as_of=as_of)


def source_url(name: str) -> str:
    """The page of a medium."""
    return f"/source/{quote(name, safe='')}"


def category_url(slug: str) -> str:
    """The page of a category."""
    return f"/category/{quote(slug, safe='')}"


def filter_url(word: str, value: str) -> str:
    """The stream of what meets one condition."""
    return with_query("/", **{word: value})


def exact(moment: datetime | None) -> str:
    """An instant as `as_of` takes it, without loss; empty when there is none."""
    return "" if moment is None else moment.isoformat()


def host(address: str) -> str:
    """The machine that an address leads to."""
    return urlsplit(address).hostname or ""


def date_type(given: str) -> str:
    """A browser's picker of days holds nothing but days; what else was asked stays readable."""
    return "date" if not given or _DAY.fullmatch(given) else "text"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "article_url": article_url,
    "difference_url": difference_url,
    "versions_url": versions_url,
    "security_url": security_url,
    "source_url": source_url,
    "category_url": category_url,
    "filter_url": filter_url,
    "iso_exact": exact,
    "host": host,
    "date_type": date_type,
}
