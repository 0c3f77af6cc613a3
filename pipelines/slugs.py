"""Names in letters for URLs and file names."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import cast

# Told nothing but names, and nothing of this project: an egg of scrapyd is on no child's path.
_CHILD = (
    "import json, sys; from pypinyin import lazy_pinyin; "
    "print(json.dumps([lazy_pinyin(name) for name in json.load(sys.stdin)]))"
)
_PATIENCE = 60
"""Seconds; the child needs less than one."""


def source_slugs(names: Iterable[str]) -> dict[str, str]:
    """Each source in Latin letters and digits, as the site writes categories: `cailianshe`."""
    asked, known = tuple(dict.fromkeys(names)), _known()
    missing = [name for name in asked if name not in known]
    if missing:
        syllables = map("".join, _syllables(missing))
        slugs = ("".join(filter(str.isalnum, one)).lower() for one in syllables)
        known.update(zip(missing, slugs, strict=True))
    return {name: known[name] for name in asked}


def source_slug(name: str) -> str:
    """The same for one source."""
    return source_slugs([name])[name]


@cache
def _known() -> dict[str, str]:
    """What this process has asked for already."""
    return {}


def _syllables(names: Sequence[str]) -> list[list[str]]:
    """Ask a process of its own: the tables take some 60 MB, and are needed for a moment only.

    A crawl that meets no new source needs them never, one that does once or twice.
    """
    command = [sys.executable, "-P", "-c", _CHILD]
    try:
        answer = subprocess.run(  # noqa: S603
            command,
            input=json.dumps(names).encode(),
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        return cast("list[list[str]]", json.loads(answer.stdout))
    except (OSError, subprocess.SubprocessError):
        # No memory for a child, or Ctrl-C has ended it, too: what waits is to be stored.
        from pypinyin import lazy_pinyin  # noqa: PLC0415

        return [lazy_pinyin(name) for name in names]
