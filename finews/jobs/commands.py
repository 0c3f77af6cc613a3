"""`finews jobs …` and `finews schedule`: crawls that come again."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import click
from rich.console import Console
from scrapy.settings import Settings
from sqlalchemy import Engine

from finews import show
from finews.command_line import (
    EXIT_NOT_STARTED,
    clear_errors,
    database_option,
    database_url,
    json_option,
    opened,
    print_json,
)
from finews.crawling import project_settings
from finews.jobs.definition import Job, find_job, read_jobs
from finews.jobs.egg import write_egg
from finews.jobs.locks import patiently
from finews.jobs.notebook import Notebook
from finews.jobs.planning import plan
from finews.jobs.process import Inbox
from finews.jobs.runner import Runner, note_in
from finews.jobs.schedule import Schedule
from finews.jobs.scrapyd import Server
from finews.jobs.signals import handled, heeded
from finews.jobs.table import entries, job_row, job_table
from finews.jobs.telling import metrics_at, teller, told_if_not_started
from finews.messages import text
from finews_crawler.errors import StorageError
from finews_crawler.options import check_options, option_values
from pipelines.store.engine import open_engine
from pipelines.store.job_lock import job_lock
from pipelines.store.job_states import job_states

console = Console()
_STOPS = (signal.SIGTERM, signal.SIGINT)
# For the last notes of a run; in seconds.
_LAST_NOTES = 10.0

jobs_option = click.option(
    "--jobs",
    "path",
    type=click.Path(path_type=Path),
    default="jobs.toml",
    show_default=True,
    help="The jobs file.",
)


def _say(line: str) -> None:
    click.echo(f"finews: {line}", err=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _say_when(line: str) -> None:
    click.echo(f"{show.moment(_now())} {line}", err=True)


def _patience() -> float:
    """Seconds that a crawl, and so its job, waits for the database."""
    settings = Settings(option_values(os.environ))
    check_options(settings)
    return settings.getfloat("FINEWS_DATABASE_PATIENCE_SECONDS")


def _settings(url: str) -> Settings:
    settings = project_settings()
    settings.set("FINEWS_DATABASE_URL", url)
    return settings


@contextmanager
def _runner(
    url: str, engine: Engine, say: Callable[[str], None], **chosen: bool
) -> Iterator[Runner]:
    """What runs need; what becomes of them is noted before it is left."""
    notebook = Notebook(note_in(engine), say, _now)
    try:
        yield Runner(
            url=url,
            engine=engine,
            notebook=notebook,
            say=say,
            patience=_patience(),
            **chosen,  # type: ignore[arg-type]  # the fields that are bool
        )
    finally:
        left = notebook.close(_LAST_NOTES)
        if left:
            say(text("job_not_noted", jobs=", ".join(left)))
        engine.dispose()


def _run(chosen: Job, url: str, say: Callable[[str], None], *, quiet: bool) -> int:
    """Run a job under signals; gives the exit code."""
    inbox: Inbox = SimpleQueue()

    def waits(error: StorageError) -> None:
        say(text("job_waits_for_database", job=chosen.name, error=error))

    stops = heeded(*_STOPS, signal.SIGHUP)
    actions = {number: partial(inbox.put, "stop") for number in stops}
    with handled(actions), told_if_not_started(chosen, _settings(url)):
        engine = patiently(partial(open_engine, url), inbox, _patience(), waits)
        if engine is None:
            return EXIT_NOT_STARTED
        with _runner(url, engine, say, only_failures=quiet) as runner:
            return runner.run(chosen, inbox).exit_code


@click.group()
def job() -> None:
    """Run crawls that come again, as a jobs file defines them. 定时作业。"""


@job.command()
@click.argument("name")
@jobs_option
@click.option("--quiet", is_flag=True, help="Print nothing unless the run fails: for cron.")
@database_option
@clear_errors
def run(name: str, path: Path, quiet: bool, database: str | None) -> None:
    """Run a job, unless it is running; the exit code is the crawl's. 运行一个作业。"""
    chosen = find_job(read_jobs(path), name, path)
    kept: list[str] = []
    code = _run(chosen, database_url(database), kept.append if quiet else _say, quiet=quiet)
    if code != 0:
        for line in kept:
            _say(line)
    sys.exit(code)


