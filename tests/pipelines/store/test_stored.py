"""Any article through the writer into SQLite and back: what comes back is what went in."""

import json
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, false, true

from finews_crawler.items import (
    Article,
    AssetClass,
    BodyKind,
    Image,
    Link,
    Mention,
    PageKind,
    Precision,
    Provenance,
    Quality,
)
from pipelines.completion import content_hash
from pipelines.store.engine import open_engine
from pipelines.store.models import Article as ArticleTable
from pipelines.store.printings import KEPT, from_json
from pipelines.store.runs import start_run
from pipelines.store.stored import load_articles
from pipelines.store.types import to_json
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import empty
from tests.rounds import rounds

NOW = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
# No page brings a NUL as far as the store, and no engine counts characters beyond one.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
WORDS = st.text(LETTERS, max_size=12)
SOME_WORDS = st.text(LETTERS, min_size=1, max_size=12)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('stored') / 'finews.db'}")
    yield engine
    engine.dispose()


def emptied(engine: Engine) -> Writer:
    """A writer of a new run on a database without any rows."""
    empty(engine)
    run = start_run(engine, "category", {}, NOW)
    return Writer(engine, run, timedelta(days=1), lambda: NOW)


def loaded(engine: Engine) -> dict[str, Article]:
    with engine.connect() as connection:
        stored = load_articles(connection, true())
    return {one.article.identity: one.article for one in stored}


def moments() -> st.SearchStrategy[datetime]:
    """Instants to the microsecond, in several zones."""
    since = datetime(1971, 1, 1, tzinfo=UTC)
    zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
    spans = st.timedeltas(timedelta(0), timedelta(days=80_000))
    return st.builds(lambda span, zone: (since + span).astimezone(zone), spans, zones)


def literals(words: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(words))


def of_security() -> st.SearchStrategy[dict[str, Any]]:
    """A secid with what it stands for."""
    return st.fixed_dictionaries(
        {
            "secid": st.from_regex(r"[0-9]{1,3}\.[0-9A-Za-z_-]{1,12}", fullmatch=True),
            "symbol": st.none() | st.sampled_from(["600919.SH", "920799.BJ", "100.HSI"]),
            "mic": st.sampled_from([None, "XSHG", "BJSE"]),
            "asset_class": literals(AssetClass),
        }
    )


