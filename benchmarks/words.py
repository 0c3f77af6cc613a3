"""How well names inside longer words are told from names that stand for themselves.

`make bench-words`, or `python -m benchmarks.words`. The sentences of
`data/reference/inside_words.tsv` are labelled by hand. Rules are tuned on the odd rows; the even
rows show how well they do elsewhere. A hit is a name inside a longer word that the code finds.
"""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass

from finews_crawler.reference import data_path
from pipelines.normalise.words import is_inside_word

OPEN, CLOSE = "⟦", "⟧"
LABELS = {"inside": True, "whole": False}


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence with a linked name, what a person says of it, and what the code says."""

    marked: str
    is_inside: bool
    found: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How many rows there are of each outcome."""

    rows: int
    hits: int
    misses: int
    false_alarms: int

    @property
    def precision(self) -> float:
        """The share of what the code finds that is right; 1 when it finds nothing."""
        found = self.hits + self.false_alarms
        return self.hits / found if found else 1.0

    @property
    def recall(self) -> float:
        """The share of what there is to find that the code finds; 1 when there is nothing."""
        there = self.hits + self.misses
        return self.hits / there if there else 1.0


def place(marked: str) -> tuple[str, int, int]:
    """The sentence without its marks, and where the name stands in it."""
    before, _, rest = marked.partition(OPEN)
    name, _, after = rest.partition(CLOSE)
    return before + name + after, len(before), len(before) + len(name)


def labelled() -> list[tuple[str, bool]]:
    """Each marked sentence of the file, and whether its name is inside a longer word."""
    path = data_path("reference", "inside_words.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(line["sentence"], LABELS[line["label"]]) for line in lines]


def judged() -> list[Row]:
    """The rows of the file in its order, each with the code's answer."""
    return [Row(marked, label, is_inside_word(*place(marked))) for marked, label in labelled()]


def score(rows: Sequence[Row]) -> Score:
    """Count the outcomes."""
    return Score(
        rows=len(rows),
        hits=sum(row.is_inside and row.found for row in rows),
        misses=sum(row.is_inside and not row.found for row in rows),
        false_alarms=sum(row.found and not row.is_inside for row in rows),
    )


def halves(rows: Sequence[Row]) -> dict[str, Score]:
    """The score of the odd rows, of the even rows, and of all."""
    return {
        "odd rows (tuned)": score(rows[::2]),
        "even rows (held out)": score(rows[1::2]),
        "all rows": score(rows),
    }


def show(rows: Sequence[Row]) -> None:
    """Print the table, then every row that the code gets wrong."""
    print(
        f"{'':<22}{'rows':>6}{'inside':>8}{'hits':>6}{'misses':>8}{'false':>7}{'prec.':>8}{'recall':>8}"
    )
    for name, one in halves(rows).items():
        print(
            f"{name:<22}{one.rows:>6}{one.hits + one.misses:>8}{one.hits:>6}{one.misses:>8}"
            f"{one.false_alarms:>7}{one.precision:>8.3f}{one.recall:>8.3f}"
        )
    for number, row in enumerate(rows, 1):
        if row.found != row.is_inside:
            kind = "miss" if row.is_inside else "false alarm"
            print(f"{kind:<12} row {number:>3}  {row.marked}")


def result_line(one: Score) -> str:
    """The line that programs read."""
    return f"RESULT word_precision={one.precision:.4f} word_recall={one.recall:.4f} rows={one.rows}"


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows = judged()
    show(rows)
    print(result_line(score(rows)))


if __name__ == "__main__":
    main()
