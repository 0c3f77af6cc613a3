"""`finews worker` and `finews jobs …`: crawls spread over processes and machines."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import wraps
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import click
from rich.console import Console

from finews import show
from finews.command_line import (
    EXIT_NOTHING_FOUND,
    clear_errors,
    database_option,
    database_url,
    json_option,
    limit_option,
    opened,
    print_json,
)
from finews.jobs.definition import DEFAULT_GRACE, Job, find_job, read_jobs, spiders
from finews.messages import text
from finews.queue.policy import FIRST_PAUSE
from finews.queue.settings import check_installed
from finews.queue.splitting import listings_in, split
from finews.queue.table import OPEN, STATES, UnitRow, counts_line, unit_row, unit_table
from finews.queue.terms import SILENCE, Terms
from finews_crawler.errors import ArgumentError, ConfigurationError
from finews_crawler.spans import span
from pipelines.store.engine import open_engine, shown_url

console = Console()
_SHORTEST_LEASE = timedelta(seconds=2)
Result = TypeVar("Result")


class Span(click.ParamType[timedelta]):
    """`90s`, `20m`, `6h`."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it."""
        try:
            return value if isinstance(value, timedelta) else span(str(value))
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


lease_option = click.option(
    "--lease",
    type=Span(),
    default=f"{SILENCE.seconds}s",
    show_default=True,
    help="A worker that is silent for so long is taken for dead.",
)


def _needs(name: str) -> ModuleType:
    """A module that needs the extra.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    check_installed()
    return import_module(f"finews.queue.{name}")


def _say_when(line: str) -> None:
    click.echo(f"{show.moment(datetime.now(UTC))} {line}", err=True)


def terms_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Options that say how a worker works; the command gets them as `terms`."""

    @click.option(
        "--jobs",
        "path",
        type=click.Path(path_type=Path),
        help="A jobs file whose jobs are queued when they are due.",
    )
    @click.option(
        "--concurrency",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Units at a time; of one site there is never more than one.",
    )
    @click.option("--name", default="worker", show_default=True, help="Its name in lists.")
    @lease_option
    @click.option(
        "--pause",
        type=Span(),
        default=f"{FIRST_PAUSE.seconds}s",
        show_default=True,
        help="Before a unit that failed is tried again; each time twice as long.",
    )
    @database_option
    @wraps(command)
    def told(**given: object) -> Result:
        return command(_terms(given))

    return told


def _terms(given: Mapping[str, object]) -> Terms:
    """The options as one.

    Raises:
        ConfigurationError: the lease is so short that a busy machine would lose it.
    """
    path, database, lease = given["path"], given["database"], given["lease"]
    terms = Terms(
        url=database_url(database if isinstance(database, str) else None),
        jobs=path.resolve() if isinstance(path, Path) else None,
        name=str(given["name"]),
        concurrency=int(str(given["concurrency"])),
        silence=lease if isinstance(lease, timedelta) else SILENCE,
        first_pause=given["pause"],  # type: ignore[arg-type]  # as its option reads it
    )
    if terms.silence < _SHORTEST_LEASE:
        raise ConfigurationError(f"--lease: {_SHORTEST_LEASE.seconds}s is the shortest")
    return terms


@click.command()
@clear_errors
@terms_options
def worker(terms: Terms) -> None:
    """Run units of the queue until it is stopped. 运行队列中的抓取单元。

    SIGTERM and Ctrl-C stop it when its crawls have ended, a second one kills them; SIGHUP has the
    jobs file read again.
    """
    made = _needs("store").prepared(terms.url)
    if made != "unchanged":
        _say_when(text(f"queue_{made}", url=shown_url(terms.url)))
    engine = opened(terms.url)
    _needs("worker").WorkerProcess(terms, engine, _say_when).run()


@click.group()
def jobs() -> None:
    """Jobs: those of the jobs file, and the queue that workers do. 定时任务与抓取队列。"""


@jobs.command()
@database_option
@clear_errors
def init(database: str | None) -> None:
    """Make the queue in the database. 创建队列。"""
    url = database_url(database)
    made = _needs("store").prepared(url)
    open_engine(url).dispose()
    click.echo(text(f"queue_{made}", url=shown_url(url)))


# --- adding ----------------------------------------------------------------------------------