@st.composite
def mentions(draw: st.DrawFn, text: str) -> tuple[Mention, ...]:
    """Charts, and links to words of the text."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        security = draw(of_security())
        bare = draw(st.sampled_from(["chart", "listed"]))
        place: dict[str, Any] = {"kind": bare, "surface": None, "start": None, "end": None}
        if text and draw(st.booleans()):
            start = draw(st.integers(0, len(text) - 1))
            end = draw(st.integers(start + 1, len(text)))
            kind = draw(st.sampled_from(["link", "repeat"]))
            place = {"kind": kind, "surface": text[start:end], "start": start, "end": end}
            place["inside_word"] = draw(st.booleans())
        found.append(Mention(**security, **place))
    return tuple(found)


def times() -> st.SearchStrategy[dict[str, Any]]:
    known = {
        "published_at": moments(),
        "published_precision": literals(Precision),
        "published_quality": literals(Quality),
    }
    missing: dict[str, Any] = {
        "published_at": None,
        "published_precision": None,
        "published_quality": "missing",
    }
    return st.fixed_dictionaries(known) | st.just(missing)


def provenance() -> st.SearchStrategy[dict[str, Provenance]]:
    found = st.builds(Provenance, strategy=WORDS, statements=st.dictionaries(WORDS, WORDS))
    return st.dictionaries(st.sampled_from(["title", "source", "published_at"]), found)


def images() -> st.SearchStrategy[tuple[Image, ...]]:
    image = st.builds(Image, url=WORDS, alt=st.none() | WORDS, original_url=st.none() | WORDS)
    return st.lists(image, max_size=3).map(tuple)


def related() -> st.SearchStrategy[tuple[Link, ...]]:
    return st.lists(st.builds(Link, url=WORDS, text=WORDS), max_size=2).map(tuple)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    code = draw(st.none() | st.text(string.digits, min_size=18, max_size=18))
    url = draw(SOME_WORDS)
    body_text = draw(WORDS)
    kind = draw(literals(PageKind))
    slugs = draw(st.lists(SOME_WORDS, unique_by=str.lower, max_size=3))
    return Article(
        code=code,
        title=draw(WORDS),
        **draw(times()),
        source=draw(st.none() | SOME_WORDS),
        source_raw=draw(st.none() | WORDS),
        digest=draw(st.none() | SOME_WORDS),
        body_text=body_text,
        body_html=draw(WORDS),
        body_kind=draw(literals(BodyKind)),
        categories=tuple(sorted(slugs)),
        tags=tuple(draw(st.lists(WORDS, unique=True, max_size=3))),
        mentions=draw(mentions(body_text)),
        images=draw(images()),
        related=draw(related()),
        url=url,
        share_url=draw(st.none() | SOME_WORDS),
        origin_url=draw(st.none() | SOME_WORDS),
        fetched_at=draw(moments()),
        extractor=f"{kind}/{draw(st.integers(1, 99))}",
        identity=code or url,
        page_kind=kind,
        provenance=draw(provenance()),
    )


def batches() -> st.SearchStrategy[list[Article]]:
    return st.lists(articles(), min_size=1, max_size=4, unique_by=lambda one: one.identity)


@settings(deadline=None, max_examples=rounds(25))
@given(batch=batches())
def test_what_comes_back_equals_what_went_in(sqlite: Engine, batch: list[Article]) -> None:
    writer = emptied(sqlite)
    assert writer.write(batch) == ["new"] * len(batch)
    assert loaded(sqlite) == {article.identity: article for article in batch}


@settings(deadline=None, max_examples=rounds(25))
@given(batch=batches())
def test_times_come_back_in_utc(sqlite: Engine, batch: list[Article]) -> None:
    emptied(sqlite).write(batch)
    found = loaded(sqlite).values()
    zones = {at.tzinfo for one in found for at in (one.published_at, one.fetched_at) if at}
    assert zones == {UTC}


@settings(deadline=None, max_examples=rounds(25))
@given(batch=batches())
def test_the_stored_hash_is_that_of_the_article(sqlite: Engine, batch: list[Article]) -> None:
    emptied(sqlite).write(batch)
    with sqlite.connect() as connection:
        stored = load_articles(connection, true())
    hashes = {one.article.identity: one.content_hash for one in stored}
    assert hashes == {article.identity: content_hash(article) for article in batch}


@settings(deadline=None, max_examples=rounds(25))
@given(batch=batches())
def test_writing_the_same_again_finds_it_unchanged(sqlite: Engine, batch: list[Article]) -> None:
    writer = emptied(sqlite)
    writer.write(batch)
    assert writer.write(batch) == ["unchanged"] * len(batch)


@settings(deadline=None, max_examples=rounds(25))
@given(batch=batches())
def test_only_the_articles_that_meet_the_condition_are_loaded(
    sqlite: Engine, batch: list[Article]
) -> None:
    emptied(sqlite).write(batch)
    wanted = {article.identity: article for article in batch[::2]}
    with sqlite.connect() as connection:
        stored = load_articles(connection, ArticleTable.identity.in_(wanted))
    assert {one.article.identity: one.article for one in stored} == wanted


@given(articles())
def test_a_printing_comes_back_from_its_json_form(printing: Article) -> None:
    assert (
        from_json(json.loads(to_json({name: getattr(printing, name) for name in KEPT}))) == printing
    )


def test_no_articles_load_as_none(sqlite: Engine) -> None:
    with sqlite.connect() as connection:
        assert load_articles(connection, false()) == []
