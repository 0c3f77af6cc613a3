"""A server on articles that show what pages must cope with."""

from collections.abc import Iterator

import httpx
import pytest

from tests.finews.web.pages.written import told
from tests.finews.web.serving import served


@pytest.fixture(scope="session")
def told_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """See `told`; nothing is written to it later."""
    url = f"sqlite:///{tmp_path_factory.mktemp('told') / 'finews.db'}"
    told(url)
    return url


@pytest.fixture(scope="module")
def news(told_url: str) -> Iterator[httpx.Client]:
    """A client of a server on it."""
    with served(told_url) as one:
        yield one
