"""Workers whose database is away, workers that are cut off from it, and jobs that are due."""

import re
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url

from pipelines.store.engine import open_engine
from tests.end_to_end import test_drill_crawl as drill
from tests.end_to_end import test_workers as workers
from tests.end_to_end.cut_line import line_to
from tests.end_to_end.scheduling import eventually
from tests.end_to_end.test_drill_crawl import Cluster
from tests.end_to_end.test_workers import queue_all, stored
from tests.end_to_end.watched_site import WatchedSite, job_of
from tests.end_to_end.working import Yard, children_of, is_alive

pytestmark = pytest.mark.postgres
cluster = drill.cluster
site, yard = workers.site, workers.yard
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@on_postgres
def test_a_worker_that_is_cut_off_ends_its_crawl_before_another_begins(
    yard: Yard, site: WatchedSite
) -> None:
    site.held = {"ka"}
    queue_all(yard, site)
    known = make_url(yard.url)
    with line_to("127.0.0.1", known.port or 5432) as line:
        through = known.set(port=line.port).render_as_string(hide_password=False)
        lonely = yard.worker("--name", "lonely", lease="3s", url=through)
        site.wait_for("/ka/")
        (crawl,) = children_of(lonely.process.pid)
        line.cut()
        lonely.wait_for("This worker was silent for too long")
        eventually(lambda: not is_alive(crawl))
        assert len(site.crawls()) == 1

        other = yard.worker("--name", "other", lease="3s")
        other.wait_for("1 job0 (ka, kb): taken back from lonely@")
        # For the server the lonely one's line still stands, and with it the lock of the site.
        other.wait_for("1 job0 (ka, kb): waits until nobody else reads")
        assert len(site.crawls()) == 1
        line.hang_up()
        site.release()
        eventually(lambda: not yard.open_units())
        line.mend()
        other.kill()

        yard.output("jobs", "add", "job0")
        eventually(lambda: not yard.open_units())
        assert lonely.stop() == 0
    assert "Traceback" not in "\n".join(lonely.lines)
    # The categories are known to be small now: they are one unit.
    assert [one["state"] for one in yard.units()] == ["done"] * 3
    assert stored(yard) == dict.fromkeys(site.codes, 1)
    assert len(site.crawls()) == len(set(site.crawls()))


def test_a_worker_outlives_its_database(
    cluster: Cluster, site: WatchedSite, tmp_path: Path
) -> None:
    open_engine(cluster.url).dispose()
    yard = Yard(tmp_path, cluster.url)
    site.held = {"ka"}
    queue_all(yard, site)
    worker = yard.worker(lease="3s")
    try:
        site.wait_for("/ka/")
        cluster.stop()
        worker.wait_for("The database does not answer:")
        worker.wait_for("This worker was silent for too long")
        site.release()
        cluster.start()
        worker.wait_for("The database answers.")
        eventually(lambda: not yard.open_units())
        assert worker.stop() == 0
    finally:
        yard.end_all()
    assert "Traceback" not in "\n".join(worker.lines)
    assert len([line for line in worker.lines if "does not answer" in line]) == 1
    assert stored(yard) == dict.fromkeys(site.codes, 1)


# --- jobs that are due -----------------------------------------------------------------------


@on_postgres
def test_workers_queue_what_is_due_once(yard: Yard, site: WatchedSite) -> None:
    yard.write(often={**job_of(site, 8, 0), "every": "2s", "overlap": "wait"})
    began = time.monotonic()
    crew = [yard.worker("--jobs", "jobs.toml", "--name", name) for name in ("one", "two")]

    def told() -> list[str]:
        lines = [line for one in crew for line in one.lines]
        return [line for line in lines if re.search(r"often: \d units queued", line)]

    eventually(lambda: len(told()) >= 3)
    moments = (time.monotonic() - began) / 2 + 1
    assert len(told()) <= moments
    # Units that wait are not queued again: two run or wait at most of each.
    assert yard.open_units() <= 4
    (yard.folder / "jobs.toml").write_text("[jobs]", encoding="utf-8")
    crew[0].send(signal.SIGHUP)
    crew[0].wait_for("The jobs stay as they were.")
    yard.write(never=job_of(site, 8, 0))
    for one in crew:
        one.send(signal.SIGHUP)
        one.wait_for("jobs.toml: read again.")
    eventually(lambda: not yard.open_units())
    noted = "SELECT name, last_exit_code, next_at IS NULL FROM job_state"
    eventually(lambda: yard.rows(noted) == [("often", 0, False)])
    assert [one.stop() for one in crew] == [0, 0]
    # On a busy machine a worker may be taken for dead; its unit is called off where a twin waits.
    undone = [one for one in yard.units() if one["state"] != "done"]
    assert {(one["state"], one["last_end"]) for one in undone} <= {("cancelled", "lost")}


@on_postgres
def test_a_run_is_skipped_while_units_of_the_last_are_unfinished(
    yard: Yard, site: WatchedSite
) -> None:
    site.held = {"ka"}
    yard.write(often={**job_of(site, 8, 0), "every": "1s"})
    worker = yard.worker("--jobs", "jobs.toml")
    worker.wait_for("often: 2 units queued; 0 more waited already.")
    worker.wait_for("often: due, but 2 of its units are unfinished; this run is skipped.")
    assert len(yard.units()) == 2
    site.release()
    worker.wait_for("often: all units have ended: ok.")
    assert worker.stop() == 0
