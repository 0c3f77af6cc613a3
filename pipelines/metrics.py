"""Figures for Prometheus: a textfile for crawls that cron starts, an endpoint for a scheduler.

Each crawl is a process of its own, so it takes over the counters that the one before it wrote. A
job has a file of its own: `finews.prom` becomes `finews-<job>.prom`, or `finews-<spider>.prom` for
a crawl without a job.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Literal
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from scrapy.settings import BaseSettings
from sqlalchemy import Engine

from finews_crawler.errors import ConfigurationError
from finews_crawler.outcome import STATES, STORED, EndedRun, Verdict, count_of
from pipelines.monitors import ALL_KINDS
from pipelines.store.queries import findings, run

logger = logging.getLogger(__name__)
_OWN = ("spider", "crawl_job")
"""Labels of every series; `job` is Prometheus' own."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One name, and what stands behind it."""

    name: str
    kind: Literal["counter", "gauge"]
    labels: tuple[str, ...]
    """Besides `spider` and `crawl_job`."""
    help: str


METRICS: tuple[Metric, ...] = (
    Metric("finews_runs_total", "counter", ("outcome",), "Crawls by end state."),
    Metric("finews_articles_total", "counter", ("outcome",), "Articles by what the store did."),
    Metric("finews_rejects_total", "counter", ("reason",), "Pages that gave no article."),
    Metric("finews_requests_total", "counter", (), "Requests sent."),
    Metric("finews_responses_total", "counter", ("status",), "Answers by HTTP status."),
    Metric("finews_received_bytes_total", "counter", (), "Bytes of answers as they came."),
    Metric("finews_last_run_timestamp_seconds", "gauge", (), "When the last crawl ended."),
    Metric(
        "finews_last_success_timestamp_seconds",
        "gauge",
        (),
        "When the last crawl ended that was ok or degraded.",
    ),
    Metric("finews_last_run_duration_seconds", "gauge", (), "How long the last crawl took."),
    Metric(
        "finews_last_run_outcome",
        "gauge",
        ("outcome",),
        "1 for the last crawl's end state, else 0.",
    ),
    Metric("finews_last_run_findings", "gauge", ("kind",), "Findings of the last crawl."),
    Metric(
        "finews_last_run_latency_seconds",
        "gauge",
        ("quantile",),
        "Time within which this share of the last crawl's answers came.",
    ),
    Metric(
        "finews_last_run_peak_memory_bytes", "gauge", (), "Most memory that the last crawl held."
    ),
)
_BY_NAME = {one.name: one for one in METRICS}
_QUANTILES = {"0.5": "finews/latency/p50_ms", "0.95": "finews/latency/p95_ms"}


