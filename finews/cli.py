"""`finews …`: the table of the commands.

Each is imported only when it is called: Scrapy, the scheduler and the web take a second to import,
and a list of articles needs none of them.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import cast

import click

# In the order of `finews --help`: first what a newcomer needs.
PATHS: Mapping[str, str] = {
    "demo": "finews.commands.demo:demo",
    "crawl": "finews.commands.crawl:crawl",
    "articles": "finews.commands.reading:articles",
    "search": "finews.commands.reading:search",
    "show": "finews.commands.reading:show_article",
    "revisions": "finews.commands.reading:revisions",
    "mentions": "finews.commands.mentions:mentions",
    "changes": "finews.commands.changes:changes",
    "export": "finews.commands.export:export_table",
    "serve": "finews.commands.serve:serve",
    "runs": "finews.commands.runs:runs",
    "rejects": "finews.commands.rejects:rejects",
    "db": "finews.commands.db:db",
    "doctor": "finews.commands.doctor:doctor",
    "jobs": "finews.commands.jobs:jobs",
    "schedule": "finews.jobs.commands:schedule",
    "worker": "finews.queue.commands:worker",
    "sample-site": "finews.commands.demo:sample_site",
    "completion": "finews.commands.completion:completion",
}


class Imported(Mapping[str, click.Command]):
    """Commands by name, imported when they are asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = PATHS[name].partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(PATHS)

    def __len__(self) -> int:
        return len(PATHS)


class CommandTable(click.Group):
    """A group that lists its commands in the order of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names."""
        return list(self.commands)


@click.group(
    cls=CommandTable,
    commands=cast("dict[str, click.Command]", Imported()),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="finews")
def main() -> None:
    """Chinese financial news as clean, dated, stock-linked rows. 中文财经新闻数据库。"""
