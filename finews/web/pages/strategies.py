"""Which rule found a field, crawl by crawl: a change shows that the site's layout has changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.store.queries import RunRow

_EXTRACTED = "finews/extract/"
_NO_FIELDS = ("widget",)
RUNS = 12


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a field's values a rule found in one crawl."""

    values: int
    percent: int


@dataclass(frozen=True, slots=True)
class Line:
    """A crawl: the share of each rule."""

    run: RunRow
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field, the rules that found it, and the latest crawls."""

    name: str
    strategies: tuple[str, ...]
    lines: tuple[Line, ...]


def _counts(run: RunRow) -> Iterator[tuple[str, str, int]]:
    for key, number in run.counts.items():
        field, _, strategy = key.removeprefix(_EXTRACTED).partition("/")
        if key.startswith(_EXTRACTED) and strategy and field not in _NO_FIELDS and number:
            yield field, strategy, number


def fields(runs: Sequence[RunRow]) -> tuple[Field, ...]:
    """Fields that several rules found in the newest crawls (`RUNS` of them) that read articles."""
    found: dict[int, dict[str, dict[str, int]]] = {}
    for run in runs:
        for field, strategy, number in _counts(run):
            found.setdefault(run.id, {}).setdefault(field, {})[strategy] = number
    reading = [run for run in runs if run.id in found][:RUNS]
    names = sorted({field for run in reading for field in found[run.id]})
    told = (
        _field(name, reading, {run.id: found[run.id].get(name, {}) for run in reading})
        for name in names
    )
    return tuple(one for one in told if len(one.strategies) > 1)


def _field(name: str, runs: Sequence[RunRow], counts: Mapping[int, Mapping[str, int]]) -> Field:
    totals: dict[str, int] = {}
    for each in counts.values():
        for strategy, number in each.items():
            totals[strategy] = totals.get(strategy, 0) + number
    strategies = tuple(sorted(totals, key=lambda one: (-totals[one], one)))
    lines = tuple(
        Line(run, tuple(_share(one, counts[run.id]) for one in strategies))
        for run in runs
        if counts[run.id]
    )
    return Field(name, strategies, lines)


def _share(strategy: str, counts: Mapping[str, int]) -> Share:
    number = counts.get(strategy, 0)
    return Share(number, round(100 * number / sum(counts.values())))
