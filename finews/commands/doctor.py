"""`finews doctor`: is everything here as a crawl and a reader need it?"""

import sys
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from finews.command_line import (
    EXIT_NOTHING_FOUND,
    clear_errors,
    database_option,
    examples,
    json_option,
    print_json,
)
from finews.doctor import Check, examine
from finews.messages import text
from finews.show import table

# A mark beside the colour: a colour alone says nothing to who does not see it.
_MARKS = {"ok": ("✓", "green"), "look": ("!", "yellow"), "bad": ("✗", "red")}
NAMES = {
    "python": "check_python",
    "extras": "check_extras",
    "settings": "check_settings",
    "database": "check_database",
    "schema": "check_schema",
    "indexes": "check_indexes",
    "last_run": "check_last_run",
    "rejects": "check_rejects",
    "disk": "check_disk",
    "unsent": "check_unsent",
    "site": "check_site",
    "clock": "check_clock",
}
"""Check -> the key of its word."""
console = Console()


def check_table(found: list[Check]) -> Table:
    """One line a check: its mark, its name, what was found, what to do."""
    listed = table("standing", "check", "result", "what_to_do")
    for one in found:
        mark, style = _MARKS[one.state]
        name = text(NAMES[one.name])
        listed.add_row(Text(mark, style=style), name, Text(one.found), Text(one.advice))
    return listed


@click.command(epilog=examples("finews doctor", "finews doctor --offline --json"))
@click.option("--offline", is_flag=True, help="Do not ask the site.")
@json_option
@database_option
@clear_errors
def doctor(offline: bool, as_json: bool, database: str | None) -> None:
    """Look at Python, database, disk, clock and site, and say what to do. 体检。

    Exit code 1 when something will not work.
    """
    found = list(examine(database, ask_site=not offline))
    if as_json:
        print_json(map(asdict, found))
    else:
        console.print(check_table(found))
    if any(one.state == "bad" for one in found):
        sys.exit(EXIT_NOTHING_FOUND)
