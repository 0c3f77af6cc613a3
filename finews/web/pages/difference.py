"""What differs between two texts, so that a person sees it: whole words, paragraph by paragraph."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import rjieba

from pipelines.normalise.text import PARAGRAPH_BREAK

SegmentKind = Literal["same", "removed", "added"]
ParagraphKind = Literal["same", "changed", "removed", "added"]

# Comparing takes time by the product of the lengths: beyond this, old and new stand whole.
_COMPARED = 4_000_000
# How many new paragraphs are looked at for one that an old one has become.
_AHEAD = 5
_LETTER = re.compile(r"[0-9A-Za-z]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that both versions have, or one of them."""

    kind: SegmentKind
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of one version or of both."""

    kind: ParagraphKind
    segments: tuple[Segment, ...]

    def text(self, *kinds: SegmentKind) -> str:
        """The segments of these kinds, joined."""
        return "".join(one.text for one in self.segments if one.kind in kinds)


def tokens(text: str) -> list[str]:
    """The words of a text; joined, they are the text."""
    words = list(rjieba.cut(text))
    return words if "".join(words) == text else _LETTER.findall(text)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(old) * len(new) > _COMPARED:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def segments(old: str, new: str) -> tuple[Segment, ...]:
    """Two texts in one; without what was added it is the old, without what was removed the new."""
    before, after = tokens(old), tokens(new)
    found: list[Segment] = []
    for kind, a, b, c, d in _opcodes(before, after):
        if kind == "equal":
            found.append(Segment("same", "".join(before[a:b])))
            continue
        found.append(Segment("removed", "".join(before[a:b])))
        found.append(Segment("added", "".join(after[c:d])))
    return tuple(_tidied(found))


def _tidied(found: Sequence[Segment]) -> Iterator[Segment]:
    """Take a single character between two changes for changed: islands of one are hard to read."""
    removed, added = "", ""
    for place, one in enumerate(found):
        if one.kind == "removed":
            removed += one.text
        elif one.kind == "added":
            added += one.text
        elif len(one.text) == 1 and 0 < place < len(found) - 1:
            removed, added = removed + one.text, added + one.text
        else:
            yield from _changed(removed, added)
            removed, added = "", ""
            yield one
    yield from _changed(removed, added)


def _changed(removed: str, added: str) -> Iterator[Segment]:
    if removed:
        yield Segment("removed", removed)
    if added:
        yield Segment("added", added)


def _alone(kind: Literal["removed", "added"], text: str) -> Paragraph:
    return Paragraph(kind, (Segment(kind, text),))


def _mixed(old: str, new: str) -> Paragraph | None:
    """Both in one, when more than a third of the longer is in both; else a mix is hard to read."""
    found = Paragraph("changed", segments(old, new))
    same = len(found.text("same"))
    return found if 3 * same > max(len(old), len(new)) else None


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Pair paragraphs that are alike, without changing their order."""
    begin = 0
    for paragraph in old:
        mixed = None
        for place in range(begin, min(begin + _AHEAD, len(new))):
            mixed = _mixed(paragraph, new[place])
            if mixed is not None:
                yield from (_alone("added", one) for one in new[begin:place])
                yield mixed
                begin = place + 1
                break
        if mixed is None:
            yield _alone("removed", paragraph)
    yield from (_alone("added", one) for one in new[begin:])


def paragraphs(old: str, new: str) -> tuple[Paragraph, ...]:
    """Two texts, paragraph by paragraph, in reading order."""
    before, after = old.split(PARAGRAPH_BREAK), new.split(PARAGRAPH_BREAK)
    found: list[Paragraph] = []
    for kind, a, b, c, d in _opcodes(before, after):
        if kind == "equal":
            found += [Paragraph("same", (Segment("same", one),)) for one in before[a:b]]
        else:
            found += _replaced(before[a:b], after[c:d])
    return tuple(found)
