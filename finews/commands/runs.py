"""`finews runs …`: what crawls did."""

import sys
from datetime import UTC, datetime

import click
from rich.console import Console

from finews import show, show_runs
from finews.command_line import (
    EXIT_NOTHING_FOUND,
    ListingGroup,
    RowNumber,
    clear_errors,
    database_option,
    database_url,
    examples,
    json_option,
    limit_option,
    opened,
    print_json,
)
from finews.messages import text
from pipelines.store import queries

console = Console()


@click.group(cls=ListingGroup, epilog=examples("finews runs --limit 5", "finews runs show 12"))
def runs() -> None:
    """List the latest crawls; `show` one of them. 列出最近的抓取。

    Without a command: `list`.
    """


@runs.command("list")
@limit_option
@json_option
@database_option
@clear_errors
def list_runs(limit: int, as_json: bool, database: str | None) -> None:
    """List crawls, the newest first. 列出最近的抓取。

    A crawl is running; or it has ended ok, degraded (it found something that a person should look
    at) or failed; or it is lost: its process died without a word.
    """
    rows = queries.runs(opened(database_url(database)), limit=limit)
    now = datetime.now(UTC)
    if as_json:
        print_json(show_runs.run_row(row, now) for row in rows)
    else:
        console.print(show_runs.run_table(rows, now) if rows else text("no_runs"))


@runs.command("show")
@click.argument("number", type=RowNumber())
@json_option
@database_option
@clear_errors
def show_run(number: int, as_json: bool, database: str | None) -> None:
    """Show one crawl: how it ended, what it counted and found. 显示一次抓取。"""
    engine = opened(database_url(database))
    found = queries.run(engine, number)
    if found is None:
        click.echo(text("no_run", number=number), err=True)
        sys.exit(EXIT_NOTHING_FOUND)
    findings = queries.findings(engine, number)
    now = datetime.now(UTC)
    if as_json:
        rows = [show.row_of(one) for one in findings]
        print_json([{**show_runs.run_row(found, now), "findings": rows}])
    else:
        console.print(show_runs.run_page(found, findings, now))
