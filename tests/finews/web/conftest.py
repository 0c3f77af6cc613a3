"""Servers on small databases."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.finews.filling import filled
from tests.finews.web.serving import many, served


@pytest.fixture(scope="session")
def filled_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three articles, one of them revised; nothing is written to it later."""
    url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'finews.db'}"
    filled(url)
    return url


@pytest.fixture(scope="session")
def many_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Some more; nothing is written to it later."""
    url = f"sqlite:///{tmp_path_factory.mktemp('many') / 'finews.db'}"
    many(url)
    return url


@pytest.fixture(scope="module")
def client(filled_url: str) -> Iterator[httpx.Client]:
    """A client of a server without a token."""
    with served(filled_url) as one:
        yield one


@pytest.fixture(scope="module")
def reader(many_url: str) -> Iterator[httpx.Client]:
    """The same on more articles."""
    with served(many_url) as one:
        yield one


@pytest.fixture
def own_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A database of the test's own, without a row."""
    (tmp_path / "finews.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'finews.db'}"
