"""A crawl loses its database: the server stops, the disk is full. Soon or late, all is stored."""

import os
import pwd
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from finews.sample_site.server import sample_site_root
from pipelines.store.maintenance import check
from tests.conftest import in_ci
from tests.end_to_end import test_kill as kill
from tests.end_to_end.test_kill import Gate
from tests.end_to_end.writing import opened, state
from tests.processes import Program

if TYPE_CHECKING:
    from tests.conftest import Crawler

gated = kill.gated
OWNER = "postgres"
BEFORE_THE_GATE = 40
# Small, so that articles are stored while the gate is shut.
SMALL = ("-s", "FINEWS_BATCH_SIZE=5")


def program(name: str) -> str:
    """A program of PostgreSQL's, which Debian keeps out of the path."""
    known = map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True))
    found = shutil.which(name) or next(known, "")
    missing = f"no {name}: install PostgreSQL's server to test that it stops"
    if not found and in_ci():
        pytest.fail(missing)
    if not found:
        pytest.skip(missing)
    return found


class Cluster:
    """A PostgreSQL server that a test may stop."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.runs = False
        self.url = f"postgresql+psycopg://finews@127.0.0.1:{port}/postgres"
        self._data = folder / "data"
        self._log = folder / "log"
        self._run("initdb", "--no-sync", "-U", "finews", "-A", "trust", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        given = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self.runs = True
        self._run("pg_ctl", "start", "-w", "-t", "600", "-l", str(self._log), "-o", given)

    def stop(self) -> None:
        """As when its machine loses power."""
        self.runs = False
        self._run("pg_ctl", "stop", "-m", "immediate", "-w", "-t", "600")

    def _run(self, name: str, *arguments: str) -> None:
        """A server does not run as root; what it starts must not keep our pipes open."""
        as_owner = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
        command = [*as_owner, program(name), "-D", str(self._data), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd="/", **quiet)  # type: ignore[call-overload]


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    program("initdb")
    # The folders above `tmp_path` are closed to the server's user.
    with tempfile.TemporaryDirectory(prefix="finews-postgres-") as folder:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(OWNER).pw_uid, -1)
        made = Cluster(Path(folder), free_port())
        made.start()
        yield made
        if made.runs:
            made.stop()


def wait_for_a_connection(port: int) -> None:
    """Stand where the server stood, until somebody has asked for it in vain."""
    with closing(socket.create_server(("127.0.0.1", port))) as server:
        asked, _ = server.accept()
        asked.close()


def count_at(url: str) -> int:
    """How many articles are stored."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM article")).scalar_one())


def wait_for_articles(url: str) -> int:
    """The crawl has stored something; its schema was made before its first request."""
    while not (found := count_at(url)):
        time.sleep(0.02)
    return found


def facts(engine: Engine) -> tuple[list[Any], list[Any], set[Any]]:
    """What two crawls of one site agree on; in which order pages arrive is for the network."""
    found = state(engine)
    assert len(set(found.feed)) == len({seq for seq, *_ in found.feed}) == len(found.feed)
    made = {(identity, number) for _, identity, number, kind in found.feed if kind != "story"}
    return found.articles, found.revisions, made


@pytest.fixture(scope="module")
def site(served: Callable[[Path], str]) -> str:
    return served(sample_site_root())


@pytest.fixture(scope="module")
def undisturbed(site: str, new_crawler: Callable[[], "Crawler"]) -> Any:
    crawler = new_crawler()
    assert crawler.run("category", "-a", f"site={site}").exit_code == 0
    with opened(f"sqlite:///{crawler.database}") as engine:
        return facts(engine)


Begin = Callable[..., tuple[Program, Gate]]


@pytest.fixture
def begin(crawler: "Crawler", gated: Callable[[Gate], str]) -> Iterator[Begin]:
    """Begin a crawl that waits at the gate with some of its articles stored."""
    gate, begun = Gate(BEFORE_THE_GATE), list[Program]()
    crawler.environment["FINEWS_UNSENT_FOLDER"] = str(crawler.folder / "unsent")

    def start(url: str, patience: float) -> tuple[Program, Gate]:
        crawler.environment["FINEWS_DATABASE_URL"] = url
        waits = ("-s", f"FINEWS_DATABASE_PATIENCE_SECONDS={patience}")
        process = crawler.started("category", "-a", f"site={gated(gate)}", *SMALL, *waits)
        begun.append(process)
        gate.reached.wait()
        assert wait_for_articles(url) < BEFORE_THE_GATE
        return process, gate

    yield start
    gate.opened.set()
    for process in begun:
        if process.returncode is None:
            process.kill()
            process.communicate()


