"""Stories: copies of one text in several sources, joined and left with the revisions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from finews_crawler.items import Article
from pipelines.store import bands, derived
from pipelines.store.engine import writing
from pipelines.store.maintenance import check
from pipelines.store.models import Article as ArticleTable
from pipelines.store.models import Story, StoryMember
from pipelines.store.queries import Filter, articles, changes, known_until
from pipelines.store.runs import start_run
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import empty
from tests.rounds import rounds

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Copy = Callable[..., Article]
BANK = (
    "某银行周二晚间公布半年度业绩快报，上半年净利润为133.8亿元，同比增长31.2%，"
    "不良贷款率为0.98%，拨备覆盖率为340.65%。"
)
PRINTED_ELSEWHERE = "财联社6月14日电，" + BANK + "（文章来源：财联社）"
RETOLD = BANK.replace("同比增长", "比上年同期多了") + "董事会表示，下半年继续支持小微企业。"
ANOTHER_BANK = (
    "某银行周二晚间公布半年度业绩快报，上半年净利润为27.1亿元，同比增长8.4%，"
    "不良贷款率为1.12%，拨备覆盖率为219.03%。"
)
HARBOUR = (
    "港口管理局通报，昨夜风暴使三号码头停用，预计修复需要45天，"
    "其间集装箱船改靠南区，每日吞吐能力减少约6200箱，费用由保险承担。"
)
BOTH = BANK + HARBOUR


@pytest.fixture
def copy(make_article: Callable[..., Article]) -> Copy:
    """An article of a text and nothing else that stories look at."""

    def make(number: int, text: str, **changed: object) -> Article:
        source = f"第{number}报"
        plain = {"mentions": (), "digest": None, "source": source, "source_raw": source}
        html = f"<p>{text}</p>"
        return make_article(number, **{"body_text": text, "body_html": html, **plain, **changed})

    return make


def number_of(identity: str) -> int:
    return int(identity[-1])


def links(engine: Engine, as_of: datetime | None = None) -> dict[int, list[int]]:
    """The numbers of each article's reprints, as readers are told."""
    return {
        number_of(row.identity): [number_of(other.identity) for other in row.reprints]
        for row in articles(engine, 100, Filter(as_of=as_of))
    }


def stories(engine: Engine) -> list[list[tuple[int, str]]]:
    """The members of each story as it is now, with their kinds, oldest story and member first."""
    query = select(StoryMember.story_id, ArticleTable.identity, StoryMember.kind)
    query = query.join(ArticleTable, ArticleTable.id == StoryMember.article_id)
    query = query.where(StoryMember.left_at.is_(None))
    found: dict[int, list[tuple[int, str]]] = {}
    with engine.connect() as connection:
        for story, identity, kind in connection.execute(query.order_by(StoryMember.story_id)):
            found.setdefault(story, []).append((number_of(identity), kind))
    return [sorted(members) for members in found.values()]


def told(engine: Engine, after: int = 0) -> list[tuple[int, int, str]]:
    rows = changes(engine, after, 100)
    return [(number_of(row.identity), row.revision, row.kind) for row in rows]


def last_seq(engine: Engine) -> int:
    return changes(engine, 0, 1000)[-1].seq


def firsts(engine: Engine) -> list[int]:
    """The first article of each story, the oldest story first."""
    query = select(ArticleTable.identity).join(Story, Story.first_article_id == ArticleTable.id)
    with engine.connect() as connection:
        return list(map(number_of, connection.scalars(query.order_by(Story.id))))


def regroup(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        derived.rebuild(connection, ["stories"])


# --- joining -------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_two_copies_are_a_story_of_the_one_seen_first(
    engine: Engine, writer: Writer, copy: Copy, in_one_batch: bool
) -> None:
    batch = [copy(1, PRINTED_ELSEWHERE), copy(2, BANK)]
    for part in [batch] if in_one_batch else [[one] for one in batch]:
        writer.write(part)
    assert stories(engine) == [[(1, "first"), (2, "exact")]]
    assert firsts(engine) == [1]
    rows = {number_of(row.identity): row for row in articles(engine, 10)}
    (first,), (second,) = rows[2].reprints, rows[1].reprints
    assert (first.identity, first.kind, first.similarity) == (rows[1].identity, "first", 1.0)
    assert (second.identity, second.kind, second.similarity) == (rows[2].identity, "exact", 1.0)
    assert first.story_id == second.story_id
    assert first.first_seen_at == rows[1].first_seen_at


