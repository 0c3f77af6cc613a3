"""Files and folders that have their names only when they are whole.

All is written under a name of the run's own beside the place, `.<name>.<token>.part`, brought to
the disk, and renamed. A run that died leaves such a name behind; the next one to the same place
removes it: nobody holds its lock any more.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from finews_crawler.errors import FinewsError

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, flock


class OutputError(FinewsError):
    """What was asked for cannot be written there; the message names the place."""


@contextmanager
def clear_faults(place: str) -> Iterator[None]:
    """Name the place in faults of the system.

    Raises:
        OutputError: it cannot be written to.
        BrokenPipeError: nobody reads any more.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{place} cannot be written: {error.strerror or error}") from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold a file's or a folder's lock; Windows removes nothing that is open, without one.

    Raises:
        BlockingIOError: somebody else holds it.
    """
    if sys.platform == "win32":
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
        yield
    finally:
        os.close(handle)


def remove_leftovers(place: Path) -> None:
    """Remove what runs to a place left behind that died."""
    for path in place.parent.glob(f".{_literal(place.name)}.*.part"):
        with suppress(OSError), _held(path):
            _remove(path)


def _literal(name: str) -> str:
    """A name for `glob`, which takes brackets for a choice."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


@contextmanager
def beside(place: Path, *, is_folder: bool) -> Iterator[Path]:
    """A new file or folder beside a place, which is gone at the end if it has its name still."""
    remove_leftovers(place)
    path = place.with_name(f".{place.name}.{token_hex(4)}.part")
    if is_folder:
        path.mkdir()
    else:
        path.touch(exist_ok=False)
    try:
        with _held(path):
            yield path
    finally:
        _remove(path)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def synced(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing; it is on the disk when the block ends well."""
    with path.open("wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def whole_file(place: Path) -> Iterator[BinaryIO]:
    """A file that takes its place when the block ends well; else what was there stays."""
    place = place.resolve()  # a link stays a link
    with beside(place, is_folder=False) as path:
        with synced(path) as out:
            yield out
        path.replace(place)
    sync_folder(place.parent)
