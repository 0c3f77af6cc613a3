"""Figures for Prometheus: as a textfile that outlives crawls, and as an endpoint."""

import stat
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from scrapy.settings import Settings
from sqlalchemy import Engine

from finews_crawler.errors import ConfigurationError
from finews_crawler.options import check_options, option_values
from finews_crawler.outcome import EndedRun, Verdict
from pipelines.metrics import (
    METRICS,
    MetricsServer,
    RunMetrics,
    after_run,
    recorded_run,
    serve_metrics,
    textfile_of,
)
from pipelines.monitors import ALL_KINDS
from pipelines.store.engine import open_engine, writing
from pipelines.store.findings import Finding, write_findings
from pipelines.store.runs import finish_run, start_run
from tests.receivers import free_port

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
STATS: dict[str, object] = {
    "finews/store/new": 3,
    "finews/store/unchanged": 40,
    "finews/memory/known": 500,
    "finews/reject/fetch/http_404": 2,
    "downloader/request_count": 50,
    "downloader/response_bytes": 120_000,
    "downloader/response_status_count/200": 47,
    "downloader/response_status_count/404": 2,
    "finews/latency/p50_ms": 20,
    "finews/latency/p95_ms": 350,
    "finews/peak_memory_bytes": 180_000_000,
    "finews/finding/gap": 1,
}
GOOD = Verdict(True, "articles: 3 new", "finished")
DEGRADED = Verdict(True, "articles: 3 new", "finished", ("gap Wind: x",))
FAILED = Verdict(False, "no article was stored", "finished")
NOT_STARTED = Verdict(False, "no spider nothing", "not_started")


def ended(verdict: Verdict = GOOD, at: datetime = NOW, **changed: Any) -> EndedRun:
    known: dict[str, Any] = {
        "spider": "category",
        "arguments": {},
        "job": "mirror",
        "verdict": verdict,
        "exit_code": 0,
        "started_at": at - timedelta(seconds=90),
        "finished_at": at,
        "stats": STATS,
    }
    return EndedRun(**{**known, **changed})


def values_of(text: str, **wanted: str) -> dict[tuple[str, ...], float]:
    """By name and the further labels, in the order of their names."""
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = dict(one.labels)
            if all(labels.get(name) == value for name, value in wanted.items()):
                further = (labels[name] for name in sorted(labels.keys() - {"spider", "crawl_job"}))
                found[one.name, *further] = one.value
    return found


def recorded(*runs: EndedRun) -> dict[tuple[str, ...], float]:
    metrics = RunMetrics()
    for run in runs:
        metrics.record(run)
    return values_of(generate_latest(metrics.registry).decode())


def some(values: Mapping[tuple[str, ...], float], name: str) -> dict[tuple[str, ...], float]:
    """Those of one name that are not 0."""
    return {key[1:]: value for key, value in values.items() if key[0] == name and value}


# --- one run ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("finews_runs_total", {("degraded",): 1}),
        ("finews_articles_total", {("new",): 3, ("unchanged",): 40, ("known",): 500}),
        ("finews_rejects_total", {("http_404",): 2}),
        ("finews_requests_total", {(): 50}),
        ("finews_responses_total", {("200",): 47, ("404",): 2}),
        ("finews_received_bytes_total", {(): 120_000}),
        ("finews_last_run_timestamp_seconds", {(): NOW.timestamp()}),
        ("finews_last_success_timestamp_seconds", {(): NOW.timestamp()}),
        ("finews_last_run_duration_seconds", {(): 90}),
        ("finews_last_run_outcome", {("degraded",): 1}),
        ("finews_last_run_findings", {("gap",): 1}),
        ("finews_last_run_latency_seconds", {("0.5",): 0.02, ("0.95",): 0.35}),
        ("finews_last_run_peak_memory_bytes", {(): 180_000_000}),
    ],
)
def test_a_run(name: str, expected: dict[tuple[str, ...], float]) -> None:
    assert some(recorded(ended(DEGRADED)), name) == expected


def test_every_metric_is_tested() -> None:
    names = {key[0] for key in recorded(ended(DEGRADED))}
    assert names == {one.name for one in METRICS}


def test_what_can_be_is_there_from_the_beginning() -> None:
    values = recorded(ended())
    states = ("ok", "degraded", "failed", "not_started")
    assert [values["finews_runs_total", state] for state in states] == [1, 0, 0, 0]
    assert [values["finews_last_run_outcome", state] for state in states] == [1, 0, 0, 0]
    kinds = {key[1] for key in values if key[0] == "finews_last_run_findings"}
    assert kinds == set(ALL_KINDS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.name)
def test_names_follow_the_conventions(metric: Any) -> None:
    assert metric.name.startswith("finews_")
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.help.endswith(".")


# --- several ----------------------------------------------------------------------------------


def test_counters_grow_and_gauges_follow() -> None:
    later = NOW + timedelta(hours=1)
    values = recorded(ended(DEGRADED), ended(FAILED, later, stats={"downloader/request_count": 7}))
    assert some(values, "finews_runs_total") == {("degraded",): 1, ("failed",): 1}
    assert values["finews_requests_total",] == 57
    assert values["finews_last_run_timestamp_seconds",] == later.timestamp()
    assert values["finews_last_success_timestamp_seconds",] == NOW.timestamp()
    assert some(values, "finews_last_run_findings") == {}
    assert some(values, "finews_last_run_latency_seconds") == {}
    assert ("finews_last_run_peak_memory_bytes",) not in values


