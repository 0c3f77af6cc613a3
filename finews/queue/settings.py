"""From the address of the database to that of the queue in it."""

from collections.abc import Mapping
from importlib import import_module

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from finews_crawler.errors import ConfigurationError
from pipelines.store.engine import shown_url

SCHEMA = "finews_queue"
"""The PostgreSQL schema in which the queue's tables stand, beside those of finews."""
QUEUE = "units"
TASK = "finews.crawl"
# Drivers on libpq: what their URLs say is what psycopg takes.
_DRIVERS = frozenset({"psycopg", "psycopg_async", "psycopg2"})
# Of libpq: a server that has gone is noticed within half a minute.
_KEEPALIVE: Mapping[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}


def check_installed() -> None:
    """Look for the extra.

    Raises:
        ConfigurationError: procrastinate or psycopg is missing.
    """
    for name in ("procrastinate", "psycopg", "psycopg_pool"):
        try:
            import_module(name)
        except ImportError as error:
            # Without libpq psycopg is there and cannot be imported.
            raise ConfigurationError(
                f"workers need {name}: install finews[workers] ({error})"
            ) from error


def conninfo(url: str, application_name: str, **more: str | int) -> str:
    """What libpq needs to know to reach the queue in a database.

    Args:
        url: the database, as `FINEWS_DATABASE_URL` has it.
        application_name: what PostgreSQL's own lists call the connection.
        more: parameters of libpq; the URL's own go before them.

    Raises:
        ConfigurationError: the database is no PostgreSQL, or the URL cannot be understood.
    """
    check_installed()
    from psycopg import ProgrammingError  # noqa: PLC0415 - an extra
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - an extra

    parameters = {
        **_KEEPALIVE,
        "application_name": application_name[:63],
        **more,
        **_parameters(url),
    }
    # The last of several search paths counts.
    options = f"{parameters.pop('options', '')} -c search_path={SCHEMA}".strip()
    try:
        return make_conninfo("", **parameters, options=options)
    except ProgrammingError as error:
        line = " ".join(str(error).split())
        raise ConfigurationError(f"{shown_url(url)}: {line}") from error


def _parameters(url: str) -> dict[str, str | int]:
    """What a URL of SQLAlchemy says, in the words of libpq."""
    try:
        parsed = make_url(url)
        shown = shown_url(url)
    except (ArgumentError, ValueError) as error:  # a port that is no number
        raise ConfigurationError("workers need PostgreSQL: the URL is no database's") from error
    try:
        driver = parsed.get_driver_name()
        if parsed.get_backend_name() != "postgresql":
            raise ConfigurationError(f"workers need PostgreSQL, and {shown} is none")
        if driver not in _DRIVERS:
            raise ConfigurationError(f"workers need postgresql+psycopg://…, not {shown}")
        _, given = parsed.get_dialect()().create_connect_args(parsed)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigurationError(f"workers need PostgreSQL: {shown}: {error}") from error
    # psycopg's own type adapters, which SQLAlchemy may add, are none of libpq's.
    return {name: value for name, value in given.items() if name != "context" and value is not None}
