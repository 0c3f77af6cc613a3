"""`import finews`: every name is there, and nothing is imported before it is used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import finews

REPOSITORY = Path(__file__).resolve().parents[3]
OPTIONAL = ("pandas", "polars", "pyarrow", "zstandard", "fastapi", "uvicorn", "jinja2")
LOADED = "import json, sys; print(json.dumps([name for name in sys.modules]))"


def loaded_after(*lines: str) -> set[str]:
    """The modules that a process has loaded that ran these lines."""
    answer = subprocess.run(
        [sys.executable, "-c", "\n".join([*lines, LOADED])],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    )
    return set(json.loads(answer.stdout))


@pytest.mark.parametrize("name", finews.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(finews, name).__name__ == name
    assert name in dir(finews)


def test_no_such_name() -> None:
    with pytest.raises(AttributeError, match="module 'finews' has no attribute 'news'"):
        _ = finews.news


def test_importing_finews_imports_nothing_else() -> None:
    own = {name for name in loaded_after("import finews") if name.startswith("finews")}
    assert own == {"finews"}


def test_reading_a_database_needs_no_optional_package_and_no_crawler() -> None:
    loaded = loaded_after("import finews", "finews.connect")
    assert loaded.isdisjoint({*OPTIONAL, "scrapy", "twisted", "click", "rich"})


def test_extracting_needs_no_crawler_and_no_database() -> None:
    loaded = loaded_after("import finews", "finews.extract")
    assert loaded.isdisjoint({*OPTIONAL, "scrapy", "twisted", "sqlalchemy", "alembic"})
