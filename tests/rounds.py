"""How often drills and properties are tried: `make drills` tries them many times as often."""

import os

FACTOR = int(os.environ.get("FINEWS_TEST_ROUNDS", "1"))


def rounds(usual: int) -> int:
    """So many in a usual run."""
    return usual * FACTOR
