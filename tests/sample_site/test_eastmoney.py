"""Saved pages and lists of Eastmoney, each with the article that it must give."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from finews_crawler.extraction.lists import extract_list
from finews_crawler.extraction.origin import extract_origin
from finews_crawler.items import Article, isoformat_shanghai
from finews_crawler.reference import data_path
from pipelines.normalise.article import normalise
from tests.repository.reading import document, quoted, section, table_rows

SAVED = data_path("sample_site", "eastmoney")
FETCHED_AT = datetime(2026, 9, 1, tzinfo=UTC)
# What a list calls 今天 is the day of its fetch.
LISTED_AT = datetime(2026, 6, 16, 7, 0, tzinfo=UTC)
FACTS = ("code", "title", "source", "digest", "body_text")


def expectations() -> dict[str, dict[str, Any]]:
    paths = sorted(SAVED.glob("*/expected.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def read(folder: Path, url: str) -> Article:
    if (folder / "page.html").exists():
        return normalise(extract_origin((folder / "page.html").read_bytes(), url, FETCHED_AT))
    (raw,) = extract_list((folder / "list.txt").read_bytes(), url, LISTED_AT)
    return normalise(raw)


@pytest.mark.parametrize("name", expectations())
def test_a_saved_answer_gives_its_article(name: str) -> None:
    expected = expectations()[name]
    article = read(SAVED / name, expected["url"])
    found = {fact: getattr(article, fact) for fact in FACTS} | {
        "published_at": isoformat_shanghai(article.published_at),
        "mentions": [[one.kind, one.secid] for one in article.mentions],
    }
    assert found == {fact: expected[fact] for fact in found}


def test_the_document_names_every_trap_with_its_folder() -> None:
    rows = table_rows(section(document("docs/traps.md"), "## Eastmoney's own pages and lists"))
    shown = {quoted(row[0])[0]: set(re.findall(r"\[([^]]+)\]", row[2])) for row in rows}
    expected: dict[str, set[str]] = {}
    for name, item in expectations().items():
        for trap in item["traps"]:
            expected.setdefault(trap, set()).add(name)
    assert shown == expected
