"""A watched crawl as its operator sees it: exit code, lines, messages, figures, record."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from finews.sample_site.server import sample_site_root
from pipelines.store import queries
from pipelines.store.engine import open_engine, writing
from pipelines.store.runs import start_run
from tests.processes import finished
from tests.receivers import Mailbox, Webhook, free_port, mailbox, webhook

if TYPE_CHECKING:
    from tests.conftest import Crawler

STRICT = "[many_rejects]\nshare = 0.01\nleast_pages = 1\n"
REJECTS = "many_rejects: 2 of 94 pages gave no article (2%): http_404 1, unknown_layout 1"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def site(served: Callable[[Path], str]) -> str:
    return served(sample_site_root())


@pytest.fixture
def watched(crawler: "Crawler", hook: Webhook, tmp_path: Path) -> "Crawler":
    """A crawl of a job, with somebody who is told."""
    crawler.environment |= {
        "FINEWS_NOTIFY": hook.url,
        "FINEWS_NOTIFY_FOLDER": str(tmp_path / "notified"),
        "FINEWS_METRICS_FILE": str(tmp_path / "finews.prom"),
        "FINEWS_JOB": "mirror",
        "FINEWS_LANGUAGE": "en",
    }
    return crawler


def outcomes(crawler: "Crawler") -> list[str | None]:
    """Of all runs, the oldest first."""
    return [row.outcome for row in reversed(queries.runs(crawler.engine(), 99))]


def thresholds(crawler: "Crawler", toml: str) -> None:
    path = crawler.folder / "monitors.toml"
    path.write_text(toml, encoding="utf-8")
    crawler.environment["FINEWS_MONITORS"] = str(path)


def test_the_sample_site_is_no_reason_to_cry(watched: "Crawler", site: str, hook: Webhook) -> None:
    arguments = ("-a", f"site={site}", "-a", "full=1", "-a", "refresh=all")
    crawls = [watched.run("category", *arguments) for _ in range(5)]
    assert [crawl.exit_code for crawl in crawls] == [0] * 5
    assert outcomes(watched) == ["ok"] * 5
    assert hook.paths == []


def test_a_degraded_crawl_is_told_once_and_its_recovery_too(
    watched: "Crawler", site: str, hook: Webhook, box: Mailbox
) -> None:
    watched.environment["FINEWS_NOTIFY"] += f" {box.url}"
    thresholds(watched, STRICT)
    arguments = ("-a", f"site={site}", "-a", "refresh=all")
    crawl = watched.run("category", *arguments)
    closing = f"category: articles: 92 new; degraded: 1 finding: {REJECTS}"
    lines = [line for line in crawl.told.splitlines() if line.startswith("finews: ")]
    assert crawl.exit_code == 3
    assert lines == [f"finews: category: {REJECTS}", f"finews: {closing}"]
    (run,) = queries.runs(watched.engine(), 9)
    assert (run.outcome, f"category: {run.message}") == ("degraded", closing)
    assert [one.kind for one in queries.findings(watched.engine(), run.id)] == ["many_rejects"]

    thresholds(watched, "")
    assert watched.run("category", *arguments).exit_code == 0
    assert hook.titles == ["finews: mirror: degraded", "finews: mirror: recovered"]
    assert [one["Subject"] for one in box.letters] == hook.titles
    told = hook.posted[0]["message"].splitlines()
    assert told[:3] == ["articles: 92 new", "Findings (1):", f"- {REJECTS}"]
    assert told[-1] == f"More: finews runs show {run.id}"

    figures = (watched.folder / "finews-mirror.prom").read_text()
    labels = 'crawl_job="mirror",outcome="{}",spider="category"'
    for name, outcome, value in [
        ("finews_runs_total", "ok", 1.0),
        ("finews_runs_total", "degraded", 1.0),
        ("finews_articles_total", "new", 92.0),
        ("finews_articles_total", "unchanged", 92.0),
        ("finews_last_run_outcome", "ok", 1.0),
    ]:
        assert f"{name}{{{labels.format(outcome)}}} {value}\n" in figures


def test_finews_shows_the_findings(watched: "Crawler", site: str) -> None:
    thresholds(watched, STRICT)
    watched.run("category", "-a", f"site={site}")
    url = f"sqlite:///{watched.database}"
    words = ["runs", "show", "1", "--json", "--database", url]
    shown = finished("finews", words, watched.folder, os.environ)
    row = json.loads(shown.stdout)
    assert row["findings"][0]["detail"] == REJECTS.removeprefix("many_rejects: ")


def test_a_crawl_that_cannot_start_is_told_once(watched: "Crawler", hook: Webhook) -> None:
    for _ in range(2):
        crawl = watched.run("category", "-s", "FINEWS_BATCH_SIZE=0")
        expected = "finews: FINEWS_BATCH_SIZE='0': must be a whole number, 1 or more\n"
        assert (crawl.exit_code, crawl.told) == (2, expected)
    assert hook.titles == ["finews: mirror: not started"]
    assert not watched.database.exists()
    figures = (watched.folder / "finews-mirror.prom").read_text()
    assert 'outcome="not_started",spider="category"} 2.0' in figures


def test_a_crawl_that_fails_is_told(watched: "Crawler", hook: Webhook) -> None:
    dead = f"site=http://127.0.0.1:{free_port()}"
    crawl = watched.run("category", "-a", dead, "-s", "RETRY_ENABLED=0")
    assert crawl.exit_code == 1
    assert hook.titles == ["finews: mirror: failed"]
    first = hook.posted[0]["message"].splitlines()[0]
    assert crawl.last_line == f"finews: category: failed: {first}"


def test_one_who_cannot_be_told_changes_nothing(watched: "Crawler", site: str) -> None:
    port = free_port()
    watched.environment["FINEWS_NOTIFY"] = f"json://user:secret@127.0.0.1:{port}/token123"
    thresholds(watched, STRICT)
    crawl = watched.run("category", "-a", f"site={site}", "-L", "DEBUG")
    line = f"no notification to json://127.0.0.1:{port}: 3 attempts failed"
    assert crawl.exit_code == 3
    assert len([one for one in crawl.told.splitlines() if one.endswith(line)]) == 1
    assert "secret" not in crawl.told
    assert "token123" not in crawl.told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "FINEWS_NOTIFY",
            "nonsense://secret",
            "FINEWS_NOTIFY: entry 1 (nonsense://…) is no Apprise URL that can be used",
        ),
        ("FINEWS_NOTIFY_ON", "broken", "FINEWS_NOTIFY_ON='broken': must be some of ok, degraded,"),
        ("FINEWS_NOTIFY_AGAIN", "often", "FINEWS_NOTIFY_AGAIN='often': 'often' is no span of"),
        ("FINEWS_METRICS_FILE", "a.txt", "FINEWS_METRICS_FILE='a.txt': must end in .prom"),
        ("FINEWS_MONITORS", "/nowhere.toml", "/nowhere.toml: [Errno 2] No such file"),
    ],
)
def test_a_setting_that_is_wrong_stops_a_crawl_with_one_line(
    crawler: "Crawler", name: str, value: str, told: str
) -> None:
    crawler.environment[name] = value
    crawl = crawler.run("category")
    assert (crawl.exit_code, len(crawl.told.splitlines())) == (2, 1)
    assert crawl.told.startswith(f"finews: {told}")


def test_a_figure_that_cannot_be_written_is_one_line(watched: "Crawler", site: str) -> None:
    watched.environment["FINEWS_METRICS_FILE"] = str(watched.folder / "nowhere" / "finews.prom")
    crawl = watched.run("category", "-a", f"site={site}", "-a", "categories=Wind")
    assert crawl.exit_code == 0
    assert "pipelines.metrics.after_run: [Errno 2] No such file" in crawl.last_line
    assert "Traceback" not in crawl.told


def test_the_ranges_of_the_site_hold_for_a_copy_when_the_operator_says_so(
    watched: "Crawler", site: str
) -> None:
    toml = "[out_of_range]\napply_to_all = true\n[expected.categories.Wind]\nmin = 5\nmax = 9\n"
    thresholds(watched, toml)
    crawl = watched.run("category", "-a", f"site={site}", "-a", "categories=Wind,TechWeb")
    told = "out_of_range Wind: 2 posts listed; expected are 5 to 9"
    assert crawl.exit_code == 3
    assert crawl.last_line.endswith(f"degraded: 1 finding: {told}")


def test_the_run_after_one_that_died_says_so(watched: "Crawler", site: str, hook: Webhook) -> None:
    engine = open_engine(f"sqlite:///{watched.database}")
    dead = start_run(engine, "category", {}, datetime.now(UTC) - timedelta(hours=1), "mirror")
    engine.dispose()
    arguments = ("-a", f"site={site}", "-a", "categories=Wind")
    crawls = [watched.run("category", *arguments) for _ in range(2)]
    assert [crawl.exit_code for crawl in crawls] == [3, 0]
    assert f"finews: category: previous_run_died {dead}: crawl {dead} (process " in crawls[0].told
    assert hook.titles == ["finews: mirror: degraded", "finews: mirror: recovered"]


def test_a_monitor_that_breaks_leaves_the_record_whole(watched: "Crawler", site: str) -> None:
    url = f"sqlite:///{watched.database}"
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        connection.execute(text("ALTER TABLE finding RENAME TO finding_gone"))
    engine.dispose()
    crawl = watched.run("category", "-a", f"site={site}", "-a", "categories=Wind")
    assert crawl.exit_code == 3
    assert "monitors_failed: no such table: finding" in crawl.last_line
    assert outcomes(watched) == ["degraded"]
