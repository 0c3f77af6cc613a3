"""A filter as the words of an address: the inverse of `finews.asking.filter_of`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlencode

from finews.asking import MANY, ONE
from pipelines.store.queries import Filter


def words_of(wanted: Filter) -> list[tuple[str, str]]:
    """The words that mean a filter, in their order; moments to the microsecond, none relative."""
    return [*_many(wanted), *_one(wanted)]


def _many(wanted: Filter) -> Iterator[tuple[str, str]]:
    for word, (field, _) in MANY.items():
        yield from ((word, text) for text in getattr(wanted, field))


def _one(wanted: Filter) -> Iterator[tuple[str, str]]:
    plain = Filter()
    for word, (field, _) in ONE.items():
        value = getattr(wanted, field)
        if isinstance(value, datetime):
            yield word, value.isoformat()
        elif value != getattr(plain, field):
            yield word, "yes" if value else "no"


def address(path: str, wanted: Filter, more: Iterable[tuple[str, object]] = ()) -> str:
    """The address of a list that a filter chooses; what is None of `more` is left out."""
    words = [*words_of(wanted), *((name, value) for name, value in more if value is not None)]
    return f"{path}?{urlencode(words)}" if words else path