def test_a_story_retold_is_a_near_reprint(engine: Engine, writer: Writer, copy: Copy) -> None:
    writer.write([copy(1, BANK)])
    writer.write([copy(2, RETOLD)])
    assert stories(engine) == [[(1, "first"), (2, "near")]]
    (row,) = [row for row in articles(engine, 10) if row.reprints[0].kind == "near"]
    assert 0.4 <= row.reprints[0].similarity < 0.9


def test_a_third_copy_joins(engine: Engine, writer: Writer, copy: Copy) -> None:
    for number, text in enumerate((BANK, RETOLD, PRINTED_ELSEWHERE), 1):
        writer.write([copy(number, text)])
    assert stories(engine) == [[(1, "first"), (2, "near"), (3, "exact")]]
    assert links(engine) == {1: [2, 3], 2: [1, 3], 3: [1, 2]}
    assert told(engine) == [
        (1, 1, "new"),
        (2, 1, "new"),
        (1, 1, "story"),
        (2, 1, "story"),
        (3, 1, "new"),
        (3, 1, "story"),
    ]


def test_the_same_formula_with_other_numbers_is_another_story(
    engine: Engine, writer: Writer, copy: Copy
) -> None:
    writer.write([copy(1, BANK), copy(2, ANOTHER_BANK), copy(3, HARBOUR)])
    assert (stories(engine), links(engine)) == ([], {1: [], 2: [], 3: []})
    assert told(engine) == [(1, 1, "new"), (2, 1, "new"), (3, 1, "new")]


def test_what_is_like_two_stories_joins_the_older_and_they_stay_two(
    engine: Engine, writer: Writer, copy: Copy
) -> None:
    for number, text in enumerate((BANK, BANK, HARBOUR, HARBOUR, BOTH), 1):
        writer.write([copy(number, text)])
    bank = [(1, "first"), (2, "exact"), (5, "near")]
    assert stories(engine) == [bank, [(3, "first"), (4, "exact")]]


# --- leaving -------------------------------------------------------------------------------------


def test_a_story_of_one_dissolves(
    engine: Engine, writer: Writer, copy: Copy, clock: "Clock"
) -> None:
    writer.write([copy(1, BANK), copy(2, BANK)])
    before = last_seq(engine)
    clock.forward(hours=1)
    writer.write([copy(2, HARBOUR)])
    assert (stories(engine), links(engine)) == ([], {1: [], 2: []})
    assert told(engine, before) == [(2, 2, "revised"), (2, 2, "story"), (1, 1, "story")]
    with engine.connect() as connection:
        left = connection.scalars(select(StoryMember.left_at)).all()
    assert left == [clock(), clock()]


def test_a_revision_that_still_tells_the_same_stays(
    engine: Engine, writer: Writer, copy: Copy
) -> None:
    writer.write([copy(1, BANK), copy(2, BANK)])
    before = last_seq(engine)
    writer.write([copy(2, RETOLD)])
    assert links(engine) == {1: [2], 2: [1]}
    assert told(engine, before) == [(2, 2, "revised")]


def test_when_the_first_leaves_the_next_one_is_first(
    engine: Engine, writer: Writer, copy: Copy
) -> None:
    for number in (1, 2, 3):
        writer.write([copy(number, BANK)])
    writer.write([copy(1, HARBOUR)])
    assert (firsts(engine), links(engine)) == ([2], {1: [], 2: [3], 3: [2]})


