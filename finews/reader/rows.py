"""Rows that are read when they are asked for, and again as often as that is."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from finews.reader import arrow
from finews.reader.extras import extra
from finews_crawler.errors import StorageError, one_line
from finews_crawler.items import isoformat_shanghai
from pipelines.store.queries import ChangeRow

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]

Row = TypeVar("Row")

CHUNK = 500
"""Rows that are asked for at a time."""


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what a driver says into one line.

    Raises:
        StorageError: the database does not answer.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageError(f"the database does not answer: {one_line(error)}") from error


@dataclass(frozen=True, slots=True, repr=False)
class Rows(Generic[Row]):
    """Rows of one question, read as of one moment each time that they are gone through.

    Few are in memory at a time. Times are instants in UTC; in frames they are the same instants,
    typed and shown as Asia/Shanghai.
    """

    table: str
    """A table of `finews.reader.arrow.TABLES`."""
    as_of: datetime
    """Whatever was written after it is not here."""
    read: Callable[[int], Iterator[Row]]
    """Begins to read, so many rows at a time."""
    parts: Callable[[], Iterable[Iterable[Any]]] | None = None
    """Begins to read the same for a frame, as mappings of its columns; None: from the rows."""

    def __iter__(self) -> Iterator[Row]:
        """Read from the begin."""
        return self._reading(CHUNK)

    def _reading(self, size: int) -> Iterator[Row]:
        with clear_errors():
            yield from self.read(size)

    def _records(self) -> Iterator[Any]:
        with clear_errors():
            parts = (self.read(CHUNK),) if self.parts is None else self.parts()
            yield from chain.from_iterable(parts)

    def __repr__(self) -> str:
        """Say what it is; reads nothing."""
        return f"<rows of {self.table} as of {isoformat_shanghai(self.as_of)}>"

    def take(self, number: int) -> list[Row]:
        """The first rows."""
        return list(islice(self._reading(max(1, min(number, CHUNK))), number))

    def first(self) -> Row | None:
        """The first row; None: there is none."""
        return next(iter(self.take(1)), None)

    def to_batches(self) -> "pa.RecordBatchReader":
        """A stream of Arrow record batches, a few thousand rows in memory at a time.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        asked = arrow.schema(self.table)
        found = arrow.batches(self._records(), asked)
        return arrow.arrow().RecordBatchReader.from_batches(asked, found)

    def to_arrow(self) -> "pa.Table":
        """All rows as an Arrow table.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        asked = arrow.schema(self.table)
        found = arrow.batches(self._records(), asked)
        return arrow.arrow().Table.from_batches(found, schema=asked)

    def to_pandas(self) -> "pd.DataFrame":
        """All rows as a pandas frame; whole numbers and truths that may be missing are nullable.

        Raises:
            MissingExtraError: pandas or pyarrow is not installed.
        """
        pandas = extra("pandas", "pandas")
        pa = extra("pyarrow", "pandas")
        nullable = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
        frame: pd.DataFrame = self.to_arrow().to_pandas(types_mapper=nullable.get)
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """All rows as a polars frame.

        Raises:
            MissingExtraError: polars or pyarrow is not installed.
        """
        polars = extra("polars", "polars")
        extra("pyarrow", "polars")
        frame: pl.DataFrame = polars.from_arrow(self.to_arrow())
        return frame


@dataclass(frozen=True, slots=True, repr=False)
class Changes(Rows[ChangeRow]):
    """Changes, and where to go on."""

    after: int = 0
    """Ask for what is after this number next time: all up to it has been looked at."""
