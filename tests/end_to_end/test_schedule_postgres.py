"""Jobs of several machines on one PostgreSQL, and of one whose PostgreSQL goes away."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from finews.sample_site.server import sample_site_root
from pipelines.store.engine import open_engine
from tests.end_to_end import test_drill_crawl as drill
from tests.end_to_end import test_kill as kill
from tests.end_to_end.scheduling import Command, Machine, eventually
from tests.end_to_end.test_drill_crawl import Cluster
from tests.end_to_end.test_kill import Gate
from tests.end_to_end.test_schedule import mirror

pytestmark = pytest.mark.postgres
gated = kill.gated
cluster = drill.cluster
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def machines(database_url: str, tmp_path: Path) -> Iterator[list[Machine]]:
    """Two folders with jobs files, and one database."""
    made = [Machine(tmp_path / name, database_url) for name in ("here", "there")]
    for one in made:
        one.folder.mkdir()
    yield made
    for one in made:
        one.end_all()


@pytest.fixture
def site(served: Callable[[Path], str]) -> str:
    return served(sample_site_root())


@on_postgres
def test_two_machines_never_run_a_job_at_the_same_time(
    machines: list[Machine], site: str, gated: Callable[[Gate], str]
) -> None:
    here, there = machines
    gate = Gate(1)
    here.write(mirror=mirror(gated(gate)))
    there.write(mirror=mirror(site))
    first = here.start("jobs", "run", "mirror")
    assert gate.reached.wait(120)
    code, (line,) = there.run("jobs", "run", "mirror")
    assert (code, line.startswith("finews: mirror: still running since 20")) == (0, True)
    assert there.states()["mirror"]["outcome"] == "running"

    first.send(signal.SIGKILL)
    first.ended()
    gate.opened.set()
    while len(there.runs()) < 2:  # the server notices a moment later that somebody has died
        assert there.run("jobs", "run", "mirror")[0] == 0
    assert there.runs() == [("mirror", None, None), ("mirror", "finished", "ok")]


@on_postgres
def test_two_schedulers_do_each_run_once(machines: list[Machine], site: str) -> None:
    began = time.monotonic()
    daemons: list[Command] = []
    for one in machines:
        one.write(mirror=mirror(site, every="3s", overlap="wait"))
        daemons.append(one.start("schedule"))
        daemons[0].wait_for("mirror: ok after")
    eventually(lambda: [line for one in daemons for line in one.lines if "ran already at" in line])
    assert [one.stop() for one in daemons] == [0, 0]
    moments = (time.monotonic() - began) / 3 + 1
    runs = machines[0].runs()
    assert len(runs) <= moments
    assert set(runs[:-1]) == {("mirror", "finished", "ok")}


def test_a_scheduler_outlives_its_database(cluster: Cluster, site: str, tmp_path: Path) -> None:
    open_engine(cluster.url).dispose()
    machine = Machine(tmp_path, cluster.url)
    machine.write(mirror=mirror(site, every="1s"))
    daemon = machine.start("schedule")
    try:
        daemon.wait_for("mirror: ok after")
        cluster.stop()
        daemon.wait_for("does not answer")
        daemon.wait_for("; waiting.")
        before = len([line for line in daemon.lines if "mirror: ok after" in line])
        cluster.start()
        daemon.wait_for("mirror: ok after", before + 2)
        daemon.wait_for("The database answers; what became of jobs is noted.")
        assert daemon.stop() == 0
        assert len(machine.runs()) >= before + 2
    finally:
        machine.end_all()
    assert "Traceback" not in "\n".join(daemon.lines)
