"""`finews crawl SPIDER …`: any spider, its arguments as options that are checked and explained."""

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta

import click

from finews.command_line import clear_errors, database_option, database_url, examples
from finews.crawling import crawl_command, run_command
from finews.jobs.definition import spiders
from finews_crawler.arguments import Argument
from finews_crawler.spider import FinewsSpider

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "archive": ("finews crawl archive --path ../finews/old_post",),
    "category": (
        "finews crawl category --categories emnews,Wind",
        "finews crawl category --site http://127.0.0.1:8000 -O articles.jsonl",
    ),
    "live": ("finews crawl live --since 2h",),
    "pages": ("finews crawl pages --file addresses.txt",),
    "share": ("finews crawl share --codes NW202206133778412487",),
    "stock": ("finews crawl stock --symbols 600919.SH",),
}
_ENDS = """Exit code 0: it ended by itself and has articles; 1: it failed; 2: it was not started;
3: as 0, but something was found that a person should look at."""


def _shown(argument: Argument) -> str:
    """An argument's help, with its default where it has one."""
    default = argument.default
    if not default:
        return argument.help
    hours = default.total_seconds() / 3600 if isinstance(default, timedelta) else None
    return f"{argument.help} [default: {default if hours is None else f'{hours:g}h'}]"


def _option(argument: Argument) -> click.Option:
    name = f"--{argument.name.replace('_', '-')}"
    return click.Option([name, argument.name], metavar="VALUE", help=_shown(argument))


def _setting(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise click.BadParameter("write NAME=VALUE", context, option)
    return {name: value for name, _, value in pairs}


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Options that every spider has."""
    for option in (
        database_option,
        click.option(
            "-s",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_setting,
            help="A setting for this crawl; may be given again.",
        ),
        click.option("-O", "output", metavar="FILE", help="Write the articles to a file, too."),
        click.option(
            "--log-level", type=click.Choice(LEVELS), default="WARNING", show_default=True
        ),
    ):
        command = option(command)
    return command


def _run(spider: str, given: Mapping[str, object]) -> None:
    """Check the arguments and run; ends the process with the crawl's exit code.

    Raises:
        ArgumentError: an argument is malformed.
    """
    names = {argument.name for argument in spiders()[spider].arguments}
    arguments = {name: str(given[name]) for name in names if given[name] is not None}
    spiders()[spider].read_values(dict(arguments))
    settings = {"LOG_LEVEL": str(given["log_level"]), **given["settings"]}  # type: ignore[dict-item]
    command = crawl_command(spider, arguments, settings)
    if given["output"] is not None:
        command += ["-O", str(given["output"])]
    sys.exit(run_command(command, database_url(given["database"])))  # type: ignore[arg-type]


def _command(name: str, spider: type[FinewsSpider]) -> click.Command:
    @clear_errors
    def run(**given: object) -> None:
        _run(name, given)

    about = " ".join((spider.__doc__ or "").split())
    made = click.command(name, help=f"{about}\n\n{_ENDS}", epilog=_epilog(name))(_common(run))
    made.params[:0] = [_option(argument) for argument in spider.arguments]
    return made


def _epilog(name: str) -> str | None:
    return examples(*_EXAMPLES[name]) if name in _EXAMPLES else None


class SpiderGroup(click.Group):
    """A command for each spider; Scrapy is imported only when one is looked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the spiders."""
        return sorted(spiders())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command that runs a spider."""
        spider = spiders().get(cmd_name)
        return None if spider is None else _command(cmd_name, spider)


@click.group(cls=SpiderGroup, epilog=examples("finews crawl category", "finews crawl live --help"))
def crawl() -> None:
    """Run a spider; its arguments are options. 运行爬虫。"""
