"""`finews articles`, `search`, `show`, `revisions`: read the news on a terminal."""

import sys

import click
from rich.console import Console
from sqlalchemy import Engine

from finews import show, show_feed
from finews.command_line import (
    EXIT_NOTHING_FOUND,
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
from finews.reader.plain import plain_row
from pipelines.store import queries
from pipelines.store.engine import shown_url

console = Console()


def _open(given: str | None) -> Engine:
    return opened(database_url(given))


def _code_of(given: str) -> str:
    return given.upper().removeprefix("NW")


def _none_with(code: str, database: str | None) -> None:
    """Say that there is no such article; ends the command."""
    click.echo(text("no_article", code=code, url=shown_url(database_url(database))), err=True)
    sys.exit(EXIT_NOTHING_FOUND)


@click.command(
    epilog=examples(
        "finews articles --symbol 600919.SH --symbol 600030.SH",
        "finews articles --published-from 2022-06-13 --published-to 2022-06-14 --json",
        "finews articles --as-of 2022-06-13T09:25+08:00    # what was known before the open",
    )
)
@filter_options
@limit_option
@json_option
@database_option
@clear_errors
def articles(wanted: queries.Filter, limit: int, as_json: bool, database: str | None) -> None:
    """List the newest articles. 列出最新文章。"""
    rows = queries.articles(_open(database), limit, wanted)
    if as_json:
        print_json([show.row_of(row) for row in rows])
    else:
        console.print(show.article_table(rows) if rows else text("no_articles"))


@click.command(epilog=examples("finews search 江苏银行 业绩", 'finews search "业绩 快报" -- -预告'))
@click.argument("words", nargs=-1, required=True)
@filter_options
@limit_option
@json_option
@database_option
@clear_errors
def search(
    words: tuple[str, ...],
    wanted: queries.Filter,
    limit: int,
    as_json: bool,
    database: str | None,
) -> None:
    """Find articles by their words, the best first. 全文检索。

    All words must occur; a word with a space in it stands as it is; -- -word must not occur.
    """
    asked = " ".join(f'"{word}"' if " " in word else word for word in words)
    hits = queries.search(_open(database), asked, limit, wanted)
    if as_json:
        print_json([show.hit_row(hit) for hit in hits])
    else:
        console.print(show.hit_table(hits) if hits else text("no_articles"))


@click.command("show", epilog=examples("finews show 202206133778412487"))
@click.argument("code")
@json_option
@database_option
@clear_errors
def show_article(code: str, as_json: bool, database: str | None) -> None:
    """Show one article, by its 18 digits. 显示一篇文章。"""
    found = queries.article_by_code(_open(database), _code_of(code))
    if found is None:
        _none_with(code, database)
    elif as_json:
        print_json([show.row_of(found)])
    else:
        console.print(show.article_page(found))


@click.command(epilog=examples("finews revisions 202206133778412487 --json"))
@click.argument("code")
@json_option
@database_option
@clear_errors
def revisions(code: str, as_json: bool, database: str | None) -> None:
    """List the versions of an article, the oldest first. 列出文章的各个版本。

    Each with the time at which this database knew it, and what differs from the one before.
    """
    rows = queries.revisions(_open(database), _code_of(code))
    if not rows:
        _none_with(code, database)
    elif as_json:
        print_json(map(plain_row, rows))
    else:
        console.print(show_feed.revision_table(rows))