def _pairs(
    _context: click.Context, _option: click.Parameter, words: tuple[str, ...]
) -> dict[str, str]:
    """Read `name=value`."""
    pairs = [word.partition("=") for word in words]
    faulty = next((name for name, equals, _ in pairs if not (name and equals)), None)
    if faulty is not None:
        raise click.BadParameter(f"{faulty}: must be NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _by_hand(spider: str, arguments: Mapping[str, str]) -> Job:
    """A job that no file defines.

    Raises:
        ConfigurationError: there is no such spider.
    """
    if spider not in spiders():
        raise ConfigurationError(f"no spider {spider}; known: {', '.join(sorted(spiders()))}")
    return Job(
        name="",
        definition={},
        spider=spider,
        arguments=arguments,
        settings={},
        every=None,
        cron=None,
        jitter=timedelta(),
        overlap="wait",
        missed="skip",
        timeout=None,
        grace=DEFAULT_GRACE,
    )


def _wanted(name: str | None, path: Path, spider: str | None, given: Mapping[str, str]) -> Job:
    """The job that is to be queued.

    Raises:
        ConfigurationError: it is not defined, or defined twice.
    """
    if (name is None) == (spider is None):
        raise ConfigurationError("name a job of the jobs file, or --spider with its arguments")
    if spider is not None:
        return _by_hand(spider, given)
    if given:
        raise ConfigurationError("-a goes with --spider; the arguments of a job stand in its file")
    return find_job(read_jobs(path), str(name), path)


@jobs.command()
@click.argument("name", required=False)
@click.option(
    "--jobs",
    "path",
    type=click.Path(path_type=Path),
    default="jobs.toml",
    show_default=True,
    help="The jobs file.",
)
@click.option("--spider", help="A spider, instead of a job of the file.")
@click.option("-a", "given", metavar="NAME=VALUE", multiple=True, callback=_pairs)
@database_option
@clear_errors
def add(
    name: str | None, path: Path, spider: str | None, given: dict[str, str], database: str | None
) -> None:
    """Queue a job now, in units: by its name, or --spider S -a NAME=VALUE. 加入队列。"""
    wanted = _wanted(name, path, spider, given)
    url = database_url(database)
    store = _needs("store")
    store.prepared(url)
    units = split(wanted, listings_in(opened(url)))
    with store.opened(url) as queue:
        added = queue.add(units)
    told = {"added": len(added.ids), "waiting": added.waiting}
    click.echo(text("job_queued", job=name or spider, **told))


# --- looking ---------------------------------------------------------------------------------


@jobs.command("list")
@click.option(
    "--status",
    "states",
    type=click.Choice(list(STATES)),
    multiple=True,
    help="Only units of this state; may be given several times. Default: all that are open.",
)
@limit_option
@json_option
@lease_option
@database_option
@clear_errors
def list_units(
    states: tuple[str, ...], limit: int, as_json: bool, lease: timedelta, database: str | None
) -> None:
    """Show units, the newest first. 列出队列中的单元。"""
    names = [name for state in states or OPEN for name in STATES[state]]
    with _needs("store").opened(database_url(database)) as queue:
        now, counts = queue.now(), queue.counts()
        rows = [unit_row(row, now, lease) for row in queue.rows(names, limit)]
    _show(rows, counts, as_json=as_json)


def _show(rows: list[UnitRow], counts: Mapping[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json(map(asdict, rows))
        return
    console.print(unit_table(rows) if rows else text("no_units"))
    console.print(counts_line(counts))


# --- changing --------------------------------------------------------------------------------


@jobs.command()
@click.argument("numbers", type=int, nargs=-1)
@click.option("--failed", is_flag=True, help="All that have failed and were not queued again.")
@database_option
@clear_errors
def retry(numbers: tuple[int, ...], failed: bool, database: str | None) -> None:
    """Queue units again that have failed or were called off. 重新排队失败的单元。"""
    if bool(numbers) == failed:
        raise ConfigurationError("name units by their numbers, or give --failed")
    with _needs("store").opened(database_url(database)) as queue:
        wanted = numbers or queue.failed()
        if not wanted:
            click.echo(text("nothing_failed"))
        refused = _each(wanted, queue.retry, "retried", queue.status)
    sys.exit(EXIT_NOTHING_FOUND if refused else 0)


@jobs.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
@database_option
@clear_errors
def cancel(numbers: tuple[int, ...], database: str | None) -> None:
    """Call units off: they are not begun, or told to end. 取消单元。"""
    with _needs("store").opened(database_url(database)) as queue:
        refused = _each(numbers, queue.cancel, "cancelled", queue.status)
    sys.exit(EXIT_NOTHING_FOUND if refused else 0)


def _each(
    numbers: Iterable[int],
    change: Callable[[int], bool],
    word: str,
    status: Callable[[int], str | None],
) -> int:
    """Change units, and tell of each; gives how many could not be changed."""
    refused = 0
    for number in numbers:
        if change(number):
            click.echo(text(f"unit_{word}", unit=number))
            continue
        refused += 1
        click.echo(
            text(f"unit_not_{word}", unit=number, why=_why_not(word, status(number))), err=True
        )
    return refused


def _why_not(word: str, status: str | None) -> str:
    """Why a unit of this status, in the queue's words, was not changed."""
    state = next((one for one, names in STATES.items() if status in names), None)
    if state is None:
        return text("no_such_unit")
    if word == "retried" and state in {"failed", "cancelled"}:
        return text("twin_waits")
    return text("it_is", state=text(f"state_{state}"))
