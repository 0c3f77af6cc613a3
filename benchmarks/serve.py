"""How long people wait for pages with a million articles stored, and how fast exports are.

`make bench-serve`, on the databases of `make bench-scale`, which it fills where they are missing.
The server is `finews serve` in a process of its own. What each figure means: docs/benchmarks.md.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from random import Random
from statistics import median, quantiles
from typing import IO, cast
from urllib.parse import quote

import httpx

from benchmarks import export
from benchmarks.prefill import stored
from benchmarks.scale import affordable, engines_here, fill_all, urls
from benchmarks.synthetic import article, world
from pipelines.store.engine import connect

FORMS = ("news.jsonl", "news.parquet")
"""Of exports; the ratio of the result line is the first one's."""
_READY_SECONDS = 60
_CLIENTS = 2
"""Of those who ask as fast as they are answered."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the answers of one page took, in milliseconds, and how many came a second."""

    median: float
    p95: float
    most: float
    per_second: float
    """When each is asked for as soon as the one before is there, by two clients."""


# --- what is asked for ----------------------------------------------------------------------------


def _stream(_: Random, __: int) -> str:
    return "/"


def _article(random: Random, count: int) -> str:
    return f"/article/{article(random.randrange(count)).code}"


def _security(random: Random, count: int) -> str:
    """As often as articles name it."""
    return f"/security/{article(random.randrange(count)).mentions[0].symbol}"


def _search(random: Random, _: int) -> str:
    """A word, as often a common as a rare one."""
    known = world().words
    return f"/?q={quote(known[int(len(known) ** random.random()) - 1])}"


def _changes(random: Random, count: int) -> str:
    return f"/api/v1/changes?after={random.randrange(count)}"


PAGES = {
    "stream": _stream,
    "article": _article,
    "security": _security,
    "search": _search,
    "changes": _changes,
}


def paths(name: str, number: int, count: int) -> list[str]:
    """So many addresses of a page, for a database of so many articles; always the same."""
    random = Random(name)  # noqa: S311 - the same addresses in every run
    return [PAGES[name](random, count) for _ in range(number)]


# --- asking ---------------------------------------------------------------------------------------


@contextmanager
def serving(url: str) -> Iterator[str]:
    """The address of a server on a database, which ends at the end.

    Raises:
        RuntimeError: it does not answer.
    """
    command = [sys.executable, "-c", "from finews.cli import main; main()", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--database", url],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FINEWS_LANGUAGE": "en"},
    )
    told = cast("IO[str]", process.stderr)
    try:
        words = told.readline().split()
        address = next((word for word in words if word.startswith("http://")), None)
        if address is None:
            raise RuntimeError(f"the server did not begin: {' '.join(words)}")
        yield address.rstrip("/.")
    finally:
        process.terminate()
        process.communicate(timeout=_READY_SECONDS)


async def _asked(client: httpx.AsyncClient, path: str, due: float) -> float:
    """Milliseconds from the moment at which the answer was asked for until all of it was there."""
    answer = await client.get(path)
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{path}: {answer.status_code}")
    return (time.perf_counter() - due) * 1000


async def _at_a_rate(
    client: httpx.AsyncClient, asked: Sequence[str], per_second: float
) -> list[float]:
    """Ask at fixed moments, whether or not those before are answered: nobody waits for others."""
    begin, tasks = time.perf_counter(), []
    for place, path in enumerate(asked):
        due = begin + place / per_second
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(_asked(client, path, due)))
    return await asyncio.gather(*tasks)


async def _as_fast_as_answered(client: httpx.AsyncClient, asked: Sequence[str]) -> float:
    """Answers a second."""

    async def one(own: Sequence[str]) -> None:
        for path in own:
            await _asked(client, path, 0)

    begin = time.perf_counter()
    await asyncio.gather(*(one(asked[place::_CLIENTS]) for place in range(_CLIENTS)))
    return len(asked) / (time.perf_counter() - begin)


@asynccontextmanager
async def _client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        yield client


async def waits(address: str, count: int, number: int, per_second: float) -> dict[str, Waits]:
    """Measure a server: each page alone as fast as it can, which warms it; then all in turn.

    Args:
        address: the server's.
        count: how many articles it has.
        number: how often each page is asked for.
        per_second: how many pages are asked for each second.

    Raises:
        RuntimeError: a page is not answered by 200.
    """
    every = {name: paths(name, 2 * number, count) for name in PAGES}
    async with _client(address) as client:
        fast = {}
        for name, asked in every.items():
            await _asked(client, asked[0], 0)  # the first one imports, and reads a cold disk
            fast[name] = await _as_fast_as_answered(client, asked[:number])
        mixed = [asked[number + place] for place in range(number) for asked in every.values()]
        found = await _at_a_rate(client, mixed, per_second)
    return {name: _told(found[place :: len(PAGES)], fast[name]) for place, name in enumerate(PAGES)}


def _told(found: Sequence[float], per_second: float) -> Waits:
    p95 = quantiles(found, n=20, method="inclusive")[-1]
    return Waits(median(found), p95, max(found), per_second)


# --- all of it ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """What is found out about an engine."""

    waits: Mapping[str, Waits]
    rates: export.Rates


def measured(url: str, number: int, per_second: float) -> Measured:
    """Measure the pages and the exports of a database."""
    engine = connect(url)
    try:
        with serving(url) as address:
            found = asyncio.run(waits(address, stored(engine), number, per_second))
        return Measured(found, export.rates(engine, FORMS, turns=1))
    finally:
        engine.dispose()


def show(name: str, found: Measured) -> None:
    """Print an engine's tables."""
    for page, one in found.waits.items():
        print(
            f"{name:<11}{page:<10} median {one.median:>7.1f} ms   p95 {one.p95:>7.1f} ms   "
            f"most {one.most:>7.1f} ms   alone {one.per_second:>6.1f} a second"
        )
    export.show(name, found.rates)


def result_line(found: Sequence[Measured]) -> str:
    """The line that programs read: the slowest page and the slowest export of any engine."""
    p95 = max(one.p95 for engine in found for one in engine.waits.values())
    ratio = min(engine.rates.ratio(FORMS[0]) for engine in found)
    return f"RESULT p95_ms={p95:.1f} export_ratio={ratio:.2f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=200, help="of each page")
    parser.add_argument("--rate", type=float, default=20, help="requests a second")
    parser.add_argument("--name", default="scale", help="of the databases")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="one of them alone")
    parser.add_argument("--kept", action="store_true", help="the databases as they are")
    return parser.parse_args()


def main() -> None:
    """Fill, measure and print."""
    chosen = _arguments()
    engines = engines_here(chosen.engine)
    places = {engine: urls(engine, chosen.name) for engine in engines}
    if not chosen.kept:
        fill_all(places, affordable(chosen.articles, engines))
    found = []
    for engine, databases in places.items():
        found.append(measured(databases["large"], chosen.requests, chosen.rate))
        show(engine, found[-1])
    print(result_line(found))


if __name__ == "__main__":
    main()
