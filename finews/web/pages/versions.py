"""Two versions of an article side by side."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from finews.web.pages.article import Number, missing
from finews.web.pages.difference import Paragraph, Segment, paragraphs, segments
from finews.web.pages.showing import CleanAddress, TheView, View
from finews.web.problems import WebError
from finews.web.templating import moment
from pipelines.store.queries import ArticleRow
from pipelines.store.queries.reading import article_at, article_version, versions

router = APIRouter(route_class=CleanAddress)
# So many unchanged paragraphs in a row are folded, but for those beside a change.
_FOLDED = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs that follow each other, all changed or all unchanged."""

    paragraphs: tuple[Paragraph, ...]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Which versions are compared; without numbers the newest with the one before."""

    old: int | None
    new: int | None


def _pair(
    old: Annotated[int | None, Query(alias="from", gt=-(2**31), lt=2**31)] = None,
    new: Annotated[int | None, Query(alias="to", gt=-(2**31), lt=2**31)] = None,
) -> Pair:
    return Pair(old, new)


ThePair = Annotated[Pair, Depends(_pair)]


@router.get("/article/{code}/diff")
def of_code(view: TheView, code: str, pair: ThePair) -> Response:
    """What differs between two versions of the article with an Eastmoney id."""
    return _difference(view, code, pair)


@router.get("/article/id/{number}/diff")
def of_number(view: TheView, number: Number, pair: ThePair) -> Response:
    """What differs between two versions of an article by its number in this database."""
    return _difference(view, number, pair)


def _difference(view: View, key: str | int, pair: Pair) -> Response:
    newest = article_at(view.engine, key)
    if newest is None:
        raise missing(view, None)
    to = newest.revision if pair.new is None else pair.new
    old = _version(view, newest, max(1, to - 1) if pair.old is None else pair.old)
    new = _version(view, newest, to)
    context = {
        "old": old,
        "new": new,
        "versions": versions(view.engine, newest.id),
        "fields": list(_fields(view, old, new)),
        "stretches": list(stretches(paragraphs(old.body_text, new.body_text))),
    }
    return view.shown("difference.html", "", context)


def _version(view: View, newest: ArticleRow, number: int) -> ArticleRow:
    if number == newest.revision:
        return newest
    found = article_version(view.engine, newest.id, number)
    if found is None:
        raise WebError(404, view.say("no_version", number=number, newest=newest.revision))
    return found


# --- facts ----------------------------------------------------------------------------------------


def _published(view: View, row: ArticleRow) -> str:
    return moment(row.published_at) or view.say("no_time")


def _precision(view: View, row: ArticleRow) -> str:
    name = row.published_precision
    return view.say(f"precision_{name}") if name else ""


_FIELDS: dict[str, Callable[[View, ArticleRow], str]] = {
    "title": lambda _, row: row.title,
    "published_at": _published,
    "published_precision": _precision,
    "published_quality": lambda view, row: view.say(f"quality_{row.published_quality}"),
    "source": lambda _, row: row.source or "",
    "digest": lambda _, row: row.digest or "",
    "body_kind": lambda view, row: view.say(f"kind_{row.body_kind}"),
}


def _mentions(row: ArticleRow) -> dict[str, str]:
    """Each mention by its security and its words."""
    told = {}
    for one in row.mentions:
        key = one.symbol or one.secid
        told[f"{key} {one.surface or ''} {one.kind}"] = f"{one.surface or ''} {key}".strip()
    return told


def _mention_segments(old: ArticleRow, new: ArticleRow) -> Iterator[Segment]:
    before, after = _mentions(old), _mentions(new)
    gone = dict.fromkeys(told for key, told in before.items() if key not in after)
    come = dict.fromkeys(told for key, told in after.items() if key not in before)
    for told in gone:
        yield Segment("removed", told)
        yield Segment("same", " ")
    for told in come:
        yield Segment("added", told)
        yield Segment("same", " ")


def _whole(old: str, new: str) -> tuple[Segment, ...]:
    both = (Segment("removed", old), Segment("same", " "), Segment("added", new))
    return tuple(one for one in both if one.text)


def _fields(
    view: View, old: ArticleRow, new: ArticleRow
) -> Iterator[tuple[str, tuple[Segment, ...]]]:
    """What else than the text differs: the field, and both values in one."""
    for name, shown_as in _FIELDS.items():
        before, after = shown_as(view, old), shown_as(view, new)
        if before != after:
            is_text = name in {"title", "digest"} and before and after
            yield name, segments(before, after) if is_text else _whole(before, after)
    mentions = tuple(_mention_segments(old, new))
    if mentions:
        yield "mentions", mentions


# --- text -----------------------------------------------------------------------------------------


def stretches(found: Sequence[Paragraph]) -> Iterator[Stretch]:
    """Fold what is the same, but for a paragraph on each side of a change; empty if all is."""
    if all(one.kind == "same" for one in found):
        return
    groups = [
        (is_same, tuple(group))
        for is_same, group in groupby(found, key=lambda one: one.kind == "same")
    ]
    for place, (is_same, group) in enumerate(groups):
        first, last = int(place > 0), len(group) - int(place < len(groups) - 1)
        if not is_same or last - first < _FOLDED:
            yield Stretch(group)
            continue
        parts = (Stretch(group[:first]), Stretch(group[first:last], True), Stretch(group[last:]))
        yield from (one for one in parts if one.paragraphs)
