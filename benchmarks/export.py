"""How fast exports are beside a plain loop over the same rows: `python -m benchmarks.export URL …`.

The plain loop only fetches: the driver's own cursor, the same columns of the same rows, nothing
made of them and nothing written. Loop and exports take turns; of each the fastest turn counts.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from finews.export.forms import form_of
from finews.export.run import Order, export
from finews.export.tables import TABLES
from pipelines.store.engine import connect, shown_url
from pipelines.store.queries import Filter

NAMES = ("news.jsonl", "news.jsonl.zst", "news.csv", "news.parquet")
TURNS = 3
_FETCHED = 2_000
_STATEMENTS = (
    """SELECT a.id, a.identity, a.code, r.id, r.number, r.title, r.published_at,
         r.published_precision, r.published_quality, r.known_late, s.name, r.source_raw, r.digest,
         r.body_text, r.body_html, r.body_kind, a.url, a.first_seen_at, r.seen_at, r.content_hash,
         r.changed
       FROM article_revision r JOIN article a ON a.id = r.article_id
         LEFT JOIN source s ON s.id = r.source_id
       WHERE r.superseded_at IS NULL ORDER BY r.id""",
    """SELECT m.revision_id, m.secid, m.symbol, m.mic, m.asset_class, m.kind, m.surface,
         m.start_offset, m.end_offset, m.inside_word
       FROM mention m JOIN article_revision r ON r.id = m.revision_id
       WHERE r.superseded_at IS NULL ORDER BY m.revision_id, m.position""",
    """SELECT l.article_id, c.slug FROM article_category l JOIN category c ON c.id = l.category_id
       ORDER BY l.article_id""",
    """SELECT m.article_id, o.story_id, o.article_id, a.identity, o.kind, o.similarity,
         a.first_seen_at
       FROM story_member m JOIN story_member o ON o.story_id = m.story_id
         JOIN article a ON a.id = o.article_id
       WHERE m.left_at IS NULL AND o.left_at IS NULL AND o.article_id <> m.article_id
       ORDER BY m.article_id""",
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Articles a second."""

    articles: int
    plain: float
    exports: Mapping[str, float]
    """By the name of the file."""

    def ratio(self, name: str) -> float:
        """Which part of the plain loop's speed an export has."""
        return self.exports[name] / self.plain


def plain_loop(engine: Engine) -> int:
    """Fetch all that an export of the articles reads; tells how many articles there are."""
    counts = []
    # A cursor without a name would fetch everything at once from PostgreSQL.
    named: dict[str, Any] = {"name": "plain"} if engine.dialect.name == "postgresql" else {}
    with closing(engine.raw_connection()) as connection:
        for statement in _STATEMENTS:
            cursor = connection.driver_connection.cursor(**named)  # type: ignore[union-attr]
            cursor.execute(statement)
            counts.append(0)
            while rows := cursor.fetchmany(_FETCHED):
                counts[-1] += len(rows)
            cursor.close()
    return counts[0]


def _exporting(engine: Engine, out: Path) -> Callable[[], int]:
    order = Order(
        table=TABLES["articles"], form=form_of(None, out.name, False), out=str(out), wanted=Filter()
    )
    return lambda: export(engine, order, BytesIO()).rows


def _seconds(run: Callable[[], int]) -> tuple[int, float]:
    start = time.perf_counter()
    rows = run()
    return rows, time.perf_counter() - start


def rates(engine: Engine, names: Sequence[str] = NAMES, turns: int = TURNS) -> Rates:
    """Measure exports of all articles and the plain loop, in turns.

    Raises:
        RuntimeError: an export and the loop do not see as many articles.
    """
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: _exporting(engine, Path(folder) / name) for name in names}
        runs = {"": lambda: plain_loop(engine), **runs}
        found: dict[str, list[float]] = {name: [] for name in runs}
        counts = set()
        for _ in range(turns):
            for name, run in runs.items():
                rows, seconds = _seconds(run)
                counts.add(rows)
                found[name].append(seconds)
    if len(counts) != 1:
        raise RuntimeError(f"not the same rows: {sorted(counts)}")
    (count,) = counts
    fastest = {name: count / min(seconds) for name, seconds in found.items()}
    return Rates(count, fastest.pop(""), fastest)


def show(name: str, found: Rates) -> None:
    """Print an engine's lines."""
    print(f"{name:<11}{found.articles:>10,} articles: plain loop {found.plain:>9,.0f} a second")
    for file, rate in found.exports.items():
        print(f"{name:<11}{file:<16}{rate:>9,.0f} a second  ratio {found.ratio(file):.2f}")


def main() -> None:
    """Measure the databases that are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--turns", type=int, default=TURNS)
    chosen = parser.parse_args()
    ratios = []
    for url in chosen.urls:
        engine = connect(url)
        print(shown_url(url))
        found = rates(engine, turns=chosen.turns)
        show(engine.dialect.name, found)
        ratios.append(found.ratio(NAMES[0]))
        engine.dispose()
    print("RESULT", f"export_ratio={min(ratios):.2f}")


if __name__ == "__main__":
    main()
