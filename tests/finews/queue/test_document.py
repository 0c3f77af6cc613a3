"""docs/workers.md tells what workers do."""

import re
from datetime import timedelta

import click
import pytest

from finews.cli import main
from finews.jobs.commands import job
from finews.jobs.definition import spiders
from finews.messages.queue import QUEUE
from finews.queue import policy, splitting
from finews.queue.commands import jobs, worker
from finews.queue.policy import pause_after
from finews.queue.statements import TABLES
from finews.queue.store import KEPT
from tests.repository.reading import blocks, document, quoted, section, table_rows

DOCUMENT = document("docs/workers.md")
WORDS = " ".join(DOCUMENT.split())
NUMBERS = {3: "three", 6: "sixth"}
COMMANDS = {**main.commands, "jobs": jobs, "worker": worker}


def test_every_option_of_a_worker_has_its_row() -> None:
    rows = {quoted(row[0])[0]: row[1] for row in table_rows(section(DOCUMENT, "## Begin"))}
    options = {one.opts[0]: one.get_default(click.Context(worker)) for one in worker.params}
    assert list(rows) == list(options)
    shown = {name: quoted(cell)[0] for name, cell in rows.items() if quoted(cell)}
    defaults = {name: one for name, one in options.items() if isinstance(one, str | int)}
    assert shown == {name: str(one) for name, one in defaults.items()}


def test_every_spider_has_its_row() -> None:
    rows = table_rows(section(DOCUMENT, "## Units"))
    assert sorted(quoted(row[0])[0] for row in rows) == sorted(spiders())


@pytest.mark.parametrize(
    "sentence",
    [
        f"that list some {splitting.POSTS_OF_A_UNIT} posts together",
        f"counts as {splitting.POSTS_AT_A_GUESS} posts",
        f"{splitting.CODES_OF_A_UNIT} codes of one host",
        f"{splitting.CODES_OF_A_UNIT} addresses.",
        f"{splitting.SYMBOLS_OF_A_UNIT} symbols.",
        f"after the {NUMBERS[policy.MOST_TRIES]} time failed",
        f"After {policy.MOST_DEATHS} deaths it is failed",
        f"forgotten after {KEPT['succeeded'].days} days",
        f"that have ended after {KEPT['failed'].days}",
        f"and {NUMBERS[TABLES.count('CREATE TABLE')]} of ours",
    ],
)
def test_a_number_is_told(sentence: str) -> None:
    assert sentence in WORDS


def test_the_pauses_are_told() -> None:
    pauses = [pause_after(number) for number in range(1, policy.MOST_TRIES)]
    told = [str(one // timedelta(minutes=1)) for one in pauses if one]
    assert f"after {', '.join(told[:-1])} and {told[-1]} minutes" in WORDS


def test_the_lines_of_the_night_are_told() -> None:
    """As the program prints them, up to a value in them."""
    said = [one["en"] for one in QUEUE.values()]
    for row in table_rows(section(DOCUMENT, "## At night")):
        (line,) = quoted(row[0])
        wanted = re.sub(r"\\ (w@host|N|SITE)", r" \\{\\w+\\}", re.escape(line.strip("… ")))
        assert any(re.search(wanted, one) for one in said), line


def test_every_command_that_is_told_exists() -> None:
    told = re.findall(
        r"^\.venv/bin/finews (.*?)(?:\s+#.*)?$", "\n".join(blocks(DOCUMENT)), re.MULTILINE
    )
    names = set()
    for line in told:
        command, rest = COMMANDS[line.split()[0]], line.split()[1:]
        while isinstance(command, click.Group):
            names.add(rest[0])
            command, rest = command.commands[rest[0]], rest[1:]
        with command.make_context(line, list(rest)):
            pass
    assert names == set(jobs.commands) - set(job.commands)
