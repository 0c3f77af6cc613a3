"""docs/reprints.md tells the thresholds that the program has."""

from datetime import timedelta

import pytest

from pipelines.reprints import signature, similarity
from pipelines.store.bands import LIMIT
from tests.repository.reading import document

WORDS = " ".join(document("docs/reprints.md").split())
NUMBERS = {2: "two", 3: "three", 7: "seven", 10: "ten"}
SHARES = {0.5: "half", 0.75: "three quarters"}


@pytest.mark.parametrize(
    "sentence",
    [
        f"at least {signature.SHORTEST} letters and digits",
        f"within {NUMBERS[signature.WINDOW // timedelta(days=1)]} days",
        f"runs of {NUMBERS[signature.SHINGLE]} characters is at least {similarity.ALIKE}",
        f"the other one has at least {SHARES[similarity.SAME_NUMBERS]}",
        f"the other one has at least {SHARES[similarity.SAME_SYMBOLS]}",
        f"{NUMBERS[signature.BANDS]} MinHash bands of {NUMBERS[signature.ROWS]} rows",
        f"the {LIMIT} revisions that share the most tokens",
    ],
)
def test_a_threshold_is_told(sentence: str) -> None:
    assert sentence in WORDS


@pytest.mark.parametrize(("alike", "told"), [(0.4, "0.83"), (0.5, "0.94"), (0.6, "0.99")])
def test_the_probability_of_sharing_a_band_is_told(alike: float, told: str) -> None:
    chance = 1 - (1 - alike**signature.ROWS) ** signature.BANDS
    assert f"{chance:.2f}" == told
    assert f"{told} at {alike}" in WORDS
