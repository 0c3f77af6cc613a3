"""What is asked of a server under measurement, and what its figures say."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks import databases as places
from benchmarks import scale, serve
from benchmarks.databases import Databases
from benchmarks.export import Rates
from benchmarks.prefill import BATCH, fill
from benchmarks.serve import PAGES, Measured, Waits, paths, result_line, serving


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    with databases.fresh() as found:
        fill(found, BATCH)
        yield found


def test_each_page_is_asked_for_by_the_same_addresses_in_every_run() -> None:
    asked = {name: paths(name, 3, BATCH) for name in PAGES}
    assert asked == {name: paths(name, 3, BATCH) for name in PAGES}
    assert asked["stream"] == ["/", "/", "/"]
    patterns = {
        "article": r"/article/\d{18}",
        "security": r"/security/\d{6}\.(SH|SZ)",
        "search": r"/\?q=(%[0-9A-F]{2})+",
        "changes": r"/api/v1/changes\?after=\d+",
    }
    for name, pattern in patterns.items():
        assert len(set(asked[name])) > 1
        assert all(re.fullmatch(pattern, path) for path in asked[name])


def test_pages_hold_what_they_are_asked_for(url: str) -> None:
    with serving(url) as address, httpx.Client(base_url=address, trust_env=False) as client:
        for name in PAGES:
            for path in paths(name, 2, BATCH):
                answer = client.get(path)
                assert answer.status_code == httpx.codes.OK, path
                wanted = path.rpartition("/")[2] if name in {"article", "security"} else ""
                assert wanted in answer.text


def measured(p95: float, ratio: float) -> Measured:
    waits = {"stream": Waits(1, 2, 3, 50), "search": Waits(1, p95, p95, 50)}
    return Measured(waits, Rates(10, 100, {"news.jsonl": 100 * ratio, "news.parquet": 1}))


def test_the_last_line_has_the_slowest_page_and_the_slowest_export() -> None:
    assert result_line([measured(9.96, 0.8)]) == "RESULT p95_ms=10.0 export_ratio=0.80"
    both = [measured(9, 0.6), measured(31.5, 0.7)]
    assert result_line(both) == "RESULT p95_ms=31.5 export_ratio=0.60"


def test_the_whole_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for module in (scale, places):
        monkeypatch.setattr(module, "bench_folder", lambda: tmp_path)
    few = ["--engine=sqlite", "--name=tried", "--articles=400", "--requests=2", "--rate=50"]
    monkeypatch.setattr(sys, "argv", ["serve", *few])
    serve.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:5]] == list(PAGES)
    assert re.fullmatch(r"RESULT p95_ms=\d+\.\d export_ratio=\d+\.\d\d", lines[-1])
    assert len(lines) == 5 + 3 + 1


def test_a_server_that_does_not_begin_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="the server did not begin"),
        serving(f"sqlite:///{tmp_path}/none.db"),
    ):
        pass
