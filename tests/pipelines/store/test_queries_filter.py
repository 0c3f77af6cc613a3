"""Every query gives exactly the rows that its filter means, on both engines."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from finews_crawler.items import Article
from pipelines.store.queries import (
    ChangeRow,
    Filter,
    Place,
    articles,
    feed,
    known_articles,
    known_revisions,
    known_stories,
    known_until,
    search,
    stream_articles,
    stream_mentions,
    stream_revisions,
    stream_stories,
)
from pipelines.store.queries.articles import MANY
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import START, empty
from tests.pipelines.store.filter_model import WORD, Model, Page, Wish, pages, wishes, write
from tests.rounds import rounds

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
Row = TypeVar("Row")
Key = TypeVar("Key")


def walked(
    page: Callable[[Key], list[Row]], first: Key, last: Callable[[Row], Key]
) -> Iterable[Row]:
    """All rows of a list, page after page."""
    after = first
    while rows := page(after):
        yield from rows
        after = last(rows[-1])


def newest(engine: Engine, size: int, wanted: Filter) -> list[int]:
    rows = walked(
        lambda after: articles(engine, size, wanted, after),
        None,
        lambda row: Place(row.published_at, row.revision_id),
    )
    return [row.revision_id for row in rows]


def known(engine: Engine, size: int, wanted: Filter) -> list[int]:
    rows = walked(
        lambda after: known_articles(engine, size, wanted, after), 0, lambda row: row.revision_id
    )
    return [row.revision_id for row in rows]


def check(engine: Engine, model: Model, size: int, wanted: Filter) -> None:
    """All queries with one filter."""
    read = [row.id for row in model.readable(wanted)]
    assert newest(engine, size, wanted) == model.newest_first(wanted)
    assert known(engine, size, wanted) == read
    assert [row.revision_id for row in stream_articles(engine, wanted, size=size)] == read
    hits = search(engine, WORD, 100, wanted)
    assert {hit.article.revision_id for hit in hits} == {
        row.id for row in model.readable(wanted) if WORD in row.body_text
    }
    mentioned = model.mentioned(wanted)
    places = [(row.revision_id, row.position) for row in stream_mentions(engine, wanted, size=size)]
    assert places == mentioned
    stories = {
        row.id: [one.article_id for one in row.members]
        for row in stream_stories(engine, wanted, size=size)
    }
    assert stories == model.stories(wanted)
    assert list(stories) == sorted(stories)


def check_as_of(engine: Engine, model: Model, size: int, wanted: Filter) -> None:
    """What is asked as of a moment, or goes on from a number."""
    settled = replace(wanted, as_of=wanted.as_of or known_until(engine))
    ever = model.ever_known(settled)
    assert [row.revision_id for row in stream_revisions(engine, wanted, size)] == ever
    seqs = [row.seq for row in fed(engine, size, wanted)]
    assert seqs == model.feed(wanted)


def fed(engine: Engine, size: int, wanted: Filter) -> Iterable[ChangeRow]:
    after = 0
    while True:
        page = feed(engine, after, size, wanted)
        yield from page.changes
        assert page.after >= after
        after = page.after
        if len(page.changes) < size:
            return


@settings(
    deadline=None,
    max_examples=rounds(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    history=pages(),
    asked=st.lists(wishes(), min_size=4, max_size=4),
)
def test_a_filter_means_what_the_model_says(
    history: list[list[Page]],
    asked: list[Wish],
    engine: Engine,
    make_article: Make,
    clock: "Clock",
) -> None:
    empty(engine)
    writer = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(days=1), clock)
    write(history, writer, make_article, clock)
    model = Model(engine)
    for size, wanted in zip(cycle([2, 100]), [Filter(), *(one.among(model) for one in asked)]):
        check(engine, model, size, wanted)
        check_as_of(engine, model, size, wanted)


# --- what random filters do not show --------------------------------------------------------------


def test_more_symbols_than_a_union_can_hold(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    article = make_article(1)
    codes = [f"{number:06}" for number in range(6 * MANY)]
    names = [replace(article.mentions[1], secid=f"0.{code}", symbol=f"{code}.SZ") for code in codes]
    writer.write([replace(article, mentions=tuple(names)), make_article(2)])
    wanted = Filter(symbols=tuple(f"{code}.SZ" for code in codes))
    assert [row.code for row in articles(engine, 10, wanted)] == [article.code]


def test_a_category_counts_from_when_it_was_known(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(categories=("emnews",))])
    before = known_until(engine)
    clock.forward(hours=1)
    writer.write([make_article(categories=("emnews", "Wind"))])
    now, wind = known_until(engine), Filter(categories=("Wind",))
    for page in (articles, known_articles, known_revisions):
        assert page(engine, 10, replace(wind, as_of=before)) == []
        assert len(page(engine, 10, replace(wind, as_of=now))) > 0


def test_versions_of_one_article(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1, title="甲"), make_article(2)])
    clock.forward(hours=1)
    writer.write([make_article(1, title="乙")])
    code = make_article(1).code
    assert [row.title for row in stream_revisions(engine, identity=code)] == ["甲", "乙"]
    early = Filter(as_of=START)
    assert [row.title for row in stream_revisions(engine, early, identity=code)] == ["甲"]


@pytest.mark.parametrize(
    "stream", [stream_articles, stream_mentions, stream_revisions, stream_stories]
)
def test_no_stream_reads_the_future(engine: Engine, stream: Callable[..., Iterable[Row]]) -> None:
    ahead = Filter(as_of=known_until(engine).replace(year=2999))
    with pytest.raises(QueryError, match="lies ahead of the database"):
        list(stream(engine, ahead))


def test_no_page_of_versions_or_stories_reads_the_future(engine: Engine) -> None:
    ahead = Filter(as_of=known_until(engine).replace(year=2999))
    for page in (known_revisions, known_stories):
        with pytest.raises(QueryError, match="lies ahead of the database"):
            page(engine, 10, ahead)


def test_what_is_written_during_a_stream_does_not_show_in_it(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1), make_article(2), make_article(3)])
    stream = stream_articles(engine, size=1)
    assert next(stream).title == "第1条"
    clock.forward(hours=1)
    writer.write([make_article(2, title="改了"), make_article(4)])
    assert [row.title for row in stream] == ["第2条", "第3条"]
    assert [row.title for row in stream_articles(engine)] == ["第1条", "第3条", "改了", "第4条"]
