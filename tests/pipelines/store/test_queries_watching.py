"""What an operator looks at: runs, findings and rejects of late; on both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from finews_crawler.items import Answer, Reject
from pipelines.store.engine import writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.queries import RejectFilter, rejects, runs, watching
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import START

REJECT = Reject(
    stage="fetch",
    reason="http_404",
    detail="the site answered 404",
    url="http://127.0.0.1:1/a.html",
    code=None,
    seen_at=START,
)
GAP = Finding(kind="gap", subject="emnews", detail="nothing", since_at=START, until_at=START)
Begin = Callable[[int], int]


@pytest.fixture
def begin(engine: Engine) -> Begin:
    """Begins a run so many hours later, with a gap."""

    def begin_one(hours: int) -> int:
        at = START + timedelta(hours=hours)
        run = start_run(engine, "category", {}, at)
        with writing(engine).begin() as connection:
            write_findings(connection, [replace(GAP, detail=str(hours))], run, at)
        return run

    return begin_one


def test_findings_are_those_of_runs_since_a_moment(engine: Engine, begin: Begin) -> None:
    for hours in (0, 1, 2):
        begin(hours)
    found = watching.findings_since(engine, START + timedelta(hours=1), 10)
    assert [(one.kind, one.subject, one.detail) for one in found] == [
        ("gap", "emnews", "2"),
        ("gap", "emnews", "1"),
    ]
    assert len(watching.findings_since(engine, START, 1)) == 1
    assert watching.findings_since(engine, START + timedelta(hours=9), 10) == []


def test_older_runs(engine: Engine, begin: Begin) -> None:
    first, second, third = (begin(hours) for hours in (0, 1, 2))
    assert [one.id for one in runs(engine, 2)] == [third, second]
    assert [one.id for one in runs(engine, 2, before=second)] == [first]


def test_reasons_are_counted_the_most_frequent_open_one_first(
    engine: Engine, writer: Writer
) -> None:
    assert watching.reject_reasons(engine) == []
    later = START + timedelta(hours=1)
    writer.write([REJECT, replace(REJECT, seen_at=later)])
    writer.write([replace(REJECT, stage="extract", reason="unknown_layout")])
    found = watching.reject_reasons(engine)
    assert [(one.stage, one.reason, one.rejects, one.open) for one in found] == [
        ("fetch", "http_404", 2, 2),
        ("extract", "unknown_layout", 1, 1),
    ]
    assert found[0].last_at == later


def test_only_the_newest_rejects_are_counted(
    engine: Engine, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_REJECTS", 2)
    writer.write([REJECT, REJECT, REJECT])
    assert [one.rejects for one in watching.reject_reasons(engine)] == [2]


def test_older_rejects(engine: Engine, writer: Writer) -> None:
    writer.write([REJECT, REJECT, REJECT])
    newest = rejects(engine, 1)[0].id
    assert [one.id for one in rejects(engine, 9, RejectFilter(before=newest))] == [
        newest - 1,
        newest - 2,
    ]


def test_a_kept_answer_is_read_no_further_than_asked(engine: Engine, writer: Writer) -> None:
    body = "不".encode() * 10 + b"\xff" + b"x" * 5000
    answer = Answer(status=200, headers=(("A", "1"), ("A", "2")), body=body, reader="")
    writer.write([replace(REJECT, answer=answer), REJECT])
    without, kept = (one.id for one in rejects(engine, 2))
    found = watching.kept_text(engine, kept, 35)
    assert found is not None
    assert (found.status, found.size, found.is_cut) == (200, 5031, True)
    assert found.text == "不" * 10 + "\ufffd" + "xxxx"
    assert found.headers == (("A", "1"), ("A", "2"))
    whole = watching.kept_text(engine, kept, 10_000)
    assert whole is not None
    assert not whole.is_cut
    assert watching.kept_text(engine, without, 10) is None
