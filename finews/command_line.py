"""What the commands share: one line for an error, and the database that a user named."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from finews.asking import MANY, ONE, WORDS, filter_of
from finews.show import plain
from finews_crawler.errors import FinewsError, one_line
from finews_crawler.options import option_values
from pipelines.store.engine import open_engine

_DIGITS = 10
EXIT_NOT_STARTED = 2
EXIT_NOTHING_FOUND = 1

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
limit_option = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Rows at most."
)
database_option = click.option(
    "--database", metavar="URL", help="Database to use instead of FINEWS_DATABASE_URL."
)


def examples(*lines: str) -> str:
    """What stands at the end of a help text, each on a line of its own."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


class RowNumber(click.ParamType[int]):
    """The number of a row, as far as the database counts."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Refuse what no database has."""
        text = str(value)
        is_short = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
        if not is_short or not 0 < int(text) < 2**31:
            self.fail(f"{text} is not the number of a row.", param, ctx)
        return int(text)


class ListingGroup(click.Group):
    """A group that lists when no command is named: `finews runs --json` is `… runs list --json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of options."""
        is_named = bool(args) and (args[0][:1] != "-" or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_named else ["list", *args])


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
            line = one_line(error)
            click.echo(f"finews: the database does not answer: {line}", err=True)
            raise SystemExit(EXIT_NOT_STARTED) from error

    return guarded


_FILTER_HELP = {
    "symbol": "Only articles that mention it: 600919.SH",
    "source": "Only articles of this source: 财联社",
    "category": "Only articles of this category: emnews",
    "kind": "Only full articles, or only flashes: full, digest",
    "published_from": "Published then or later: 2022-06-13 (in China), an ISO time, or 6h (ago)",
    "published_to": "Published before",
    "seen_from": "First seen by this database then or later",
    "seen_to": "First seen before",
    "as_of": "As it could be read then, whatever came later",
    "late": "no: without what was first seen when it was no news any more",
}


def filter_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Options that choose articles; the command gets them as `wanted`."""

    @clear_errors
    @wraps(command)
    def filtered(*args: object, **kwargs: object) -> Result:
        given: dict[str, Iterable[str]] = {word: kwargs.pop(word) for word in MANY}  # type: ignore[misc]
        for word in ONE:
            text = kwargs.pop(word)
            given[word] = () if text is None else (str(text),)
        return command(*args, wanted=filter_of(given), **kwargs)

    for word in reversed(WORDS):
        option = click.option(
            f"--{word.replace('_', '-')}", word, multiple=word in MANY, help=_FILTER_HELP[word]
        )
        filtered = option(filtered)
    return filtered


def print_json(rows: Iterable[Mapping[str, object]]) -> None:
    """One object a line."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False, default=plain))


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
