"""`finews jobs …` and `finews schedule`, as far as nothing is crawled."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finews.cli import main
from pipelines.store.engine import open_engine
from pipelines.store.job_states import note_job

JOBS = """
[jobs.mirror]
spider = "category"
every = "20m"
[jobs.share]
spider = "share"
arguments = { codes = "NW1" }
cron = "0 9 * * mon-fri"
[jobs.old]
spider = "category"
"""
Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    monkeypatch.setenv("FINEWS_DATABASE_URL", f"sqlite:///{tmp_path / 'finews.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "jobs.toml").write_text(JOBS)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return invoke


def test_a_file_without_faults(call: Call) -> None:
    result = call("jobs", "check")
    first, second, third, last = result.output.splitlines()
    assert (result.exit_code, last) == (0, "jobs.toml: 3 jobs, no fault.")
    assert (first.startswith("mirror: due at 20"), first.count(","), first[-1]) == (True, 2, ".")
    assert (second.startswith("share: due at 20"), second.count(" 09:00:00")) == (True, 3)
    assert third == "old: only runs when it is told to."


@pytest.mark.parametrize(
    "words",
    [("jobs", "check"), ("jobs", "run", "mirror"), ("schedule",), ("jobs", "scrapyd", "mirror")],
)
def test_a_file_with_faults(call: Call, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "jobs.toml").write_text('[jobs.mirror]\nspider = "x"\n[jobs.b]\nspider = "y"')
    result = call(*words)
    lines = result.stderr.splitlines()
    assert (result.exit_code, result.stdout, len(lines)) == (2, "", 2)
    assert lines[0].startswith("finews: jobs.toml: job mirror: spider: no spider x; known: ")
    assert lines[1].startswith("jobs.toml: job b: spider: no spider y; known: ")


def test_no_job_is_known(call: Call) -> None:
    assert call("jobs", "times").output == "No job is known yet.\n"
    assert call("jobs", "times", "--json").output == ""


@pytest.mark.parametrize(
    "words", [("jobs", "times", "--jobs", "jobs.toml"), ("schedule", "--list")]
)
def test_the_jobs_of_a_file(call: Call, words: tuple[str, ...]) -> None:
    lines = call(*words).output.splitlines()
    assert [line.split()[:2] for line in lines[3:6]] == [
        ["mirror", "category"],
        ["old", "category"],
        ["share", "share"],
    ]


def test_the_jobs_of_the_database(call: Call, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'finews.db'}")
    moment = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    known = {"last_started_at": moment, "last_finished_at": moment, "last_exit_code": 3}
    note_job(engine, "mirror", moment, {"spider": "category", "every": "20m"}, known)
    engine.dispose()
    (line,) = call("jobs", "times", "--json").output.splitlines()
    assert json.loads(line) == {
        "name": "mirror",
        "spider": "category",
        "every": "20m",
        "outcome": "degraded",
        "next_at": None,
        "last_started_at": "2026-11-25T12:00:00+08:00",
        "last_finished_at": "2026-11-25T12:00:00+08:00",
        "last_exit_code": 3,
        "last_run_id": None,
        "host": None,
    }


@pytest.mark.parametrize("words", [("jobs", "run", "mirror"), ("schedule",), ("jobs", "times")])
def test_a_database_that_cannot_be_opened(call: Call, words: tuple[str, ...]) -> None:
    result = call(*words, "--database", "sqlite:////proc/nowhere/finews.db")
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 2
    assert line.startswith("finews: the database sqlite:////proc/nowhere/finews.db cannot be opene")


def test_a_bad_setting_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINEWS_DATABASE_PATIENCE_SECONDS", "soon")
    result = call("jobs", "run", "mirror")
    assert (result.exit_code, result.stderr) == (
        2,
        "finews: FINEWS_DATABASE_PATIENCE_SECONDS='soon': must be a number of seconds, 0 or more\n",
    )


def test_the_egg(call: Call, tmp_path: Path) -> None:
    result = call("jobs", "egg", "finews.egg")
    assert (result.exit_code, result.output) == (0, "finews.egg: written.\n")
    assert (tmp_path / "finews.egg").read_bytes().startswith(b"PK")
