"""Documents held against the code: settings, fields, exit codes, traps, links."""

import json
import re
from collections import Counter
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import unquote

import pytest

from finews_crawler.commands import crawl
from finews_crawler.items import (
    Article,
    AssetClass,
    BodyKind,
    Image,
    Mention,
    MentionKind,
    Precision,
    Quality,
)
from finews_crawler.options import OPTIONS, project_folder
from finews_crawler.settings import FEED_EXPORT_FIELDS
from finews_crawler.spiders.archive import ArchiveSpider
from finews_crawler.spiders.category import CategorySpider
from finews_crawler.spiders.live import LiveSpider
from finews_crawler.spiders.pages import PagesSpider
from finews_crawler.spiders.share import ShareSpider
from finews_crawler.spiders.stock import StockSpider
from tests.repository.reading import ROOT, document, project_files, quoted, section, table_rows

SPIDERS = (ArchiveSpider, CategorySpider, LiveSpider, PagesSpider, ShareSpider, StockSpider)
ARTICLES = ROOT / "data" / "sample_site" / "articles"
FIELDS = document("docs/fields.md")
TRAPS = document("docs/traps.md")
SITE_TRAPS = "## Pages of the site itself"

# --- docs/settings.md ------------------------------------------------------------------------


def setting_rows() -> list[list[str]]:
    before_spiders, _, _ = document("docs/settings.md").partition("\n## Spider arguments")
    return table_rows(before_spiders)


def test_every_setting_has_its_row() -> None:
    options = [[f"`{one.name}`", one.shown_default, one.help] for one in OPTIONS]
    assert setting_rows() == options


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_a_shown_default_is_the_default(option: Any) -> None:
    default = option.default()
    shown = default if isinstance(default, str) else f"{default:g}"
    if not shown:
        assert option.shown_default == "empty"
        return
    assert quoted(option.shown_default)[0] == shown.replace(str(project_folder()), "<project>")


def test_every_spider_argument_has_its_row() -> None:
    arguments = [
        [f"`{spider.name}`", f"`{one.name}`", one.help]
        for spider in SPIDERS
        for one in spider.arguments
    ]
    assert table_rows(section(document("docs/settings.md"), "## Spider arguments")) == arguments


def test_every_setting_that_a_document_names_exists() -> None:
    known = {option.name for option in OPTIONS} | {"FINEWS_LANGUAGE"}
    texts = [document(path.relative_to(ROOT).as_posix()) for path in documents()]
    assert {name for text in texts for name in re.findall(r"\bFINEWS_[A-Z_]+\b", text)} == known


# --- docs/fields.md --------------------------------------------------------------------------


def field_rows() -> dict[str, list[str]]:
    top, _, _ = FIELDS.partition("\n## ")
    return {quoted(row[0])[0]: row for row in table_rows(top)}


def mention_rows() -> list[list[str]]:
    return table_rows(section(FIELDS, "## A mention"))


def exported_type(hint: Any) -> str:
    """The JSON type of a field, in the words of the document."""
    if type(None) in get_args(hint):
        inner = next(part for part in get_args(hint) if part is not type(None))
        return f"{exported_type(inner)} or null"
    if hint in (int, bool):
        return "boolean" if hint is bool else "integer"
    if hint in (str, datetime) or isinstance(get_args(hint)[0], str):
        return "string"
    return "list of strings" if get_args(hint)[0] is str else "list of objects"


def test_every_exported_field_has_its_row() -> None:
    assert list(field_rows()) == FEED_EXPORT_FIELDS


def test_the_types_of_exported_fields() -> None:
    hints = get_type_hints(Article)
    types = {name: exported_type(hints[name]) for name in FEED_EXPORT_FIELDS}
    assert {name: row[1] for name, row in field_rows().items()} == types


def test_every_field_of_a_mention_has_its_row() -> None:
    hints = get_type_hints(Mention)
    shown = [(name, row[1]) for row in mention_rows() for name in quoted(row[0])]
    assert shown == [(one.name, exported_type(hints[one.name])) for one in fields(Mention)]


def test_the_fields_of_a_picture() -> None:
    assert quoted(field_rows()["images"][2]) == [one.name for one in fields(Image)]


def test_the_words_of_quality() -> None:
    rows = table_rows(section(FIELDS, "## `published_quality`"))
    assert sorted(quoted(row[0])[0] for row in rows) == sorted(get_args(Quality))


@pytest.mark.parametrize(
    ("name", "words"),
    [("published_precision", Precision), ("body_kind", BodyKind)],
)
def test_the_words_of_a_field(name: str, words: Any) -> None:
    assert tuple(quoted(field_rows()[name][2])) == get_args(words)


@pytest.mark.parametrize(("name", "words"), [("asset_class", AssetClass), ("kind", MentionKind)])
def test_the_words_of_a_mention(name: str, words: Any) -> None:
    (row,) = (row for row in mention_rows() if quoted(row[0]) == [name])
    assert tuple(quoted(row[2])) == get_args(words)


# --- docs/operations.md ----------------------------------------------------------------------


def exit_codes(text: str) -> list[int]:
    return [int(row[0]) for row in table_rows(text)]


def test_exit_codes() -> None:
    shown = exit_codes(section(document("docs/operations.md"), "## How a crawl ends"))
    assert shown == [0, crawl.EXIT_FAILED, crawl.EXIT_NOT_STARTED, crawl.EXIT_DEGRADED]
    assert exit_codes(crawl.__doc__ or "") == shown


# --- docs/traps.md ---------------------------------------------------------------------------


def shown_traps() -> dict[str, set[str]]:
    """The folders of each trap, as documented."""
    rows = table_rows(TRAPS.partition(SITE_TRAPS)[0])
    return {quoted(row[0])[0]: set(re.findall(r"\[([^]]+)\]", row[2])) for row in rows}


def expected_traps() -> dict[str, set[str]]:
    traps: dict[str, set[str]] = {}
    for path in ARTICLES.glob("*/expected.json"):
        for trap in json.loads(path.read_text(encoding="utf-8"))["traps"]:
            traps.setdefault(trap, set()).add(path.parent.name)
    return traps


def test_every_trap_is_documented_with_the_folders_that_show_it() -> None:
    assert shown_traps() == expected_traps()


def test_no_trap_stands_twice() -> None:
    names = Counter(quoted(row[0])[0] for row in table_rows(TRAPS))
    assert [name for name, times in names.items() if times > 1] == []


def test_every_row_of_a_trap_is_filled() -> None:
    rows = table_rows(TRAPS)
    assert [row for row in rows if len(row) != 4 or not all(row)] == []


def test_every_article_folder_shows_a_trap() -> None:
    shown = set().union(*shown_traps().values())
    assert {path.name for path in ARTICLES.iterdir()} - shown == set()


# --- links -----------------------------------------------------------------------------------


def documents() -> list[Path]:
    """All Markdown but the posts of the sample site."""
    return [path for path in project_files(".md") if "data" not in path.relative_to(ROOT).parts]


def relative_links(path: Path) -> list[str]:
    text = re.sub(r"`[^`]*`", "", path.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link for link in links if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(path: Path) -> None:
    targets = {link: unquote(link.partition("#")[0]) for link in relative_links(path)}
    assert [link for link, target in targets.items() if not (path.parent / target).exists()] == []


def test_the_index_lists_all_documents() -> None:
    index = ROOT / "docs" / "index.md"
    others = {path.name for path in index.parent.glob("*.md")} - {index.name}
    assert set(relative_links(index)) == others
