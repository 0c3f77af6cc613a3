"""Readers of a database that holds three articles, one of them revised."""

from collections.abc import Iterator

import pytest

from finews.reader.reader import Reader, connect
from tests.finews.filling import filled


@pytest.fixture
def reader(database_url: str) -> Iterator[Reader]:
    """On either engine."""
    filled(database_url)
    with connect(database_url) as found:
        yield found


@pytest.fixture(scope="session")
def kept_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on SQLite; nothing is written to it later."""
    url = f"sqlite:///{tmp_path_factory.mktemp('kept') / 'finews.db'}"
    filled(url)
    return url


@pytest.fixture
def kept(kept_url: str) -> Iterator[Reader]:
    """For what does not depend on the engine."""
    with connect(kept_url) as found:
        yield found