class RunMetrics(Collector):
    """The figures of all crawls that were recorded; safe for threads."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, tuple[str, ...]], float] = {}
        self._guard = Lock()
        self.registry = CollectorRegistry()
        """Its own: Prometheus' default one would add figures of this process."""
        self.registry.register(self)

    def record(self, ended: EndedRun) -> None:
        """Add a crawl."""
        own = (ended.spider, ended.job or "")
        with self._guard:
            for name, labels, number in _counted(ended):
                key = (name, (*own, *labels))
                self._values[key] = self._values.get(key, 0.0) + number
            for name, labels, value in _measured(ended):
                if value is None:
                    self._values.pop((name, (*own, *labels)), None)
                else:
                    self._values[name, (*own, *labels)] = value

    def carry_on(self, text: str) -> None:
        """Take over what an earlier process has written.

        Raises:
            ValueError: it is no text of Prometheus.
        """
        with self._guard:
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    metric = _BY_NAME.get(sample.name)
                    if metric is not None:
                        labels = (sample.labels.get(name, "") for name in (*_OWN, *metric.labels))
                        self._values[metric.name, tuple(labels)] = sample.value

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Everything, in the order of the table."""
        with self._guard:
            values = dict(self._values)
        kinds = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}
        for metric in METRICS:
            family = kinds[metric.kind](metric.name, metric.help, labels=(*_OWN, *metric.labels))
            for (name, labels), value in sorted(values.items()):
                if name == metric.name:
                    family.add_metric(labels, value)
            yield family


Counted = Iterator[tuple[str, tuple[str, ...], float]]


def _counted(ended: EndedRun) -> Counted:
    """What a crawl adds to counters: name, further labels, number."""
    stats = ended.stats
    for state in STATES:
        yield "finews_runs_total", (state,), float(state == ended.state)
    for outcome in STORED:
        yield "finews_articles_total", (outcome,), count_of(stats, f"finews/store/{outcome}")
    yield "finews_articles_total", ("known",), count_of(stats, "finews/memory/known")
    yield "finews_requests_total", (), count_of(stats, "downloader/request_count")
    yield "finews_received_bytes_total", (), count_of(stats, "downloader/response_bytes")
    for key in stats:
        if key.startswith("downloader/response_status_count/"):
            yield "finews_responses_total", (key.rpartition("/")[2],), count_of(stats, key)
        if key.startswith("finews/reject/"):
            yield "finews_rejects_total", (key.rpartition("/")[2],), count_of(stats, key)


def _measured(ended: EndedRun) -> Iterator[tuple[str, tuple[str, ...], float | None]]:
    """What a crawl sets gauges to; None: it did not measure it."""
    stats, at = ended.stats, ended.finished_at.timestamp()
    yield "finews_last_run_timestamp_seconds", (), at
    if ended.verdict.ok:
        yield "finews_last_success_timestamp_seconds", (), at
    seconds = (ended.finished_at - ended.started_at).total_seconds()
    yield "finews_last_run_duration_seconds", (), seconds
    for state in STATES:
        yield "finews_last_run_outcome", (state,), float(state == ended.state)
    for kind in {*ALL_KINDS, *ended.found}:
        yield "finews_last_run_findings", (kind,), ended.found.get(kind, 0)
    for quantile, key in _QUANTILES.items():
        milliseconds = count_of(stats, key) / 1000 if key in stats else None
        yield "finews_last_run_latency_seconds", (quantile,), milliseconds
    peak = "finews/peak_memory_bytes"
    yield "finews_last_run_peak_memory_bytes", (), count_of(stats, peak) if peak in stats else None


# --- the textfile -----------------------------------------------------------------------------


def textfile_of(path: str, name: str) -> Path:
    """The file of one job beside those of others: `finews.prom` -> `finews-mirror.prom`."""
    whole = Path(path)
    safe = re.sub(r"[^\w.-]", "_", name)
    return whole.with_name(f"{whole.stem}-{safe}{whole.suffix}")


def after_run(ended: EndedRun, settings: BaseSettings) -> None:
    """Write the textfile, where the settings name one.

    Raises:
        OSError: it cannot be written.
    """
    if not settings["FINEWS_METRICS_FILE"]:
        return
    path = textfile_of(settings["FINEWS_METRICS_FILE"], ended.name)
    metrics = RunMetrics()
    try:
        metrics.carry_on(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except ValueError as error:
        logger.warning("%s is begun anew: %s", path, error)
        metrics = RunMetrics()
    metrics.record(ended)
    write_to_textfile(str(path), metrics.registry)
    # Prometheus' exporter runs as another user, and under systemd files may be made for one only.
    path.chmod(0o644)


# --- the endpoint -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MetricsServer:
    """Serves what was recorded, at `/metrics`."""

    metrics: RunMetrics
    _server: WSGIServer
    _thread: Thread

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def record(self, ended: EndedRun) -> None:
        """Add a crawl; from any thread."""
        self.metrics.record(ended)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_metrics(port: int, address: str = "127.0.0.1") -> MetricsServer:
    """Serve metrics from threads of their own; with port 0 on any free one.

    Raises:
        ConfigurationError: nothing can listen there.
    """
    metrics = RunMetrics()
    try:
        server, thread = start_http_server(port, address, metrics.registry)
    except OSError as error:
        raise ConfigurationError(f"metrics at {address}:{port}: {error}") from error
    return MetricsServer(metrics, server, thread)


def recorded_run(engine: Engine, run_id: int, exit_code: int) -> EndedRun | None:
    """A crawl of another process as its record tells it; None when there is no record.

    Args:
        engine: the database.
        run_id: the row in `crawl_run`.
        exit_code: of its process.
    """
    row = run(engine, run_id)
    if row is None:
        return None
    lines = tuple(one.line for one in findings(engine, run_id))
    verdict = Verdict(
        ok=row.outcome in {"ok", "degraded"},
        message=row.message or "its process ended without a word",
        reason=row.reason or "killed",
        findings=lines,
    )
    measured = {
        "finews/latency/p50_ms": row.latency_p50_ms,
        "finews/latency/p95_ms": row.latency_p95_ms,
        "finews/peak_memory_bytes": row.peak_memory_bytes,
    }
    return EndedRun(
        spider=row.spider,
        arguments=row.arguments,
        job=row.job,
        verdict=verdict,
        exit_code=exit_code,
        started_at=row.started_at,
        finished_at=row.finished_at or row.alive_at or row.started_at,
        run_id=run_id,
        stats={**row.counts, **{key: one for key, one in measured.items() if one is not None}},
    )
