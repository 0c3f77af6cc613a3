"""Whether a linked name is a word of its own, or a part of a longer one.

The site links names by machine: 高通 in 高通胀, 大智慧 in 壮大智慧. A segmenter decides where the
words of the paragraph end; its model for unknown words is off, because it makes words of a name and
what follows it. `benchmarks.words` measures this on labelled sentences.
"""

from functools import lru_cache
from itertools import accumulate

import rjieba

# Foreign names are in no dictionary: 沃尔德伦 is cut into 沃尔德 and 伦. These characters end such
# names and hardly ever are a word.
_NAME_ENDS = frozenset("伦曼森顿逊茨娃姆兹斯尔")


@lru_cache(maxsize=256)
def _words(paragraph: str) -> tuple[frozenset[int], dict[int, str]]:
    """Where words begin and end, and each word by its start."""
    words = rjieba.cut(paragraph, False)
    ends = list(accumulate(map(len, words)))
    starts = [0, *ends[:-1]] if ends else []
    return frozenset([0, *ends]), dict(zip(starts, words, strict=True))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _joins(left: str, right: str) -> bool:
    """Whether Latin letters or digits go on across an edge: C+PPI, PPI+B."""
    return bool(left and right) and _is_latin(left) and _is_latin(right)


def is_inside_word(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a part of a longer word of its paragraph."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    paragraph = text[first:] if last < 0 else text[first:last]
    begin, stop = start - first, end - first
    before, after = paragraph[max(0, begin - 1) : begin], paragraph[stop : stop + 1]
    if _joins(before, paragraph[begin : begin + 1]) or _joins(paragraph[stop - 1 : stop], after):
        return True
    edges, words = _words(paragraph)
    return not {begin, stop} <= edges or words.get(stop) in _NAME_ENDS
