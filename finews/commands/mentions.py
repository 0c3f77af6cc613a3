"""`finews mentions`: which securities articles name, and where."""

from itertools import islice
from typing import get_args

import click
from rich.console import Console

from finews import show, show_feed
from finews.command_line import (
    clear_errors,
    database_option,
    database_url,
    examples,
    filter_options,
    json_option,
    limit_option,
    opened,
    print_json,
)
from finews.messages import text
from finews_crawler.items import MentionKind
from pipelines.store import queries

console = Console()


@click.command(
    epilog=examples(
        "finews mentions --symbol 600919.SH",
        "finews mentions --seen-from 6h --mention-kind link --json",
    )
)
@filter_options
@click.option(
    "--mention-kind",
    "kinds",
    type=click.Choice(get_args(MentionKind)),
    multiple=True,
    help="Only charts, links, repeated names, or codes listed apart.",
)
@limit_option
@json_option
@database_option
@clear_errors
def mentions(
    wanted: queries.Filter,
    kinds: tuple[MentionKind, ...],
    limit: int,
    as_json: bool,
    database: str | None,
) -> None:
    """List stock mentions in the order in which they became known. 列出证券提及。"""
    engine = opened(database_url(database))
    rows = list(islice(queries.stream_mentions(engine, wanted, kinds, size=limit), limit))
    if as_json:
        print_json(show.row_of(row) for row in rows)
    else:
        console.print(show_feed.mention_table(rows) if rows else text("no_mentions"))
