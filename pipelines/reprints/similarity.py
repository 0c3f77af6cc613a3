"""What makes a reprint, judged on two whole texts."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pipelines.reprints.signature import SHINGLE, SHORTEST, WINDOW
from pipelines.reprints.wording import wording

ALIKE = 0.4
"""The least Jaccard similarity of shingles of a near reprint."""
SAME_NUMBERS = 0.75
"""The least share of the numbers of the text with fewer of them that the other one has, too."""
SAME_SYMBOLS = 0.5
"""The same of the securities."""

# Of bounded length: no page may make a number that Decimal cannot hold.
_NUMBER = re.compile(r"(-?\d{1,18}(?:\.\d{1,18})?)(万亿|亿|万)?")
_UNITS = {"万": 4, "亿": 8, "万亿": 12}

Kind = Literal["exact", "near"]


@dataclass(frozen=True, slots=True)
class Reprint:
    """How two texts are one story."""

    kind: Kind
    similarity: float
    """Jaccard similarity of their shingles, from 0 to 1; 1 for an exact one."""


@dataclass(frozen=True)
class Story:
    """A text to be compared with others; what comparing needs is made once, when it is needed."""

    words: str
    at: datetime
    symbols: frozenset[str]

    @classmethod
    def of(cls, text: str, at: datetime, symbols: Collection[str] = ()) -> "Story":
        """Take a text, when it was published (or first seen), and the securities it links."""
        return cls(wording(text), at, frozenset(symbols))

    @cached_property
    def shingles(self) -> frozenset[str]:
        """All runs of `SHINGLE` characters of the wording."""
        last = len(self.words) - SHINGLE
        return frozenset(self.words[start : start + SHINGLE] for start in range(last + 1))

    @cached_property
    def numbers(self) -> Counter[Decimal]:
        """The numbers of the wording."""
        return numbers_of(self.words)

    @property
    def is_short(self) -> bool:
        """Whether too little is said to call another wording the same story."""
        return len(self.words) < SHORTEST


def numbers_of(words: str) -> Counter[Decimal]:
    """The numbers of a wording as often as they occur, 0.1亿 as 1000万 and both as 10000000."""
    return Counter(
        Decimal(digits).scaleb(_UNITS.get(unit, 0)).normalize()
        for digits, unit in _NUMBER.findall(words)
    )


def _shared(first: Counter[Decimal], second: Counter[Decimal]) -> float:
    """The share of the smaller multiset that the larger one has, too; 1 when it is empty."""
    fewer = min(first.total(), second.total())
    return (first & second).total() / fewer if fewer else 1.0


def similarity(first: Story, second: Story) -> float:
    """The Jaccard similarity of the shingles of two stories, from 0 to 1."""
    common = len(first.shingles & second.shingles)
    every = len(first.shingles) + len(second.shingles) - common
    return common / every if every else 0.0


def _same_symbols(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether the securities agree, as far as both texts link any."""
    fewer = min(len(first), len(second))
    return not fewer or len(first & second) / fewer >= SAME_SYMBOLS


def _near(first: Story, second: Story) -> Reprint | None:
    # The cheapest question first: what a formula brings is mostly refused for its numbers.
    if (
        not _same_symbols(first.symbols, second.symbols)
        or _shared(first.numbers, second.numbers) < SAME_NUMBERS
    ):
        return None
    alike = similarity(first, second)
    return Reprint("near", alike) if alike >= ALIKE else None


def reprint_of(first: Story, second: Story) -> Reprint | None:
    """Say how one story is a reprint of the other, or that it is none; the order does not matter.

    Formulas that come daily differ in little but numbers and names, so alike wordings must agree
    in these, too, and be published within `WINDOW`. Equal wordings need no time, unless they are
    short.
    """
    in_time = abs(first.at - second.at) <= WINDOW
    if first.words == second.words and first.words:
        return Reprint("exact", 1.0) if in_time or not first.is_short else None
    if first.is_short or second.is_short or not in_time:
        return None
    return _near(first, second)
