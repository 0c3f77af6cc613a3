"""Jobs as cron and systemd run them: one at a time, ended when they must, and never left behind."""

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from finews.jobs.definition import read_jobs
from finews.sample_site.server import sample_site_root
from pipelines.store.engine import open_engine
from pipelines.store.job_states import note_job
from tests.end_to_end import test_kill as kill
from tests.end_to_end.scheduling import Machine
from tests.end_to_end.test_kill import Gate

gated = kill.gated
# Port 1 of loopback: nothing listens there.
DEAD = "http://127.0.0.1:1"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, f"sqlite:///{tmp_path / 'finews.db'}")
    yield made
    made.end_all()


@pytest.fixture
def site(served: Callable[[Path], str]) -> str:
    return served(sample_site_root())


def mirror(site: str, **more: object) -> dict[str, Any]:
    """A job that reads two categories, four articles."""
    arguments = {"site": site, "categories": ["Wind", "TechWeb"], "full": False}
    settings = {"LOG_LEVEL": "WARNING", "RETRY_ENABLED": False}
    return {"spider": "category", "arguments": arguments, "settings": settings, **more}


# --- a run -----------------------------------------------------------------------------------


def test_a_run_of_a_job(machine: Machine, site: str) -> None:
    machine.write(mirror=mirror(site))
    code, lines = machine.run("jobs", "run", "mirror")
    assert (code, lines) == (0, ["finews: category: articles: 4 new"])
    assert machine.runs() == [("mirror", "finished", "ok")]
    state = machine.states()["mirror"]
    assert (state["outcome"], state["last_exit_code"], state["last_run_id"]) == ("ok", 0, 1)


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_a_crawl_that_fails(machine: Machine, quiet: list[str]) -> None:
    machine.write(mirror=mirror(DEAD))
    code, lines = machine.run("jobs", "run", "mirror", *quiet)
    assert code == 1
    assert lines[-1] == (
        "finews: category: failed: the site could not be reached: no answer to any request"
    )
    assert machine.states()["mirror"]["outcome"] == "failed"


def test_a_good_run_can_be_silent(machine: Machine, site: str) -> None:
    machine.write(mirror=mirror(site))
    assert machine.run("jobs", "run", "mirror", "--quiet") == (0, [])


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["jobs", "run", "share"], "finews: jobs.toml: no job share; known: mirror"),
        (
            ["jobs", "run", "mirror", "--jobs", "a.toml"],
            "finews: a.toml: No such file or directory",
        ),
        (["schedule", "a.toml"], "finews: a.toml: No such file or directory"),
    ],
)
def test_what_cannot_be_run(machine: Machine, site: str, words: list[str], line: str) -> None:
    machine.write(mirror=mirror(site))
    assert machine.run(*words) == (2, [line])


# --- two runs --------------------------------------------------------------------------------


def test_two_runs_never_overlap(machine: Machine, gated: Callable[[Gate], str]) -> None:
    gate = Gate(1)
    machine.write(mirror=mirror(gated(gate)))
    first = machine.start("jobs", "run", "mirror")
    assert gate.reached.wait(120)
    code, (line,) = machine.run("jobs", "run", "mirror")
    assert (code, line.startswith("finews: mirror: still running since 20")) == (0, True)
    assert machine.run("jobs", "run", "mirror", "--quiet") == (0, [])
    assert machine.states()["mirror"]["outcome"] == "running"
    gate.opened.set()
    assert first.ended() == 0
    assert machine.runs() == [("mirror", "finished", "ok")]


def test_a_run_may_wait_for_the_one_before(machine: Machine, gated: Callable[[Gate], str]) -> None:
    gate = Gate(1)
    machine.write(mirror=mirror(gated(gate), overlap="wait"))
    first = machine.start("jobs", "run", "mirror")
    assert gate.reached.wait(120)
    second = machine.start("jobs", "run", "mirror")
    second.wait_for("mirror: waits for the run that began at 20")
    gate.opened.set()
    assert (first.ended(), second.ended()) == (0, 0)
    assert machine.runs() == [("mirror", "finished", "ok")] * 2


# --- the end of a run ------------------------------------------------------------------------


def test_a_run_that_is_stopped_keeps_what_is_under_way(
    machine: Machine, gated: Callable[[Gate], str]
) -> None:
    gate = Gate(2)
    machine.write(mirror=mirror(gated(gate)))
    run = machine.start("jobs", "run", "mirror")
    assert gate.reached.wait(120)
    run.send(signal.SIGTERM)
    run.wait_for("mirror: told to end.")
    gate.opened.set()
    assert run.ended() == 1
    assert run.lines[-1] == "finews: category: failed: the crawl was stopped: shutdown"
    assert machine.runs() == [("mirror", "shutdown", "failed")]
    assert machine.rows("SELECT count(*) > 0 FROM article") == [(1,)]


