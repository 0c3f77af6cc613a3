"""Both engines under the benchmarks of the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.databases import Databases, sqlite_databases
from tests.conftest import BOTH


@pytest.fixture(params=BOTH)
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if request.param == "postgres":
        yield Databases("postgresql", request.getfixturevalue("postgres_pool").lent)
    else:
        with sqlite_databases(tmp_path) as found:
            yield found
