"""The OpenAPI document: complete, true of the rows, and of what the server answers to anything."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from finews.asking import WORDS
from finews.reader.columns import columns
from finews.reader.plain import plain_row
from finews.web.api import catalogue_models, models, rows
from finews.web.api.answers import dumped
from finews.web.api.document import document_of
from finews.web.app import create_app
from finews.web.depends import WORD_HELP
from finews.web.settings import WebSettings
from finews_crawler.items import Image, Link, Mention, Provenance
from pipelines.store import queries
from pipelines.store.engine import open_engine
from pipelines.store.findings import Finding
from pipelines.store.queries import (
    Alias,
    ArticleRow,
    ChangeRow,
    MentionRow,
    Reprint,
    RunRow,
    SecurityRow,
)
from tests.finews.web.serving import TOKEN, served

Document = dict[str, Any]
POSITIVE = GenerationMode.POSITIVE


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Document:
    found: Document = client.get("/api/v1/openapi.json").json()
    return found


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        assert list(item) == ["get"], "the API reads only"
        yield path, item["get"]


# --- true of the rows -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "row", "more"),
    [
        (models.Article, ArticleRow, set()),
        (models.ArticlePart, ArticleRow, set()),
        (models.Mention, Mention, set()),
        (models.Reprint, Reprint, set()),
        (models.MentionRow, MentionRow, set()),
        (models.Change, ChangeRow, {"article"}),
        (catalogue_models.SecurityRow, SecurityRow, set()),
        (catalogue_models.Alias, Alias, set()),
        (catalogue_models.Run, RunRow, {"state"}),
        (catalogue_models.Finding, Finding, set()),
        (models.Image, Image, set()),
        (models.Link, Link, set()),
        (models.Provenance, Provenance, set()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_answer_has_the_fields_of_its_row(
    model: type[BaseModel], row: type, more: set[str]
) -> None:
    found = {name for name in columns(row) if name != "line"}  # of a finding, made for terminals
    assert set(model.model_fields) == found | more


def test_the_json_form_is_that_of_all_surfaces(many_url: str) -> None:
    engine = open_engine(many_url)
    for row in queries.articles(engine, 100):
        assert json.loads(dumped(rows.picked(row, rows.ARTICLE))) == plain_row(row)
    for mention in queries.known_mentions(engine, 100):
        assert json.loads(dumped(rows.picked(mention, rows.MENTION))) == plain_row(mention)
    engine.dispose()


# --- complete -------------------------------------------------------------------------------------


def test_every_operation_tells_what_it_does_and_how_it_refuses(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    for path, operation in operations(document):
        assert operation["description"], path
        assert {"200", "304", "401", "406", "422", "503"} <= set(operation["responses"]), path
        for status in ("401", "422", "503"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_every_word_is_explained(document: Document) -> None:
    assert list(WORD_HELP) == list(WORDS)
    for path, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (path, parameter["name"])
            assert "anyOf" not in parameter["schema"]


def test_operations_have_short_names(document: Document) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert "list_articles" in names


def test_every_part_that_is_named_exists(document: Document) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named - set(document["components"]["schemas"]) == set()


def test_the_token_is_told_where_one_is_needed(filled_url: str, document: Document) -> None:
    with served(filled_url, token=TOKEN) as client:
        headers = {"authorization": f"Bearer {TOKEN}"}
        guarded = client.get("/api/v1/openapi.json", headers=headers).json()
    assert guarded["security"] == [{"token": []}]
    assert "security" not in document


def test_the_page_for_people_shows_every_operation(
    client: httpx.Client, document: Document
) -> None:
    page = client.get("/api?lang=en").text
    assert re.findall(r"<h2><code>GET ([^<]*)</code>", page) == list(document["paths"])


# --- true of the answers --------------------------------------------------------------------------

DOCUMENT = document_of(create_app(WebSettings(database_url="")), has_token=False)


@pytest.mark.parametrize("path", list(DOCUMENT["paths"]))
@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_as_documented(
    reader: httpx.Client, path: str, data: st.DataObject
) -> None:
    operation = schemathesis.openapi.from_dict(DOCUMENT)[path]["GET"]
    modes = list(GenerationMode) if "parameters" in DOCUMENT["paths"][path]["get"] else [POSITIVE]
    case = data.draw(st.sampled_from(modes).flatmap(operation.as_strategy))
    case.query = {name: value for name, value in (case.query or {}).items() if name != "wait"}
    # A schema cannot say which texts are moments, symbols or cursors: one that is none is refused.
    case.call_and_validate(
        base_url=str(reader.base_url), excluded_checks=[positive_data_acceptance]
    )
