"""`finews rejects …`: what could not be used, the pages themselves, and once more."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import click
from rich.console import Console
from sqlalchemy import Engine

from finews import show_runs
from finews.command_line import (
    EXIT_NOT_STARTED,
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
from finews.crawling import crawl
from finews.messages import text
from finews_crawler.errors import ArgumentError
from finews_crawler.spans import span
from finews_crawler.spiders.pages import is_page, root_of
from pipelines import retry as once_more
from pipelines.retry import Unusable
from pipelines.store import queries
from pipelines.store.queries import RejectFilter, RejectRow
from pipelines.store.rejects import kept_pages, readable

console = Console()
MOST = 10_000
"""Rejects that one `retry` takes, the newest first."""

Result = TypeVar("Result")


def _since(_context: click.Context, _option: click.Parameter, given: str | None) -> datetime | None:
    try:
        return None if given is None else datetime.now(UTC) - span(given)
    except ArgumentError as error:
        raise click.BadParameter(str(error)) from error


def _digits(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    return given and given.upper().removeprefix("NW")


def reject_filter(command: Callable[..., Result]) -> Callable[..., Result]:
    """Options that choose rejects; the command gets them as `wanted`."""

    @click.option("--stage", metavar="WORD", help="Only of this stage: fetch, extract, validate …")
    @click.option("--reason", metavar="WORD", help="Only for this reason: http_503, unknown_layout")
    @click.option("--code", callback=_digits, help="Only of this article: NW202206142411932725")
    @click.option("--run", "run_id", type=RowNumber(), help="Only of this crawl.")
    @click.option("--since", callback=_since, metavar="SPAN", help="Only of the last 20m, 6h, 3d.")
    @wraps(command)
    def filtered(*args: object, **given: object) -> Result:
        names = ("stage", "reason", "code", "run_id", "since")
        wanted = RejectFilter(**{name: given.pop(name) for name in names})  # type: ignore[arg-type]
        return command(*args, wanted=wanted, **given)

    return filtered


@click.group(
    cls=ListingGroup,
    epilog=examples(
        "finews rejects --open --since 1d",
        "finews rejects show 12 --page > page.html",
        "finews rejects retry --all",
    ),
)
def rejects() -> None:
    """List what could not be used; `show` one, `retry` them. 列出拒收记录。

    Without a command: `list`. A reject is open as long as its article has not come.
    """


@rejects.command(
    "list",
    epilog=examples(
        "finews rejects list --stage extract --since 6h",
        "finews rejects list --reason http_503 --open --json",
    ),
)
@reject_filter
@click.option("--open", "open_only", is_flag=True, help="Only those whose article never came.")
@limit_option
@json_option
@database_option
@clear_errors
def list_rejects(
    wanted: RejectFilter, open_only: bool, limit: int, as_json: bool, database: str | None
) -> None:
    """List rejects, the newest first. 按条件列出拒收记录。"""
    chosen = replace(wanted, open_only=open_only)
    rows = queries.rejects(opened(database_url(database)), limit, chosen)
    if as_json:
        print_json(show_runs.reject_row(row) for row in rows)
    else:
        console.print(show_runs.reject_table(rows) if rows else text("no_rejects"))


@rejects.command(
    "show",
    epilog=examples("finews rejects show 12", "finews rejects show 12 --page > page.html"),
)
@click.argument("number", type=RowNumber())
@click.option("--page", is_flag=True, help="Write the page itself to standard output, as it came.")
@json_option
@database_option
@clear_errors
def show_reject(number: int, page: bool, as_json: bool, database: str | None) -> None:
    """Show one reject and the answer that it is about. 显示一条拒收记录及原始页面。"""
    engine = opened(database_url(database))
    found = next(iter(queries.rejects(engine, 1, RejectFilter(ids=(number,)))), None)
    kept = next(iter(kept_pages(engine, [number])), None)
    if found is None or (page and kept is None):
        click.echo(text("no_page" if found else "no_reject", number=number), err=True)
        sys.exit(EXIT_NOTHING_FOUND)
    if page and kept is not None:
        click.echo(kept.body, nl=False)
    elif as_json:
        print_json([{**show_runs.reject_row(found), "page": show_runs.page_row(kept)}])
    else:
        console.print(show_runs.reject_page(found, kept))


@rejects.command(
    epilog=examples(
        "finews rejects retry 12 13",
        "finews rejects retry --reason unknown_layout --offline",
        "finews rejects retry --all",
    ),
)
@click.argument("numbers", nargs=-1, type=RowNumber())
@reject_filter
@click.option("--all", "every", is_flag=True, help="All whose article never came.")
@click.option("--offline", is_flag=True, help="Only read what was kept; ask no server.")
@database_option
@clear_errors
def retry(
    numbers: tuple[int, ...],
    wanted: RejectFilter,
    every: bool,
    offline: bool,
    database: str | None,
) -> None:
    """Read kept pages again with today's readers, then ask for the rest. 重新处理拒收记录。

    Give numbers, or --stage, --reason, --code, --run, --since, or --all. Exit code 0: the article
    of each is in the database now; 1: some are open still; 2: nothing was tried.
    """
    if not numbers and not every and wanted == RejectFilter():
        raise click.UsageError(text("retry_what"))
    url = database_url(database)
    engine = opened(url)
    _refuse_unknown(engine, numbers)
    rows = queries.rejects(engine, MOST, replace(wanted, ids=numbers or None, open_only=True))
    tried = _of_articles(engine, rows)
    if not tried:
        click.echo(text("none_open"))
    _tell_left_out(len(rows) - len(tried))
    sys.exit(_retry(engine, url, tried, offline=offline) if tried else 0)


def _refuse_unknown(engine: Engine, numbers: tuple[int, ...]) -> None:
    """Whoever mistypes a number must learn of it before anything is done."""
    found = queries.rejects(engine, MOST, RejectFilter(ids=numbers)) if numbers else []
    unknown = sorted({*numbers} - {row.id for row in found})
    for number in unknown:
        click.echo(text("no_reject", number=number), err=True)
    if unknown:
        sys.exit(EXIT_NOT_STARTED)


def _of_articles(engine: Engine, rows: Sequence[RejectRow]) -> list[RejectRow]:
    """Leave out lists and feeds, and words that name no page: no article can settle them."""
    kept = set(readable(engine, [row.id for row in rows]))
    return [row for row in rows if row.code or row.id in kept or is_page(row.url)]


def _tell_left_out(number: int) -> None:
    if number:
        click.echo(text("left_out", number=number))


def _retry(engine: Engine, database: str, rows: Sequence[RejectRow], *, offline: bool) -> int:
    ids = [row.id for row in rows]
    told = once_more.retry(engine, ids)
    codes: set[int] = set()
    if not offline:
        codes = set(_asked_again([row for row in rows if row.id not in told.settled], database))
        if codes:
            told = replace(told, settled=once_more.settled(engine, ids, datetime.now(UTC)).settled)
    still_open = told.tried - len(told.settled)
    click.echo(text("retried", tried=told.tried, settled=len(told.settled), open=still_open))
    if offline:
        _tell_unusable(told.unusable)
    if EXIT_NOT_STARTED in codes:
        return EXIT_NOT_STARTED
    return EXIT_NOTHING_FOUND if still_open else 0


def _tell_unusable(unusable: Sequence[Unusable]) -> None:
    """Say once of each page why; it may have been rejected again and again."""
    newest = {(one.url, one.why): one.reject_id for one in unusable}
    for (url, why), number in newest.items():
        click.echo(f"{number}  {url}: {why}")


def _asked_again(rows: Sequence[RejectRow], database: str) -> Iterator[int]:
    """Crawl addresses, site by site; gives the exit codes."""
    by_site: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if is_page(row.url):
            by_site[root_of(row.url) or ""][row.url] = None
    with TemporaryDirectory() as folder:
        for number, urls in enumerate(by_site.values()):
            file = Path(folder) / f"{number}.txt"
            file.write_text("\n".join(urls), encoding="utf-8", errors="replace")
            yield crawl("pages", {"file": str(file), "full": "1"}, database)
