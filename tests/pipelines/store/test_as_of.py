"""`as_of(t)` gives exactly what a reader could have read at t, whatever came later."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from finews_crawler.items import Article
from pipelines.store.queries import ArticleRow, Filter, articles, known_until, revisions
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import CHART, LINK, empty
from tests.rounds import rounds

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
TEXTS = (
    "江苏银行公布业绩。",
    "江苏银行周二晚间公布半年度业绩快报，上半年净利润为133.8亿元，较去年同期增长31.2%，不良贷款率为0.98%。",
    "江苏银行周二晚间公布半年度业绩快报，上半年净利润为133.8亿元，较去年同期增长31.2%，不良贷款率降到0.98%。",
)
LEADS = ("财联社电，", "")


@dataclass(frozen=True)
class Step:
    """A page that is read: which article, in which state, when, and how long ago it was fetched."""

    number: int
    title: str
    text: str
    mentioned: int
    page_kind: str
    published_days_ago: int | None
    categories: tuple[str, ...]
    forward: timedelta
    fetched_ago: timedelta


def histories() -> st.SearchStrategy[list[list[Step]]]:
    """Insert, revise, read again, arrive out of order, backfill."""
    text = st.builds(str.__add__, st.sampled_from(LEADS), st.sampled_from(TEXTS))
    one = st.builds(
        Step,
        number=st.integers(1, 4),
        title=st.sampled_from(["甲", "乙"]),
        text=text,
        mentioned=st.integers(0, 2),
        page_kind=st.sampled_from(["post", "share_json"]),
        published_days_ago=st.sampled_from([0, 0, 3, 400, None]),
        categories=st.sampled_from([("emnews",), ("Wind",), ("emnews", "Wind")]),
        forward=st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=7)]),
        fetched_ago=st.sampled_from([timedelta(0), timedelta(0), timedelta(hours=9)]),
    )
    return st.lists(st.lists(one, min_size=1, max_size=3), min_size=1, max_size=6)


def read(step: Step, make_article: Make, now: datetime) -> Article:
    published = step.published_days_ago
    at = None if published is None else now - timedelta(days=published)
    start = step.text.index("江苏银行")
    links = (replace(LINK, start=start, end=start + 4), CHART)[: step.mentioned]
    return make_article(
        step.number,
        title=step.title,
        body_text=step.text,
        mentions=links,
        page_kind=step.page_kind,
        url=f"http://127.0.0.1/{step.page_kind}/{step.number}",
        published_at=at,
        published_precision=at and "second",
        published_quality="stated" if at else "missing",
        categories=step.categories,
        fetched_at=now - step.fetched_ago,
    )


@settings(
    deadline=None,
    max_examples=rounds(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories())
def test_the_past_is_what_it_was(
    history: list[list[Step]],
    engine: Engine,
    make_article: Make,
    clock: "Clock",
) -> None:
    empty(engine)
    writer = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(days=1), clock)
    recorded: list[tuple[datetime, list[ArticleRow], list[ArticleRow]]] = []

    def found(**wanted: Any) -> list[ArticleRow]:
        """All but the address, which is that of today: see `ArticleRow.url`."""
        return [replace(row, url="") for row in articles(engine, 100, Filter(**wanted))]

    for batch in history:
        clock.now += batch[0].forward
        writer.write([read(step, make_article, clock()) for step in batch])
        now = known_until(engine)
        recorded.append((now, found(), found(symbols=("600919.SH",))))
    for moment, every, of_bank in recorded:
        assert found(as_of=moment) == every
        assert found(as_of=moment, symbols=("600919.SH",)) == of_bank
    assert found(as_of=recorded[0][0] - timedelta(microseconds=1)) == []


@settings(
    deadline=None,
    max_examples=rounds(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories())
def test_the_model_of_a_history(
    history: list[list[Step]],
    engine: Engine,
    make_article: Make,
    clock: "Clock",
) -> None:
    """Against a truth of its own: of one page kind, the newest fetched state of each article."""
    empty(engine)
    writer = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(days=1), clock)
    truth: dict[int, Article] = {}
    seen: list[tuple[datetime, dict[int, tuple[str, str]]]] = []
    for batch in history:
        clock.now += batch[0].forward
        for step in batch:
            new = read(replace(step, page_kind="post"), make_article, clock())
            writer.write([new])
            known = truth.get(step.number)
            if known is None or new.fetched_at >= known.fetched_at or new == known:
                truth[step.number] = new
        now = known_until(engine)
        seen.append((now, {number: (one.title, one.body_text) for number, one in truth.items()}))
    for moment, states in seen:
        rows = articles(engine, 100, Filter(as_of=moment))
        assert {int(row.identity[-1]): (row.title, row.body_text) for row in rows} == states


def test_each_revision_ends_where_the_next_begins(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    for title in ("甲", "乙", "丙"):
        writer.write([make_article(title=title)])
        clock.forward(hours=1)
    found = revisions(engine, make_article().code or "")
    assert [(row.revision, row.title) for row in found] == [(1, "甲"), (2, "乙"), (3, "丙")]
    for row in found:
        at = Filter(as_of=row.seen_at)
        assert [one.title for one in articles(engine, 10, at)] == [row.title]


def test_pages_of_two_kinds_in_turn_make_no_more_revisions_than_there_are_versions(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    post = make_article(page_kind="post")
    share = make_article(page_kind="share_json", url="http://127.0.0.1/share", digest="另一摘要")
    for page in (post, share, post, share, post):
        writer.write([page])
    assert len(revisions(engine, post.code or "")) == 1


def test_an_article_that_was_known_late_says_so_and_can_be_left_out(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    late = make_article(2, published_at=clock() - timedelta(days=30))
    writer.write([make_article(1), late])
    assert [row.known_late for row in articles(engine, 10)] == [False, True]
    assert [row.title for row in articles(engine, 10, Filter(with_late=False))] == ["第1条"]


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2022, 6, 14, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(QueryError, match="has no zone"):
        articles(engine, 10, Filter(as_of=naive))


def test_the_future_cannot_be_read(engine: Engine) -> None:
    with pytest.raises(QueryError, match="lies ahead of the database"):
        articles(engine, 10, Filter(as_of=datetime.now(UTC) + timedelta(minutes=5)))


def test_a_moment_after_the_last_change_is_what_can_be_read_now(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article()])
    rows = articles(engine, 10)
    assert articles(engine, 10, Filter(as_of=datetime.now(UTC) - timedelta(seconds=1))) == rows
