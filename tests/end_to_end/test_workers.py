"""Workers on one PostgreSQL, killed and stopped: units are done, and sites are left in peace."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from random import Random

import pytest

from tests.end_to_end.scheduling import eventually
from tests.end_to_end.watched_site import WatchedSite, job_of, watched
from tests.end_to_end.working import Worker, Yard, children_of, is_alive

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]

CONCURRENCY, DELAY = 8, 0.005
POSTS = 250
KILLS = 9
SEED = 20221128


@pytest.fixture
def yard(database_url: str, tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path, database_url)
    yield made
    made.end_all()


@pytest.fixture
def site() -> Iterator[WatchedSite]:
    """Two units: its first and last two categories."""
    with watched(WatchedSite(["ka", "kb", "kc", "kd"], 5)) as made:
        yield made


def queue_all(yard: Yard, *sites: WatchedSite, delay: float = 0) -> None:
    yard.write(**{f"job{n}": job_of(one, CONCURRENCY, delay) for n, one in enumerate(sites)})
    for number in range(len(sites)):
        yard.output("jobs", "add", f"job{number}")


def stored(yard: Yard) -> Counter[str]:
    """The codes in the database, and how often each is there."""
    return Counter(code for (code,) in yard.rows("SELECT code FROM article"))


# --- the drill -------------------------------------------------------------------------------


def busy(workers: list[Worker]) -> list[Worker]:
    return [one for one in workers if children_of(one.process.pid)]


def wait_for_visits(yard: Yard, sites: list[WatchedSite], count: int) -> None:
    eventually(lambda: sum(len(one.visits) for one in sites) >= count or not yard.open_units())


def drill(yard: Yard, sites: list[WatchedSite]) -> None:
    """Keep three workers; after every so many requests one is killed, and another begins."""
    dice = Random(SEED)
    workers = [yard.worker("--name", f"w{number}", lease="3s") for number in range(3)]
    at = 0
    for kill in range(KILLS):
        at += dice.randrange(150, 800)
        wait_for_visits(yard, sites, at)
        # Every other time one that has a crawl: the third of three has none to do.
        chosen = busy(workers) if kill % 2 else workers
        victim = dice.choice(chosen or workers)
        crawls = children_of(victim.process.pid)
        victim.kill()
        eventually(lambda: not any(map(is_alive, crawls)))  # noqa: B023 - asked here
        workers[workers.index(victim)] = yard.worker("--name", f"k{kill}", lease="3s")
    eventually(lambda: not yard.open_units())
    assert [one.stop() for one in workers] == [0, 0, 0]


def check_peace(site: WatchedSite) -> None:
    """One crawl at a time, and each as slow as it was told to be."""
    assert [one for one in site.visits if one.strangers] == []
    assert max(one.beside for one in site.visits) < CONCURRENCY
    assert [name for name, times in Counter(site.crawls()).items() if times > 1] == []
    for _, group in groupby(site.visits, key=lambda one: one.crawl):
        visits = list(group)
        # Requests that were sent one by one may come in a bunch, but no larger than what may be
        # under way at a time.
        took = visits[-1].at - visits[0].at
        assert len(visits) - 1 <= took / DELAY + CONCURRENCY


def test_workers_that_are_killed_lose_nothing_and_disturb_nobody(yard: Yard) -> None:
    names = [f"k{letter}" for letter in "abcdefghijklmnopqrst"]
    with ExitStack() as stack:
        sites = [
            stack.enter_context(watched(WatchedSite(chosen, POSTS, first)))
            for chosen, first in ((names[:12], 0), (names[12:], 12 * POSTS))
        ]
        queue_all(yard, *sites, delay=DELAY)
        drill(yard, sites)
    codes = sites[0].codes | sites[1].codes
    assert len(codes) == 5000
    assert stored(yard) == dict.fromkeys(codes, 1)
    assert yard.rows("SELECT count(*) FROM article_revision") == [(5000,)]
    units = yard.units()
    assert [one["state"] for one in units] == ["done"] * 10
    assert sum(one["tries"] for one in units) > len(units)
    assert {one["failures"] for one in units} == {0}
    for one in sites:
        check_peace(one)


# --- one worker ------------------------------------------------------------------------------


def test_a_worker_that_is_told_to_stop_gives_its_unit_back(yard: Yard, site: WatchedSite) -> None:
    site.held = {"ka"}
    queue_all(yard, site)
    worker = yard.worker()
    site.wait_for("/ka/")
    worker.send(signal.SIGTERM)
    worker.wait_for("told to end.")
    site.release()
    assert worker.ended() == 0
    assert worker.wait_for("given back to the queue.").count("1 job0 (ka, kb): ") == 1
    first, second = yard.units()
    assert (first["state"], first["tries"], first["failures"]) == ("waiting", 1, 0)
    assert (first["last_end"], second["tries"]) == ("given_back", 0)

    other = yard.worker()
    eventually(lambda: not yard.open_units())
    assert other.stop() == 0
    assert stored(yard) == dict.fromkeys(site.codes, 1)


def test_a_unit_is_called_off(yard: Yard, site: WatchedSite) -> None:
    site.held = {"ka"}
    queue_all(yard, site)
    worker = yard.worker()
    site.wait_for("/ka/")
    assert yard.output("jobs", "cancel", "1", "2").splitlines() == [
        "Unit 1: called off.",
        "Unit 2: called off.",
    ]
    worker.wait_for("1 job0 (ka, kb): told to end.")
    site.release()
    eventually(lambda: not yard.open_units())
    assert yard.states() == {1: "cancelled", 2: "cancelled"}
    yard.output("jobs", "retry", "1")
    eventually(lambda: yard.states()[1] == "done")
    assert worker.stop() == 0


# --- a worker that is away for a while -------------------------------------------------------


def test_a_paused_worker_reads_no_site_beside_another(yard: Yard, site: WatchedSite) -> None:
    """Its crawl goes on while it sleeps; the lock of the site keeps the other away."""
    site.held = {"ka"}
    queue_all(yard, site)
    paused = yard.worker("--name", "paused", lease="3s")
    site.wait_for("/ka/")
    (crawl,) = children_of(paused.process.pid)
    paused.send(signal.SIGSTOP)
    other = yard.worker("--name", "other", lease="3s")
    other.wait_for("1 job0 (ka, kb): taken back from paused@")
    other.wait_for("1 job0 (ka, kb): waits until nobody else reads 127.0.0.1:")
    assert (is_alive(crawl), len(site.crawls())) == (True, 1)

    paused.send(signal.SIGCONT)
    paused.wait_for("This worker was silent for too long")
    eventually(lambda: not is_alive(crawl))
    site.release()
    eventually(lambda: not yard.open_units())
    assert [one.stop() for one in (paused, other)] == [0, 0]
    assert [one["last_end"] for one in yard.units()] == ["done", "done"]
    assert stored(yard) == dict.fromkeys(site.codes, 1)
    assert len(site.crawls()) == len(set(site.crawls()))
