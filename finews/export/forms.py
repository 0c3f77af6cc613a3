"""The formats."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, Protocol

from finews.export.csv import Csv
from finews.export.jsonl import JsonLines
from finews.export.parquet import Parquet
from finews.export.tables import About
from finews.reader.extras import extra
from finews_crawler.errors import ConfigurationError

ZSTD = ".zst"


class Writer(Protocol):
    """Writes rows into an open file."""

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows."""

    def close(self) -> None:
        """Write what ends the file, which stays open."""


@dataclass(frozen=True, slots=True)
class Form:
    """A format, and whether files of it are compressed."""

    name: str
    writer: Callable[[BinaryIO, About], Writer]
    is_text: bool = True
    zstd: bool = False

    @property
    def suffix(self) -> str:
        """How names of such files end."""
        return f".{self.name}{ZSTD if self.zstd else ''}"

    @property
    def is_binary(self) -> bool:
        """A terminal must not show it."""
        return self.zstd or not self.is_text

    @contextmanager
    def writing(self, out: BinaryIO, about: About) -> Iterator[Writer]:
        """A writer into an open file, which is ended when the block ends well.

        Raises:
            MissingExtraError: the package that it needs is not installed.
        """
        packed = _compressor(out) if self.zstd else out
        writer = self.writer(packed, about)
        yield writer
        writer.close()
        if self.zstd:
            packed.close()


def _compressor(out: BinaryIO) -> BinaryIO:
    zstandard = extra("zstandard", "export")
    packed: BinaryIO = zstandard.ZstdCompressor().stream_writer(out, closefd=False)
    return packed


FORMS: Mapping[str, Form] = {
    one.name: one
    for one in (
        Form("jsonl", JsonLines),
        Form("csv", Csv),
        Form("parquet", Parquet, is_text=False),
    )
}


def form_of(name: str | None, out: str, zstd: bool) -> Form:
    """The format that a user named, else that of the file's name, else JSON Lines.

    Raises:
        ConfigurationError: Parquet shall be compressed once more.
    """
    path = PurePath(out)
    zstd = zstd or path.suffix == ZSTD
    bare = path.with_suffix("") if path.suffix == ZSTD else path
    form = FORMS[name] if name else FORMS.get(bare.suffix[1:], FORMS["jsonl"])
    if zstd and not form.is_text:
        raise ConfigurationError(f"--zstd: {form.name} files are compressed with zstd inside")
    return Form(form.name, form.writer, form.is_text, zstd)
