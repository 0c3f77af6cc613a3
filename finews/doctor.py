"""Is everything here as a crawl and a reader need it? One check after the other, each by itself."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from finews.messages import text
from finews.reach import Answered, Reach, asked
from finews.show import minute
from finews.show_runs import state_word
from finews_crawler.errors import ConfigurationError, FinewsError
from finews_crawler.options import project_folder, read_options
from pipelines.store import queries
from pipelines.store.clock import database_now
from pipelines.store.derived import stale
from pipelines.store.engine import connect, is_there, newest_schema, schema_version, shown_url
from pipelines.store.spool import Spool

State = Literal["ok", "look", "bad"]
MEGABYTE = 1_000_000
LITTLE_DISK, NO_DISK = 2_000 * MEGABYTE, 200 * MEGABYTE
CLOCK_LOOK, CLOCK_BAD = 5.0, 60.0
"""Seconds by which a clock may be wrong."""
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "postgres": ("psycopg",),
    "workers": ("procrastinate",),
    "pandas": ("pandas", "pyarrow"),
    "polars": ("polars",),
    "export": ("pyarrow", "zstandard"),
    "web": ("fastapi", "uvicorn", "jinja2"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and what to do when it is not well."""

    name: str
    state: State
    """`look`: a person should look at it; `bad`: something will not work."""
    found: str
    advice: str = ""


def _python() -> Check:
    return Check("python", "ok", sys.version.partition(" ")[0])


def _extras() -> Check:
    missing = [name for name, modules in EXTRAS.items() if not all(map(find_spec, modules))]
    if not missing:
        return Check("extras", "ok", text("extras_are"))
    names = ",".join(missing)
    return Check(
        "extras", "ok", text("extras_missing", names=names), text("do_extras", names=names)
    )


def _schema(engine: Engine) -> Check:
    with engine.connect() as connection:
        version, wanted = schema_version(connection), newest_schema()
    if version == wanted:
        return Check("schema", "ok", text("schema_is", version=version))
    told = text("schema_old", version=version or "-", wanted=wanted)
    return Check("schema", "bad", told, text("do_schema"))


def _indexes(engine: Engine) -> Check:
    with engine.connect() as connection:
        names = stale(connection)
    if not names:
        return Check("indexes", "ok", text("indexes_fresh"))
    told = text("indexes_stale", names=", ".join(names))
    return Check("indexes", "bad", told, text("do_indexes"))


def _last_run(engine: Engine) -> Check:
    last = next(iter(queries.runs(engine, 1)), None)
    if last is None:
        return Check("last_run", "look", text("no_runs"), text("do_crawl"))
    state = last.state(datetime.now(UTC))
    told = text("run_was", number=last.id, at=minute(last.started_at), state=state_word(state))
    if state in {"ok", "running"}:
        return Check("last_run", "ok", told)
    return Check("last_run", "look", told, text("do_run", number=last.id))


def _rejects(engine: Engine) -> Check:
    limit = 1_000
    count = len(queries.rejects(engine, limit, queries.RejectFilter(open_only=True)))
    if count == 0:
        return Check("rejects", "ok", "0")
    told = f"{count}+" if count == limit else str(count)
    return Check("rejects", "look", told, text("do_rejects"))


def _disk(folder: Path) -> Check:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    told = text("disk_free", free=f"{free // MEGABYTE:,}", folder=there)
    if free >= LITTLE_DISK:
        return Check("disk", "ok", told)
    return Check("disk", "bad" if free < NO_DISK else "look", told, text("do_disk"))


def _unsent(spool: Spool) -> Check:
    count = len(spool.files())
    if count == 0:
        return Check("unsent", "ok", text("none_wait"))
    told = text("unsent_wait", count=count, folder=spool.folder)
    return Check("unsent", "look", told, text("do_unsent"))


def _clock(engine: Engine | None, site: Reach | None) -> Check:
    """Against the database server's clock and the site's."""
    others: list[tuple[str, float]] = []
    if engine is not None and engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            ahead = (datetime.now(UTC) - database_now(connection)).total_seconds()
        others.append((shown_url(str(engine.url)), ahead))
    if site is not None and site.ahead is not None:
        others.append((site.url, site.ahead))
    if not others:
        return Check("clock", "ok", text("clock_alone"))
    other, seconds = max(others, key=lambda one: abs(one[1]))
    told = text("clock_right", seconds=f"{seconds:.1f}", other=other)
    if abs(seconds) < CLOCK_LOOK:
        return Check("clock", "ok", told)
    return Check("clock", "bad" if abs(seconds) >= CLOCK_BAD else "look", told, text("do_clock"))


def _site(reach: Reach) -> Check:
    answered = reach.answered
    if not isinstance(answered, Answered):
        told = text("site_silent", url=reach.url, error=answered)
        return Check("site", "look", told, text("do_site"))
    if not reach.allowed:
        return Check("site", "bad", text("site_forbids", url=reach.url), text("do_forbidden"))
    told = text(
        "site_answers", url=reach.url, status=answered.status, milliseconds=answered.milliseconds
    )
    is_well = answered.status < 400
    return Check("site", "ok" if is_well else "look", told, "" if is_well else text("do_site"))


def _opened(url: str) -> tuple[Check, Engine | None]:
    try:
        if not is_there(url):
            told = text("no_database", url=shown_url(url))
            return Check("database", "bad", told, text("do_database_init")), None
        return Check("database", "ok", shown_url(url)), connect(url)
    except FinewsError as error:
        return Check("database", "bad", str(error), text("do_database")), None


def _on_disk(url: str, unsent: str) -> Iterator[Check]:
    """The disk that fills up, the database's or the project's, and what waits on it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return  # the check of the database has said so
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    yield _disk(Path(str(parsed.database)).resolve().parent if is_file else project_folder())
    yield _unsent(Spool(Path(unsent), shown_url(url)))


_OF_DATABASE: tuple[Callable[[Engine], Check], ...] = (_schema, _indexes, _last_run, _rejects)


def _in_database(engine: Engine) -> Iterator[Check]:
    for check in _OF_DATABASE:
        found = check(engine)
        yield found
        if found.state == "bad":
            return  # what rests on it cannot be asked


def examine(database: str | None, *, ask_site: bool) -> Iterator[Check]:
    """Give what each check finds; later ones rest on earlier ones.

    `database` stands for the setting when it is given. The site is asked for its robots.txt, once.
    """
    yield _python()
    yield _extras()
    try:
        values = read_options(os.environ)
    except ConfigurationError as error:
        yield Check("settings", "bad", str(error), text("do_settings"))
        return
    yield Check("settings", "ok", text("settings_understood"))
    url = database or str(values["FINEWS_DATABASE_URL"])
    told, engine = _opened(url)
    yield told
    if engine is not None:
        yield from _in_database(engine)
    yield from _on_disk(url, str(values["FINEWS_UNSENT_FOLDER"]))
    site = asked(str(values["FINEWS_SITE"])) if ask_site else None
    if site is not None:
        yield _site(site)
    yield _clock(engine, site)
    if engine is not None:
        engine.dispose()
