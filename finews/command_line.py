"""What the commands share: one line for an error, and the database that a user named."""

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from finews_crawler.errors import FinewsError
from finews_crawler.options import option_values
from pipelines.store.engine import open_engine
from pipelines.store.queries import Filter

EXIT_NOT_STARTED = 2
EXIT_NOTHING_FOUND = 1

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

database_option = click.option(
    "--database", metavar="URL", help="Database to use instead of FINEWS_DATABASE_URL."
)


def filter_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Options that choose articles; the command gets them as `wanted`."""

    @click.option("--symbol", help="Only articles that mention it: 600919.SH")
    @click.option("--source", help="Only articles of this source: 财联社")
    @click.option("--category", help="Only articles of this category: emnews")
    @wraps(command)
    def filtered(
        *args: object,
        symbol: str | None,
        source: str | None,
        category: str | None,
        **kwargs: object,
    ) -> Result:
        wanted = Filter(symbol=symbol, source=source, category=category)
        return command(*args, wanted=wanted, **kwargs)

    return filtered


def clear_errors(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn the project's errors into one line and exit code 2."""

    @wraps(command)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except FinewsError as error:
            click.echo(f"finews: {error}", err=True)
            raise SystemExit(EXIT_NOT_STARTED) from error
        except DBAPIError as error:
            line = " ".join(str(error.orig).split())
            click.echo(f"finews: the database does not answer: {line}", err=True)
            raise SystemExit(EXIT_NOT_STARTED) from error

    return guarded


def database_url(given: str | None) -> str:
    """The database that a user named, else that of the settings."""
    return given or str(option_values(os.environ)["FINEWS_DATABASE_URL"])


def opened(url: str, opening: Callable[[str], Engine] = open_engine) -> Engine:
    """A database for as long as a command runs.

    Raises:
        StorageError: it cannot be opened.
    """
    engine = opening(url)
    click.get_current_context().call_on_close(engine.dispose)
    return engine
