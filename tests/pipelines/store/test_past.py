"""Versions that an archive kept: revisions that nobody could read here, beside what is read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine, select

from finews_crawler.items import Article, Reextracted
from pipelines.store.maintenance import check
from pipelines.store.models import ArticleRevision
from pipelines.store.queries import Filter, articles, changes, known_until, revisions, search
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
CODE = "202206143000000001"
DAYS = [datetime(2022, 6, day, tzinfo=UTC) for day in range(14, 20)]


def version(make: Make, title: str, day: int, **changed: Any) -> Article:
    """What the archive had of a post since a day."""
    return make(title=title, page_kind="markdown", archived_at=DAYS[day], **changed)


def history(make: Make, *titles: str) -> Article:
    """A post and its older versions, one a day."""
    *older, newest = [version(make, title, day) for day, title in enumerate(titles)]
    return replace(newest, earlier=tuple(older))


def known(engine: Engine) -> list[tuple[int, str, datetime | None, str, list[str]]]:
    """All versions: number, kind, time of the archive, title, what differs."""
    table = ArticleRevision
    columns = (table.number, table.kind, table.archived_at, table.title, table.changed)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(table.number))]


def test_the_past_goes_below_the_first_revision(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    assert writer.write([history(make_article, "甲", "乙", "丙")]) == ["new"]
    assert known(engine) == [
        (-1, "backfill", DAYS[0], "甲", []),
        (0, "backfill", DAYS[1], "乙", ["title"]),
        (1, "read", DAYS[2], "丙", []),
    ]
    assert [(one.kind, one.revision) for one in changes(engine, 0, 9)] == [
        ("new", 1),
        ("backfilled", 0),
        ("backfilled", -1),
    ]
    assert check(engine) == []


def test_nobody_could_read_the_past(
    engine: Engine, writer: Writer, make_article: Make, clock: Clock
) -> None:
    writer.write([history(make_article, "甲", "乙", "丙")])
    first = known_until(engine)
    clock.forward(days=1)
    writer.write([replace(version(make_article, "丁", 3), fetched_at=clock())])
    for moment, title in ((first, "丙"), (known_until(engine), "丁"), (None, "丁")):
        assert [one.title for one in articles(engine, 9, Filter(as_of=moment))] == [title]
    assert search(engine, "甲", 9) == []
    assert [one.title for one in revisions(engine, CODE)] == ["甲", "乙", "丙", "丁"]
    assert {one.first_seen_at for one in revisions(engine, CODE)} == {first}


def test_the_mentions_of_the_past_are_kept(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    plain = version(make_article, "甲", 0, mentions=())
    newest = replace(version(make_article, "甲", 1), earlier=(plain,))
    writer.write([newest])
    assert [one.symbols for one in revisions(engine, CODE)] == [(), ("600919.SH",)]
    assert revisions(engine, CODE)[1].changed == ()


def test_the_same_archive_again_adds_nothing(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    item = history(make_article, "甲", "乙", "丙")
    writer.write([item])
    before = known(engine)
    assert writer.write([item, item]) == ["unchanged", "unchanged"]
    assert known(engine) == before


def test_an_archive_that_has_grown(engine: Engine, writer: Writer, make_article: Make) -> None:
    writer.write([history(make_article, "甲", "乙")])
    assert writer.write([history(make_article, "甲", "乙", "丙", "丁")]) == ["revised"]
    assert known(engine) == [
        (-1, "backfill", DAYS[2], "丙", ["title"]),
        (0, "backfill", DAYS[0], "甲", []),
        (1, "read", DAYS[1], "乙", []),
        (2, "read", DAYS[3], "丁", ["title"]),
    ]
    assert check(engine) == []


def test_an_older_archive_after_a_newer_one(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([version(make_article, "丙", 2)])
    assert writer.write([version(make_article, "甲", 0)]) == ["backfilled"]
    assert [(row[0], row[3]) for row in known(engine)] == [(0, "甲"), (1, "丙")]
    assert [one.title for one in articles(engine, 9)] == ["丙"]


def test_a_version_that_came_back(engine: Engine, writer: Writer, make_article: Make) -> None:
    writer.write([version(make_article, "甲", 0)])
    assert writer.write([history(make_article, "甲", "乙", "甲")]) == ["backfilled"]
    assert {(row[2], row[3]) for row in known(engine)} == {
        (DAYS[0], "甲"),
        (DAYS[1], "乙"),
        (DAYS[2], "甲"),
    }


def test_a_crawled_page_stays_what_is_read(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    """Its post alone tells the past; both tell what is read."""
    writer.write([make_article(title="页面")])
    assert writer.write([history(make_article, "甲", "乙")]) == ["completed"]
    assert [(row[0], row[1], row[3]) for row in known(engine)] == [
        (0, "backfill", "甲"),
        (1, "read", "页面"),
        (2, "read", "乙"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_arrival_decides_nothing(
    engine: Engine, writer: Writer, make_article: Make, order: tuple[int, ...]
) -> None:
    grown = [
        history(make_article, "甲"),
        history(make_article, "甲", "乙"),
        history(make_article, "甲", "乙", "丙"),
    ]
    for place in order:
        writer.write([grown[place]])
    assert {(row[2], row[3]) for row in known(engine)} == set(zip(DAYS, "甲乙丙", strict=False))
    assert [one.title for one in articles(engine, 9)] == ["丙"]
    assert check(engine) == []


def test_a_reextraction_is_a_revision_with_a_clock_of_its_own(
    engine: Engine, writer: Writer, make_article: Make, clock: Clock
) -> None:
    writer.write([make_article()])
    before = known_until(engine)
    clock.forward(days=1)
    better = make_article(title="读得更好", extractor="post/2")
    assert writer.write([Reextracted(article=better)]) == ["re-extracted"]
    assert writer.write([Reextracted(article=better)]) == ["unchanged"]
    assert [(row[0], row[1], row[3]) for row in known(engine)] == [
        (1, "read", "第1条"),
        (2, "re-extracted", "读得更好"),
    ]
    assert [one.title for one in articles(engine, 9, Filter(as_of=before))] == ["第1条"]
    assert [one.kind for one in changes(engine, 0, 9)] == ["new", "re-extracted"]


def test_a_reextraction_of_what_is_read_the_same_says_nothing(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article()])
    same = make_article(extractor="post/2")
    assert writer.write([Reextracted(article=same)]) == ["unchanged"]


def test_a_reextraction_beside_the_content_is_told_without_a_revision(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article()])
    tagged = make_article(tags=("新标签",))
    assert writer.write([Reextracted(article=tagged)]) == ["re-extracted"]
    assert [(one.kind, one.revision) for one in changes(engine, 0, 9)] == [
        ("new", 1),
        ("re-extracted", 1),
    ]


def test_a_page_that_was_kept_before_the_newest_is_not_read_again(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    article = make_article()
    writer.write([article])
    old = replace(article, title="旧", fetched_at=article.fetched_at - timedelta(hours=1))
    assert writer.write([Reextracted(article=old)]) == ["unchanged"]
