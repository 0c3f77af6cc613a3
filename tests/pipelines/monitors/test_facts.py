"""What the database tells of sources and listings, on both engines."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from pipelines.monitors.facts import Regular, Rhythm, listed_posts, rhythms
from tests.pipelines.monitors.filling import DAY, HOUR, NOW, begin, every, listing, publish


def regular(least_articles: int = 20, least_days: int = 7) -> Regular:
    return Regular(
        since=NOW - 28 * DAY, until=NOW, least_articles=least_articles, least_days=least_days
    )


def found(engine: Engine, wanted: Regular | None = None) -> list[Rhythm]:
    with engine.connect() as connection:
        return rhythms(connection, wanted or regular())


def test_a_source_that_publishes_regularly(engine: Engine) -> None:
    last = NOW - 30 * HOUR
    publish(engine, "财联社", [*every(6 * HOUR, last - 40 * HOUR, days=20), last])
    (one,) = found(engine)
    assert (one.source, one.articles, one.last_at) == ("财联社", 82, last)
    assert abs(one.longest_pause - 40 * HOUR) < timedelta(seconds=1)
    assert one.days == 21 + 1


def test_sources_are_told_in_the_order_of_their_names_each_with_its_own_pause(
    engine: Engine,
) -> None:
    publish(engine, "b", every(6 * HOUR, NOW))
    publish(engine, "a", every(3 * HOUR, NOW - HOUR))
    told = [(one.source, round(one.longest_pause / HOUR)) for one in found(engine)]
    assert told == [("a", 3), ("b", 6)]


def test_too_few_articles_or_days_are_no_rhythm(engine: Engine) -> None:
    publish(engine, "few", every(2 * DAY, NOW, days=20))
    publish(engine, "burst", every(HOUR, NOW, days=3))
    assert found(engine) == []
    assert [one.source for one in found(engine, regular(11, 4))] == ["burst", "few"]


def test_what_lies_outside_of_the_window_does_not_count(engine: Engine) -> None:
    publish(engine, "old", every(6 * HOUR, NOW - 29 * DAY))
    publish(engine, "ahead", [*every(6 * HOUR, NOW), NOW + 5 * DAY])
    (one,) = found(engine)
    assert (one.source, one.last_at) == ("ahead", NOW)


def test_a_time_that_is_known_by_its_day_says_nothing(engine: Engine) -> None:
    publish(engine, "a", every(6 * HOUR, NOW - 2 * DAY))
    publish(engine, "a", [NOW - HOUR], precision="day")
    publish(engine, "b", every(6 * HOUR, NOW), precision="day")
    (one,) = found(engine)
    assert (one.source, one.last_at) == ("a", NOW - 2 * DAY)


def test_an_empty_database_has_no_rhythms(engine: Engine) -> None:
    assert found(engine) == []


def test_a_run_is_asked_for_what_it_listed_itself(engine: Engine) -> None:
    before, now = begin(engine, NOW), begin(engine, NOW)
    listing(engine, "emnews", 500, before)
    listing(engine, "emnews", 7, now)
    listing(engine, "Wind", 3, now)
    listing(engine, "TechWeb", 2, before)
    with engine.connect() as connection:
        assert listed_posts(connection, now) == {"emnews": 7, "Wind": 3}
        assert listed_posts(connection, before) == {"TechWeb": 2}


def test_the_window_is_read_by_its_index(engine: Engine) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        asked.append((text, values))

    event.listen(engine, "before_cursor_execute", note)
    found(engine)
    event.remove(engine, "before_cursor_execute", note)
    ((text, values),) = [one for one in asked if "lag(" in one[0]]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {text}", values)
        told = "\n".join(str(row) for row in plan)
    assert "ix_article_published_at" in told
