"""What readers ask of a large database, by name, each with many arguments."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from statistics import median, quantiles

from sqlalchemy import Engine

from benchmarks.prefill import seen_at
from benchmarks.synthetic import published_at, world
from pipelines.store.queries import Filter, articles, changes, search

LIMIT = 50
FEED_LIMIT = 200

Ask = Callable[[Engine], Sequence[object]]
"""One query with its arguments; gives what it finds."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a query took, in milliseconds."""

    median: float
    p95: float
    most: float
    rows: float
    """What it found; mean over the arguments."""


def _listing(wanted: Filter) -> Ask:
    return lambda engine: articles(engine, LIMIT, wanted)


def _newest(_: Random, __: int) -> Ask:
    return _listing(Filter())


def _by_symbol(random: Random, _: int) -> Ask:
    return _listing(Filter(symbols=(random.choice(world().securities).symbol,)))


def _by_source_and_day(random: Random, count: int) -> Ask:
    day = published_at(random.randrange(count)).replace(hour=0, minute=0, second=0)
    source = random.choice(world().sources)
    return _listing(
        Filter(sources=(source,), published_from=day, published_to=day + timedelta(days=1))
    )


def _words(random: Random, _: int) -> Ask:
    """A word, as often a common as a rare one, or two of them."""
    known = world().words
    chosen = [
        known[int(len(known) ** random.random()) - 1] for _ in range(random.choice([1, 1, 2]))
    ]
    return lambda engine: search(engine, " ".join(chosen), LIMIT)


def _as_of(random: Random, count: int) -> Ask:
    """What a reader of that moment had as the newest."""
    moment = seen_at(random.randrange(count))
    return _listing(Filter(as_of=moment))


def _change_feed(random: Random, count: int) -> Ask:
    return partial(changes, after=random.randrange(count), limit=FEED_LIMIT)


QUERIES: Mapping[str, Callable[[Random, int], Ask]] = {
    "newest": _newest,
    "by_symbol": _by_symbol,
    "by_source_and_day": _by_source_and_day,
    "words": _words,
    "as_of": _as_of,
    "change_feed": _change_feed,
}


def asks(name: str, arguments: int, count: int) -> list[Ask]:
    """A query with so many arguments, for a database of so many articles; always the same."""
    random = Random(name)  # noqa: S311 - the same arguments in every run
    return [QUERIES[name](random, count) for _ in range(arguments)]


def latency(engine: Engine, warming: Sequence[Ask], measured: Sequence[Ask]) -> Latency:
    """Ask one after the other, first what warms the caches."""
    for ask in warming:
        ask(engine)
    found, rows = [], 0
    for ask in measured:
        start = time.perf_counter()
        rows += len(ask(engine))
        found.append((time.perf_counter() - start) * 1000)
    p95 = quantiles(found, n=20, method="inclusive")[-1]
    return Latency(median(found), p95, max(found), rows / len(measured))


def latencies(engine: Engine, arguments: int, count: int) -> dict[str, Latency]:
    """Every query's, each with so many arguments after as many that warm."""
    found = {}
    for name in QUERIES:
        every = asks(name, 2 * arguments, count)
        found[name] = latency(engine, every[:arguments], every[arguments:])
    return found
