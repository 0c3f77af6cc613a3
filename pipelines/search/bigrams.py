"""A text as the tokens that the index keeps, and a query as phrases of such tokens.

Chinese has no spaces, so each pair of neighbouring characters is a token and a word is a phrase of
pairs: 江苏银行 is 江苏 苏银 银行. No dictionary decides what can be found.

- **A run of Chinese characters** (kana and Hangul too) gives its first character, all its pairs and
  its last character: 江苏银行 gives 江, 江苏, 苏银, 银行, 行. The single ones let a phrase go on
  across the edge of a run: A股 is a 股, whatever follows.
- **Digits are one token, other letters another**: C919 is c 919, so that 沪深300 is found in
  沪深300ETF, and 600919 in SH600919. A digit more is another token: 600919 is not in 1600919.
- **Everything else separates** and takes no place: 3.5% is 3 5, 600919.SH is 600919 sh. So 3.5 is
  found in 3:5 as well, and 5万 in 3.5万; a decimal as one token would hide the year in 1.2022年.

Text is compared after NFKC and case folding: Ａ股 is a股, ① is 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add
from typing import NamedTuple
from unicodedata import normalize

from finews_crawler.errors import QueryError

LONGEST_QUERY = 1000
# PostgreSQL refuses a lexeme of 2,047 bytes. What is longer becomes several tokens.
LONGEST_TOKEN = 64

_FIRST_CHINESE = "々"
_CHINESE = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd"
)
_RUN = re.compile(
    f"[{_CHINESE}]+|\\d{{1,{LONGEST_TOKEN}}}|[^\\W\\d_{_CHINESE}]{{1,{LONGEST_TOKEN}}}"
)
# All but ASCII, the common characters and punctuation. NFKC only makes separators of those
# separators, and it costs as much as all the rest.
_UNCOMMON = re.compile("[^\0-\x7f·\u2010-\u2027\u3000-\u3004\u3008-\u3020\u4e00-\u9fff！-／：-＠]")
_QUOTES = '"“”＂'
_WORD = re.compile(f"([-－]?)(?:[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\\s{_QUOTES}]+))")


class Token(NamedTuple):
    """A token with its place in the normalised text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow one another."""

    tokens: tuple[str, ...]
    is_prefix: bool = False
    """A single Chinese character: every token that begins with it is meant."""


@dataclass(frozen=True, slots=True)
class Query:
    """Phrases that a text must all have, and phrases of which it must have none."""

    wanted: tuple[Phrase, ...]
    excluded: tuple[Phrase, ...] = ()


def is_common(text: str) -> bool:
    """Whether normalising changes nothing in the text but capitals and separators."""
    return _UNCOMMON.search(text) is None


def fold(text: str) -> str:
    """Fold the text's forms and capitals: NFKC and case folding."""
    return normalize("NFKC", text).casefold()


def normalise(text: str) -> str:
    """Fold a text as far as tokens can tell; its separators may stay as they are."""
    return text.lower() if is_common(text) else fold(text)


def split(normalised: str) -> list[str]:
    """Cut a normalised text into its tokens, in reading order."""
    words: list[str] = []
    for run in _RUN.findall(normalised):
        # Above 々 there are Chinese, and scripts so rare that pairs do for them too.
        if len(run) > 1 and run >= _FIRST_CHINESE:
            words.append(run[0])
            words.extend(map(add, run, run[1:]))
            words.append(run[-1])
        else:
            words.append(run)
    return words


def tokens(text: str) -> list[str]:
    """Cut a text into its tokens, in reading order."""
    return split(normalise(text))


def placed_tokens(normalised: str) -> Iterator[Token]:
    """The tokens of `split`, each with its place."""
    for run in _RUN.finditer(normalised):
        start, end = run.span()
        if end - start == 1 or run[0] < _FIRST_CHINESE:
            yield Token(run[0], start, end)
            continue
        yield Token(normalised[start], start, start + 1)
        for at in range(start, end - 1):
            yield Token(normalised[at : at + 2], at, at + 2)
        yield Token(normalised[end - 1], end - 1, end)


def is_pair(token: str) -> bool:
    """Whether a token is two characters that stand together in a run."""
    return len(token) == 2 and token >= _FIRST_CHINESE


def _phrase(word: str) -> Phrase | None:
    """A word may stand inside a longer run: its own edges are not looked for."""
    found = tokens(word)
    if len(found) < 2:
        single = found[0] if found else ""
        is_prefix = len(single) == 1 and single >= _FIRST_CHINESE
        return Phrase((single,), is_prefix) if single else None
    first = 1 if is_pair(found[1]) else 0
    last = len(found) - 1 if is_pair(found[-2]) else len(found)
    return Phrase(tuple(found[first:last]))


def parse(text: str) -> Query:
    """Read what a user typed.

    Words apart by white space must all be found, each as a phrase; text in double quotes (also
    “ ”) is one phrase; what begins with `-` must not be found. Nothing else has a meaning.

    Raises:
        QueryError: the text is longer than `LONGEST_QUERY` characters, or has no word to look for.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"the query has {len(text)} characters; {LONGEST_QUERY} are allowed")
    found: dict[bool, dict[Phrase, None]] = {False: {}, True: {}}
    for minus, quoted, word in _WORD.findall(text):
        phrase = _phrase(quoted or word)
        if phrase is not None:
            found[bool(minus)][phrase] = None
    if not found[False]:
        is_empty = not found[True]
        reason = "no letter, digit or character" if is_empty else "only words to leave out"
        raise QueryError(f"the query has {reason}: nothing to search for")
    return Query(tuple(found[False]), tuple(found[True]))