def test_jobs_do_not_mix() -> None:
    metrics = RunMetrics()
    metrics.record(ended())
    metrics.record(ended(FAILED, job=None, spider="live", stats={}))
    text = generate_latest(metrics.registry).decode()
    mirror = values_of(text, crawl_job="mirror", spider="category")
    live = values_of(text, crawl_job="", spider="live")
    assert (mirror["finews_runs_total", "ok"], live["finews_runs_total", "failed"]) == (1, 1)
    assert live["finews_requests_total",] == 0


# --- the textfile -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("mirror", "finews-mirror.prom"),
        ("a b/../c", "finews-a_b_.._c.prom"),
        ("夜间", "finews-夜间.prom"),
    ],
)
def test_each_job_has_a_file(name: str, file: str) -> None:
    assert textfile_of("/srv/metrics/finews.prom", name) == Path("/srv/metrics") / file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"FINEWS_METRICS_FILE": str(tmp_path / "finews.prom")}
    made = Settings({**option_values({}), **given}, priority="project")
    check_options(made)
    return made


def test_a_file_goes_on_where_the_crawl_before_has_ended(
    tmp_path: Path, settings: Settings
) -> None:
    runs = [ended(), ended(DEGRADED), ended(NOT_STARTED, NOW + timedelta(hours=1), stats={})]
    for run in runs:
        after_run(run, settings)
    path = tmp_path / "finews-mirror.prom"
    values = values_of(path.read_text())
    assert values == recorded(*runs)
    assert some(values, "finews_runs_total") == {
        ("ok",): 1,
        ("degraded",): 1,
        ("not_started",): 1,
    }
    assert values["finews_last_success_timestamp_seconds",] == NOW.timestamp()


def test_files_of_jobs_do_not_erase_each_other(tmp_path: Path, settings: Settings) -> None:
    after_run(ended(), settings)
    after_run(ended(job="nightly"), settings)
    after_run(ended(job=None), settings)
    names = ["finews-category.prom", "finews-mirror.prom", "finews-nightly.prom"]
    assert sorted(one.name for one in tmp_path.iterdir()) == names


def test_a_file_can_be_read_by_the_exporter(tmp_path: Path, settings: Settings) -> None:
    after_run(ended(), settings)
    mode = (tmp_path / "finews-mirror.prom").stat().st_mode
    assert stat.S_IMODE(mode) == 0o644


@pytest.mark.parametrize("spoilt", [b"finews_runs_total{", b"\xff\xfe", b"a b c d"])
def test_a_spoilt_file_is_begun_anew_with_a_line(
    tmp_path: Path, settings: Settings, spoilt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "finews-mirror.prom"
    path.write_bytes(spoilt)
    after_run(ended(), settings)
    assert values_of(path.read_text()) == recorded(ended())
    (line,) = [one.getMessage() for one in caplog.records]
    assert line.startswith(f"{path} is begun anew: ")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, settings: Settings) -> None:
    settings.set("FINEWS_METRICS_FILE", str(tmp_path / "none" / "finews.prom"))
    with pytest.raises(FileNotFoundError, match="none"):
        after_run(ended(), settings)


def test_without_the_setting_nothing_is_written(tmp_path: Path, settings: Settings) -> None:
    settings.set("FINEWS_METRICS_FILE", "")
    after_run(ended(), settings)
    assert list(tmp_path.iterdir()) == []


# --- the endpoint -----------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    made = serve_metrics(0)
    yield made
    made.close()


def asked(server: MetricsServer) -> str:
    with urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def test_the_endpoint_serves_what_was_recorded(server: MetricsServer) -> None:
    assert values_of(asked(server)) == {}
    threads = [threading.Thread(target=server.record, args=[ended()]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    values = values_of(asked(server))
    assert (values["finews_runs_total", "ok"], values["finews_requests_total",]) == (8, 400)


def test_nothing_of_the_process_itself_is_served(server: MetricsServer) -> None:
    server.record(ended())
    assert {
        line.split("{")[0].split("_")[0] for line in asked(server).splitlines() if line[0] != "#"
    } == {"finews"}


def test_a_port_that_is_taken_is_one_line(server: MetricsServer) -> None:
    with pytest.raises(ConfigurationError, match=f"^metrics at 127.0.0.1:{server.port}: "):
        serve_metrics(server.port)


def test_a_closed_server_frees_its_port() -> None:
    port = free_port()
    for _ in range(2):
        serve_metrics(port).close()


# --- from the record of a run -----------------------------------------------------------------


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'finews.db'}")
    yield engine
    engine.dispose()


def test_a_run_of_another_process_is_read_from_its_record(engine: Engine) -> None:
    began = NOW - timedelta(seconds=90)
    run_id = start_run(engine, "category", {}, began, "mirror")
    with writing(engine).begin() as connection:
        write_findings(connection, [Finding(kind="gap", subject="Wind", detail="x")], run_id, NOW)
    finish_run(engine, run_id, DEGRADED, STATS, NOW)
    found = recorded_run(engine, run_id, 3)
    assert found is not None
    assert (found.verdict, found.exit_code, found.run_id) == (DEGRADED, 3, run_id)
    assert recorded(found) == recorded(ended(DEGRADED))


def test_a_run_that_was_killed_has_failed(engine: Engine) -> None:
    run_id = start_run(engine, "category", {}, NOW, None)
    found = recorded_run(engine, run_id, 137)
    assert found is not None
    told = (found.state, found.verdict.reason, found.verdict.message)
    assert told == ("failed", "killed", "its process ended without a word")


def test_a_run_without_a_record_is_none(engine: Engine) -> None:
    assert recorded_run(engine, 7, 2) is None
