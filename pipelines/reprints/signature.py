"""What a text is found by: a hash of its wording, and MinHash bands for wordings that are alike.

Signatures are stored for years, so they are made with arithmetic and BLAKE2 alone: no library whose
next version hashes otherwise, the same on every platform. Whoever changes what `sign` gives raises
`VERSION` and rebuilds the index; tokens of two versions never meet.

One hash of each shingle falls into one of `BANDS * ROWS` bins, whose smallest hash stays (one
permutation hashing); an empty bin borrows from another one (densification). A band is `ROWS` bins:
texts of Jaccard similarity s share a band with probability 1 - (1 - s**ROWS)**BANDS.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import unpack_from

from pipelines.reprints.wording import wording

VERSION = 1
SHINGLE = 3
"""Characters of a shingle."""
BANDS, ROWS = 10, 2
SHORTEST = 40
"""Letters and digits of the shortest text that can be called alike another one, not just equal."""
WINDOW = timedelta(days=7)
"""How far apart reprints are published. Daily and weekly formulas come again; news does not."""
PERIOD = 2 * WINDOW
"""What is published in one period has its bands in one place; the window touches two periods."""

_BINS = BANDS * ROWS
# Primes: the hash modulus fits one digit of Python's integers, so that a shingle costs 0.1 µs; no
# power of two lies near, or the first letter of a shingle would hardly count.
_MODULUS, _FACTOR = 787_052_759, 513_266_969
_SHINGLE_BITS = (1 << 16 * SHINGLE) - 1
_TOKEN_BITS = 48
_TOKEN_MODULUS, _TOKEN_FACTOR = (1 << _TOKEN_BITS) - 59, 0x9E3779B97F4B
_TIMELESS = (1 << 15) - 1


@dataclass(frozen=True, slots=True)
class Signature:
    """What a text is stored under, and where its reprints would stand."""

    exact: str
    """Hex BLAKE2 (128 bits) of the wording: equal for texts that differ only in form."""
    bands: tuple[int, ...]
    """Non-negative 63-bit tokens to store: one of the wording, then the bands of a long text."""
    sought: tuple[int, ...]
    """The tokens of the stored texts that may be its reprints."""


def _grams(words: str) -> list[int]:
    """All runs of four UTF-16 units as integers, the first unit lowest; padded for the last run."""
    data = words.encode("utf-16-le", "surrogatepass") + b"\0\0"
    grams: list[int] = []
    for start in range(0, 8, 2):
        grams += unpack_from(f"<{(len(data) - start) // 8}Q", data, start)
    return grams


def _lenders(bin_: int) -> list[int]:
    """The other bins, in the order in which an empty bin asks them."""
    others = (other for other in range(_BINS) if other != bin_)
    return sorted(others, key=lambda other: (bin_ * _BINS + other + 1) * _FACTOR % _MODULUS)


_LENDERS = tuple(_lenders(bin_) for bin_ in range(_BINS))


def _smallest_hashes(words: str) -> list[int]:
    smallest = [_MODULUS] * _BINS
    for gram in _grams(words):
        hashed = (gram & _SHINGLE_BITS) * _FACTOR % _MODULUS
        bin_ = hashed % _BINS
        if hashed < smallest[bin_]:  # noqa: PLR1730 - min() would double the time of it all
            smallest[bin_] = hashed
    if _MODULUS not in smallest:
        return smallest
    return [
        own if own < _MODULUS else next(smallest[j] for j in lenders if smallest[j] < _MODULUS)
        for own, lenders in zip(smallest, _LENDERS, strict=True)
    ]


def _band_hashes(words: str) -> list[int]:
    rows = iter(_smallest_hashes(words))
    salted = enumerate(zip(rows, rows, strict=True), VERSION * BANDS)
    return [
        ((salt * _TOKEN_FACTOR + first) * _TOKEN_FACTOR + second) % _TOKEN_MODULUS
        for salt, (first, second) in salted
    ]


def _period(seconds: float) -> int:
    return int(seconds // PERIOD.total_seconds()) % _TIMELESS


def _in_period(period: int, hashes: list[int]) -> tuple[int, ...]:
    # The period comes first: what is published together lies together in the index.
    high = period << _TOKEN_BITS
    return tuple([high + hashed for hashed in hashes])


def sign(text: str, at: datetime) -> Signature:
    """Sign a text of which `at` (with its zone) says when it was published, or else first seen.

    Bands hold the period of `at`, so that a search sees the reprints of its time alone, however
    many years of the same daily formula are stored. The token of the wording holds no period: the
    same long text is the same story whenever it comes. A text under `SHORTEST` may well be a
    formula ("A股今日休市"), so it has this one token, with the period.
    """
    words = wording(text)
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    exact = (int.from_bytes(digest[:6]) + VERSION) % _TOKEN_MODULUS
    if len(words) < SHORTEST:
        hashes: list[int] = [exact]
        timeless: tuple[int, ...] = ()
    else:
        hashes = _band_hashes(words)
        timeless = _in_period(_TIMELESS, [exact])
    seconds, window = at.timestamp(), WINDOW.total_seconds()
    earliest, latest = _period(seconds - window), _period(seconds + window)
    return Signature(
        exact=digest.hex(),
        bands=timeless + _in_period(_period(seconds), hashes),
        sought=timeless + _in_period(earliest, hashes) + _in_period(latest, hashes),
    )
