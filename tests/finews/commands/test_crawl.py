"""`finews crawl SPIDER`: arguments as options, checked before anything starts; the crawl's end."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from finews.commands import crawl as crawl_module
from finews.commands.crawl import crawl
from finews.jobs.definition import spiders
from finews.sample_site.server import sample_site_root, serving
from tests.finews.running import runner

Start = Callable[..., list[str]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], str]]:
    """The crawls that were started, instead of starting them; each ends degraded."""
    found: list[tuple[list[str], str]] = []

    def start(command: list[str], database: str) -> int:
        found.append((command[1:], database))
        return 3

    monkeypatch.setattr(crawl_module, "run_command", start)
    return found


def test_every_spider_is_a_command_with_its_arguments_as_options() -> None:
    context = click.Context(crawl)
    assert crawl.list_commands(context) == sorted(spiders())
    for name, spider in spiders().items():
        command = crawl.get_command(context, name)
        assert command is not None
        known = {parameter.name for parameter in command.params}
        assert known >= {argument.name for argument in spider.arguments}


def test_the_words_of_the_crawl(started: list[tuple[list[str], str]]) -> None:
    result = runner("sqlite:///a.db")(
        *("crawl", "category", "--categories", "emnews,Wind", "--full", "1"),
        *("-s", "DOWNLOAD_DELAY=0", "-O", "a.jsonl", "--database", "sqlite:///b.db"),
    )
    assert (result.exit_code, result.output) == (3, "")
    ((words, database),) = started
    assert database == "sqlite:///b.db"
    assert words[:5] == ["-P", "-m", "scrapy", "crawl", "category"]
    assert {"categories=emnews,Wind", "full=1", "LOG_LEVEL=WARNING", "DOWNLOAD_DELAY=0"} <= set(
        words
    )
    assert words[-2:] == ["-O", "a.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("category", "--full", "perhaps"), "finews: spider category: full: 'perhaps' is neither"),
        (("category", "--site", "ftp://x"), "finews: spider category: site: 'ftp://x' is no"),
        (("archive",), "finews: spider archive: give path=DIR"),
        (("category", "-s", "DELAY"), "write NAME=VALUE"),
        (("category", "--colour", "red"), "--colour"),
        (("nosuch",), "No such command 'nosuch'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(
    started: list[tuple[list[str], str]], arguments: tuple[str, ...], told: str
) -> None:
    result = runner("sqlite:///a.db")("crawl", *arguments)
    assert (result.exit_code, started) == (2, [])
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_help_shows_arguments_defaults_and_ends() -> None:
    told = runner("sqlite:///a.db")("crawl", "category", "--help").stdout
    words = " ".join(told.split())
    assert "--refresh VALUE read again what is known and was published within: 6h, 0, all" in words
    assert "[default: 6h]" in words
    assert "finews crawl category --categories emnews,Wind" in words


def finews(*arguments: str, database: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "finews", *arguments, "--database", f"sqlite:///{database}"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_real_crawl_stores_and_writes(tmp_path: Path) -> None:
    output, database = tmp_path / "a.jsonl", tmp_path / "a.db"
    with serving(sample_site_root()) as site:
        ended = finews(
            *("crawl", "category", "--site", site, "--categories", "Wind"),
            *("-s", "DOWNLOAD_DELAY=0", "-O", str(output)),
            database=database,
        )
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False)
    items: list[dict[str, Any]] = [
        json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()
    ]
    listed = runner(f"sqlite:///{database}")("articles", "--json", "--limit", "1000").stdout
    stored = {json.loads(line)["code"] for line in listed.splitlines()}
    assert {item["code"] for item in items} == stored
    assert len(stored) > 1


def test_a_crawl_that_fails_says_so(tmp_path: Path) -> None:
    ended = finews("crawl", "category", "--site", "http://127.0.0.1:1", database=tmp_path / "a.db")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("finews: category: failed: ")
