"""docs/operations.md tells the waiting times that the program has."""

import pytest

from pipelines.store.engine import BUSY_MILLISECONDS, IDLE_MINUTES
from tests.repository.reading import document

WORDS = " ".join(document("docs/operations.md").split())
NUMBERS = {5: "five"}


@pytest.mark.parametrize(
    "sentence",
    [
        f"is ended by the server after {NUMBERS[IDLE_MINUTES]} minutes",
        f"others wait for up to {BUSY_MILLISECONDS // 1000} seconds",
    ],
)
def test_a_waiting_time_is_told(sentence: str) -> None:
    assert sentence in WORDS
