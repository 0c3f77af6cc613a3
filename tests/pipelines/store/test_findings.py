"""What a run found wrong with its site: kept once, in the order in which it was found."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from pipelines.store.engine import writing
from pipelines.store.findings import Finding, load_findings, write_findings
from pipelines.store.models import Finding as FindingTable
from pipelines.store.runs import start_run

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

GAP = Finding(kind="gap", subject="Wind", detail="4 天没有读取列表")
EMPTY = Finding(kind="out_of_range", subject="", detail="3 articles, at least 100 were expected")


def write(engine: Engine, run: int, found: Sequence[Finding], clock: "Clock") -> None:
    with writing(engine).begin() as connection:
        write_findings(connection, found, run, clock())


def load(engine: Engine, run: int) -> list[Finding]:
    with engine.connect() as connection:
        return load_findings(connection, run)


@pytest.fixture
def run(engine: Engine, clock: "Clock") -> int:
    return start_run(engine, "category", {}, clock())


def test_a_run_that_found_nothing(engine: Engine, run: int, clock: "Clock") -> None:
    write(engine, run, [], clock)
    assert load(engine, run) == []


def test_findings_come_back_as_they_were_in_their_order(
    engine: Engine, run: int, clock: "Clock"
) -> None:
    span = {"since_at": clock() - timedelta(days=4), "until_at": clock()}
    dated = Finding(kind="gap", subject="emnews", detail="…", **span)
    found = [EMPTY, dated, GAP]
    write(engine, run, found, clock)
    assert load(engine, run) == found
    with engine.connect() as connection:
        assert set(connection.scalars(select(FindingTable.seen_at))) == {clock()}


def test_of_one_kind_and_subject_the_first_counts(engine: Engine, run: int, clock: "Clock") -> None:
    """A batch may be sent twice, and a category page may be read twice in a crawl."""
    again = Finding(kind="gap", subject="Wind", detail="told again")
    write(engine, run, [GAP, again], clock)
    clock.forward(minutes=1)
    write(engine, run, [again, EMPTY], clock)
    assert load(engine, run) == [GAP, EMPTY]


def test_another_kind_subject_or_run_is_another_finding(
    engine: Engine, run: int, clock: "Clock"
) -> None:
    found = [
        GAP,
        Finding(kind="silent_source", subject="Wind", detail="…"),
        Finding(kind="gap", subject="wind", detail="…"),
    ]
    later = start_run(engine, "category", {}, clock())
    write(engine, run, found, clock)
    write(engine, later, [GAP], clock)
    assert (load(engine, run), load(engine, later)) == (found, [GAP])


def test_a_finding_belongs_to_a_run(engine: Engine, run: int, clock: "Clock") -> None:
    with pytest.raises(IntegrityError):
        write(engine, run + 1, [GAP], clock)
    assert load(engine, run + 1) == []


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (GAP, "gap Wind: 4 天没有读取列表"),
        (EMPTY, "out_of_range: 3 articles, at least 100 were expected"),
    ],
    ids=["of a category", "of the whole run"],
)
def test_a_line_for_a_terminal(finding: Finding, line: str) -> None:
    assert finding.line == line