def verdicts(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith("finews: ")]


def kept(crawler: "Crawler") -> int:
    """Batches that wait for the next crawl."""
    return len(list(crawler.folder.glob("unsent/*/*.json")))


def ends_without_its_database(process: Program, crawler: "Crawler") -> str:
    _, told = process.communicate()
    assert process.returncode == 1
    (verdict,) = verdicts(told)
    assert verdict.startswith("finews: category: failed: ")
    assert verdict.endswith(" items could not be written to the database")
    assert kept(crawler) > 0
    return told


def the_next_crawl_completes_it(crawler: "Crawler", site: str, url: str, expected: Any) -> None:
    again = crawler.run("category", "-a", f"site={site}")
    assert again.exit_code == 0
    assert list(crawler.folder.glob("unsent/*/*")) == []
    with opened(url) as engine:
        assert facts(engine) == expected
        assert check(engine) == []


@pytest.mark.postgres
def test_a_server_that_comes_back_costs_a_crawl_nothing(
    begin: Begin, crawler: "Crawler", cluster: Cluster, undisturbed: Any
) -> None:
    process, gate = begin(cluster.url, patience=600)
    cluster.stop()
    gate.opened.set()
    wait_for_a_connection(cluster.port)
    cluster.start()
    _, told = process.communicate()
    assert process.returncode == 0
    assert "ERROR" not in told
    with opened(cluster.url) as engine:
        assert facts(engine) == undisturbed
        assert check(engine) == []
    assert kept(crawler) == 0


@pytest.mark.postgres
def test_without_a_server_a_crawl_keeps_what_it_has_for_the_next(
    begin: Begin, crawler: "Crawler", cluster: Cluster, site: str, undisturbed: Any
) -> None:
    process, gate = begin(cluster.url, patience=1)
    before = count_at(cluster.url)
    cluster.stop()
    gate.opened.set()
    ends_without_its_database(process, crawler)
    cluster.start()
    assert count_at(cluster.url) >= before
    the_next_crawl_completes_it(crawler, site, cluster.url, undisturbed)


# --- a full disk ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk; the other test of a full disk needs none")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, left: int) -> Path:
    """Fill a disk but for some bytes with a file of somebody else's."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(filler, filler.stat().st_size - left)
    return filler


def test_a_full_disk_stops_a_crawl_and_with_space_the_next_completes_it(
    begin: Begin, crawler: "Crawler", small_disk: Path, site: str, undisturbed: Any
) -> None:
    url = f"sqlite:///{small_disk / 'finews.db'}"
    process, gate = begin(url, patience=1)
    before = count_at(url)
    filler = fill(small_disk, left=128 * 1024)
    gate.opened.set()
    told = ends_without_its_database(process, crawler)
    assert "ERROR: the database cannot be written: database or disk is full; " in told
    still = crawler.run("category", "-a", f"site={site}")
    expected = "finews: the database cannot be written: database or disk is full\n"
    assert (still.exit_code, still.told) == (2, expected)
    filler.unlink()
    assert count_at(url) >= before
    the_next_crawl_completes_it(crawler, site, url, undisturbed)


def may_not_grow(process: Program, database: Path) -> None:
    """A limit of the process needs no rights. Python ignores the signal that comes with it."""
    limits = (database.stat().st_size, resource.RLIM_INFINITY)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)


def test_a_file_that_may_not_grow_stops_a_crawl_as_a_full_disk_does(
    begin: Begin, crawler: "Crawler", site: str, undisturbed: Any
) -> None:
    url = f"sqlite:///{crawler.database}"
    process, gate = begin(url, patience=1)
    before = count_at(url)
    may_not_grow(process, crawler.database)
    gate.opened.set()
    told = ends_without_its_database(process, crawler)
    assert "ERROR: the database cannot be written: disk I/O error; " in told
    assert count_at(url) >= before
    with opened(url) as engine:
        assert check(engine) == []
    the_next_crawl_completes_it(crawler, site, url, undisturbed)


def test_a_lost_database_is_told_without_a_traceback(begin: Begin, crawler: "Crawler") -> None:
    process, gate = begin(f"sqlite:///{crawler.database}", patience=0)
    may_not_grow(process, crawler.database)
    gate.opened.set()
    assert "Traceback" not in ends_without_its_database(process, crawler)
