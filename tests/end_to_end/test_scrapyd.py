"""A real scrapyd: the project deployed as an egg, jobs of a jobs file run over its API."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import pytest

from finews.jobs.definition import spiders
from finews.sample_site.server import sample_site_root
from tests.end_to_end import test_kill as kill
from tests.end_to_end.scheduling import Machine, eventually
from tests.end_to_end.test_drill_crawl import free_port
from tests.end_to_end.test_kill import Gate
from tests.end_to_end.test_schedule import DEAD, mirror
from tests.processes import REPOSITORY

gated = kill.gated
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Scrapyd:
    """A server that runs, with its folder and log."""

    url: str
    machine: Machine

    @property
    def log(self) -> str:
        return (self.machine.folder / "log").read_text(encoding="utf-8")

    def ask(self, path: str, form: dict[str, str] | None = None) -> dict[str, object]:
        data = None if form is None else urlencode(form).encode()
        with closing(build_opener(ProxyHandler({})).open(f"{self.url}/{path}", data)) as answer:
            told: dict[str, object] = json.load(answer)
        return told

    def hand_over(self, name: str) -> str:
        """Hand a job over; gives the id of its run."""
        command = self.machine.output("jobs", "scrapyd", name, "--url", self.url)
        return command.rpartition(" as ")[2].rstrip(".\n")

    def wait_for_end(self, number: str) -> str:
        """How a run ended, as scrapyd logs it."""
        pattern = rf"Process ((?:finished|died): .*)project='finews' .*job='{number}'"
        return eventually(lambda: re.search(pattern, self.log))[1].strip()


@pytest.fixture(scope="module")
def scrapyd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scrapyd]:
    folder = tmp_path_factory.mktemp("scrapyd")
    port = free_port()
    (folder / "scrapyd.conf").write_text(
        f"[scrapyd]\nhttp_port = {port}\npoll_interval = 0.1\nmax_proc = 2\n", encoding="utf-8"
    )
    machine = Machine(folder, f"sqlite:///{folder / 'finews.db'}")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAMS / "scrapyd"],
            cwd=folder,
            env={**machine.environment, "HOME": str(folder)},
            stdout=log,
            stderr=log,
        )
    made = Scrapyd(f"http://127.0.0.1:{port}", machine)
    while process.poll() is None:
        try:
            made.ask("daemonstatus.json")
            break
        except URLError:
            time.sleep(0.05)
    yield made
    process.terminate()
    process.wait()
    machine.end_all()


@pytest.fixture(scope="module")
def deployed(scrapyd: Scrapyd) -> dict[str, object]:
    """What `scrapyd-deploy` told, called in the project's folder as its documents say."""
    folder = scrapyd.machine.folder
    target = f"[deploy:test]\nurl = {scrapyd.url}/\nproject = finews\n"
    (folder / "scrapy.cfg").write_text(target, encoding="utf-8")
    done = subprocess.run(
        [PROGRAMS / "scrapyd-deploy", "test"],
        cwd=REPOSITORY,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
        capture_output=True,
        check=True,
        text=True,
    )
    (folder / "scrapy.cfg").unlink()
    told: dict[str, object] = json.loads(done.stdout)
    return told


@pytest.fixture
def site(served: Callable[[Path], str]) -> str:
    return served(sample_site_root())


def test_the_project_is_deployed(scrapyd: Scrapyd, deployed: dict[str, object]) -> None:
    assert (deployed["status"], deployed["spiders"]) == ("ok", len(spiders()))
    listed = scrapyd.ask("listspiders.json?project=finews")["spiders"]
    assert listed == sorted(spiders())


def test_deploying_leaves_nothing_in_the_project(deployed: dict[str, object]) -> None:
    assert deployed["status"] == "ok"
    assert [
        name
        for name in ("build", "dist", "project.egg-info", "finews.egg-info")
        if (REPOSITORY / name).exists()
    ] == []


@pytest.mark.usefixtures("deployed")
def test_a_job_runs(scrapyd: Scrapyd, site: str) -> None:
    scrapyd.machine.write(mirror=mirror(site, timeout="1h"))
    number = scrapyd.hand_over("mirror")
    assert scrapyd.wait_for_end(number) == "finished:"
    rows = scrapyd.machine.rows("SELECT job, reason, outcome, arguments FROM crawl_run")
    ((job, reason, outcome, arguments),) = rows
    assert (job, reason, outcome) == ("mirror", "finished", "ok")
    assert json.loads(arguments)["_job"] == number
    assert "finews: category: articles: 4 new" in scrapyd.log


@pytest.mark.usefixtures("deployed")
def test_a_crawl_that_fails_says_so(scrapyd: Scrapyd) -> None:
    scrapyd.machine.write(dead=mirror(DEAD))
    assert scrapyd.wait_for_end(scrapyd.hand_over("dead")) == "died: exitstatus=1"
    assert "finews: category: failed: the site could not be reached" in scrapyd.log


@pytest.mark.usefixtures("deployed")
def test_a_crawl_that_cannot_start_says_so(scrapyd: Scrapyd) -> None:
    form = {"project": "finews", "spider": "category", "categorys": "Wind"}
    number = str(scrapyd.ask("schedule.json", form)["jobid"])
    assert scrapyd.wait_for_end(number) == "died: exitstatus=2"
    assert "finews: spider category: no argument categorys; known: site" in scrapyd.log


@pytest.mark.usefixtures("deployed")
def test_a_job_that_runs_is_not_handed_over_again(
    scrapyd: Scrapyd, gated: Callable[[Gate], str]
) -> None:
    gate = Gate(1)
    unread = {"site": gated(gate), "categories": "cailianshe"}
    scrapyd.machine.write(slow={"spider": "category", "arguments": unread})
    number = scrapyd.hand_over("slow")
    assert gate.reached.wait(120)
    told = scrapyd.machine.output("jobs", "scrapyd", "slow", "--url", scrapyd.url)
    gate.opened.set()
    expected = f"slow: still running at {scrapyd.url}/ as {number}; this run is skipped.\n"
    assert told == expected
    scrapyd.wait_for_end(number)


@pytest.mark.usefixtures("deployed")
def test_a_project_that_is_not_there(scrapyd: Scrapyd, site: str) -> None:
    scrapyd.machine.write(mirror=mirror(site))
    words = ("jobs", "scrapyd", "mirror", "--url", scrapyd.url, "--project", "other")
    expected = f"finews: {scrapyd.url}/ refuses: project 'other' not found"
    assert scrapyd.machine.run(*words) == (2, [expected])