@job.command("times")
@click.option("--jobs", "path", type=click.Path(path_type=Path), help="Only the jobs of a file.")
@json_option
@database_option
@clear_errors
def list_jobs(path: Path | None, as_json: bool, database: str | None) -> None:
    """Show what runs when, and how it went last. 列出作业及其状态。"""
    _show_jobs(None if path is None else read_jobs(path), database_url(database), as_json=as_json)


def _show_jobs(jobs: Mapping[str, Job] | None, url: str, *, as_json: bool) -> None:
    states = job_states(opened(url))
    rows = entries(jobs, states, lambda name: job_lock(url, name).is_taken())
    if as_json:
        print_json(map(job_row, rows))
    elif rows:
        console.print(job_table(rows, _now()))
    else:
        console.print(text("no_jobs"))


@job.command()
@jobs_option
@clear_errors
def check(path: Path) -> None:
    """Look for faults in a jobs file, and tell when its jobs run. 检查作业文件。"""
    jobs = read_jobs(path)
    for one in jobs.values():
        if not one.is_timed:
            click.echo(text("job_on_demand", job=one.name))
            continue
        planned = plan(one, None, _now())
        first = planned.first
        second = planned.timetable.after(first)
        third = planned.timetable.after(second)
        told = ", ".join(show.moment(at) for at in (first, second, third))
        click.echo(text("job_due", job=one.name, at=told))
    click.echo(text("jobs_sound", path=path, count=len(jobs)))


@job.command("scrapyd")
@click.argument("name")
@jobs_option
@click.option("--url", default="http://127.0.0.1:6800", show_default=True, help="The server.")
@click.option("--project", default="finews", show_default=True, help="Its name at the server.")
@clear_errors
def to_scrapyd(name: str, path: Path, url: str, project: str) -> None:
    """Hand a job to a scrapyd server. 交给 scrapyd 运行。"""
    chosen = find_job(read_jobs(path), name, path)
    server = Server(url, project)
    going_on = server.unfinished(chosen) if chosen.overlap == "skip" else None
    if going_on is not None:
        told = {"url": server.url, "state": going_on.state, "id": going_on.id}
        click.echo(text("scrapyd_still_running", job=name, **told))
        return
    number = server.schedule(chosen)
    click.echo(text("scrapyd_scheduled", job=name, url=server.url, id=number))


@job.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@clear_errors
def egg(path: Path) -> None:
    """Write the project as an egg, for `scrapyd-deploy --egg`. 打包为 egg。"""
    write_egg(path)
    click.echo(text("egg_written", path=path))


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default="jobs.toml")
@click.option("--list", "only_list", is_flag=True, help="Show the jobs and their states only.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve /metrics; 0: any port.")
@click.option("--metrics-address", default="127.0.0.1", show_default=True)
@database_option
@clear_errors
def schedule(
    path: Path,
    only_list: bool,
    metrics_port: int | None,
    metrics_address: str,
    database: str | None,
) -> None:
    """Start the jobs of a file when they are due, until it is stopped. 定时运行作业。

    SIGHUP has the file read again; SIGTERM and Ctrl-C stop it when its crawls have ended.
    """
    url = database_url(database)
    if only_list:
        _show_jobs(read_jobs(path), url, as_json=False)
        return
    read_jobs(path)
    settings = project_settings()
    check_options(settings)
    with (
        metrics_at(metrics_port, metrics_address) as server,
        _runner(url, open_engine(url), _say_when, is_one_of_many=True) as runner,
    ):
        if server is not None:
            _say_when(text("metrics_at", address=metrics_address, port=server.port))
        daemon = Schedule(path, runner, teller(runner.engine, settings, server, _say_when))
        actions = {number: partial(daemon.orders.put, "stop") for number in _STOPS}
        actions[signal.SIGHUP] = partial(daemon.orders.put, "reload")
        with handled(actions):
            daemon.run()
