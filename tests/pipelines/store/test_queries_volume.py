"""How much media and categories publish, and how soon it is seen; on both engines."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine

from finews_crawler.items import Article
from finews_crawler.outcome import Verdict
from pipelines.store.queries import volume
from pipelines.store.queries.overview import Span
from pipelines.store.queries.volume import By, Figures
from pipelines.store.runs import finish_run, start_run
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import START
from tests.pipelines.store.test_overview import noted, plan_of

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
Write = Callable[..., Article]
SPAN = Span(START - timedelta(days=10), START + timedelta(days=1))


@pytest.fixture
def write(writer: Writer, make_article: Make) -> Write:
    """Writes an article that was published so long before it is seen."""
    numbers = iter(range(1, 1000))

    def write_one(before: timedelta, **fields: Any) -> Article:
        article = make_article(next(numbers), published_at=START - before, **fields)
        writer.write([article])
        return article

    return write_one


def figures(engine: Engine, by: By, name: str, span: Span = SPAN) -> Figures:
    found = volume.source(engine, name) if by == "source" else volume.category(engine, name)
    assert found is not None
    return volume.volume(engine, by, span, found.id).by_id.get(found.id, volume.NOTHING)


def test_delay_is_told_by_the_nearest_rank(engine: Engine, write: Write) -> None:
    for minutes in (1, 2, 3, 4, 50):
        write(timedelta(minutes=minutes))
    found = figures(engine, "source", "财联社")
    assert (found.timely, found.median, found.p90) == (
        5,
        timedelta(minutes=3),
        timedelta(minutes=50),
    )


def test_what_was_backfilled_is_counted_apart(engine: Engine, write: Write) -> None:
    write(timedelta(minutes=1))
    write(timedelta(days=2))
    found = figures(engine, "source", "财联社")
    assert (found.articles, found.timely, found.late) == (2, 1, 1)
    assert found.median == found.p90 == timedelta(minutes=1)


def test_a_doubtful_time_tells_no_delay(engine: Engine, write: Write) -> None:
    write(timedelta(minutes=1), published_precision="day")
    write(-timedelta(minutes=1), published_quality="future")
    write(timedelta(minutes=1), published_quality="zone_doubtful")
    found = figures(engine, "source", "财联社")
    assert (found.articles, found.timely, found.median) == (3, 0, None)


def test_days_are_those_of_china(engine: Engine, write: Write) -> None:
    midnight = START.replace(hour=16) - timedelta(days=1)
    for second in (-1, 0, 1):
        write(START - midnight - timedelta(seconds=second))
    found = figures(engine, "source", "财联社")
    assert found.per_day == {date(2022, 6, 13): 1, date(2022, 6, 14): 2}
    assert found.last_at == midnight + timedelta(seconds=1)
    assert found.last_seen_at is not None


def test_the_longest_pause(engine: Engine, write: Write) -> None:
    write(timedelta(hours=9))
    assert figures(engine, "source", "财联社").longest_pause is None
    for hours in (7, 1):
        write(timedelta(hours=hours))
    write(timedelta(hours=4), published_precision="day")
    write(timedelta(hours=4), source="证券日报")
    assert figures(engine, "source", "财联社").longest_pause == timedelta(hours=6)


def test_a_version_that_has_gone_counts_no_more(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write([make_article(1)])
    clock.forward(hours=1)
    writer.write([make_article(1, published_at=START - timedelta(days=1), source="证券日报")])
    assert figures(engine, "source", "财联社").articles == 0
    found = figures(engine, "source", "证券日报")
    assert found.per_day == {date(2022, 6, 13): 1}


def test_an_article_counts_in_each_of_its_categories(engine: Engine, write: Write) -> None:
    write(timedelta(minutes=1), categories=("emnews", "Wind"))
    write(timedelta(minutes=3), categories=("emnews",))
    assert figures(engine, "category", "emnews").articles == 2
    assert figures(engine, "category", "emnews").p90 == timedelta(minutes=3)
    assert figures(engine, "category", "Wind").articles == 1


def test_all_are_told_at_once(engine: Engine, write: Write) -> None:
    write(timedelta(minutes=1), source="证券日报")
    for minutes in (2, 3):
        write(timedelta(minutes=minutes))
    write(timedelta(days=20))
    write(timedelta(minutes=4), source=None)
    found = volume.volume(engine, "source", SPAN)
    names = {one.id: one.name for one in volume.sources(engine)}
    told = {names[key]: (one.articles, one.median) for key, one in found.by_id.items()}
    assert told == {
        "证券日报": (1, timedelta(minutes=1)),
        "财联社": (2, timedelta(minutes=2)),
    }
    assert found.begin == SPAN.begin


def test_of_too_many_the_newest_are_told(
    engine: Engine, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume, "MOST", 2)
    for hours in (1, 2, 3):
        write(timedelta(hours=hours))
    found = volume.volume(engine, "source", SPAN)
    assert [one.articles for one in found.by_id.values()] == [2]
    assert found.begin == START - timedelta(hours=2)


def test_a_source_goes_by_name_or_slug(engine: Engine, write: Write) -> None:
    write(timedelta(minutes=1))
    by_name, by_slug = volume.source(engine, "财联社"), volume.source(engine, "cailianshe")
    assert by_name is not None
    assert by_name == by_slug
    assert volume.source(engine, "无此来源") is None
    assert volume.category(engine, "nothing") is None
    assert {one.name for one in volume.categories(engine)} >= {"cailianshe", "emnews"}


def test_the_newest_time_is_none_of_the_future(engine: Engine, write: Write) -> None:
    assert volume.newest_published(engine) is None
    for hours in (2, 1):
        write(timedelta(hours=hours))
    write(-timedelta(days=40_000))
    assert volume.newest_published(engine) == START - timedelta(hours=1)


def test_a_crawl_looks_as_long_as_it_lives(engine: Engine) -> None:
    at = datetime(2100, 1, 1, tzinfo=UTC)
    first = start_run(engine, "live", {}, at)
    assert volume.last_look(engine) == at
    verdict = Verdict(ok=True, message="", reason="finished")
    finish_run(engine, first, verdict, {}, at + timedelta(hours=1))
    start_run(engine, "live", {}, at)
    assert volume.last_look(engine) == at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("by", "index"),
    [
        ("source", "ix_article_revision_source_id_published_at"),
        ("category", "ix_article_revision_published_at"),
    ],
)
def test_figures_come_by_an_index(engine: Engine, write: Write, by: By, index: str) -> None:
    write(timedelta(minutes=1))
    with noted(engine) as statements:
        volume.volume(engine, by, SPAN, 1)
    asked = [one for one in statements if "FROM article_revision" in one[0]]
    assert len(asked) == 2
    for one in asked:
        assert index in plan_of(engine, *one)
