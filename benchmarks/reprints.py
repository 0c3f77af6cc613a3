"""How well reprints are told from news that only looks alike.

`python -m benchmarks.reprints`. Every text is sought in the real index (SQLite, in memory), and
what that finds is judged. The texts are of our own making and, where it is there (FINEWS_CORPUS,
else ../shared/corpus), those of the corpus. What each row means: docs/benchmarks.md.
"""

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Literal

from sqlalchemy import create_engine, text

from benchmarks.reprint_edits import EDITS, REWRITINGS
from benchmarks.reprint_texts import (
    FORMULAS,
    Facts,
    filled,
    follow_up,
    joined,
    make_facts,
    other_company,
    other_names,
    other_numbers,
    report,
    retold,
)
from finews_crawler.errors import ExtractionError
from finews_crawler.extraction.post import extract_post
from finews_crawler.items import Article
from finews_crawler.options import project_folder
from pipelines.normalise.article import normalise
from pipelines.reprints.signature import SHORTEST, sign
from pipelines.reprints.similarity import Story, reprint_of
from pipelines.reprints.wording import wording
from pipelines.store.bands import add_bands, candidates, create_statements

SEED = 20220614
CHANGES = {
    "same form, other numbers": other_numbers,
    "same form, other company": other_company,
}
AT = datetime(2022, 6, 14, tzinfo=UTC)
Group = Literal["reprint", "other news", "beyond"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A stored text, a text that comes later, and whether it is a reprint of the stored one."""

    kind: str
    group: Group
    stored: str
    comes: str
    stored_symbols: frozenset[str] = frozenset()
    comes_symbols: frozenset[str] = frozenset()

    @property
    def is_reprint(self) -> bool:
        """Whether finding it is right: rewritings are reprints, but so many changes are allowed."""
        return self.group == "reprint" or self.kind in REWRITINGS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a pair."""

    pair: Pair
    is_candidate: bool
    """Whether the index gave the stored text."""
    is_called: bool
    """Whether it was called a reprint then."""
    others: int
    """How many other texts the index gave."""
    others_called: int


# --- the pairs -------------------------------------------------------------------------------


def _group(kind: str) -> Group:
    return "beyond" if kind in REWRITINGS else "reprint"


def edited(texts: Sequence[str], random: Random) -> Iterator[Pair]:
    """Each text with each edit that can be made on it."""
    for kind, edit in EDITS.items():
        for stored in texts:
            comes = edit(stored, random)
            if comes is not None:
                yield Pair(kind, _group(kind), stored, comes)


def _same_form(facts: Facts, other: Facts, random: Random) -> list[tuple[str, str]]:
    """A flash and a report on other facts, word for word in the same form."""
    formula, seed = random.choice(FORMULAS), random.random()
    reports = [joined(report(one, Random(seed))) for one in (facts, other)]  # noqa: S311
    pairs = [(filled(formula, facts), filled(formula, other)), (reports[0], reports[1])]
    return [(one, two) for one, two in pairs if wording(one) != wording(two)]


def made_negatives(size: int, random: Random) -> Iterator[Pair]:
    """News that is alike and yet other news; links are the codes of the companies."""
    for _ in range(size):
        for kind, change in CHANGES.items():
            one = make_facts(random)
            for stored, comes in _same_form(one, change(one, random), random):
                yield Pair(kind, "other news", stored, comes)
        one = make_facts(random)
        named = other_names(one, random)
        links = frozenset({one.code}), frozenset({named.code})
        for stored, comes in _same_form(one, named, random):
            yield Pair("same numbers, other links", "other news", stored, comes, *links)
            yield Pair("same numbers, no links", "beyond", stored, comes)
        yield Pair("same facts, own words", "other news", *retold(make_facts(random), random))
        one = make_facts(random)
        paragraphs = report(one, random)
        yield Pair("half quoted", "other news", joined(paragraphs), follow_up(paragraphs, one))
        paragraphs = report(make_facts(random), random)
        yield Pair("digest of the text", "other news", joined(paragraphs), paragraphs[0])


def made_texts(facts: Sequence[Facts], random: Random) -> list[str]:
    """A report or a flash on each of the facts, in turn."""
    reports = [joined(report(one, random)) for one in facts[::2]]
    return reports + [filled(random.choice(FORMULAS), one) for one in facts[1::2]]


def _read(page: Path) -> Article | None:
    """The article of a page; None for lists and for pages that are no article."""
    try:
        return normalise(extract_post(page.read_bytes(), "http://127.0.0.1/x.html", AT))
    except ExtractionError:
        return None


def corpus_articles(folder: Path) -> dict[str, Article]:
    """The articles of a rendered site by the name of their page."""
    read = {page.stem: _read(page) for page in sorted(folder.rglob("*.html"))}
    return {name: one for name, one in read.items() if one and len(wording(one.body_text)) > 0}


def corpus_pairs(corpus: Path, random: Random) -> Iterator[Pair]:
    """Real articles with edits, on their two pages, and each beside each other one."""
    new, old = corpus_articles(corpus / "site"), corpus_articles(corpus / "site_old")
    for name in sorted(new.keys() & old.keys()):
        yield Pair("two pages (corpus)", "reprint", new[name].body_text, old[name].body_text)
    by_wording = {wording(one.body_text): one.body_text for one in new.values()}
    texts = [one for words, one in sorted(by_wording.items()) if len(words) >= SHORTEST]
    yield from edited(texts, random)
    for number, stored in enumerate(texts):
        for comes in texts[:number]:
            yield Pair("other articles (corpus)", "other news", stored, comes)


def all_pairs(size: int, corpus: Path | None) -> list[Pair]:
    """The pairs, the same in every run."""
    random = Random(SEED)  # noqa: S311 - figures must come again
    facts = [make_facts(random) for _ in range(size)]
    pairs = [*edited(made_texts(facts, random), random), *made_negatives(size, random)]
    return pairs + (list(corpus_pairs(corpus, random)) if corpus else [])


# --- measuring -------------------------------------------------------------------------------


def _outcome(pair: Pair, own: int, found: Sequence[int], stories: Mapping[int, Story]) -> Outcome:
    stored = Story.of(pair.stored, AT, pair.stored_symbols)
    comes = Story.of(pair.comes, AT, pair.comes_symbols)
    # The very same text may be stored for another pair.
    others = [stories[id_] for id_ in found if id_ != own and stories[id_].words != comes.words]
    return Outcome(
        pair=pair,
        is_candidate=own in found,
        is_called=own in found and reprint_of(stored, comes) is not None,
        others=len(others),
        others_called=sum(reprint_of(one, comes) is not None for one in others),
    )


def measured(pairs: Sequence[Pair]) -> list[Outcome]:
    """Store every stored text once, seek every text that comes, judge what is found."""
    ids = {stored: id_ for id_, stored in enumerate(dict.fromkeys(p.stored for p in pairs), 1)}
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            for statement in create_statements("sqlite"):
                connection.execute(text(statement))
            add_bands(connection, [(id_, sign(stored, AT)) for stored, id_ in ids.items()])
            asked = {number: sign(pair.comes, AT) for number, pair in enumerate(pairs)}
            found = candidates(connection, asked)
    finally:
        engine.dispose()
    stories = {id_: Story.of(stored, AT) for stored, id_ in ids.items()}
    return [
        _outcome(pair, ids[pair.stored], found[number], stories)
        for number, pair in enumerate(pairs)
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What programs read."""

    precision: float
    """Of what is called a reprint, the share that is one."""
    recall: float
    """Of the reprints, the share that is called so."""
    rewritten: float
    """The recall of what is changed so much that it is hardly a reprint."""
    candidates: float
    """Texts that the index gives and that are no reprints, on average."""


def _share(outcomes: Sequence[Outcome]) -> float:
    return sum(one.is_called for one in outcomes) / len(outcomes) if outcomes else 1.0


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of all pairs; what lies beyond counts in none but its own."""
    counted = [one for one in outcomes if one.pair.group != "beyond"]
    reprints = [one for one in counted if one.pair.is_reprint]
    right = sum(one.is_called for one in reprints)
    called = sum(one.is_called + one.others_called for one in counted)
    wrong = sum(one.others + (one.is_candidate and not one.pair.is_reprint) for one in counted)
    return Figures(
        precision=right / called if called else 1.0,
        recall=_share(reprints),
        rewritten=_share([one for one in outcomes if one.pair.kind in REWRITINGS]),
        candidates=wrong / len(counted) if counted else 0.0,
    )


def result_line(found: Figures) -> str:
    """The line that programs read."""
    return (
        f"RESULT precision={found.precision:.4f} recall={found.recall:.4f} "
        f"candidates={found.candidates:.2f} rewritten_recall={found.rewritten:.4f}"
    )


def show(outcomes: Sequence[Outcome]) -> None:
    """Print a row for each kind of pair."""
    kinds: dict[tuple[Group, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        kinds[one.pair.group, one.pair.kind].append(one)
    print(f"{'':<12}{'kind':<28}{'pairs':>7}{'found':>8}{'called':>8}{'others':>8}")
    for (group, kind), rows in kinds.items():
        found = sum(one.is_candidate for one in rows) / len(rows)
        others = sum(one.others_called for one in rows)
        print(f"{group:<12}{kind:<28}{len(rows):>7}{found:>8.3f}{_share(rows):>8.3f}{others:>8}")


def show_speed(texts: Sequence[str]) -> None:
    """Print how many texts of 300 characters are signed in a second: the best of three."""
    cut = [(one * (300 // len(one) + 1))[:300] for one in texts[:1000]]
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for one in cut:
            sign(one, AT)
        best = min(best, time.perf_counter() - start)
    print(f"signatures: {len(cut) / best:.0f} texts of 300 characters a second")


def corpus_folder() -> Path | None:
    """Where the corpus is, if it is there."""
    usual = project_folder().parent / "shared" / "corpus"
    folder = Path(os.environ.get("FINEWS_CORPUS", usual))
    return folder if folder.is_dir() else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=400, help="stories of our own making")
    chosen = parser.parse_args()
    corpus = corpus_folder()
    if corpus is None:
        print("No corpus (FINEWS_CORPUS): only texts of our own making are measured.")
    pairs = all_pairs(chosen.size, corpus)
    outcomes = measured(pairs)
    show(outcomes)
    show_speed([pair.stored for pair in pairs])
    print(result_line(figures(outcomes)))


if __name__ == "__main__":
    main()
