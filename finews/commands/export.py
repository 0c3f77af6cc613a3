"""`finews export`: rows of the database as files of other programs."""

import json
import os
import sys
from pathlib import Path

import click

from finews.command_line import (
    EXIT_NOTHING_FOUND,
    clear_errors,
    database_option,
    database_url,
    examples,
    filter_options,
    opened,
)
from finews.export.forms import FORMS, form_of
from finews.export.partitions import PARTITIONS
from finews.export.run import STANDARD_OUTPUT, Done, Order, export
from finews.export.tables import TABLES
from finews.messages import text
from finews.show import plain
from finews_crawler.errors import ConfigurationError
from finews_crawler.items import isoformat_shanghai
from pipelines.store.queries import Filter

# What a shell shows of a program that a closed pipe or Ctrl-C has ended.
EXIT_PIPE_CLOSED, EXIT_INTERRUPTED = 141, 130


@click.command(
    "export",
    epilog=examples(
        "finews export --out news.parquet",
        "finews export mentions --symbol 600919.SH --format csv --out mentions.csv",
        "finews export --out news --format parquet --partition-by day",
        "finews export --out 'news-{after}.jsonl.zst' --state news.state    # only what is new",
    ),
)
@click.argument("table", type=click.Choice(list(TABLES)), default="articles")
@click.option(
    "--format",
    "name",
    type=click.Choice(list(FORMS)),
    help="Else by the ending of PATH, else jsonl.",
)
@click.option(
    "--out",
    metavar="PATH",
    default=STANDARD_OUTPUT,
    show_default=True,
    help="A file, or with --partition-by a folder; - is standard output. {after} in it stands for "
    "the number after which it begins.",
)
@filter_options
@click.option(
    "--after",
    type=click.IntRange(0),
    metavar="SEQ",
    help="Only what has changed after this number.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep the number for --after in this file, from run to run.",
)
@click.option(
    "--partition-by",
    "partition",
    type=click.Choice(PARTITIONS),
    help="A file for each day or month of publishing, in China.",
)
@click.option("--zstd", is_flag=True, help="Compress; so does a PATH that ends in .zst.")
@click.option("--json", "as_json", is_flag=True, help="Tell what was done as a JSON object.")
@database_option
@clear_errors
def export_table(
    table: str,
    name: str | None,
    out: str,
    wanted: Filter,
    after: int | None,
    state: Path | None,
    partition: str | None,
    zstd: bool,
    as_json: bool,
    database: str | None,
) -> None:
    """Write articles, mentions, revisions or changes to a file. 导出数据。"""
    order = Order(
        table=TABLES[table],
        form=form_of(name, out, zstd),
        out=out,
        wanted=wanted,
        after=after,
        partition=partition,
        state=state,
    )
    done = _done(order, database)
    _tell(done, as_json)
    if not done.rows:
        sys.exit(EXIT_NOTHING_FOUND)


def _done(order: Order, database: str | None) -> Done:
    standard_output = sys.stdout.buffer
    if order.out == STANDARD_OUTPUT and order.form.is_binary and standard_output.isatty():
        raise ConfigurationError(f"{order.form.suffix} is nothing for a terminal: --out PATH")
    try:
        return export(opened(database_url(database)), order, standard_output)
    except BrokenPipeError:
        # Python flushes standard output once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), standard_output.fileno())
        sys.exit(EXIT_PIPE_CLOSED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _tell(done: Done, as_json: bool) -> None:
    """Standard output is free for it unless the rows go there."""
    if as_json:
        line = json.dumps(done.as_row(), ensure_ascii=False, default=plain)
        click.echo(line, err=done.out == STANDARD_OUTPUT)
        return
    is_stream = done.out == STANDARD_OUTPUT
    told = {**done.as_row(), "as_of": isoformat_shanghai(done.as_of)}
    told["out"] = text("standard_output") if is_stream else done.out
    click.echo(text("exported" if done.rows else "nothing_exported", **told), err=True)
