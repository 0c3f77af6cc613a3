"""finews as an egg, the only form in which scrapyd takes a project.

An egg is a zip file with a folder of facts. It is written from the packages as they are installed,
without a build tool: data and migrations must be in it, and `setup.py bdist_egg` has no notion of
either. scrapyd imports from inside the zip, where no data file and no migration can be opened, so
the settings that the egg names unpack it first: see `finews.jobs.unpacking`.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from finews.jobs import unpacking
from finews_crawler.errors import ConfigurationError
from finews_crawler.reference import data_path

PACKAGES = ("finews_crawler", "pipelines", "finews")
_ENTRY = "finews_egg"
_SETTINGS = f'''"""The settings of the egg: the project's own, from the unpacked files."""

from pathlib import Path

from {_ENTRY}.unpacking import use

use(Path(__loader__.archive))

from finews_crawler.settings import *  # noqa
'''
# A zip file cannot say an earlier one; the same packages always make the same egg.
_DATE = (1980, 1, 1, 0, 0, 0)


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in name.parts and name.parts[0] != "_data":
            yield f"{prefix}/{name.as_posix()}", path.read_bytes()


def _version() -> str:
    try:
        return version("finews")
    except PackageNotFoundError:
        return "0"


def egg_files() -> dict[str, bytes]:
    """The content of the egg by name."""
    files: dict[str, bytes] = {}
    for package in PACKAGES:
        files.update(_below(Path(str(import_module(package).__file__)).parent, package))
    files.update(_below(data_path("reference"), "finews_crawler/_data/reference"))
    own = {
        f"{_ENTRY}/__init__.py": _SETTINGS,
        f"{_ENTRY}/unpacking.py": Path(str(unpacking.__file__)).read_text(encoding="utf-8"),
        "EGG-INFO/PKG-INFO": f"Metadata-Version: 2.1\nName: finews\nVersion: {_version()}\n",
        "EGG-INFO/entry_points.txt": f"[scrapy]\nsettings = {_ENTRY}\n",
        "EGG-INFO/not-zip-safe": "\n",
    }
    return files | {name: text.encode() for name, text in own.items()}


def write_egg(path: Path) -> None:
    """Write the egg.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    try:
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for name, content in sorted(egg_files().items()):
                member = ZipInfo(name, _DATE)
                member.compress_type = ZIP_DEFLATED
                member.external_attr = 0o644 << 16
                archive.writestr(member, content)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
