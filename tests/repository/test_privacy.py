"""What no file of the project may hold: this machine's places, registries, texts of real posts."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.repository.reading import ROOT, project_files

RUN = 30
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
# Put together here, so that this file does not hold them.
REGISTRIES = ["py" + "pi.org", "files.python" + "hosted.org", "registry.npm" + "js.org"]
INDEX_OPTIONS = ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links"]
MACHINE_FOLDERS = ["/" + "work/", "/" + "root/", "/" + "home/"]


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the project by its name."""
    for path in project_files():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def holding(words: Iterable[str]) -> list[tuple[str, str]]:
    """The files that hold one of the words, with the word."""
    return [(name, word) for name, text in texts() for word in words if word in text]


def configured_hosts() -> list[str]:
    """The hosts of the registries that this machine's environment names."""
    names = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    words = [word for name in names for word in os.environ.get(name, "").split()]
    return [host for word in words if (host := urlsplit(word).hostname)]


def test_no_file_names_a_package_registry() -> None:
    assert holding([*REGISTRIES, *INDEX_OPTIONS, *configured_hosts()]) == []


def test_no_file_names_a_folder_of_a_machine() -> None:
    starts = "|".join(map(re.escape, MACHINE_FOLDERS))
    pattern = re.compile(rf"(?<![\w.}}/-])(?:{starts})\S*")
    assert [(name, found) for name, text in texts() for found in pattern.findall(text)] == []


def test_no_file_names_the_place_of_this_checkout() -> None:
    """Nor the home of who works on it; a root folder says nothing."""
    places = [str(place) for place in (ROOT, Path.home()) if len(place.parts) > 2]
    assert holding(places) == []


# --- texts of real posts ---------------------------------------------------------------------


def han_runs(text: str) -> set[str]:
    """All runs of 30 Chinese characters, whatever signs and tags stand between them."""
    letters = "".join(_HAN.findall(text))
    return {letters[start : start + RUN] for start in range(len(letters) - RUN + 1)}


@pytest.fixture(scope="module")
def real_runs(corpus: Path) -> set[str]:
    posts = sorted((corpus / "posts").glob("*.md"))
    return set().union(*(han_runs(path.read_text(encoding="utf-8")) for path in posts))


def test_the_corpus_has_texts(real_runs: set[str]) -> None:
    assert len(real_runs) > 10_000


def test_no_file_holds_a_text_of_a_real_post(real_runs: set[str]) -> None:
    found = {name: sorted(han_runs(text) & real_runs)[:1] for name, text in texts()}
    assert {name: runs for name, runs in found.items() if runs} == {}


def test_runs_are_found_across_signs_and_tags() -> None:
    text = "甲" * 20 + "，<b>" + "乙" * 10
    assert han_runs(text) == {"甲" * 20 + "乙" * 10}
