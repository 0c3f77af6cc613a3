"""Where a part of a list ended, as an opaque word; it also holds the moment of the whole list."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from pipelines.store.queries import Filter, known_until

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Cursor:
    """The order of the list, its moment, and the last row's place in that order."""

    order: str
    as_of: datetime
    place: tuple[int | None, ...]


def number_of(moment: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment_of(number: int | None) -> datetime | None:
    """The inverse.

    Raises:
        OverflowError: it lies outside of all years.
    """
    return None if number is None else _EPOCH + number * _MICROSECOND


def word_of(cursor: Cursor) -> str:
    """The cursor as it stands in an address."""
    numbers = (number_of(cursor.as_of), *cursor.place)
    text = " ".join([cursor.order, *("-" if one is None else str(one) for one in numbers)])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_of(word: str, order: str, length: int) -> Cursor:
    """The cursor of a word, for a list in an order with so many numbers for a place.

    Raises:
        QueryError: it is none, or one of another list.
    """
    try:
        text = urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
        found, *rest = text.split(" ")
        numbers = [None if one == "-" else _small(one) for one in rest]
        as_of = moment_of(numbers[0])
        moment_of(numbers[1])
    except (ValueError, OverflowError, IndexError, Base64Error) as error:
        raise QueryError("cursor: not understood; take it from `next`") from error
    if found != order or len(numbers) != length + 1 or as_of is None or None in numbers[2:]:
        raise QueryError("cursor: it belongs to another list; take it from `next`")
    return Cursor(order, as_of, tuple(numbers[1:]))


def _small(text: str) -> int:
    number = int(text)
    if abs(number) >= _LARGEST:
        raise ValueError(text)
    return number


def at_one_moment(engine: Engine, wanted: Filter, cursor: Cursor | None) -> Filter:
    """The filter as of the moment of the whole list: the one asked for, the cursor's, or now.

    Raises:
        QueryError: the cursor is of another moment than the one asked for.
    """
    if cursor is None:
        return wanted if wanted.as_of else replace(wanted, as_of=known_until(engine))
    if wanted.as_of not in {None, cursor.as_of}:
        raise QueryError("cursor: it belongs to a list as of another moment")
    return replace(wanted, as_of=cursor.as_of)
