"""One export: read as of one moment, written so that no half file is ever seen."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine

from finews.export.files import OutputError, clear_faults, whole_file
from finews.export.forms import Form
from finews.export.partitions import write_partitions
from finews.export.state import read_state, save_state
from finews.export.tables import About, Table
from finews_crawler.errors import ConfigurationError
from pipelines.store.engine import schema_version
from pipelines.store.queries import Filter
from pipelines.store.queries.bulk import Asked, reading_point

STANDARD_OUTPUT = "-"
AFTER = "{after}"
"""Stands in a file's name for the number after which it begins."""
# Rows are made by the ten thousand and hold no cycles: looking for some took a third of the time.
_COLLECT_AFTER = 200_000

Rows = Iterable[list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported, in which form, to where."""

    table: Table
    form: Form
    out: str
    wanted: Filter
    after: int | None = None
    """Only what has changed after this number; None: everything."""
    partition: str | None = None
    state: Path | None = None

    @property
    def is_stream(self) -> bool:
        """It goes to standard output, or to a pipe or a device: nothing that could be renamed."""
        if self.out == STANDARD_OUTPUT:
            return True
        path = Path(self.out)
        return path.exists() and not path.is_file() and not path.is_dir()

    def checked(self) -> "Order":
        """The same, with the number of the state.

        Raises:
            ConfigurationError: the parts do not go together.
            OutputError: the place cannot be what is asked for, or the state cannot be read.
        """
        if self.state and self.after is not None:
            raise ConfigurationError("--after and --state: the state holds the number")
        if self.state and self.is_stream:
            raise ConfigurationError("--state needs a file: who knows what a reader has kept?")
        if self.partition and self.is_stream:
            raise ConfigurationError(f"--partition-by needs a folder; {self.out} is none")
        known = read_state(self.state, self.table.name) if self.state else self.after
        order = replace(self, after=known, out=self.out.replace(AFTER, str(known or 0)))
        path = Path(order.out)
        if not order.is_stream and path.exists() and path.is_dir() != bool(order.partition):
            raise OutputError(f"{path} is a {'file' if order.partition else 'folder'}")
        return order


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an export has done."""

    table: str
    format: str
    out: str
    rows: int
    files: int
    after: int | None
    next: int
    """Ask for what is after this number next."""
    as_of: datetime

    def as_row(self) -> dict[str, object]:
        """By name."""
        return asdict(self)


@contextmanager
def _rare_collections() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _write_to(out: BinaryIO, parts: Rows, form: Form, about: About) -> int:
    rows = 0
    with form.writing(out, about) as writer:
        for part in parts:
            writer.write(part)
            rows += len(part)
    return rows


def _write(order: Order, parts: Rows, about: About, standard_output: BinaryIO) -> tuple[int, int]:
    path, form = Path(order.out), order.form
    if order.partition:
        return write_partitions(path, parts, form, about, order.partition)
    if order.out == STANDARD_OUTPUT:
        rows = _write_to(standard_output, parts, form, about)
        standard_output.flush()
        return rows, 0
    with path.open("wb") if order.is_stream else whole_file(path) as out:
        rows = _write_to(out, parts, form, about)
    return rows, 1


def _about(engine: Engine, order: Order) -> tuple[About, Asked]:
    point = reading_point(engine, order.wanted.as_of)
    with engine.connect() as connection:
        schema = schema_version(connection)
    after = order.after or 0
    asked = Asked(
        wanted=order.wanted, point=point, after=after, by_time=order.partition is not None
    )
    about = About(
        table=order.table,
        database_schema=str(schema),
        as_of=point.at,
        after=order.after,
        next=max(after, point.seq),
    )
    return about, asked


def export(engine: Engine, order: Order, standard_output: BinaryIO) -> Done:
    """Write what is asked for; where nothing is found nothing is written.

    Raises:
        ConfigurationError: what is asked for does not go together.
        OutputError: it cannot be written there.
        QueryError: `as_of` lies ahead of the database.
        MissingExtraError: a package is not installed.
        BrokenPipeError: nobody reads standard output any more.
    """
    order = order.checked()
    about, asked = _about(engine, order)
    with (
        _rare_collections(),
        clear_faults(order.out),
        closing(order.table.read(engine, asked)) as found,
    ):
        parts = filter(None, found)
        first = next(parts, None)
        rows, files = 0, 0
        if first is not None:
            rows, files = _write(order, chain([first], parts), about, standard_output)
    if order.state:
        with clear_faults(str(order.state)):
            save_state(order.state, order.table.name, about.next)
    return Done(
        table=order.table.name,
        format=order.form.name,
        out=order.out,
        rows=rows,
        files=files,
        after=order.after,
        next=about.next,
        as_of=about.as_of,
    )
