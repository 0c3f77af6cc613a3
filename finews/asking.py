"""A filter from texts: the same words on the command line, in a URL and in Python."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any, get_args

from finews_crawler.errors import ArgumentError, QueryError
from finews_crawler.items import SHANGHAI, BodyKind
from finews_crawler.spans import span
from pipelines.normalise.symbols import resolve
from pipelines.store.queries import Filter

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACED = re.compile(r"[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+")
_SECID = re.compile(r"\d+\.[0-9A-Za-z_-]+")
_ANSWERS = {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}


def moment_of(text: str, now: datetime | None = None) -> datetime:
    """Read a moment: a day in China, an ISO time with its zone, or a span ago (`90s`, `6h`, `3d`).

    Raises:
        QueryError: it is none of these, or a time without its zone.
    """
    given = text.strip()
    try:
        if _DAY.fullmatch(given):
            return datetime.combine(datetime.fromisoformat(given), time(), tzinfo=SHANGHAI)
        if given[:4].isdecimal() and "-" in given:
            return _with_zone(datetime.fromisoformat(given), given)
        return (now or datetime.now(UTC)) - span(given)
    except (ValueError, OverflowError, ArgumentError) as error:
        raise QueryError(
            f"{given[:40]!r} is no moment, such as 2022-06-13, 2022-06-13T09:30+08:00 or 6h (ago)"
        ) from error


def _with_zone(moment: datetime, given: str) -> datetime:
    if moment.tzinfo is None:
        raise QueryError(f"{given!r} has no zone: write {given}+08:00 for China time")
    return moment


def symbol_of(text: str) -> str:
    """Read a symbol, or a secid as Eastmoney prints it (`1.600919`).

    Raises:
        QueryError: it is neither; the exchange of a bare code is never guessed.
    """
    given = text.strip()
    if not _PLACED.fullmatch(given):
        raise QueryError(
            f"{given[:40]!r} is no symbol: write the code and its exchange, such as 600919.SH, "
            "or Eastmoney's secid, 1.600919"
        )
    known = resolve(given, None).symbol if _SECID.fullmatch(given) else None
    return known or given


def _kind_of(text: str) -> str:
    if text not in get_args(BodyKind):
        raise QueryError(f"{text[:40]!r} is no kind: {' or '.join(get_args(BodyKind))}")
    return text


def _answer_of(text: str) -> bool:
    if text.strip().lower() not in _ANSWERS:
        raise QueryError(f"{text[:40]!r} is neither yes nor no")
    return _ANSWERS[text.strip().lower()]


def _name_of(text: str) -> str:
    if not text.strip():
        raise QueryError("a name is empty")
    return text.strip()


# What may be asked: the word, the field of `Filter`, how a text is read. In this order everywhere.
MANY: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "symbol": ("symbols", symbol_of),
    "source": ("sources", _name_of),
    "category": ("categories", _name_of),
    "kind": ("kinds", _kind_of),
}
ONE: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "published_from": ("published_from", moment_of),
    "published_to": ("published_to", moment_of),
    "seen_from": ("seen_from", moment_of),
    "seen_to": ("seen_to", moment_of),
    "as_of": ("as_of", moment_of),
    "late": ("with_late", _answer_of),
}
WORDS = (*MANY, *ONE)


def _read(word: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except QueryError as error:
        raise QueryError(f"{word}: {error}") from error


def filter_of(given: Mapping[str, Iterable[str]]) -> Filter:
    """Make a filter of texts by word; a word without texts does not matter.

    Raises:
        QueryError: a word or a text cannot be understood; the message names it.
    """
    found: dict[str, Any] = {}
    for word, texts in given.items():
        listed = list(texts)
        if word in MANY:
            field, read = MANY[word]
            found[field] = tuple(dict.fromkeys(_read(word, read, text) for text in listed))
        elif word not in ONE:
            raise QueryError(f"{word}: not understood; it can be {', '.join(WORDS)}")
        elif len(listed) > 1:
            raise QueryError(f"{word}: given {len(listed)} times")
        elif listed:
            field, read = ONE[word]
            found[field] = _read(word, read, listed[0])
    return Filter(**found)
