"""`finews changes`: the change feed, once or for as long as it is followed."""

import json
from collections.abc import Callable, Iterator
from time import sleep

import click
from rich.console import Console
from sqlalchemy import Engine

from finews import show_feed
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
from finews.show import plain
from pipelines.store import queries
from pipelines.store.queries import ArticleRow, ChangeRow, Feed, Filter

PAGE = 200
Told = tuple[ChangeRow, ArticleRow]
console = Console()


def told(engine: Engine, feed: Feed) -> list[Told]:
    """The changes of a page, each with the version that it left behind."""
    rows = queries.changed_articles(engine, feed.changes)
    return list(zip(feed.changes, rows, strict=True))


def followed(
    engine: Engine, after: int, wanted: Filter, wait: Callable[[], None]
) -> Iterator[list[Told]]:
    """Pages of changes after a number, as they are committed, without an end."""
    while True:
        feed = queries.feed(engine, after, PAGE, wanted)
        after = feed.after
        yield told(engine, feed)
        if len(feed.changes) < PAGE:
            wait()


@click.command(
    epilog=examples(
        "finews changes --after 0 --json --limit 1000    # keep the last seq, ask after it",
        "finews changes --follow --symbol 600919.SH",
    )
)
@click.option(
    "--after",
    type=click.IntRange(0),
    help="Only changes after this number; without it the newest, or with --follow what comes.",
)
@click.option("--follow", is_flag=True, help="Go on and print what is committed, until Ctrl-C.")
@click.option(
    "--every",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    show_default=True,
    help="Seconds between two looks when following.",
)
@filter_options
@limit_option
@json_option
@database_option
@clear_errors
def changes(
    after: int | None,
    follow: bool,
    every: float,
    wanted: Filter,
    limit: int,
    as_json: bool,
    database: str | None,
) -> None:
    """List changes of articles in the order of their commit. 列出变更，可持续跟踪。"""
    engine = opened(database_url(database))
    if follow:
        _follow(
            engine,
            queries.newest_change(engine) if after is None else after,
            wanted,
            every,
            as_json,
        )
    else:
        rows = told(engine, _page(engine, after, limit, wanted))
        if as_json:
            print_json(show_feed.change_row(*row) for row in rows)
        else:
            console.print(show_feed.change_table(rows) if rows else text("no_changes"))


def _page(engine: Engine, after: int | None, limit: int, wanted: Filter) -> Feed:
    """The changes after a number; without one the newest."""
    if after is not None:
        return queries.feed(engine, after, limit, wanted)
    before = queries.newest_change(engine)
    return queries.feed(engine, max(0, before - limit), limit, wanted)


def _follow(engine: Engine, after: int, wanted: Filter, every: float, as_json: bool) -> None:
    try:
        for rows in followed(engine, after, wanted, lambda: sleep(every)):
            for row in rows:
                _print(row, as_json)
    except KeyboardInterrupt:
        return


def _print(row: Told, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(show_feed.change_row(*row), ensure_ascii=False, default=plain))
    else:
        console.print(show_feed.change_line(*row), soft_wrap=True)
