"""Parquet: typed columns, compressed inside, with what they are of in the file's metadata."""

from collections.abc import Sequence
from typing import Any, BinaryIO

from finews.export.tables import About
from finews.reader.arrow import schema
from finews.reader.extras import extra

GROUP_BYTES = 32 * 1024 * 1024
"""Of a row group, before compression: what a writer holds, and a reader reads, at a time."""


class Parquet:
    """Writes rows as row groups.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, out: BinaryIO, about: About) -> None:
        self._arrow = extra("pyarrow", "export")
        self._schema = schema(about.table.schema).with_metadata(_metadata(about))
        writer = extra("pyarrow.parquet", "export").ParquetWriter
        self._writer = writer(out, self._schema, compression="zstd")
        self._waiting: list[Any] = []

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows."""
        self._waiting.append(self._arrow.RecordBatch.from_pylist(rows, schema=self._schema))
        if sum(one.nbytes for one in self._waiting) >= GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            whole = self._arrow.Table.from_batches(self._waiting)
            self._waiting = []
            self._writer.write_table(whole, row_group_size=max(whole.num_rows, 1))

    def close(self) -> None:
        """Write the footer."""
        self._flush()
        self._writer.close()


def _metadata(about: About) -> dict[str, str]:
    return {
        "finews.table": about.table.name,
        "finews.schema": about.database_schema,
        "finews.as_of": about.as_of.isoformat(),
        "finews.after": str(about.after or 0),
        "finews.next": str(about.next),
    }
