"""A unit survives the queue, and two are the same when their crawls are."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finews.queue.units import LAST, read_unit, unit_of
from finews_crawler.errors import ConfigurationError
from tests.finews.jobs.making import a_job
from tests.finews.queue.making import a_unit

words = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)


@given(words, words, st.none() | st.integers(1, 10**6), st.lists(st.text(max_size=3), max_size=3))
def test_what_the_queue_keeps_gives_the_unit_back(
    arguments: dict[str, str], settings: dict[str, str], seconds: int | None, hosts: list[str]
) -> None:
    unit = a_unit(
        arguments=arguments,
        settings=settings,
        hosts=tuple(hosts),
        timeout=None if seconds is None else timedelta(seconds=seconds),
        priority=LAST,
    )
    kept = json.loads(json.dumps(unit.as_arguments()))
    assert read_unit(kept) == unit
    assert read_unit(kept).key == unit.key


def test_a_part_of_a_job_has_what_the_job_has() -> None:
    job = a_job(settings={"LOG_LEVEL": "ERROR"}, timeout=timedelta(hours=2))
    unit = unit_of(job, "Wind", {"categories": "Wind"}, "a.test", "b.test")
    assert (unit.job, unit.spider, unit.settings) == ("mirror", "category", job.settings)
    assert (unit.timeout, unit.grace) == (timedelta(hours=2), job.grace)
    assert unit.name == "mirror (Wind)"


@pytest.mark.parametrize(
    "changed",
    [
        {"spider": "share"},
        {"arguments": {"categories": "other"}},
        {"settings": {"LOG_LEVEL": "ERROR"}},
    ],
)
def test_another_crawl_has_another_key(changed: dict[str, Any]) -> None:
    assert a_unit(**changed).key != a_unit().key


def test_the_same_crawl_of_another_job_has_the_same_key() -> None:
    twin = a_unit(job="other", part="x", timeout=timedelta(1), priority=LAST)
    assert twin.key == a_unit().key


def test_locks_are_taken_in_one_order() -> None:
    assert a_unit(site="b", hosts=("c", "a")).locks == ("a", "b", "c")
    assert a_unit(site="c", hosts=("a", "b", "c")).locks == ("a", "b", "c")


def test_a_unit_of_no_job_is_named_after_its_spider() -> None:
    assert a_unit(job=None).name == "category (k1)"
    assert a_unit(job=None, part="").name == "category"


@pytest.mark.parametrize(
    "changed",
    [{"spider": "gone"}, {"arguments": None}, {"grace": "x"}, {"hosts": 1}, {"priority": None}],
)
def test_what_another_version_wrote(changed: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"no spider gone; known: |another version: "):
        read_unit({**a_unit().as_arguments(), **changed})


def test_what_lacks_a_part() -> None:
    with pytest.raises(ConfigurationError, match=r"another version: KeyError\('timeout'\)"):
        read_unit({"job": "mirror"})
