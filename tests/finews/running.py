"""`finews …` in this process, on a database."""

import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from finews.cli import main

Run = Callable[..., Result]


def runner(database: str, language: str = "en") -> Run:
    """`finews …` on a database; lines are wide enough for one row each."""
    environment = {
        "FINEWS_DATABASE_URL": database,
        "FINEWS_LANGUAGE": language,
        "COLUMNS": "240",
    }

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environment)

    return run


def json_lines(result: Result) -> list[dict[str, Any]]:
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def rows(result: Result) -> list[list[str]]:
    """The words of each line, without the table's own lines."""
    assert (result.exit_code, result.stderr) == (0, "")
    words = ([word for word in line.split() if word.strip("│┃")] for line in _text(result))
    return [line for line in words if any(character.isalnum() for character in "".join(line))]


def _text(result: Result) -> list[str]:
    return result.stdout.replace("│", " ").replace("┃", " ").splitlines()
