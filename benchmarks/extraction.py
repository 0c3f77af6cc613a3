"""How exactly and how fast pages are read, beside general extractors, in one run.

`make bench-extraction`, or `python -m benchmarks.extraction`. The pages are those of the sample
site and, where it is there (FINEWS_CORPUS, else ../shared/corpus), of the corpus, each in both
layouts. What each column means: docs/benchmarks.md.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from lxml import html as lxml_html
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.peers import PEERS, REPETITIONS
from benchmarks.scoring import PageScore, Reading, Summary, score_page, summarise
from benchmarks.truth import Page, PageSet, corpus_pages, sample_pages
from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Article, isoformat_shanghai
from finews_crawler.options import project_folder
from finews_crawler.reference import data_path
from pipelines.normalise.article import normalise

OURS = "finews"
OUR_FIELDS = ("title", "time", "source", "body", "mentions", "lead")
# Nothing listens there: a peer that wants to fetch something fails at once.
_OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


@dataclass(frozen=True, slots=True)
class Reader:
    """One row of the table: who read the pages, and what came of it."""

    name: str
    fields: Sequence[str]
    readings: Sequence[Reading] = ()
    missing: str | None = None
    """Why it could not be run at all."""


# --- ours ------------------------------------------------------------------------------------


def _best_ms(durations: Sequence[float]) -> float:
    return min(durations) * 1000


def _reading_of(article: Article) -> Reading:
    return Reading(
        title=article.title,
        time=isoformat_shanghai(article.published_at),
        source=article.source,
        body=article.body_text,
        mentions=frozenset((mention.secid, mention.kind) for mention in article.mentions),
    )


def read_page(page: Page) -> Reading:
    """Bytes to finished article, several times; the time of the best."""
    now = datetime.now(UTC)
    durations = []
    article = None
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        try:
            article = normalise(extract_post(page.body, page.url, now))
        except ExtractionError as error:
            return Reading(crashed=str(error))
        durations.append(time.perf_counter() - start)
    return replace(_reading_of(article), ms=_best_ms(durations)) if article else Reading()


def parse_ms(page: Page) -> float:
    """What lxml alone takes to make a tree of the page."""
    durations = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        lxml_html.document_fromstring(page.body)
        durations.append(time.perf_counter() - start)
    return _best_ms(durations)


# --- the peers -------------------------------------------------------------------------------


def _pip(python: Path, *arguments: str) -> str | None:
    """Install into the peers' environment; the last line of what went wrong."""
    options = ["install", "-qq", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "--python", str(python), *options, *arguments]
    ended = subprocess.run(command, capture_output=True, check=False, text=True)
    told = ended.stderr.strip().splitlines() or ["pip failed"]
    return told[-1] if ended.returncode else None