def test_from_one_story_into_another(engine: Engine, writer: Writer, copy: Copy) -> None:
    for number, text in enumerate((BANK, BANK, BANK, HARBOUR, HARBOUR), 1):
        writer.write([copy(number, text)])
    before = last_seq(engine)
    writer.write([copy(1, HARBOUR)])
    assert links(engine) == {1: [4, 5], 2: [3], 3: [2], 4: [1, 5], 5: [1, 4]}
    assert firsts(engine) == [2, 1]  # of all that tell it, this one was seen first
    assert told(engine, before) == [(1, 2, "revised"), (1, 2, "story"), (1, 2, "story")]


def test_the_links_of_each_moment(
    engine: Engine, writer: Writer, copy: Copy, clock: "Clock"
) -> None:
    moments = []
    for number, text in ((1, BANK), (2, BANK), (3, RETOLD), (2, HARBOUR), (3, HARBOUR)):
        clock.forward(minutes=1)
        writer.write([copy(number, text)])
        moments.append(known_until(engine))
    assert [links(engine, moment) for moment in moments] == [
        {1: []},
        {1: [2], 2: [1]},
        {1: [2, 3], 2: [1, 3], 3: [1, 2]},
        {1: [3], 2: [], 3: [1]},
        {1: [], 2: [3], 3: [2]},
    ]
    assert links(engine, moments[1] - timedelta(microseconds=1)) == {1: []}
    assert links(engine) == links(engine, moments[-1])


def test_an_article_with_many_revisions_stays(engine: Engine, writer: Writer, copy: Copy) -> None:
    writer.write([copy(1, BANK), copy(2, BANK)])
    for number in range(bands.LIMIT):
        writer.write([copy(2, BANK, title=f"第{number}版")])
    assert links(engine) == {1: [2], 2: [1]}


# --- making anew ---------------------------------------------------------------------------------


def test_grouping_anew_changes_nothing(engine: Engine, writer: Writer, copy: Copy) -> None:
    for number, text in enumerate((BANK, RETOLD, HARBOUR, HARBOUR, ANOTHER_BANK), 1):
        writer.write([copy(number, text)])
    before = (stories(engine), last_seq(engine), known_until(engine))
    regroup(engine)
    assert (stories(engine), last_seq(engine), known_until(engine)) == before
    writer.write([copy(6, BANK)])  # the index is as good as before
    assert links(engine)[6] == [1, 2]


def test_what_was_stored_before_is_grouped(engine: Engine, writer: Writer, copy: Copy) -> None:
    for number, text in enumerate((HARBOUR, BANK, RETOLD, HARBOUR), 1):
        writer.write([copy(number, text)])
    grouped, before = stories(engine), last_seq(engine)
    with writing(engine).begin() as connection:
        for table in (StoryMember, Story):
            connection.execute(delete(table))
    regroup(engine)
    assert sorted(stories(engine)) == sorted(grouped)
    assert sorted(told(engine, before)) == [(number, 1, "story") for number in (1, 2, 3, 4)]
    assert check(engine) == []


def test_grouping_anew_after_the_link_between_two_has_left(
    engine: Engine, writer: Writer, copy: Copy
) -> None:
    for number, text in ((1, BOTH), (2, BANK), (3, HARBOUR), (1, "短讯。")):
        writer.write([copy(number, text)])
    before = stories(engine)
    regroup(engine)
    assert stories(engine) == before


@settings(
    deadline=None,
    max_examples=rounds(8),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    history=st.lists(
        st.lists(
            st.tuples(st.integers(1, 5), st.sampled_from((BANK, RETOLD, HARBOUR, BOTH, "短讯。"))),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_history_leaves_a_story_of_one(
    history: list[list[tuple[int, str]]], engine: Engine, copy: Copy, clock: "Clock"
) -> None:
    empty(engine)
    writer = Writer(engine, start_run(engine, "category", {}, clock()), timedelta(days=1), clock)
    for batch in history:
        clock.forward(minutes=1)
        writer.write([copy(number, text, fetched_at=clock()) for number, text in batch])
        found = stories(engine)
        members = [number for story in found for number, _ in story]
        assert len(members) == len(set(members))
        assert check(engine) == []
    regroup(engine)
    assert check(engine) == []
    once = (stories(engine), last_seq(engine))
    regroup(engine)
    assert (stories(engine), last_seq(engine)) == once
