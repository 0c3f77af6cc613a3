"""docs/monitoring.md held against the code: states, findings, thresholds, figures, logs."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from finews_crawler import json_logs
from finews_crawler.commands import crawl
from finews_crawler.outcome import STATES, Outcome
from finews_crawler.reference import load_table
from pipelines.metrics import METRICS
from pipelines.monitors import ALL_KINDS, KINDS
from pipelines.monitors.checks import CHECKS
from pipelines.monitors.thresholds import Range, Thresholds, read_thresholds
from pipelines.notify import sending
from pipelines.notify.targets import read_targets
from pipelines.store.runs import LOST_AFTER
from tests.repository.reading import blocks, document, quoted, section, table_rows

TEXT = document("docs/monitoring.md")
WORDS = " ".join(TEXT.split())
NUMBERS = {3: "three", 5: "five"}


def first_words(heading: str) -> list[str]:
    return [quoted(row[0])[0] for row in table_rows(section(TEXT, heading))]


# --- end states and findings ------------------------------------------------------------------


def test_every_end_state_with_its_exit_code() -> None:
    codes = {quoted(row[0])[0]: int(row[1]) for row in table_rows(section(TEXT, "## End states"))}
    assert set(codes) == set(STATES)
    assert codes.pop("not_started") == crawl.EXIT_NOT_STARTED
    assert codes == crawl.EXIT_CODES
    assert set(get_args(Outcome)) == set(crawl.EXIT_CODES)


def test_every_kind_of_finding() -> None:
    assert first_words("## Findings") == list(ALL_KINDS)
    assert set(CHECKS) == KINDS


def test_every_finding_says_what_to_do() -> None:
    rows = table_rows(section(TEXT, "## Findings"))
    assert [row for row in rows if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        f"prints at most {NUMBERS[crawl.MOST_FINDINGS]} findings",
        f"as lost after {NUMBERS[LOST_AFTER.seconds // 60]} minutes of silence",
        f"A message is tried {NUMBERS[len(sending.PAUSES) + 1]} times",
        f"for {sending.PATIENCE:.0f} seconds at most",
    ],
)
def test_a_number_is_told(sentence: str) -> None:
    assert sentence in WORDS


# --- thresholds -------------------------------------------------------------------------------


def keys_of(kind: Any, before: str = "") -> Iterator[str]:
    """The keys of a file of thresholds, in the order of the program."""
    for one in fields(kind):
        hint = get_type_hints(kind)[one.name]
        key = f"{before}{one.name}"
        if is_dataclass(hint):
            yield from keys_of(hint, f"{key}.")
        elif get_args(hint)[1:] == (Range,):
            yield from keys_of(Range, f"{key}.<slug>.")
        else:
            yield key


def test_every_threshold() -> None:
    assert sorted(first_words("## Thresholds")) == sorted(keys_of(Thresholds))


def shown_values() -> dict[str, str]:
    rows = table_rows(section(TEXT, "## Thresholds"))
    return {quoted(row[0])[0]: row[1].strip("`") for row in rows if row[1]}


def shipped_values(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= shipped_values(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = json.dumps(value)
    return found


def test_what_is_shown_is_what_is_shipped() -> None:
    expected = load_table("sites")["expected"]
    shipped = shipped_values(load_table("monitors"))
    shipped["expected.listings_min"] = str(expected["listings_min"])
    assert shown_values() == shipped


def test_the_example_is_a_sound_file(tmp_path: Any) -> None:
    (example,) = blocks(TEXT, "toml")
    path = tmp_path / "own.toml"
    path.write_text(example, encoding="utf-8")
    read = read_thresholds(str(path), KINDS)
    assert read.silent_source.factor == tomllib.loads(example)["silent_source"]["factor"]


# --- notifications, metrics, logs -------------------------------------------------------------


def told_addresses() -> list[str]:
    return re.findall(r'export FINEWS_NOTIFY="([^"]+)"', TEXT)


@pytest.mark.parametrize("addresses", told_addresses())
def test_an_address_that_is_told_can_be_used(addresses: str) -> None:
    targets, faults = read_targets(addresses)
    assert (len(targets), faults) == (len(addresses.split()), [])


def test_every_metric() -> None:
    rows = table_rows(section(TEXT, "## Metrics"))
    shown = [(quoted(row[0])[0], row[1], tuple(quoted(row[2])), row[3]) for row in rows]
    assert shown == [(one.name, one.kind, one.labels, one.help) for one in METRICS]


def test_alarms_ask_for_metrics_that_exist() -> None:
    (rules,) = blocks(TEXT, "yaml")
    names = {one.name for one in METRICS}
    assert set(re.findall(r"finews_\w+", rules)) <= names


def test_every_field_of_a_log_line() -> None:
    rows = table_rows(section(TEXT, "## Logs"))
    assert rows == table_rows(json_logs.__doc__ or "")


def test_the_log_line_that_is_shown_is_one() -> None:
    (line,) = blocks(TEXT, "json")
    known = [quoted(row[0])[0] for row in table_rows(section(TEXT, "## Logs"))]
    assert set(json.loads(line)) <= set(known)
