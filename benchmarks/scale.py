"""What a million articles cost: how fast more are stored, and how long readers wait.

`make bench-scale`, or `python -m benchmarks.scale --articles 1000000`. Its databases are kept in
data/var/bench/ and, as finews_bench_scale, on the PostgreSQL server; what a run before has stored
is used again. What each figure means: docs/benchmarks.md.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from sqlalchemy import Engine

from benchmarks.databases import (
    bench_folder,
    drop_postgres,
    has_postgres,
    keep_postgres,
    server_url,
    sqlite_url,
)
from benchmarks.prefill import BATCH, seen_at, stored
from benchmarks.reader_queries import Latency, latencies
from benchmarks.synthetic import FIRST, articles
from pipelines.store.engine import open_engine, shown_url
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer

SHORT_NAMES = {"sqlite": "sqlite", "postgresql": "pg"}
SHARES = {"small": 100, "middle": 10, "large": 1}
"""The databases of an engine: by which the number of articles is divided."""
BYTES_OF_ARTICLE = {"sqlite": 16_000, "postgresql": 18_000}
"""On disk, with indexes and log."""
WARMING = 1
"""Batches that are not counted."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is found out about an engine."""

    articles: Mapping[str, int]
    """By the name of the database."""
    rates: Mapping[str, float]
    """Articles a second that the writer stores, by the name of the database."""
    latencies: Mapping[str, Latency]
    """In the large database."""

    @property
    def keep(self) -> float:
        """Which part of the small database's speed is left in the large one."""
        return self.rates["large"] / self.rates["small"]

    @property
    def worst_p95(self) -> float:
        """Of the query that waits longest, in milliseconds."""
        return max(one.p95 for one in self.latencies.values())


# --- the databases ---------------------------------------------------------------------------


def urls(engine: str, name: str) -> dict[str, str]:
    """The kept databases of an engine, made when they are missing; the large one has the name."""
    names = {size: name if size == "large" else f"{name}_{size}" for size in SHARES}
    if engine == "sqlite":
        return {size: sqlite_url(bench_folder() / f"{one}.db") for size, one in names.items()}
    return {size: keep_postgres(f"finews_bench_{one}") for size, one in names.items()}


def drop(engine: str, name: str) -> None:
    """Throw the kept databases of an engine away."""
    for size in SHARES:
        one = name if size == "large" else f"{name}_{size}"
        if engine == "sqlite":
            for file in bench_folder().glob(f"{one}.db*"):
                file.unlink()
        else:
            drop_postgres(f"finews_bench_{one}")


def affordable(count: int, engines: Sequence[str]) -> int:
    """As many articles as the disk has room for; half of what is free stays free."""
    each = sum(BYTES_OF_ARTICLE[engine] for engine in engines)
    room = shutil.disk_usage(bench_folder()).free // 2 // each
    if room < count:
        print(f"the disk has room for {room:,} articles instead of {count:,}")
    return min(count, room)


def fill_all(places: Mapping[str, Mapping[str, str]], count: int) -> None:
    """Bring all databases to their sizes, each engine's in a process of its own.

    Raises:
        CalledProcessError: a database could not be filled.
    """
    running = []
    for found in places.values():
        sizes = [f"{found[size]}={max(count // share, 1)}" for size, share in SHARES.items()]
        running.append(subprocess.Popen([sys.executable, "-m", "benchmarks.prefill", *sizes]))
    for process in running:
        process.wait()
    for process in running:
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)


# --- measuring -------------------------------------------------------------------------------


def _seconds(engine: Engine, run: int, first: int) -> float:
    items = list(articles(BATCH, first))
    # As the others in it, these come when they are news.
    writer = Writer(engine, run, timedelta(days=1), now=lambda: seen_at(first))
    start = time.perf_counter()
    writer.write(items)
    return time.perf_counter() - start


def write_rates(engines: Mapping[str, Engine], further: int) -> dict[str, float]:
    """How fast the writer stores further articles; the databases take turns, batch by batch."""
    runs = {size: start_run(one, "archive", {}, FIRST) for size, one in engines.items()}
    firsts = {size: stored(one) for size, one in engines.items()}
    seconds: dict[str, list[float]] = {size: [] for size in engines}
    for _ in range(WARMING + max(further // BATCH, 1)):
        for size, engine in engines.items():
            seconds[size].append(_seconds(engine, runs[size], firsts[size]))
            firsts[size] += BATCH
    return {size: BATCH / median(found[WARMING:]) for size, found in seconds.items()}


def measured(places: Mapping[str, str], further: int, arguments: int) -> Measured:
    """Measure an engine on its databases, given by size."""
    engines = {size: open_engine(url) for size, url in places.items()}
    try:
        counts = {size: stored(engine) for size, engine in engines.items()}
        found = latencies(engines["large"], arguments, counts["large"])
        return Measured(counts, write_rates(engines, further), found)
    finally:
        for engine in engines.values():
            engine.dispose()


def show(name: str, found: Measured) -> None:
    """Print an engine's tables."""
    for size, count in found.articles.items():
        print(f"{name:<11}{count:>10,} articles: {found.rates[size]:>7,.0f} more a second")
    for query, one in found.latencies.items():
        print(
            f"{name:<11}{query:<20} median {one.median:>7.1f} ms   p95 {one.p95:>7.1f} ms   "
            f"most {one.most:>7.1f} ms   {one.rows:>5.0f} rows",
            flush=True,
        )


def result_line(found: Mapping[str, Measured]) -> str:
    """The line that programs read."""
    short = {SHORT_NAMES[name]: one for name, one in found.items()}
    waits = [f"{name}_p95_ms={one.worst_p95:.1f}" for name, one in short.items()]
    kept = [f"{name}_keep={one.keep:.2f}" for name, one in short.items()]
    return " ".join(["RESULT", *waits, *kept])


def engines_here(chosen: str | None) -> list[str]:
    """The engines that can be measured; says which cannot."""
    if chosen is not None:
        return [chosen]
    if has_postgres():
        return ["sqlite", "postgresql"]
    print(f"no PostgreSQL at {shown_url(server_url())}: its figures are left out")
    return ["sqlite"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--further", type=int, default=2_000, help="articles for the writer")
    parser.add_argument("--arguments", type=int, default=100, help="of each query")
    parser.add_argument("--name", default="scale", help="of the databases")
    parser.add_argument("--engine", choices=list(SHORT_NAMES), help="one of them alone")
    parser.add_argument("--kept", action="store_true", help="the databases as they are")
    parser.add_argument("--fresh", action="store_true", help="throw kept databases away before")
    return parser.parse_args()


def main() -> None:
    """Fill, measure and print."""
    chosen = _arguments()
    engines = engines_here(chosen.engine)
    if chosen.fresh:
        for engine in engines:
            drop(engine, chosen.name)
    places = {engine: urls(engine, chosen.name) for engine in engines}
    if not chosen.kept:
        fill_all(places, affordable(chosen.articles, engines))
    found = {}
    for engine, databases in places.items():
        found[engine] = measured(databases, chosen.further, chosen.arguments)
        show(engine, found[engine])
    print(result_line(found))


if __name__ == "__main__":
    main()
