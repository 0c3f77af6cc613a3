"""`finews jobs …` and `finews worker` as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from finews.queue import commands
from finews.queue.commands import jobs, worker
from finews.queue.store import UnitStore
from finews_crawler.errors import ConfigurationError
from tests.finews.queue.conftest import Line, begin_worker, fetch, on_postgres
from tests.finews.queue.making import a_unit

Finews = Callable[..., Result]
postgres = pytest.mark.postgres
SITE = "site=http://127.0.0.1:8000"


@pytest.fixture
def finews(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Finews:
    monkeypatch.setenv("FINEWS_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    main = click.Group("finews", {"jobs": jobs, "worker": worker})

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return run


def end(line: Line, number: int, status: str) -> None:
    line.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, number])


# --- making and adding -----------------------------------------------------------------------


@postgres
@on_postgres
def test_a_queue_is_made(finews: Finews, database_url: str) -> None:
    assert finews("jobs", "init").output == f"{database_url}: the queue is made.\n"
    assert finews("jobs", "init").output == f"{database_url}: the queue is there already.\n"


@postgres
@on_postgres
def test_a_job_of_the_file_is_added(finews: Finews, tmp_path: Path, queue: UnitStore) -> None:
    path = tmp_path / "jobs.toml"
    path.write_text(
        '[jobs.mirror]\nspider = "live"\narguments = { columns = "350,351" }\n', encoding="utf-8"
    )
    done = finews("jobs", "add", "mirror", "--jobs", str(path))
    assert (done.exit_code, done.output) == (0, "mirror: 2 units queued; 0 more waited already.\n")
    again = finews("jobs", "add", "mirror", "--jobs", str(path))
    assert again.output == "mirror: 0 units queued; 2 more waited already.\n"
    assert queue.unfinished("mirror") == 2


@postgres
@on_postgres
def test_a_spider_is_added(finews: Finews, queue: UnitStore) -> None:
    done = finews("jobs", "add", "--spider", "category", "-a", SITE, "-a", "categories=a,b")
    assert done.output == "category: 1 units queued; 0 more waited already.\n"
    (row,) = queue.rows(["todo"], 10)
    assert (row["args"]["job"], row["args"]["part"]) == (None, "a, b")
    assert row["args"]["arguments"] == {"site": SITE[5:], "categories": "a,b"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "finews: name a job of the jobs file, or --spider with its arguments"),
        (["mirror", "--spider", "live"], "finews: name a job of the jobs file, or --spider"),
        (["mirror", "-a", "x=1"], "finews: -a goes with --spider; the arguments of a job"),
        (["mirror", "--jobs", "/nowhere"], "finews: /nowhere: No such file"),
        (["--spider", "gone"], "finews: no spider gone; known: archive, category"),
        (["--spider", "live", "-a", "x"], "x: must be NAME=VALUE"),
        (["--spider", "live", "-a", "=x"], "must be NAME=VALUE"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_added(finews: Finews, words: list[str], told: str) -> None:
    done = finews("jobs", "add", *words)
    assert (done.exit_code, told in done.output) == (2, True), done.output


@postgres
@on_postgres
def test_a_fault_in_the_arguments_queues_nothing(finews: Finews) -> None:
    done = finews("jobs", "add", "--spider", "live", "-a", "columns=x")
    assert (done.exit_code, "live: columns: 'x' is no column" in done.output) == (2, True)
    assert "waiting 0" in finews("jobs", "list").output


@pytest.mark.parametrize(
    "words", [["jobs", "init"], ["jobs", "list"], ["jobs", "cancel", "1"], ["worker"]], ids=" ".join
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_has_no_queue(finews: Finews, words: list[str]) -> None:
    done = finews(*words)
    assert done.exit_code == 2
    assert done.output.startswith("finews: workers need PostgreSQL, and sqlite:///")
    assert done.output.count("\n") == 1


@postgres
@on_postgres
def test_a_queue_that_was_not_made_is_told(finews: Finews, database_url: str) -> None:
    done = finews("jobs", "list")
    assert done.output == f"finews: {database_url} has no queue: finews jobs init\n"


# --- looking ---------------------------------------------------------------------------------


@postgres
@on_postgres
def test_what_is_open_is_listed(finews: Finews, queue: UnitStore, line: Line) -> None:
    queue.add([a_unit(number, site=f"s{number}") for number in range(1, 5)])
    worker_id = begin_worker(line, "w")
    assert [fetch(line, worker_id) for _ in range(3)] == [1, 2, 3]
    end(line, 1, "succeeded")
    end(line, 2, "failed")
    found = [json.loads(one) for one in finews("jobs", "list", "--json").output.splitlines()]
    assert [(one["id"], one["state"], one["worker"]) for one in found] == [
        (4, "waiting", None),
        (3, "running", "w@here"),
        (2, "failed", None),
    ]
    assert found[0]["arguments"] == {"categories": "k4"}
    shown = finews("jobs", "list", "--status", "done").output
    assert "k1" in shown
    assert "waiting 1  running 1  done 1  failed 1  called off 0" in shown
    some = finews("jobs", "list", "--json", "--limit", "1", "--status", "done").output
    assert json.loads(some)["id"] == 1


@postgres
@on_postgres
def test_a_silent_worker_is_seen(finews: Finews, queue: UnitStore, line: Line) -> None:
    queue.add([a_unit()])
    fetch(line, begin_worker(line, silent_for=30))
    states = [
        json.loads(finews("jobs", "list", "--json", "--lease", lease).output)["state"]
        for lease in ("20s", "60s")
    ]
    assert states == ["silent", "running"]


@postgres
@on_postgres
def test_an_empty_queue(finews: Finews, queue: UnitStore) -> None:
    assert queue.counts() == {}
    assert finews("jobs", "list").output.startswith("No such units.\nwaiting 0  ")


# --- changing --------------------------------------------------------------------------------


@postgres
@on_postgres
def test_what_failed_is_queued_again(finews: Finews, queue: UnitStore, line: Line) -> None:
    queue.add([a_unit(number) for number in range(3)])
    end(line, 1, "failed")
    end(line, 3, "failed")
    done = finews("jobs", "retry", "--failed")
    assert (done.exit_code, done.output) == (0, "Unit 1: queued again.\nUnit 3: queued again.\n")
    assert finews("jobs", "retry", "--failed").output == "No unit has failed.\n"
    end(line, 1, "failed")
    queue.add([a_unit(0)])
    told = "Unit 1: cannot be queued again: the same unit waits already.\n"
    assert finews("jobs", "retry", "1").output == told


@postgres
@on_postgres
def test_what_cannot_be_queued_again_is_told(finews: Finews, queue: UnitStore) -> None:
    queue.add([a_unit()])
    done = finews("jobs", "retry", "1", "7")
    assert (done.exit_code, done.output.splitlines()) == (
        1,
        [
            "Unit 1: cannot be queued again: it is waiting.",
            "Unit 7: cannot be queued again: there is none.",
        ],
    )


@pytest.mark.parametrize("words", [[], ["1", "--failed"]], ids=" ".join)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_retry_of_nothing_or_of_both(finews: Finews, words: list[str]) -> None:
    done = finews("jobs", "retry", *words)
    told = "finews: name units by their numbers, or give --failed\n"
    assert (done.exit_code, done.output) == (2, told)


@postgres
@on_postgres
def test_units_are_called_off(finews: Finews, queue: UnitStore) -> None:
    queue.add([a_unit()])
    assert finews("jobs", "cancel", "1").output == "Unit 1: called off.\n"
    done = finews("jobs", "cancel", "1")
    assert done.exit_code == 1
    assert done.output == "Unit 1: cannot be called off: it is called off.\n"


# --- workers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--lease", "1s"], "finews: --lease: 2s is the shortest"),
        (["--lease", "soon"], "'soon' is no span of time"),
        (["--concurrency", "0"], "0 is not in the range"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_that_cannot_begin(finews: Finews, words: list[str], told: str) -> None:
    done = finews("worker", *words)
    assert (done.exit_code, told in done.output) == (2, True), done.output


@postgres
@on_postgres
def test_a_worker_with_a_faulty_file_does_not_begin(finews: Finews, tmp_path: Path) -> None:
    done = finews("worker", "--jobs", str(tmp_path / "gone.toml"))
    assert (done.exit_code, "gone.toml: No such file" in done.output) == (2, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_extra_is_asked_for_when_it_is_needed(
    finews: Finews, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ConfigurationError("workers need procrastinate: install finews[workers]")

    monkeypatch.setattr(commands, "check_installed", missing)
    done = finews("jobs", "list")
    told = "finews: workers need procrastinate: install finews[workers]\n"
    assert (done.exit_code, done.output) == (2, told)
