"""Where a text has what a query looks for, and the part of it that shows that best.

Words are compared as the index compares them, but places are those of the original text, and its
own characters are shown. Escaping is left to whoever writes the markup.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines.search.bigrams import (
    Phrase,
    Query,
    Token,
    fold,
    is_common,
    is_pair,
    normalise,
    placed_tokens,
)

CUT = "…"
Span = tuple[int, int]

# NFKC never joins these to what precedes them, so the pieces that they begin are normalised alone.
_ALONE = "\0-\x7f\u3001-\u3098\u309b-\u30ff\u3400-\u9fff\uff01-\uff60"
_PIECE = re.compile(f"[{_ALONE}][^{_ALONE}]*|[^{_ALONE}]+")
# A text of a frequent character has thousands of hits; the first ones show it as well.
_COMPARED = 500
# Half a number is another number.
_UNCUT = re.compile(r"[0-9A-Za-z.,]{1,32}")


class Piece(NamedTuple):
    """A part of the original text."""

    text: str
    is_hit: bool


class _Hit(NamedTuple):
    start: int
    end: int
    phrase: int


class _Normalised(NamedTuple):
    """A normalised text; each of its characters comes from `starts[i]:ends[i]` of the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """The smallest parts that normalise alone: place, original, normalised."""
    for match in _PIECE.finditer(text):
        piece = match[0]
        letters = [fold(letter) for letter in piece]
        whole = fold(piece)
        if whole == "".join(letters):
            for place, (letter, normal) in enumerate(zip(piece, letters, strict=True)):
                yield match.start() + place, letter, normal
        else:
            yield match.start(), piece, whole


def _normalised(text: str) -> _Normalised:
    if is_common(text):
        return _Normalised(normalise(text), range(len(text)), range(1, len(text) + 1))
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, original, normal in _pieces(text):
        parts.append(normal)
        starts += [start] * len(normal)
        ends += [start + len(original)] * len(normal)
    return _Normalised("".join(parts), starts, ends)


def _literal(phrase: Phrase) -> str | None:
    """The characters that a phrase stands for wherever they stand; None where edges matter."""
    if phrase.is_prefix:
        return phrase.tokens[0]
    if all(map(is_pair, phrase.tokens)):
        return phrase.tokens[0] + "".join(token[1] for token in phrase.tokens[1:])
    return None


def _literal_spans(normalised: str, literal: str) -> Iterator[Span]:
    at = normalised.find(literal)
    while at >= 0:
        yield at, at + len(literal)
        at = normalised.find(literal, at + 1)


def _token_spans(placed: Sequence[Token], phrase: Phrase) -> Iterator[Span]:
    words = tuple(token.word for token in placed)
    length = len(phrase.tokens)
    for place, word in enumerate(words):
        if word == phrase.tokens[0] and words[place : place + length] == phrase.tokens:
            yield placed[place].start, placed[place + length - 1].end


def _hits(text: str, phrases: Sequence[Phrase]) -> list[_Hit]:
    """Every place of every phrase, in reading order."""
    normal = _normalised(text)
    placed: list[Token] = []
    hits: set[_Hit] = set()
    for number, phrase in enumerate(phrases):
        # Cutting a text into its tokens takes ten times as long as finding a few characters in it.
        literal = _literal(phrase)
        if literal is None and not placed:
            placed = list(placed_tokens(normal.text))
        spans = _literal_spans(normal.text, literal) if literal else _token_spans(placed, phrase)
        hits.update(_Hit(normal.starts[a], normal.ends[b - 1], number) for a, b in spans)
    return sorted(hits)


def _merged(hits: Sequence[_Hit]) -> list[Span]:
    spans: list[Span] = []
    for start, end, _ in hits:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def highlights(text: str, query: Query) -> list[Span]:
    """Where the text has the query's wanted phrases: spans of the original text, apart, in order.

    Phrases that overlap or touch are one span.
    """
    return _merged(_hits(text, query.wanted))


def _best(hits: Sequence[_Hit], width: int) -> Span:
    """The span from a hit's start with the most phrases, then the most hits, then the first."""

    def inside(first: _Hit) -> list[_Hit]:
        end = max(first.end, first.start + width)
        near = hits[bisect_left(hits, first) : bisect_left(hits, (end,))]
        return [hit for hit in near if hit.end <= end]

    groups = [inside(hit) for hit in hits[:_COMPARED]]
    best = max(groups, key=lambda group: (len({hit.phrase for hit in group}), len(group)))
    return best[0].start, max(hit.end for hit in best)


def _window(text: str, hits: Sequence[_Hit], width: int) -> Span:
    """A window around the best hits; it never cuts a number or a Latin word."""
    first, last = _best(hits, width) if hits else (0, 0)
    spare = max(0, width - (last - first))
    start = max(0, min(first - spare // 2, len(text) - width))
    end = min(len(text), max(last, start + width))
    for word in _UNCUT.finditer(text, max(0, start - 32)):
        if word.start() > end:
            break
        if word.start() < start < word.end():
            start = word.start()
        if word.start() < end < word.end():
            end = word.end()
    return start, end


def snippet(text: str, query: Query, *, width: int = 60) -> tuple[Piece, ...]:
    """The `width` characters or so of the text that show the query best, in pieces.

    Where it has none of the query's phrases that is its beginning. A `CUT` stands where the text
    goes on; without these the pieces, joined, are a part of the text.
    """
    hits = _hits(text, query.wanted)
    start, end = _window(text, hits, width)
    pieces = [Piece(CUT, False)] if start else []
    at = start
    for first, last in _merged(hits):
        left, right = max(first, start), min(last, end)
        if left >= right:
            continue
        pieces += [Piece(text[at:left], False), Piece(text[left:right], True)]
        at = right
    pieces.append(Piece(text[at:end], False))
    if end < len(text):
        pieces.append(Piece(CUT, False))
    return tuple(piece for piece in pieces if piece.text)


def marked(pieces: Sequence[Piece], opening: str = "<mark>", closing: str = "</mark>") -> str:
    """Join pieces with marks around the hits; nothing is escaped."""
    return "".join(f"{opening}{text}{closing}" if is_hit else text for text, is_hit in pieces)
