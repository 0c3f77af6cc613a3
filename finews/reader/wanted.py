"""What a program asks for, as keywords: the words of `finews.asking`, with Python's own values."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict

from finews.asking import MANY, ONE, filter_of
from finews_crawler.errors import QueryError
from pipelines.store.queries import Filter

Names = str | Iterable[str]
"""One name, or several of which any one is enough."""
Moment = datetime | date | str
"""An instant with its zone, the begin of a day in China, or a text as `finews.asking` reads it."""


class Wanted(TypedDict, total=False):
    """The filters that every list takes; what is left out or None does not matter.

    Spans hold their begin and not their end.
    """

    symbols: Names | None
    """Any symbol that a security has had (`600919.SH`), or a secid (`1.600919`)."""
    sources: Names | None
    """Canonical names of media."""
    categories: Names | None
    """Slugs, in the site's own letters."""
    kinds: Names | None
    """`full` or `digest`."""
    published_from: Moment | None
    published_to: Moment | None
    """An article without a time is in no span of publishing."""
    seen_from: Moment | None
    """First seen by this database."""
    seen_to: Moment | None
    as_of: Moment | None
    """As it could be read at this moment; without it: now, which is the moment of the call."""
    late: bool | None
    """False: without articles that were first seen when they were no news any more."""


# The keyword in Python -> the word on the command line and in addresses.
_WORDS: Mapping[str, str] = {
    **{field: word for word, (field, _) in MANY.items()},
    **{word: word for word in ONE},
}


def filter_of_keywords(given: Mapping[str, Any]) -> Filter:
    """Make a filter of keywords.

    Raises:
        QueryError: a keyword or a value cannot be understood; the message names it.
    """
    texts: dict[str, list[str]] = {}
    for name, value in given.items():
        if name not in _WORDS:
            raise QueryError(f"{name}: not understood; it can be {', '.join(_WORDS)}")
        if value is not None:
            texts[_WORDS[name]] = [_text(name, one) for one in _listed(name, value)]
    return filter_of(texts)


def _listed(name: str, value: Any) -> list[Any]:
    """The values of a keyword; none at all is no way to ask for any."""
    is_many = _WORDS[name] in MANY and not isinstance(value, str)
    if not is_many:
        return [value]
    if not isinstance(value, Iterable):
        raise QueryError(f"{name}: {value!r} is neither a text nor a list of texts")
    listed = list(value)
    if not listed:
        raise QueryError(f"{name}: the list is empty; leave it out to ask for any")
    return listed


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    is_moment = _WORDS[name] in ONE and isinstance(value, date)  # a datetime is a date, too
    if not is_moment and not isinstance(value, str):
        raise QueryError(f"{name}: {value!r} is not understood")
    return value.isoformat() if isinstance(value, date) else str(value)
