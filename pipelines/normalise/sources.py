"""Which medium an article comes from, under one name each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from finews_crawler.errors import ConfigurationError
from finews_crawler.reference import load_table

_TRAILING_MEDIUM = re.compile(r"\s*[（(]([^（）()]{2,24}(?:[（(][^（）()]*[）)])?)[）)]$")


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A medium: its canonical name and the form on the page."""

    name: str | None = None
    raw: str | None = None
    strategy: str | None = None
    """What named it: `source line`, `closing bracket` or `tag`."""


UNNAMED = NamedSource()


@cache
def _canonical_names() -> dict[str, str]:
    table = load_table("sources")
    names = {name: name for name in table["names"]}
    for row in table["source"]:
        for alias in (row["name"], *row["aliases"]):
            if names.get(alias, alias) not in (alias, row["name"]):
                raise ConfigurationError(f"sources.toml: {alias} names two media")
            names[alias] = row["name"]
    return names


def _folded(name: str) -> str:
    return " ".join(name.split())


def canonical_source(name: str) -> str:
    """The medium's canonical name; an unknown medium is itself."""
    folded = _folded(name)
    return _canonical_names().get(folded, folded)


def is_known_source(name: str) -> bool:
    """Whether the table of media holds the name."""
    return _folded(name) in _canonical_names()


def source_of_tags(tags: Iterable[str]) -> NamedSource:
    """Read the medium from a post's tags: one 新闻 too many at the end, columns are none.

    Jekyll splits a tag at its spaces, so a medium with a space arrives in pieces.
    """
    joined = " ".join(tags)
    if not joined or joined in load_table("sources")["columns"]:
        return UNNAMED
    raw = joined.removesuffix("新闻")
    if not raw:
        return UNNAMED
    return NamedSource(canonical_source(raw), raw, "tag")


def source_of_line(line: str, strategy: str = "source line") -> NamedSource:
    """Read the medium from the words of a source line."""
    return NamedSource(canonical_source(line), line, strategy)


def split_trailing_source(text: str) -> tuple[str, NamedSource]:
    """Take a known medium in brackets off the end of a flash."""
    found = _TRAILING_MEDIUM.search(text)
    if found is None or not is_known_source(found[1]):
        return text, UNNAMED
    return text[: found.start()], source_of_line(found[1], "closing bracket")
