"""Whether a linked name is a word of its own, or a part of a longer one.

The site links names by machine: 高通 in 高通胀, 大智慧 in 壮大智慧. A segmenter decides where the
words of the paragraph end; its model for unknown words is off, because it makes words of a name and
what follows it. Rules mend what a dictionary cannot know. `benchmarks.words` measures all this on
labelled sentences.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import rjieba

# Foreign names are in no dictionary: 沃尔德伦 is cut into 沃尔德 and 伦, 奥斯沃尔德 into 奥, 斯 and
# 沃尔德. These characters are parts of such names and hardly ever words. 兹 is one: 兹定于.
_NAME_PARTS = frozenset("伦曼森顿逊茨娃姆斯尔德诺奥瑟阿娅")
_NUMERALS = frozenset("数几一二两三四五六七八九十百千万0123456789")
_POWERS_OF_TEN = frozenset("百千万亿")
_PAPERS = frozenset("报刊")


@dataclass(frozen=True, slots=True)
class _Words:
    """Where the words of a paragraph begin and end, and each word by its start and its end."""

    edges: frozenset[int]
    starting: dict[int, str]
    ending: dict[int, str]


@lru_cache(maxsize=256)
def _words(paragraph: str) -> _Words:
    # The segmenter refuses half a surrogate pair; any other character does in its place.
    words = rjieba.cut(paragraph.encode("utf-8", "replace").decode(), False)
    ends = list(accumulate(map(len, words)))
    starts = [0, *ends[:-1]] if ends else []
    return _Words(
        edges=frozenset([0, *ends]),
        starting=dict(zip(starts, words, strict=True)),
        ending=dict(zip(ends, words, strict=True)),
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _goes_on(left: str, right: str) -> bool:
    """Whether a Latin word or a number goes on across an edge: C+PPI, 1+360, 数+百度."""
    if left in _NUMERALS and right in _POWERS_OF_TEN:
        return True
    return _is_latin(left) and _is_latin(right) and left.isdigit() == right.isdigit()


def _is_edge(paragraph: str, at: int) -> bool:
    """Whether words part here; 300ETF, one word to the segmenter, is 300 and ETF."""
    left, right = paragraph[max(0, at - 1) : at], paragraph[at : at + 1]
    if _goes_on(left, right):
        return False
    return at in _words(paragraph).edges or (_is_latin(left) and _is_latin(right))


def _is_in_compound(paragraph: str, begin: int, stop: int) -> bool:
    """Whether the name ends inside a word that keeps its meaning: 花旗+集团, 银行+业.

    A newspaper is something else than its topic: 证券+时报. 业 in 中国+银行业 is no 中国银行.
    """
    words = _words(paragraph)
    start = max(edge for edge in words.edges if edge < stop)
    head, tail = words.starting[start][: stop - start], words.starting[start][stop - start :]
    if len(tail) < 2:
        return tail == "业" and start == begin
    return rjieba.has_word(head) and rjieba.has_word(tail) and tail[-1] not in _PAPERS


def _is_in_foreign_name(paragraph: str, start: int, end: int) -> bool:
    words = _words(paragraph)
    return words.ending.get(start) in _NAME_PARTS or words.starting.get(end) in _NAME_PARTS


def is_inside_word(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a part of a longer word of its paragraph."""
    if not 0 <= start < end <= len(text):
        return False
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    paragraph = text[first:] if last < 0 else text[first:last]
    begin, stop = start - first, end - first
    if not _is_edge(paragraph, begin) or _is_in_foreign_name(paragraph, begin, stop):
        return True
    return not (_is_edge(paragraph, stop) or _is_in_compound(paragraph, begin, stop))
