"""What the scheduler tells of its runs: metrics, and crawls that could not tell of themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine

from finews.crawling import project_settings
from finews.jobs.definition import Job, read_jobs
from finews.jobs.runner import RunEnd
from finews.jobs.telling import metrics_at, teller, told_if_not_started
from finews_crawler.errors import ConfigurationError, StorageError
from finews_crawler.options import check_options
from finews_crawler.outcome import Verdict
from pipelines.store.runs import finish_run, start_run
from tests.receivers import webhook

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def mirror(tmp_path: Path) -> Job:
    jobs = tmp_path / "jobs.toml"
    jobs.write_text('[jobs.mirror]\nspider = "category"\nevery = "20m"\n')
    return read_jobs(jobs)["mirror"]


def scraped(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return str(answer.read().decode())


def begun(engine: Engine) -> int:
    return start_run(engine, "category", {}, NOW, "mirror")


def ended(engine: Engine) -> int:
    run = begun(engine)
    verdict = Verdict(ok=True, message="articles: 7 new", reason="finished")
    finish_run(engine, run, verdict, {"finews/store/new": 7}, NOW + timedelta(minutes=1))
    return run


def test_a_run_that_ended_is_in_the_metrics(engine: Engine, mirror: Job, told: list[str]) -> None:
    with metrics_at(0, "127.0.0.1") as server:
        assert server is not None
        hook = teller(engine, project_settings(), server, told.append)
        hook(RunEnd(job=mirror, outcome="ran", exit_code=0, run_id=ended(engine)))
        text = scraped(server.port)
    lines = [line for line in text.splitlines() if line.startswith("finews_articles_total")]
    assert any('outcome="new"' in line and line.endswith(" 7.0") for line in lines)
    assert told == []


def test_a_killed_run_is_told_to_people(
    engine: Engine, mirror: Job, told: list[str], tmp_path: Path
) -> None:
    settings = project_settings()
    check_options(settings)
    settings.set("FINEWS_NOTIFY_FOLDER", str(tmp_path / "notified"))
    settings.set("FINEWS_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    with webhook() as hook:
        settings.set("FINEWS_NOTIFY", hook.url)
        tell = teller(engine, settings, None, told.append)
        tell(RunEnd(job=mirror, outcome="ran", exit_code=0, run_id=ended(engine)))
        tell(RunEnd(job=mirror, outcome="ran", exit_code=137, run_id=begun(engine)))
        (message,) = hook.posted
    assert "mirror" in str(message)


def test_a_run_without_a_record_is_passed_over(
    engine: Engine, mirror: Job, told: list[str]
) -> None:
    hook = teller(engine, project_settings(), None, told.append)
    hook(RunEnd(job=mirror, outcome="ran", exit_code=2))
    hook(RunEnd(job=mirror, outcome="ran", exit_code=137, run_id=4711))
    assert told == []


def test_a_port_that_is_taken_is_a_clear_error() -> None:
    with metrics_at(0, "127.0.0.1") as server:
        assert server is not None
        second = metrics_at(server.port, "127.0.0.1")
        with pytest.raises(ConfigurationError, match=r"metrics at 127\.0\.0\.1:"):
            second.__enter__()


def test_without_a_port_nothing_listens() -> None:
    with metrics_at(None, "127.0.0.1") as server:
        assert server is None


@pytest.mark.parametrize("batch", ["200", "none"])
def test_a_run_whose_crawl_cannot_be_started_is_told_to_people(
    mirror: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: str
) -> None:
    """No crawl is there to tell it, as when the database is away at night."""
    monkeypatch.setenv("FINEWS_LANGUAGE", "en")
    settings = project_settings()
    settings.set("FINEWS_BATCH_SIZE", batch)
    settings.set("FINEWS_NOTIFY_FOLDER", str(tmp_path))
    settings.set("FINEWS_DATABASE_URL", f"sqlite:///{tmp_path}/gone/finews.db")
    with webhook() as hook:
        settings.set("FINEWS_NOTIFY", hook.url)
        with (
            pytest.raises(StorageError, match="no answer"),
            told_if_not_started(mirror, settings),
        ):
            raise StorageError("no answer")
    assert hook.titles == ["finews: mirror: not started"]
    assert hook.posted[0]["message"].splitlines()[0] == "no answer"