def test_a_run_that_takes_too_long_is_ended(machine: Machine, gated: Callable[[Gate], str]) -> None:
    """By its first signal or its second: that is up to how fast this machine is."""
    gate = Gate(1)
    machine.write(mirror=mirror(gated(gate), timeout="4s", grace="1s"))
    code, lines = machine.run("jobs", "run", "mirror")
    gate.opened.set()
    assert lines[0] == "finews: mirror: has run for 0:00:04, which is its limit; told to end."
    assert code in {1, 137, 143}
    assert machine.states()["mirror"]["last_exit_code"] == code


def test_a_crawl_does_not_outlive_its_runner(
    machine: Machine, site: str, gated: Callable[[Gate], str]
) -> None:
    gate = Gate(1)
    machine.write(mirror=mirror(gated(gate)))
    first = machine.start("jobs", "run", "mirror")
    assert gate.reached.wait(120)
    first.send(signal.SIGKILL)
    assert first.ended() == -signal.SIGKILL
    assert machine.states()["mirror"]["outcome"] == "cut_off"
    gate.opened.set()
    machine.write(mirror=mirror(site))
    assert machine.run("jobs", "run", "mirror")[0] == 0
    assert machine.runs() == [("mirror", None, None), ("mirror", "finished", "ok")]


# --- the scheduler ---------------------------------------------------------------------------


def test_a_job_comes_again(machine: Machine, site: str) -> None:
    machine.write(mirror=mirror(site, every="1s"), old=mirror(site))
    daemon = machine.start("schedule")
    daemon.wait_for("mirror: ok after", 2)
    assert daemon.stop() == 0
    assert daemon.lines[-1].endswith(" Stopped.")
    assert machine.runs()[:2] == [("mirror", "finished", "ok")] * 2
    states = machine.states()
    assert list(states) == ["mirror"]
    assert states["mirror"]["next_at"] > states["mirror"]["last_started_at"]


def test_a_scheduler_that_stops_waits_for_its_crawls(
    machine: Machine, gated: Callable[[Gate], str]
) -> None:
    gate = Gate(2)
    machine.write(mirror=mirror(gated(gate), every="1h"))
    daemon = machine.start("schedule")
    assert gate.reached.wait(120)
    daemon.send(signal.SIGTERM)
    daemon.wait_for("mirror: told to end.")
    gate.opened.set()
    assert daemon.ended() == 0
    daemon.wait_for("mirror: failed after")
    assert machine.runs() == [("mirror", "shutdown", "failed")]
    assert machine.states()["mirror"]["last_exit_code"] == 1


def test_the_file_is_read_again(machine: Machine, site: str) -> None:
    path = machine.write(mirror=mirror(site, cron="0 0 1 1 *"))
    daemon = machine.start("schedule")
    daemon.wait_for("mirror: due at 20")
    path.write_text("[jobs.mirror]\nspider = 'categry'\n")
    daemon.send(signal.SIGHUP)
    daemon.wait_for("jobs.toml: job mirror: spider: no spider categry")
    daemon.wait_for("The jobs stay as they were.")
    machine.write(mirror=mirror(site, cron="0 0 1 1 *"), other=mirror(site, every="1h"))
    daemon.send(signal.SIGHUP)
    daemon.wait_for("other: ok after")
    assert daemon.stop() == 0
    assert machine.runs() == [("other", "finished", "ok")]


def test_a_crawl_does_not_outlive_its_scheduler(
    machine: Machine, site: str, gated: Callable[[Gate], str]
) -> None:
    gate = Gate(1)
    machine.write(mirror=mirror(gated(gate), every="1s"))
    first = machine.start("schedule")
    assert gate.reached.wait(120)
    first.send(signal.SIGKILL)
    first.ended()
    gate.opened.set()
    machine.write(mirror=mirror(site, every="1s"))
    again = machine.start("schedule")
    again.wait_for("mirror: ok after")
    assert again.stop() == 0
    assert machine.runs()[:2] == [("mirror", None, None), ("mirror", "finished", "ok")]


def test_a_scheduler_that_was_down_makes_up_for_what_it_missed(machine: Machine, site: str) -> None:
    yearly = {"cron": "0 0 1 1 *"}
    jobs = {
        "once": mirror(site, **yearly),
        "skip": mirror(site, **yearly, missed="skip"),
    }
    path = machine.write(**jobs)
    engine = open_engine(machine.url)
    missed = datetime(2026, 1, 1, tzinfo=UTC)
    for name, job in read_jobs(path).items():
        note_job(engine, name, missed, job.definition, {"next_at": missed})
    engine.dispose()
    daemon = machine.start("schedule")
    daemon.wait_for("skip: the run of 2026-01-01 08:00:00 was missed and is skipped.")
    daemon.wait_for("once: ok after")
    assert daemon.stop() == 0
    assert machine.runs() == [("once", "finished", "ok")]
