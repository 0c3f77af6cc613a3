"""How long answers took, to a factor; how much memory the process held; where both are told."""

import math
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request, Spider, signals
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from finews_crawler import measures
from finews_crawler.measures import STEP, Latencies, MeasuresExtension, peak_memory

SECONDS = st.floats(min_value=0, max_value=100_000, allow_nan=False)
SHARES = st.sampled_from([0.5, 0.95])


def counted(*seconds: float) -> Latencies:
    found = Latencies()
    for one in seconds:
        found.add(one)
    return found


def exact(seconds: list[float], share: float) -> float:
    """The true quantile in milliseconds; what is below one counts as one."""
    place = math.ceil(round(share * len(seconds), 6)) - 1
    return max(sorted(seconds)[place] * 1000, 1.0)


# --- quantiles --------------------------------------------------------------------------------


@given(st.lists(SECONDS, min_size=1, max_size=60), SHARES)
def test_a_quantile_is_exact_to_a_factor_and_to_a_millisecond(
    seconds: list[float], share: float
) -> None:
    found, true = counted(*seconds).quantile(share), exact(seconds, share)
    assert found is not None
    assert true / STEP - 1 <= found <= true * STEP + 1


@given(st.lists(SECONDS, min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_matter(seconds: list[float], dice: Any) -> None:
    shuffled = dice.sample(seconds, len(seconds))
    shares = (0.0, 0.5, 0.95, 1.0)
    found = [counted(*seconds).quantile(share) for share in shares]
    assert found == [counted(*shuffled).quantile(share) for share in shares]
    assert found == sorted(found, key=lambda one: one or 0)


def test_without_an_answer_there_is_no_quantile() -> None:
    assert [Latencies().quantile(share) for share in (0.0, 0.5, 1.0)] == [None] * 3


@pytest.mark.parametrize(
    ("seconds", "half", "most"),
    [
        pytest.param([0.0], 1, 1, id="at once"),
        pytest.param([0.2], 200, 200, id="one"),
        pytest.param([0.01] * 19 + [10], 10, 10, id="the twentieth is slow"),
        pytest.param([0.01] * 18 + [10] * 2, 10, 10_000, id="two of twenty are slow"),
        pytest.param([0.01, 0.1], 10, 100, id="of two the half is the first"),
    ],
)
def test_quantiles_by_hand(seconds: list[float], half: int, most: int) -> None:
    found = counted(*seconds)
    assert found.quantile(0.5) == pytest.approx(half, rel=STEP - 1)
    assert found.quantile(0.95) == pytest.approx(most, rel=STEP - 1)


def test_many_answers_take_no_more_room_than_their_classes() -> None:
    found = counted(*(number / 1000 for number in range(20_000)))
    classes = found._counts
    assert (classes.total(), len(classes) < 250) == (20_000, True)


# --- memory -----------------------------------------------------------------------------------


def test_the_peak_of_memory_is_that_of_a_python_process() -> None:
    peak = peak_memory()
    assert peak is not None
    assert 10_000_000 < peak < 100_000_000_000


def test_the_peak_of_memory_never_falls() -> None:
    before = peak_memory()
    block = bytearray(64_000_000)
    held = peak_memory()
    del block
    after = peak_memory()
    assert before is not None
    assert held is not None
    assert after is not None
    assert before <= held <= after


def test_where_nobody_counts_memory_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert peak_memory() is None


# --- the crawl --------------------------------------------------------------------------------


def measured(*latencies: float | None) -> dict[str, Any]:
    """The statistics of a crawl whose answers took so long; None: an answer without a network."""
    crawler = get_crawler(Spider, {"EXTENSIONS_BASE": {}})
    extension = MeasuresExtension.from_crawler(crawler)  # signals hold it by a weak reference
    for latency in latencies:
        meta = {} if latency is None else {"download_latency": latency}
        request = Request("http://127.0.0.1/", meta=meta)
        response = Response(request.url, request=request)
        crawler.signals.send_catch_log(signals.response_received, response=response)
    crawler.signals.send_catch_log(signals.spider_closed, reason="finished")
    del extension
    return dict(crawler.stats.get_stats())


def test_the_statistics_of_a_crawl_tell_what_was_measured() -> None:
    found = measured(0.01, None, 0.01, 0.01, 2.0)
    assert found["finews/latency/p50_ms"] == pytest.approx(10, abs=1)
    assert found["finews/latency/p95_ms"] == pytest.approx(2000, rel=STEP - 1)
    assert found["finews/peak_memory_bytes"] == pytest.approx(peak_memory(), rel=0.2)


@pytest.mark.parametrize("latencies", [(), (None, None)], ids=["no answer", "none by a network"])
def test_what_was_not_measured_is_not_told(
    monkeypatch: pytest.MonkeyPatch, latencies: tuple[None, ...]
) -> None:
    monkeypatch.setattr(measures, "peak_memory", lambda: None)
    assert [key for key in measured(*latencies) if key.startswith("finews/")] == []
