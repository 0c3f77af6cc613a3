"""Is it news? Trouble is told when it begins, changes, stands long, and when it is over."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from sqlalchemy import Engine

from finews_crawler.outcome import EndedRun, Verdict
from pipelines.monitors.history import Work
from pipelines.notify import after_run
from pipelines.notify.sending import Post
from pipelines.notify.standing import SENT, Notes, Told, Wish, event_of
from pipelines.store import queries
from tests.pipelines.monitors.filling import HOUR, NOW, begin, end, settings_of
from tests.receivers import Webhook, webhook

WISH = Wish(states=("degraded", "failed"), again=6 * HOUR)
VERDICTS = {
    "ok": Verdict(True, "articles: 2 new", "finished"),
    "degraded": Verdict(True, "articles: 2 new", "finished", ("gap Wind: x",)),
    "failed": Verdict(False, "no article was stored", "finished"),
    "not_started": Verdict(False, "no spider nothing", "not_started"),
}
CODES = {"ok": 0, "degraded": 3, "failed": 1, "not_started": 2}


def ended(state: str, at: datetime = NOW, **changed: Any) -> EndedRun:
    known: dict[str, Any] = {
        "spider": "category",
        "arguments": {},
        "job": None,
        "verdict": VERDICTS[state],
        "exit_code": CODES[state],
        "started_at": at,
        "finished_at": at,
        "stats": {"finews/finding/gap": 1} if state == "degraded" else {},
    }
    return EndedRun(**{**known, **changed})


def told(state: str, ago: timedelta = HOUR, *kinds: str) -> Told:
    return Told(state=state, kinds=frozenset(kinds), at=NOW - ago)


# --- pure -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "last", "event"),
    [
        ("ok", None, None),
        ("ok", told("ok"), None),
        ("ok", told("failed"), "recovered"),
        ("ok", told("degraded"), "recovered"),
        ("ok", told("not_started"), "recovered"),
        ("failed", None, "begins"),
        ("failed", told("ok"), "begins"),
        ("failed", told("failed"), None),
        ("failed", told("failed", 6 * HOUR), "goes_on"),
        ("failed", told("degraded"), "changes"),
        ("degraded", told("failed"), "changes"),
        ("degraded", None, "begins"),
        ("degraded", told("degraded", HOUR, "gap"), None),
        ("degraded", told("degraded", HOUR, "gap", "no_time"), None),
        ("degraded", told("degraded", HOUR, "no_time"), "more"),
        ("degraded", told("degraded", 7 * HOUR, "gap"), "goes_on"),
        ("not_started", None, "begins"),
        ("not_started", told("failed"), "changes"),
        ("not_started", told("not_started"), None),
    ],
)
def test_what_is_news(state: str, last: Told | None, event: str | None) -> None:
    assert event_of(ended(state), last, WISH) == event


@pytest.mark.parametrize(
    ("states", "state", "last", "event"),
    [
        (("failed",), "degraded", None, None),
        (("failed",), "degraded", told("failed"), None),
        (("failed",), "ok", told("failed"), "recovered"),
        (("failed",), "not_started", None, "begins"),
        (("degraded",), "failed", None, None),
        (("degraded",), "not_started", None, None),
        (("ok", "failed"), "ok", None, "ok"),
        (("ok", "failed"), "ok", told("ok"), "ok"),
        (("ok", "failed"), "ok", told("failed"), "recovered"),
    ],
)
def test_only_what_is_wanted_is_news(
    states: tuple[str, ...], state: str, last: Told | None, event: str | None
) -> None:
    wish = Wish(states=states, again=6 * HOUR)
    assert event_of(ended(state), last, wish) == event


# --- notes ------------------------------------------------------------------------------------

WORK = Work(spider="category", arguments={"site": "http://127.0.0.1:8000/"}, job=None)


def test_a_note_comes_back_and_can_be_forgotten(tmp_path: Path) -> None:
    notes, note = Notes(tmp_path / "a" / "b"), told("degraded", HOUR, "gap", "no_time")
    notes.write(WORK, note)
    assert notes.read(WORK) == note
    assert notes.read(Work(spider="live", arguments={}, job=None)) is None
    notes.forget(WORK)
    notes.forget(WORK)
    assert notes.read(WORK) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"at": 1, "state": "ok", "kinds": []}'])
def test_a_note_that_says_nothing_sensible_is_none(tmp_path: Path, text: str) -> None:
    notes = Notes(tmp_path)
    notes.write(WORK, told("failed"))
    (path,) = tmp_path.iterdir()
    path.write_text(text)
    assert notes.read(WORK) is None


# --- with a database --------------------------------------------------------------------------


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    with webhook() as made:
        yield made


class Operator:
    """Runs crawls and reads what is told of them."""

    def __init__(self, database: Engine, url: str, folder: Path, hook: Webhook) -> None:
        self.engine = database
        self.folder = folder / "notified"
        self.settings: Settings = settings_of(
            FINEWS_NOTIFY=hook.url, FINEWS_DATABASE_URL=url, FINEWS_NOTIFY_FOLDER=str(self.folder)
        )
        self.hook = hook

    def crawl(self, state: str, hours: float = 0, **work: Any) -> int | None:
        """A run that ended so many hours after the first."""
        at = NOW + timedelta(hours=hours)
        run_id, run = None, ended(state, at, **work)
        if state != "not_started":
            arguments = dict(run.arguments)
            run_id = begin(self.engine, at, spider=run.spider, arguments=arguments, job=run.job)
            end(self.engine, run_id, at, state, {"finews/finding/gap": 1, "finews/store/new": 2})
        known = {"run_id": run_id, **work}
        after_run(ended(state, at, **known), self.settings, Post(sleep=lambda _seconds: None))
        return run_id

    def heard(self) -> list[str]:
        return [title.removeprefix("finews: ") for title in self.hook.titles]


@pytest.fixture
def operator(engine: Engine, database_url: str, tmp_path: Path, hook: Webhook) -> Operator:
    return Operator(engine, database_url, tmp_path, hook)


def test_the_story_of_a_trouble(operator: Operator) -> None:
    for hours, state in enumerate(["ok", *["degraded"] * 8, "failed", "failed", "ok", "ok"]):
        operator.crawl(state, hours)
    assert operator.heard() == [
        "category: degraded",
        "category: still degraded",
        "category: now failed",
        "category: recovered",
    ]
    assert not operator.folder.exists()


def test_what_was_told_stands_in_the_record(operator: Operator) -> None:
    first, second = operator.crawl("failed"), operator.crawl("failed", 1)
    counts = {row.id: row.counts for row in queries.runs(operator.engine, 9)}
    assert counts[first or 0][SENT] == 1
    assert counts[first or 0]["finews/store/new"] == 2
    assert SENT not in counts[second or 0]


def test_each_work_has_a_story_of_its_own(operator: Operator) -> None:
    operator.crawl("failed", job="mirror")
    operator.crawl("failed", 1, job="nightly")
    operator.crawl("failed", 2, arguments={"full": "1", "_job": "a-1"})
    operator.crawl("failed", 3, arguments={"full": "1", "_job": "a-2"})
    operator.crawl("ok", 4, job="nightly")
    assert operator.heard() == [
        "mirror: failed",
        "nightly: failed",
        "category: failed",
        "nightly: recovered",
    ]


def test_a_crawl_that_cannot_start_is_remembered_without_a_record(operator: Operator) -> None:
    for hours in (0, 1, 2, 7):
        operator.crawl("not_started", hours)
    assert len(list(operator.folder.iterdir())) == 1
    operator.crawl("ok", 8)
    operator.crawl("ok", 9)
    assert operator.heard() == [
        "category: not started",
        "category: still not started",
        "category: recovered",
    ]
    assert list(operator.folder.iterdir()) == []


def test_a_database_that_is_away_does_not_make_it_tell_more(
    operator: Operator, tmp_path: Path
) -> None:
    operator.settings.set("FINEWS_DATABASE_URL", f"sqlite:///{tmp_path / 'away.db'}")
    for hours in (0, 1):
        operator.crawl("failed", hours)
    assert operator.heard() == ["category: failed"]
    (note,) = operator.folder.iterdir()
    assert json.loads(note.read_text())["state"] == "failed"


def test_a_folder_that_cannot_be_written_is_one_line(
    operator: Operator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    operator.settings.set("FINEWS_NOTIFY_FOLDER", str(tmp_path / "file"))
    operator.crawl("not_started")
    (line,) = [one.getMessage() for one in caplog.records]
    assert line.startswith("it is not noted that category was told: ")
    assert operator.heard() == ["category: not started"]


def test_the_span_is_the_operators(operator: Operator) -> None:
    operator.settings.set("FINEWS_NOTIFY_AGAIN", 0.0)
    operator.settings.set("FINEWS_NOTIFY_ON", "failed")
    for hours, state in enumerate(["degraded", "failed", "failed"]):
        operator.crawl(state, hours)
    assert operator.heard() == ["category: failed", "category: still failed"]
