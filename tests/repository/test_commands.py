"""What documents tell to type exists, and works on the sample site."""

import json
import re
from typing import Any

import click
import pytest

from finews.cli import main
from finews_crawler.spiders.archive import ArchiveSpider
from finews_crawler.spiders.category import CategorySpider
from finews_crawler.spiders.live import LiveSpider
from finews_crawler.spiders.pages import PagesSpider
from finews_crawler.spiders.share import ShareSpider
from finews_crawler.spiders.stock import StockSpider
from tests.repository.reading import ROOT, code_of, commands, document, user_documents

README = document("README.md")
ARGUMENTS = {
    str(spider.name): {argument.name for argument in spider.arguments}
    for spider in (
        ArchiveSpider,
        CategorySpider,
        LiveSpider,
        PagesSpider,
        ShareSpider,
        StockSpider,
    )
}
# docs/monitoring.md has one called that does not exist: a failure to be told of.
NO_SPIDER = {"test-message"}
ARTICLES = ROOT / "data" / "sample_site" / "articles"


def targets() -> list[str]:
    """The targets of the Makefile that tell what they do."""
    return re.findall(r"^([a-z-]+):.*## ", document("Makefile"), re.MULTILINE)


def told_targets(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([a-z-]+)", code_of(text)))


def told_finews(text: str) -> list[tuple[str, list[str]]]:
    """The commands `finews X` of a text, each with its options."""
    lines = re.findall(r"(?:^|/)finews ([a-z-]+)(.*)$", code_of(text), re.MULTILINE)
    return [(name, re.findall(r"(?<!\S)--?[a-z][\w-]*", rest)) for name, rest in lines]


def told_crawls(text: str) -> list[tuple[str, list[str]]]:
    """The commands `scrapy crawl X` and `finews crawl X` of a text, each with its arguments."""
    scrapy = re.findall(r"scrapy crawl ([\w-]+)(.*)$", code_of(text), re.MULTILINE)
    own = re.findall(r"(?:^|/)finews crawl (\w+)(.*)$", code_of(text), re.MULTILINE)
    given = [(name, re.findall(r"-a (\w+)=", rest)) for name, rest in scrapy]
    return given + [(name, re.findall(r"--(\w+) ", rest)) for name, rest in own]


def known_options(name: str) -> set[str]:
    command: click.Command | None = main.commands.get(name)
    below: list[click.Command | None] = []
    if isinstance(command, click.Group):
        context = click.Context(command)
        below = [command.get_command(context, one) for one in command.list_commands(context)]
    known = [one for one in (command, *below) if one is not None]
    return {option for one in known for parameter in one.params for option in parameter.opts}


def sample_items() -> list[dict[str, Any]]:
    paths = sorted(ARTICLES.glob("*/expected.json"))
    items = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [item for item in items if item.get("code")]


# --- what is told exists ---------------------------------------------------------------------


@pytest.mark.parametrize("name", user_documents())
def test_told_make_targets_exist(name: str) -> None:
    assert told_targets(document(name)) - set(targets()) == set()


@pytest.mark.parametrize("name", user_documents())
def test_told_finews_commands_exist(name: str) -> None:
    told = told_finews(document(name))
    unknown = [one for one in told if one[0] not in main.commands]
    assert unknown + [one for one in told if set(one[1]) - known_options(one[0])] == []


@pytest.mark.parametrize("name", user_documents())
def test_told_crawls_exist(name: str) -> None:
    told = told_crawls(document(name))
    assert [one for one in told if set(one[1]) - ARGUMENTS.get(one[0], set())] == []
    assert {spider for spider, _ in told} - set(ARGUMENTS) - NO_SPIDER == set()


# --- what exists is told ---------------------------------------------------------------------


def test_the_readme_names_every_finews_command() -> None:
    assert {name for name, _ in told_finews(README)} == set(main.commands)


def test_the_readme_names_every_make_target() -> None:
    assert told_targets(README) == set(targets())


def test_the_readme_shows_every_spider() -> None:
    assert {name for name, _ in told_crawls(README)} == set(ARGUMENTS)


def test_the_commands_that_take_json_are_told() -> None:
    """`Each but … takes --json`: the README names the ones that do not."""
    without = {name for name in main.commands if "--json" not in known_options(name)}
    (sentence,) = re.findall(r"^.*`--json`.*$", README, re.MULTILINE)
    assert set(re.findall(r"`([a-z-]+)`", sentence.partition("takes")[0])) == without


def test_the_chinese_readme_tells_the_same_commands() -> None:
    assert commands(document("README.zh-CN.md")) == commands(README)


# --- what is told works on the sample site ---------------------------------------------------


def test_the_readme_shows_an_article_that_the_demo_stores() -> None:
    (code,) = set(re.findall(r"finews show (\d{18})", README))
    (item,) = (item for item in sample_items() if item["code"] == code)
    assert {mention["kind"] for mention in item["mentions"]} >= {"chart", "link"}


def test_the_readme_asks_for_a_code_that_the_sample_site_answers() -> None:
    (code,) = set(re.findall(r"codes[= ]NW(\d{18})", README))
    assert code in {item["code"] for item in sample_items() if item.get("share")}


def test_the_readme_asks_for_a_symbol_that_the_demo_stores() -> None:
    symbols = set(re.findall(r"--symbol (\S+)", README))
    mentions = [mention for item in sample_items() for mention in item["mentions"]]
    assert symbols - {mention["symbol"] for mention in mentions} == set()


def test_the_readme_asks_for_categories_that_the_sample_site_has() -> None:
    told = re.findall(r"categories[= ](\S+)", README)
    asked = {slug for line in told for slug in line.split(",")}
    lines = (ARTICLES.parent / "categories.txt").read_text(encoding="utf-8").splitlines()
    assert asked - {line.partition("\t")[0] for line in lines} == set()
