"""How fast the database takes articles, beside plain inserts of the same rows and the peers' way.

`make bench-store`, or `python -m benchmarks.store --articles 2000 --rounds 3`. The ways take turns,
so that all see the same machine; the figures are medians. What each means: docs/benchmarks.md.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.databases import (
    Databases,
    bench_folder,
    has_postgres,
    postgres_databases,
    server_url,
    sqlite_databases,
)
from benchmarks.loads import (
    Finished,
    load_like_peers,
    load_plainly,
    noted,
    read_back,
    revised,
    write,
)
from benchmarks.synthetic import articles
from finews_crawler.items import Article
from pipelines.store.engine import open_engine, shown_url

PEER_ARTICLES = 500
"""More of them only takes longer: a commit for each costs the same."""
SHORT_NAMES = {"sqlite": "sqlite", "postgresql": "pg"}


@dataclass(frozen=True, slots=True)
class Round:
    """Articles a second of each way."""

    first: float
    repeat: float
    revised: float
    plain: float
    peers: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rounds of an engine say: medians of the ratios within each."""

    first: float
    """First load by plain load."""
    repeat: float
    """Unchanged repeat by first load."""
    vs_peer: float
    """First load by the peers'."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The most memory that a process had taken, in MiB, after so many articles."""

    articles: int
    before: float
    after: float
    """After four times as many."""


def one_round(databases: Databases, items: Sequence[Article], peers: int) -> Round:
    """Load by each way, each into a database of its own.

    Raises:
        RuntimeError: an article was not stored as it should be.
    """
    finished = Finished()
    changed = revised(items)
    with databases.fresh() as url:
        engine = open_engine(url)
        with noted(engine, finished):
            first = _write(engine, items, new=len(items))
        read_back(engine, len(items), finished)
        repeat = _write(engine, items, unchanged=len(items))
        edits = sum(one is not two for one, two in zip(items, changed, strict=True))
        again = _write(engine, changed, revised=edits, unchanged=len(items) - edits)
        engine.dispose()
    with databases.fresh() as url:
        plain = load_plainly(url, finished, len(items))
    with databases.fresh() as url:
        peer = load_like_peers(url, finished, peers)
    return Round(first, repeat, again, plain, peer)


def _write(engine: object, items: Sequence[Article], **wanted: int) -> float:
    rate, counts = write(engine, items)  # type: ignore[arg-type]
    if counts != wanted:
        raise RuntimeError(f"outcomes {counts} instead of {wanted}")
    return rate


def figures(rounds: Sequence[Round]) -> Figures:
    """The ratios, each the median of those of the rounds."""
    return Figures(
        first=median(one.first / one.plain for one in rounds),
        repeat=median(one.repeat / one.first for one in rounds),
        vs_peer=median(one.first / one.peers for one in rounds),
    )


def memory(databases: Databases, count: int) -> Memory:
    """Let a process of its own write so many articles, then three times as many more."""
    with databases.fresh() as url:
        command = [sys.executable, "-m", "benchmarks.one_load", url, str(count)]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    before, after = json.loads(answer.stdout)
    return Memory(count, before, after)


def show(name: str, rounds: Sequence[Round], used: Memory) -> None:
    """Print an engine's rows of the table."""
    ways = {
        "finews, first load": [one.first for one in rounds],
        "finews, unchanged repeat": [one.repeat for one in rounds],
        "finews, 1 % revised": [one.revised for one in rounds],
        "plain inserts of the same rows": [one.plain for one in rounds],
        "peers: a commit per article": [one.peers for one in rounds],
    }
    for way, rates in ways.items():
        print(f"{name:<11}{way:<32}{median(rates):>9,.0f} articles/s", flush=True)
    print(
        f"{name:<11}{'peak memory':<32}{used.before:>9.1f} MiB after {used.articles:,} articles, "
        f"{used.after:.1f} MiB after {4 * used.articles:,} ({used.after - used.before:+.1f})"
    )


def result_line(found: dict[str, Figures]) -> str:
    """The line that programs read."""
    words = [
        f"{SHORT_NAMES[name]}_first={one.first:.2f} {SHORT_NAMES[name]}_repeat={one.repeat:.2f} "
        f"{SHORT_NAMES[name]}_vs_peer={one.vs_peer:.2f}"
        for name, one in found.items()
    ]
    return " ".join(["RESULT", *words])


def _all_databases(stack: ExitStack, folder: Path) -> list[Databases]:
    found = [stack.enter_context(sqlite_databases(folder))]
    if has_postgres():
        found.append(stack.enter_context(postgres_databases()))
    else:
        print(f"no PostgreSQL at {shown_url(server_url())}: its figures are left out")
    return found


def measured(count: int, rounds: int) -> dict[str, Figures]:
    """Measure on every engine that there is, in turn, and print the tables."""
    items = list(articles(count))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=bench_folder())))
        engines = _all_databases(stack, folder)
        found: dict[str, list[Round]] = {one.name: [] for one in engines}
        for _ in range(rounds):
            for one in engines:
                found[one.name].append(one_round(one, items, min(count, PEER_ARTICLES)))
        for one in engines:
            show(one.name, found[one.name], memory(one, max(count // 2, 1)))
    return {name: figures(told) for name, told in found.items()}


def main() -> None:
    """Measure and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print(result_line(measured(chosen.articles, chosen.rounds)))


if __name__ == "__main__":
    main()
