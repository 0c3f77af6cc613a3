"""Rows for exports are those of the streams, whatever the filter, the order and the size."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import chain, cycle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from finews_crawler.items import Article
from pipelines.store.queries import (
    ArticleRow,
    Filter,
    feed,
    known_until,
    stream_articles,
    stream_mentions,
    stream_revisions,
)
from pipelines.store.queries.bulk import (
    Asked,
    Parts,
    bulk_articles,
    bulk_changes,
    bulk_mentions,
    bulk_revisions,
    reading_point,
)
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import empty
from tests.pipelines.store.filter_model import Model, Page, Wish, pages, wishes, write
from tests.rounds import rounds

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
Plain = dict[str, Any]
MANY = 1_000


def whole(rows: Iterable[ArticleRow]) -> list[Plain]:
    return [{**asdict(row), "symbols": row.symbols} for row in rows]


def joined(parts: Parts) -> list[Plain]:
    return list(chain.from_iterable(parts))


def by_time(rows: Iterable[Plain]) -> list[Plain]:
    """What has no time comes last."""
    return sorted(rows, key=lambda row: (row["published_at"] is None, str(row["published_at"])))


def check_whole(engine: Engine, wanted: Filter, size: int) -> None:
    asked = Asked(wanted=wanted, point=reading_point(engine, wanted.as_of))
    articles = whole(stream_articles(engine, asked.filter))
    revisions = whole(stream_revisions(engine, asked.filter))
    mentions = [asdict(row) for row in stream_mentions(engine, asked.filter)]
    changes = [asdict(row) for row in feed(engine, 0, MANY, asked.filter).changes]
    assert joined(bulk_articles(engine, asked, size)) == articles
    assert joined(bulk_revisions(engine, asked, size)) == revisions
    assert joined(bulk_mentions(engine, asked, size)) == mentions
    assert joined(bulk_changes(engine, asked, size)) == changes
    timely = replace(asked, by_time=True)
    assert joined(bulk_articles(engine, timely, size)) == by_time(articles)
    assert joined(bulk_revisions(engine, timely, size)) == by_time(revisions)
    assert joined(bulk_mentions(engine, timely, size)) == by_time(mentions)


def check_after(engine: Engine, wanted: Filter, size: int, after: int) -> None:
    point = reading_point(engine, wanted.as_of)
    asked = Asked(wanted=wanted, point=point, after=after)
    changed = {row.article_id for row in feed(engine, after, MANY, Filter(as_of=point.at)).changes}
    articles = [one for one in whole(stream_articles(engine, asked.filter)) if one["id"] in changed]
    mentions = [asdict(row) for row in stream_mentions(engine, asked.filter)]
    later = [one for one in mentions if one["revision_id"] > after]
    assert joined(bulk_articles(engine, asked, size)) == articles
    assert joined(bulk_mentions(engine, asked, size)) == later
    timely = replace(asked, by_time=True)
    assert joined(bulk_articles(engine, timely, size)) == by_time(articles)


@settings(
    deadline=None,
    max_examples=rounds(6),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    history=pages(),
    asked=st.lists(wishes(), min_size=2, max_size=3),
    back=st.integers(0, 4),
)
def test_bulk_rows_are_the_rows_of_the_streams(
    *,
    history: list[list[Page]],
    asked: list[Wish],
    back: int,
    engine: Engine,
    make_article: Make,
    clock: "Clock",
) -> None:
    empty(engine)
    writer = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(days=1), clock)
    write(history, writer, make_article, clock)
    last = reading_point(engine).seq
    model = Model(engine)
    for size, wanted in zip(cycle([2, 100]), [Filter(), *(one.among(model) for one in asked)]):
        check_whole(engine, wanted, size)
        check_after(engine, wanted, size, max(1, last - back))


# --- what random histories do not show ------------------------------------------------------------


def test_a_change_that_leaves_the_version_counts(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    """A second address of the article: no new version, and yet an export must tell it."""
    writer.write([make_article(1), make_article(2)])
    after = reading_point(engine).seq
    elsewhere = replace(make_article(1), page_kind="share_json", categories=("Wind",))
    writer.write([elsewhere])
    asked = Asked(wanted=Filter(), point=reading_point(engine), after=after)
    assert [
        (row["revision"], row["categories"]) for row in joined(bulk_articles(engine, asked))
    ] == [(1, ("Wind", "cailianshe", "emnews"))]
    assert joined(bulk_revisions(engine, asked)) == []


def test_rows_far_apart_are_found_one_by_one(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    rare = {1, 40, 80}
    for number in range(1, 81):
        source = "证券日报" if number in rare else "财联社"
        writer.write([make_article(number, source=source)])
    asked = Asked(wanted=Filter(sources=("证券日报",)), point=reading_point(engine))
    rows = joined(bulk_articles(engine, asked))
    assert [(row["title"], len(row["mentions"])) for row in rows] == [
        ("第1条", 2),
        ("第40条", 2),
        ("第80条", 2),
    ]


def test_the_point_of_a_moment_is_the_last_change_that_could_be_read_then(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    assert reading_point(engine).seq == 0
    writer.write([make_article(1)])
    early = reading_point(engine)
    assert early.at == known_until(engine)
    clock.forward(hours=1)
    writer.write([make_article(2), make_article(3)])
    between = early.at + timedelta(minutes=30)
    assert reading_point(engine, between).seq == early.seq == 1
    assert reading_point(engine, early.at - timedelta(seconds=1)).seq == 0
    assert reading_point(engine).seq == 3
    with pytest.raises(QueryError, match="lies ahead"):
        reading_point(engine, early.at + timedelta(days=36_500))
