"""A file has its name only when it is whole: after faults, kills, and beside other runs."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from finews.export.files import OutputError, beside, clear_faults, remove_leftovers, whole_file
from tests.finews.export.conftest import names

WRITES_AND_WAITS = """
import sys
from pathlib import Path
from finews.export.files import {kind}
with {kind}(Path(sys.argv[1]){more}) as out:
    print("writing", flush=True)
    sys.stdin.read()
"""


def dying(place: Path, kind: str, more: str = "") -> subprocess.Popen[str]:
    """A run in the middle of writing to a place."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES_AND_WAITS.format(kind=kind, more=more), str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


def test_a_file_appears_at_the_end(tmp_path: Path) -> None:
    place = tmp_path / "news.jsonl"
    with whole_file(place) as out:
        out.write(b"one\n")
        assert not place.exists()
    assert place.read_bytes() == b"one\n"
    assert names(tmp_path) == ["news.jsonl"]


def half_written(place: Path) -> None:
    with whole_file(place) as out:
        out.write(b"new\n")
        raise ValueError("no row")


def test_a_fault_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "news.jsonl"
    place.write_bytes(b"old\n")
    with pytest.raises(ValueError, match="no row"):
        half_written(place)
    assert place.read_bytes() == b"old\n"
    assert names(tmp_path) == ["news.jsonl"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "today.jsonl").symlink_to(tmp_path / "news.jsonl")
    with whole_file(tmp_path / "today.jsonl") as out:
        out.write(b"one\n")
    assert (tmp_path / "today.jsonl").is_symlink()
    assert (tmp_path / "news.jsonl").read_bytes() == b"one\n"


@pytest.mark.parametrize(("kind", "more"), [("whole_file", ""), ("beside", ", is_folder=True")])
def test_a_killed_run_leaves_no_half_file_and_the_next_tidies_up(
    tmp_path: Path, kind: str, more: str
) -> None:
    place = tmp_path / "news [1]"
    process = dying(place, kind, more)
    process.kill()
    process.communicate()
    (left,) = names(tmp_path)
    assert left.startswith(".news [1].")
    remove_leftovers(place)
    assert names(tmp_path) == []


def test_a_run_leaves_the_work_of_another_that_lives(tmp_path: Path) -> None:
    place = tmp_path / "news.jsonl"
    process = dying(place, "whole_file")
    with whole_file(place) as out:
        out.write(b"second\n")
    assert place.read_bytes() == b"second\n"
    process.communicate("")
    assert process.returncode == 0
    assert place.read_bytes() == b""
    assert names(tmp_path) == ["news.jsonl"]


def test_leftovers_of_other_places_stay(tmp_path: Path) -> None:
    (tmp_path / ".newsletter.jsonl.0.part").touch()
    with beside(tmp_path / "news.jsonl", is_folder=False):
        pass
    assert names(tmp_path) == [".newsletter.jsonl.0.part"]


def full_disk() -> None:
    """No file may grow beyond a kilobyte; the system says so by a fault, not by a signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from finews.export.files import clear_faults, whole_file
from finews_crawler.errors import FinewsError
try:
    with clear_faults(sys.argv[1]), whole_file(Path(sys.argv[1])) as out:
        out.write(bytes(100_000))
except FinewsError as error:
    print(error)
"""
    place = tmp_path / "news.jsonl"
    answer = subprocess.run(
        [sys.executable, "-B", "-c", script, str(place)],
        capture_output=True,
        check=True,
        text=True,
        preexec_fn=full_disk,
    )
    assert answer.stdout == f"{place} cannot be written: File too large\n"
    assert names(tmp_path) == []


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "news.jsonl"
    expected = f"{place} cannot be written: {os.strerror(2)}"
    with pytest.raises(OutputError) as told, clear_faults(str(place)), whole_file(place):
        pass
    assert str(told.value) == expected