def _install_one_by_one(python: Path, requirements: Path) -> dict[str, str]:
    """What can be installed, and why the rest cannot, by requirement."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    answers = {line: _pip(python, line) for line in wanted}
    return {line: reason for line, reason in answers.items() if reason is not None}


def peers_environment(folder: Path, requirements: Path) -> tuple[Path, dict[str, str]]:
    """The peers' Python, made when missing or older than the requirements; what failed, why."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / ".ready"
    if ready.exists() and ready.stat().st_mtime >= requirements.stat().st_mtime:
        return python, {}
    print(f"Setting up {folder} (once; takes a minute) ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    if _pip(python, "--requirement", str(requirements)) is None:
        ready.touch()
        return python, {}
    return python, _install_one_by_one(python, requirements)


def _asked(python: Path, name: str, pages: Sequence[Page]) -> list[dict[str, Any]]:
    """The lines that a peer prints about these pages; fewer when it dies."""
    asked = ({"url": one.url, "body": base64.b64encode(one.body).decode()} for one in pages)
    script = Path(__file__).with_name("peers.py")
    answer = subprocess.run(
        [python, "-I", script, name],
        input="".join(f"{json.dumps(page)}\n" for page in asked),
        env={**os.environ, **_OFFLINE},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        text=True,
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]


def read_by_peer(python: Path, name: str, pages: Sequence[Page], told: dict[str, str]) -> Reader:
    """Let a peer read all pages; one that ends its process is a crash, the rest is asked anew."""
    readings: list[Reading] = []
    version = ""
    while len(readings) < len(pages):
        first, *rest = _asked(python, name, pages[len(readings) :]) or [{"missing": "it died"}]
        if "missing" in first:
            failed = (why for line, why in told.items() if line.startswith(name))
            return Reader(name, PEERS[name].reads, missing=next(failed, first["missing"]))
        version = first["version"]
        given = ({key: value for key, value in one.items() if value} for one in rest)
        readings += [Reading(**one) for one in given]
        if len(readings) < len(pages):
            readings.append(Reading(crashed="the process died"))
    return Reader(f"{name} {version}", PEERS[name].reads, readings)


# --- the table -------------------------------------------------------------------------------

HEADINGS = (
    "reader",
    "title",
    "time",
    "clock",
    "source",
    "body P",
    "body R",
    "body F1",
    "ment. P",
    "ment. R",
    "exact",
    "ms",
    "note",
)
DRAWN_WIDTH = 125


def _cells(summary: Summary, fields: Sequence[str], pages: int) -> list[str]:
    """The figures of a row; a dash where the reader claims nothing."""

    def shown(field: str, value: float) -> str:
        return f"{value:.3f}" if field in fields else "-"

    return [
        shown("title", summary.title),
        shown("time", summary.time),
        shown("time", summary.clock),
        shown("source", summary.source),
        shown("body", summary.precision),
        shown("body", summary.recall),
        shown("body", summary.f1),
        shown("mentions", summary.mention_precision),
        shown("mentions", summary.mention_recall),
        f"{summary.exact}/{pages}",
        f"{summary.ms:.2f}",
    ]


def _note(readings: Sequence[Reading]) -> str:
    crashed = [reading.crashed for reading in readings if reading.crashed is not None]
    return f"crashed on {len(crashed)} pages: {crashed[0]}"[:60] if crashed else ""


def _scores(reader: Reader, pages: Sequence[Page], start: int) -> list[PageScore]:
    readings = reader.readings[start : start + len(pages)]
    read = zip(pages, readings, strict=True)
    return [score_page(page.truth, reading, reader.fields) for page, reading in read]


def summary_of(reader: Reader, pages: Sequence[Page], start: int) -> Summary:
    """One reader's figures on the pages that begin at this place of all."""
    readings = reader.readings[start : start + len(pages)]
    ms = [reading.ms for reading in readings if reading.crashed is None]
    return summarise(_scores(reader, pages, start), ms, reader.fields)


def _row(reader: Reader, pages: Sequence[Page], start: int) -> list[str]:
    if reader.missing is not None:
        blank = ["-"] * (len(HEADINGS) - 2)
        return [reader.name, *blank, f"not installed: {reader.missing}"]
    cells = _cells(summary_of(reader, pages, start), reader.fields, len(pages))
    return [reader.name, *cells, _note(reader.readings[start : start + len(pages)])]


def _sections(sets: Sequence[PageSet]) -> Iterator[tuple[str, Sequence[Page], int]]:
    """The name, the pages and the first page's place of each section: every set, then all."""
    start = 0
    for one in sets:
        yield one.name, one.pages, start
        start += len(one.pages)
    if len(sets) > 1:
        yield "all pages", [page for one in sets for page in one.pages], 0


def rows_of(
    readers: Sequence[Reader], sets: Sequence[PageSet], bare: Sequence[float]
) -> list[list[list[str]]]:
    """The table: a section for each set of pages, and one for all."""
    table = []
    for name, pages, start in _sections(sets):
        parse = f"{median(bare[start : start + len(pages)]):.2f}"
        blank = [""] * (len(HEADINGS) - 3)
        rows = [_row(reader, pages, start) for reader in readers]
        head = [f"{name}: {len(pages)} pages", *blank, "", ""]
        table.append([head, *rows, ["bare lxml parse", *blank, parse, ""]])
    return table


def _drawn(table: list[list[list[str]]]) -> Table:
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for number, heading in enumerate(HEADINGS):
        drawn.add_column(heading, justify="right" if 0 < number < len(HEADINGS) - 1 else "left")
    for head, *rows in table:
        drawn.add_row(*head, style="bold")
        for row in rows:
            drawn.add_row(*map(escape, row))
        drawn.add_section()
    return drawn


def show(table: list[list[list[str]]]) -> None:
    """A drawn table on a terminal that has room for it, aligned text elsewhere."""
    console = Console()
    if console.is_terminal and console.width >= DRAWN_WIDTH:
        console.print(_drawn(table))
        return
    lines = [[*HEADINGS], *(row for section in table for row in section)]
    for name, *figures, note in lines:
        print(" ".join([f"{name:<24}", *(f"{cell:>7}" for cell in figures), note]).rstrip())


def show_ours(reader: Reader, pages: Sequence[Page]) -> None:
    """Name every page that ours does not read exactly."""
    scored = [field for field in OUR_FIELDS if field != "lead"]
    for page, score in zip(pages, _scores(reader, pages, 0), strict=True):
        if wrong := score.wrong(scored):
            print(f"{OURS} is not exact on {page.path}: {', '.join(wrong)}")


# --- the run ---------------------------------------------------------------------------------


def page_sets() -> list[PageSet]:
    """The sample site, and the corpus where there is one."""
    sets = [sample_pages(data_path("sample_site"))]
    root = project_folder()
    corpus = Path(os.environ.get("FINEWS_CORPUS", root.parent / "shared" / "corpus"))
    if corpus.is_dir():
        sets.append(corpus_pages(corpus, root / "tests" / "corpus" / "expected.json"))
    else:
        print("No corpus (FINEWS_CORPUS): the sample site alone is measured.")
    for one in sets:
        for path in one.left_out:
            print(f"left out of the {one.name}, for its text is not known: {path}")
    return sets


def result_line(ours: Summary, bare_ms: float, trafilatura_ms: float | None) -> str:
    """The line that programs read."""
    against = f"{trafilatura_ms / ours.ms:.2f}" if trafilatura_ms else "unknown"
    return (
        f"RESULT title={ours.title:.4f} time={ours.time:.4f} source={ours.source:.4f} "
        f"body_f1={ours.f1:.4f} mention_p={ours.mention_precision:.4f} "
        f"mention_r={ours.mention_recall:.4f} vs_lxml={ours.ms / bare_ms:.2f} "
        f"vs_trafilatura={against}"
    )


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    folder = project_folder() / "data" / "var" / "peers-venv"
    requirements = Path(__file__).with_name("peers-requirements.txt")
    python, told = peers_environment(folder, requirements)
    sets = page_sets()
    pages = [page for one in sets for page in one.pages]
    bare = [parse_ms(page) for page in pages]
    ours = Reader(OURS, OUR_FIELDS, [read_page(page) for page in pages])
    peers = [read_by_peer(python, name, pages, told) for name in PEERS]
    show(rows_of([ours, *peers], sets, bare))
    show_ours(ours, pages)
    trafilatura = next(peer for peer in peers if peer.name.startswith("trafilatura"))
    theirs = None if trafilatura.missing else summary_of(trafilatura, pages, 0).ms
    print(result_line(summary_of(ours, pages, 0), median(bare), theirs))


if __name__ == "__main__":
    main()
