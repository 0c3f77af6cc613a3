"""Where tables and sample site lie: `data/` of a checkout, or inside the installed wheel."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from finews_crawler.errors import ConfigurationError


@cache
def _data_root() -> Path:
    package = Path(__file__).resolve().parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


def data_path(*parts: str) -> Path:
    """The path of a shipped data file, `data_path("reference", "markets.toml")`."""
    return _data_root().joinpath(*parts)


@cache
def load_table(name: str) -> dict[str, Any]:
    """Read `data/reference/<name>.toml`.

    Raises:
        ConfigurationError: the file is missing or not TOML; the message names it.
    """
    path = data_path("reference", f"{name}.toml")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
