"""`finews …`: thin, each command calls one function."""

import sys
from itertools import count
from time import sleep

import click
from rich.console import Console
from sqlalchemy import Engine

from finews import show
from finews.command_line import (
    EXIT_NOTHING_FOUND,
    clear_errors,
    database_option,
    database_url,
    filter_options,
    json_option,
    limit_option,
    opened,
    print_json,
)
from finews.db import db
from finews.demo import run_demo
from finews.jobs.commands import job, schedule
from finews.messages import text
from finews.queue.commands import jobs, worker
from finews.rejects import rejects
from finews.runs import runs
from finews.sample_site.server import sample_site_root, serving
from pipelines.store import queries
from pipelines.store.engine import shown_url

console = Console()


def _open(given: str | None) -> Engine:
    return opened(database_url(given))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="finews")
def main() -> None:
    """Chinese financial news as clean, dated, stock-linked rows. 中文财经新闻数据库。"""


@main.command()
@clear_errors
def demo() -> None:
    """Crawl the bundled sample site into the database. 抓取内置示例站点。"""
    sys.exit(run_demo(console))


@main.command()
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


@main.command()
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


@main.command("show")
@click.argument("code")
@json_option
@database_option
@clear_errors
def show_article(code: str, as_json: bool, database: str | None) -> None:
    """Show one article, by its 18 digits. 显示一篇文章。"""
    found = queries.article_by_code(_open(database), code.upper().removeprefix("NW"))
    if found is None:
        click.echo(text("no_article", code=code, url=shown_url(database_url(database))), err=True)
        sys.exit(EXIT_NOTHING_FOUND)
    if as_json:
        print_json([show.row_of(found)])
    else:
        console.print(show.article_page(found))


@main.command("sample-site")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free port.")
@click.option("--old", is_flag=True, help="The site's older layout.")
@clear_errors
def sample_site(port: int, old: bool) -> None:
    """Serve the bundled sample site. 启动内置示例站点。"""
    root = sample_site_root(old=old)
    try:
        with serving(root, port=port) as url:
            click.echo(text("serving_until", root=root, url=url))
            click.echo(f"  scrapy crawl category -a site={url} -O articles.jsonl")
            for _ in count():
                sleep(3600)
    except KeyboardInterrupt:
        return


for command in (db, rejects, runs, jobs, schedule, worker):
    main.add_command(command)
# One group for what is defined in the jobs file and for what waits in the queue.
for name, command in job.commands.items():
    jobs.add_command(command, name)
