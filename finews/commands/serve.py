"""`finews serve`: pages and HTTP API on the database."""

import logging
import os
import webbrowser
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from finews.command_line import clear_errors, database_option, database_url, examples, opened
from finews.reader.extras import MissingExtraError
from finews.web.app_texts import TEXTS
from finews.web.settings import SHORTEST_TOKEN, WebSettings
from finews_crawler.errors import ConfigurationError, StorageError
from finews_crawler.language import language
from pipelines.store.engine import connect, newest_schema, schema_version, shown_url

TOKEN_VARIABLE = "FINEWS_WEB_TOKEN"  # noqa: S105 - the name of a setting
_EXTRA = {"fastapi", "jinja2", "pydantic", "starlette", "uvicorn"}


def _say(name: str, **values: object) -> None:
    click.echo(TEXTS[name][language()].format(**values), err=True)


def _server() -> ModuleType:
    """What runs the pages; with its packages, which are an extra."""
    try:
        return import_module("finews.web.server")
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise MissingExtraError(
            f"{error.name} is not installed; install it by: pip install 'finews[web]'"
        ) from error


def _check_database(url: str) -> None:
    with opened(url, connect).connect() as connection:
        found = schema_version(connection)
    if found != newest_schema():
        raise StorageError(
            f"{shown_url(url)} has schema {found or 'none'}, this version of finews reads "
            f"{newest_schema()}: run `finews db upgrade`"
        )


def _token(file: Path | None) -> str | None:
    """The token of a file, else of the environment; None: there is none."""
    if file is None:
        found, where = os.environ.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
        if not found:
            return None
    else:
        try:
            found, where = file.read_text(encoding="utf-8").strip(), str(file)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"the token in {file} cannot be read: {error}") from error
    if len(found) < SHORTEST_TOKEN or not found.isascii() or not found.isprintable():
        raise ConfigurationError(
            f"the token in {where} must be {SHORTEST_TOKEN} or more printable ASCII characters; "
            "`openssl rand -hex 24` makes one"
        )
    return found


def _check_reach(settings: WebSettings) -> None:
    if not settings.is_loopback and settings.token is None:
        raise ConfigurationError(
            f"{settings.host} can be reached from other machines: set {TOKEN_VARIABLE} or "
            "--token-file, or listen on 127.0.0.1"
        )


def _tell(settings: WebSettings, url: str, *, is_opened: bool) -> None:
    _say("serving_news", database=shown_url(settings.database_url), url=url)
    if settings.token is not None:
        _say("serving_with_token")
    if is_opened:
        webbrowser.open(url)


@click.command(
    epilog=examples(
        "finews serve --open",
        "finews serve --port 9000 --database sqlite:////srv/finews.db",
        "finews serve --host 0.0.0.0 --token-file /etc/finews/token",
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0: any free port.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help=f"File with the token that readers must know, instead of {TOKEN_VARIABLE}.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    help="A name by which a proxy in front calls this server: news.example.org",
)
@click.option("--open", "is_opened", is_flag=True, help="Open a browser.")
@database_option
@clear_errors
def serve(
    host: str,
    port: int,
    token_file: Path | None,
    names: tuple[str, ...],
    is_opened: bool,
    database: str | None,
) -> None:
    """Serve pages to read the news and an HTTP API; reads only. 启动网页与 HTTP 接口。

    Beyond this machine only with a token.
    """
    server = _server()
    settings = WebSettings(
        database_url=database_url(database),
        host=host,
        port=port,
        token=_token(token_file),
        language=language(),
        names=names,
    )
    _check_reach(settings)
    _check_database(settings.database_url)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    server.run(settings, lambda url: _tell(settings, url, is_opened=is_opened))
    _say("served")
