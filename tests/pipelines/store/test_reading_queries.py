"""One article with its history and its neighbours, now and as of a moment; on both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from finews_crawler.items import Article
from pipelines.store.queries.reading import (
    Headline,
    Version,
    article_at,
    article_version,
    headlines,
    stored_article,
    versions,
)
from pipelines.store.writer import Writer
from tests.pipelines.making import CODE
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
OTHER = "202206149999999999"
PAGE = "https://finews.withounder.com/emnews/2022/06/14/"
LATER = START + timedelta(hours=1)


@pytest.fixture
def revised(writer: Writer, make_article: Make, clock: "Clock") -> Article:
    """An article of which two versions are known, an hour apart."""
    writer.write([make_article(title="初稿")])
    clock.forward(hours=1)
    article = make_article(title="定稿")
    writer.write([article])
    return article


def test_an_article_is_found_by_its_number_and_by_its_identity(
    engine: Engine, revised: Article
) -> None:
    found = article_at(engine, revised.identity)
    assert found is not None
    assert (found.title, found.code, found.revision) == ("定稿", CODE, 2)
    assert article_at(engine, found.id) == found
    assert article_at(engine, "202206149999999999") is None
    assert article_at(engine, found.id + 1) is None


def test_it_is_the_version_that_could_be_read(engine: Engine, revised: Article) -> None:
    titles = {
        moment: row and row.title
        for moment in (START - timedelta(seconds=1), START, LATER - timedelta(seconds=1), LATER)
        for row in [article_at(engine, revised.identity, moment)]
    }
    assert list(titles.values()) == [None, "初稿", "初稿", "定稿"]


def test_the_future_cannot_be_read(engine: Engine, revised: Article) -> None:
    with pytest.raises(QueryError, match="lies ahead of the database"):
        article_at(engine, revised.identity, START.replace(year=2099))


def test_versions_are_listed_without_their_texts(engine: Engine, revised: Article) -> None:
    row = article_at(engine, revised.identity)
    assert row is not None
    first = Version(
        number=1,
        kind="read",
        archived_at=None,
        seen_at=START,
        superseded_at=LATER,
        changed=(),
        title="初稿",
    )
    second = replace(
        first, number=2, seen_at=LATER, superseded_at=None, changed=("title",), title="定稿"
    )
    assert versions(engine, row.id) == [first, second]
    assert versions(engine, row.id, START) == [first]


def test_each_version_can_be_read(engine: Engine, revised: Article) -> None:
    for number, title in ((1, "初稿"), (2, "定稿")):
        row = article_version(engine, revised.identity, number)
        assert row is not None
        assert (row.title, row.revision) == (title, number)
    assert article_version(engine, revised.identity, 3) is None


def test_the_stored_article_says_where_it_is_from(engine: Engine, revised: Article) -> None:
    row = article_at(engine, revised.identity)
    assert row is not None
    for key in (row.id, revised.identity):
        stored = stored_article(engine, key)
        assert stored is not None
        assert stored.article.provenance == revised.provenance
    assert stored_article(engine, "nothing") is None


def test_a_headline_is_that_of_the_moment(
    engine: Engine, writer: Writer, make_article: Make, revised: Article
) -> None:
    other = make_article(code=OTHER, identity=OTHER, url=f"{PAGE}{OTHER}.html", title="另一篇")
    writer.write([other])
    asked = [revised.identity, other.identity, "nothing"]
    assert {one.title for one in headlines(engine, asked).values()} == {"定稿", "另一篇"}
    then = headlines(engine, asked, START)
    assert list(then) == [revised.identity]
    assert then[revised.identity] == Headline(
        article_id=then[revised.identity].article_id,
        identity=revised.identity,
        code=CODE,
        title="初稿",
        source=revised.source,
        published_at=revised.published_at,
        published_precision=revised.published_precision,
    )
    assert headlines(engine, []) == {}
