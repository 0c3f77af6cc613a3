"""Programs that were forked are to their user what programs are that were started."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from finews.sample_site.server import sample_site_root
from tests.conftest import Crawler, engine_of
from tests.processes import REPOSITORY, Program, finished

ENGLISH = {**os.environ, "FINEWS_LANGUAGE": "en"}


def test_a_command_prints_and_ends_with_its_code(tmp_path: Path) -> None:
    done = finished("finews", ["--help"], tmp_path, ENGLISH)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: finews [OPTIONS] COMMAND")
    wrong = finished("finews", ["nothing"], tmp_path, ENGLISH)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "No such command 'nothing'" in wrong.stderr


def test_a_program_reads_its_own_environment(tmp_path: Path) -> None:
    for name in ("one", "two"):
        environment = {**ENGLISH, "FINEWS_DATABASE_URL": f"sqlite:///{tmp_path / name}.db"}
        words = ["settings", "--get", "FINEWS_DATABASE_URL"]
        done = finished("scrapy", words, REPOSITORY, environment)
        assert done.stdout.strip() == environment["FINEWS_DATABASE_URL"]


def test_a_program_stands_in_its_own_folder(tmp_path: Path) -> None:
    environment = {**ENGLISH, "FINEWS_DATABASE_URL": "sqlite:///here.db"}
    assert finished("finews", ["db", "upgrade"], tmp_path, environment).returncode == 0
    with engine_of(tmp_path / "here.db").connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM article")).scalar_one() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_program_can_be_killed(
    crawler: Crawler, served: Callable[[Path], str], number: signal.Signals
) -> None:
    with crawler.started("category", "-a", f"site={served(sample_site_root())}") as program:
        assert program.poll() is None
        program.send_signal(number)
        program.kill()
        assert program.wait() == -signal.SIGKILL
        assert program.poll() == -signal.SIGKILL


def test_programs_run_at_the_same_time(tmp_path: Path) -> None:
    programs = [Program("finews", ["--version"], tmp_path, ENGLISH) for _ in range(3)]
    assert len({one.pid for one in programs}) == 3
    assert [one.communicate() for one in programs] == [(None, "")] * 3
    assert [one.returncode for one in programs] == [0, 0, 0]
