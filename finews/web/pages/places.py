"""Where a page of a list ended, as a word in the address of the next one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from finews_crawler.errors import QueryError
from pipelines.store.queries import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place, and the moment as of which the whole list is read: so its pages fit together."""

    as_of: datetime
    place: Place


def _number(moment: datetime | None) -> str:
    return "" if moment is None else str((moment - _EPOCH) // _MICROSECOND)


def _moment(number: str) -> datetime:
    return _EPOCH + int(number) * _MICROSECOND


def written(cursor: Cursor) -> str:
    """The cursor as a word."""
    place = cursor.place
    return f"{_number(cursor.as_of)}_{_number(place.published_at)}_{place.revision_id}"


def read(word: str) -> Cursor:
    """The cursor of a word.

    Raises:
        QueryError: it is none.
    """
    try:
        as_of, published, revision = word.split("_")
        place = Place(_moment(published) if published else None, _fitting(revision))
        return Cursor(_moment(as_of), place)
    except (ValueError, OverflowError) as error:
        raise QueryError(f"after: {word[:40]!r} is no place in this list") from error


def _fitting(number: str) -> int:
    """A number that a column can hold."""
    found = int(number)
    if not 0 <= found < 2**63:
        raise ValueError(number)
    return found
