"""A folder of partitions: `day=2022-06-13/part-000000004711.parquet`.

A new folder appears at once, when all of it is written. Into one that is there, files come one by
one, each whole, when all of them are written. The number in their names is that of the last change
that they know: of several rows of an article the one in the part with the highest number is valid.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from finews.export.files import beside, sync_folder, synced
from finews.export.forms import Form, Writer
from finews.export.tables import About
from finews_crawler.items import SHANGHAI

UNKNOWN = "unknown"
_FORMATS = {"day": "%Y-%m-%d", "month": "%Y-%m"}
PARTITIONS = tuple(_FORMATS)

Row = dict[str, Any]


def partition_of(by: str, column: str) -> Callable[[Row], str]:
    """Gives the name of a row's partition: the day or month in China."""

    def name(row: Row) -> str:
        moment: datetime | None = row[column]
        when = UNKNOWN if moment is None else f"{moment.astimezone(SHANGHAI):{_FORMATS[by]}}"
        return f"{by}={when}"

    return name


def _runs(
    parts: Iterable[list[Row]], partition: Callable[[Row], str]
) -> Iterator[tuple[str, list[Row]]]:
    for part in parts:
        for name, rows in groupby(part, partition):
            yield name, list(rows)


def _write(
    folder: Path,
    parts: Iterable[list[Row]],
    partition: Callable[[Row], str],
    form: Form,
    about: About,
) -> int:
    """Write each partition's file; rows come in the order of time: one is open at a time."""
    rows = 0
    for name, runs in groupby(_runs(parts, partition), lambda run: run[0]):
        path = folder / name / f"part-{about.next:012}{form.suffix}"
        path.parent.mkdir()
        with ExitStack() as stack:
            out = stack.enter_context(synced(path))
            writer: Writer = stack.enter_context(form.writing(out, about))
            for _, found in runs:
                writer.write(found)
                rows += len(found)
        sync_folder(path.parent)
    sync_folder(folder)
    return rows


def _older(place: Path, form: Form, kept: set[Path]) -> list[Path]:
    """The parts that earlier exports of the same format have written."""
    name = re.compile(rf"part-\d+{re.escape(form.suffix)}")
    found = place.glob("*=*/part-*")
    return [path for path in found if name.fullmatch(path.name) and path not in kept]


def _publish(folder: Path, place: Path, form: Form, *, replaces: bool) -> None:
    if not place.exists():
        folder.rename(place)
        sync_folder(place.parent)
        return
    made = set()
    for path in sorted(folder.glob("*/*")):
        target = place / path.relative_to(folder)
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
        made.add(target)
    # Last: until here, whatever happens, no row is missing.
    older = _older(place, form, made) if replaces else []
    for path in older:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    for parent in {path.parent for path in made} | {place}:
        sync_folder(parent)


def write_partitions(
    place: Path, parts: Iterable[list[Row]], form: Form, about: About, by: str
) -> tuple[int, int]:
    """Write a folder of partitions; tells how many rows and files.

    An export of everything takes the place of all parts of its format; one of changes adds parts.
    """
    place = place.resolve()
    with beside(place, is_folder=True) as folder:
        rows = _write(folder, parts, partition_of(by, about.table.time), form, about)
        files = sum(1 for _ in folder.glob("*/*"))
        _publish(folder, place, form, replaces=about.after is None)
    return rows, files
