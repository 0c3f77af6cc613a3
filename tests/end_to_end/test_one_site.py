"""One site, one crawl at a time: jobs, the scheduler and workers wait for one another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Crawler
from tests.end_to_end.scheduling import Machine, eventually
from tests.end_to_end.watched_site import WatchedSite, job_of, watched
from tests.end_to_end.working import Yard

CONCURRENCY = 8


@pytest.fixture
def site() -> Iterator[WatchedSite]:
    with watched(WatchedSite(["ka", "kb"], 5)) as made:
        yield made


@pytest.fixture
def machine(database_url: str, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, database_url)
    yield made
    made.end_all()


def check_peace(site: WatchedSite, crawls: int) -> None:
    """So many crawls, none beside another."""
    assert [one for one in site.visits if one.strangers] == []
    assert len(site.crawls()) == len(set(site.crawls())) == crawls


def test_two_jobs_of_one_site(machine: Machine, site: WatchedSite) -> None:
    site.held = {"ka"}
    machine.write(first=job_of(site, CONCURRENCY, 0), second=job_of(site, CONCURRENCY, 0))
    first = machine.start("jobs", "run", "first")
    site.wait_for("/ka/")
    second = machine.start("jobs", "run", "second")
    second.wait_for("finews: second: waits until nobody else reads 127.0.0.1:")
    eventually(lambda: "second" in machine.states())
    assert machine.states()["second"]["outcome"] == "running"
    site.release()
    assert (first.ended(), second.ended()) == (0, 0)
    assert machine.runs() == [("first", "finished", "ok"), ("second", "finished", "ok")]
    check_peace(site, 2)


def test_jobs_of_a_scheduler_that_are_due_at_once_all_run(
    machine: Machine, site: WatchedSite
) -> None:
    """Were one that finds its site taken skipped, it might never run."""
    one = {**job_of(site, CONCURRENCY, 0), "every": "1h"}
    machine.write(first=one, second=one, third=one)
    daemon = machine.start("schedule")
    for name in ("first", "second", "third"):
        daemon.wait_for(f"{name}: ok after")
    assert daemon.stop() == 0
    check_peace(site, 3)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_job_and_a_worker(database_url: str, tmp_path: Path, site: WatchedSite) -> None:
    yard = Yard(tmp_path, database_url)
    yard.write(mirror=job_of(site, CONCURRENCY, 0))
    try:
        site.held = {"ka"}
        yard.output("jobs", "add", "mirror")
        worker = yard.worker()
        site.wait_for("/ka/")
        job = yard.start("jobs", "run", "mirror")
        job.wait_for("mirror: waits until nobody else reads 127.0.0.1:")
        site.release()
        assert job.ended() == 0

        site.held = {"ka"}
        yard.write(mirror={**job_of(site, CONCURRENCY, 0), "arguments": all_of(site)})
        job = yard.start("jobs", "run", "mirror")
        site.wait_for("/ka/", 6)
        yard.output("jobs", "add", "mirror")
        worker.wait_for("waits until nobody else reads 127.0.0.1:")
        site.release()
        assert job.ended() == 0
        eventually(lambda: not yard.open_units())
        assert worker.stop() == 0
    finally:
        yard.end_all()
    assert {one["state"] for one in yard.units()} == {"done"}
    check_peace(site, 4)


def all_of(site: WatchedSite) -> dict[str, object]:
    """What reads known articles again, too."""
    return {"site": site.url, "categories": list(site.categories), "refresh": "all"}


def test_a_crawl_by_hand_is_told_and_goes_on(
    crawler: Crawler, site: WatchedSite, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, f"sqlite:///{crawler.database}")
    crawler.environment["FINEWS_LANGUAGE"] = "en"
    site.held = {"ka"}
    machine.write(mirror=job_of(site, CONCURRENCY, 0))
    try:
        job = machine.start("jobs", "run", "mirror")
        site.wait_for("/ka/")
        crawl = crawler.run("category", "-a", f"site={site.url}", "-a", "categories=kb")
        assert crawl.exit_code == 0
        host = site.url.removeprefix("http://")
        told = f"finews: category: a job or a worker reads {host} at this moment; "
        assert len([line for line in crawl.told.splitlines() if line.startswith(told)]) == 1
        site.release()
        assert job.ended() == 0
        assert "reads" not in "\n".join(job.lines)
    finally:
        machine.end_all()
