"""`finews db …`: look after the database."""

import sys

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from finews.command_line import (
    EXIT_NOTHING_FOUND,
    clear_errors,
    database_option,
    database_url,
    opened,
)
from finews.messages import text
from pipelines.store import maintenance
from pipelines.store.derived import PARTS, rebuild
from pipelines.store.engine import (
    connect,
    is_there,
    newest_schema,
    schema_version,
    shown_url,
    writing,
)

console = Console()


@click.group()
def db() -> None:
    """Make, check and tidy the database. 数据库的创建、检查与整理。"""


def _schema_before(url: str) -> str | None:
    if not is_there(url):
        return None
    with opened(url, connect).connect() as connection:
        return schema_version(connection)


def _prepare(url: str, told_fresh: str) -> None:
    before = _schema_before(url)
    opened(url)
    if before is None:
        name = "db_made"
    else:
        name = told_fresh if before == newest_schema() else "db_upgraded"
    told = text(name, url=shown_url(url), before=before, after=newest_schema())
    console.print(told, soft_wrap=True, highlight=False)


def _existing(url: str) -> Engine:
    """A database that is there, brought up to date: a mistyped address makes none."""
    opened(url, connect)
    return opened(url)


@db.command()
@database_option
@clear_errors
def init(database: str | None) -> None:
    """Make the database; one that is there is left as it is. 创建数据库。"""
    _prepare(database_url(database), "db_is_there")


@db.command()
@database_option
@clear_errors
def upgrade(database: str | None) -> None:
    """Bring the schema up to date; a crawl does so by itself. 升级数据库结构。"""
    _prepare(database_url(database), "db_is_new")


@db.command()
@database_option
@clear_errors
def check(database: str | None) -> None:
    """Look for what must not be; exit code 1 when something is found. 检查数据库。"""
    url = database_url(database)
    found = maintenance.check(opened(url, connect))
    for one in found:
        console.print(f"{one.what}: {one.detail}", soft_wrap=True, highlight=False, markup=False)
    if found:
        sys.exit(EXIT_NOTHING_FOUND)
    console.print(text("db_sound", url=shown_url(url)), soft_wrap=True, highlight=False)


@db.command()
@database_option
@clear_errors
def vacuum(database: str | None) -> None:
    """Give space back to the disk and renew statistics. 回收空间。"""
    url = database_url(database)
    maintenance.vacuum(_existing(url))
    console.print(text("db_vacuumed", url=shown_url(url)), soft_wrap=True, highlight=False)


@db.command("rebuild")
@click.argument("parts", nargs=-1, type=click.Choice(sorted(PARTS)))
@database_option
@clear_errors
def rebuild_parts(parts: tuple[str, ...], database: str | None) -> None:
    """Make derived parts anew: the search index, stories, aliases. 重建索引。"""
    names = list(parts) or list(PARTS)
    with writing(_existing(database_url(database))).begin() as connection:
        rebuild(connection, names)
    console.print(text("db_rebuilt", names=", ".join(names)))


@db.command()
@database_option
@clear_errors
def stats(database: str | None) -> None:
    """Rows and bytes of each table. 各表行数与大小。"""
    table = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(text("table"))
    table.add_column(text("rows"), justify="right")
    table.add_column(text("megabytes"), justify="right")
    for one in maintenance.sizes(_existing(database_url(database))):
        size = "" if one.bytes is None else f"{one.bytes / 1e6:,.1f}"
        table.add_row(one.name, f"{one.rows:,}", size)
    console.print(table)
