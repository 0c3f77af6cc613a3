"""Both engines under the benchmarks of the store."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.databases import Databases, has_postgres, postgres_databases, sqlite_databases


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if request.param == "postgres" and not has_postgres():
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs PostgreSQL")
        pytest.skip("no PostgreSQL on loopback; set FINEWS_TEST_POSTGRES to test on one")
    made = sqlite_databases(tmp_path) if request.param == "sqlite" else postgres_databases()
    with made as found:
        yield found
