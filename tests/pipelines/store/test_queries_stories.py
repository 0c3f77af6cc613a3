"""Stories and securities, as readers are told of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from finews_crawler.items import Article
from pipelines.store.queries import (
    Alias,
    Filter,
    StoryRow,
    known_stories,
    known_until,
    securities,
    security,
    stream_stories,
)
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import CHART, LINK, START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
PROFIT = (
    "某银行周二晚间公布半年度业绩快报，上半年净利润为133.8亿元，同比增长31.2%，"
    "不良贷款率为0.98%，拨备覆盖率为340.65%。"
)
HARBOUR = (
    "港口管理局通报，昨夜风暴使三号码头停用，预计修复需要45天，"
    "其间集装箱船改靠南区，每日吞吐能力减少约6200箱，费用由保险承担。"
)


def copies(make: Make, text: str, *numbers: int) -> list[Article]:
    return [make(number, body_text=text, mentions=(), source=f"第{number}报") for number in numbers]


def told(rows: list[StoryRow]) -> list[list[str | None]]:
    return [[member.source for member in row.members] for row in rows]


# --- stories --------------------------------------------------------------------------------------


def test_a_story_is_told_with_its_members(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    first, second = copies(make_article, PROFIT, 1, 2)
    writer.write([first])
    clock.forward(hours=1)
    writer.write([second, make_article(3)])
    (story,) = known_stories(engine, 10)
    assert story.first_seen_at == START + timedelta(hours=1)
    assert [(one.identity, one.kind, one.similarity) for one in story.members] == [
        (first.identity, "first", 1.0),
        (second.identity, "exact", 1.0),
    ]
    assert [one.seen_at for one in story.members] == [START + timedelta(hours=1)] * 2
    assert [one.first_seen_at for one in story.members] == [START, START + timedelta(hours=1)]
    assert [one.title for one in story.members] == ["第1条", "第2条"]


def test_a_story_has_the_members_of_its_moment(
    engine: Engine, writer: Writer, make_article: Make, clock: "Clock"
) -> None:
    writer.write(copies(make_article, PROFIT, 1, 2))
    before = known_until(engine)
    clock.forward(hours=1)
    writer.write(copies(make_article, PROFIT, 3))
    clock.forward(hours=1)
    writer.write(copies(make_article, HARBOUR, 1))
    assert told(known_stories(engine, 10)) == [["第2报", "第3报"]]
    assert told(known_stories(engine, 10, Filter(as_of=before))) == [["第1报", "第2报"]]
    clock.forward(hours=1)
    writer.write(copies(make_article, "另一件事。", 2))
    assert known_stories(engine, 10) == []
    assert told(known_stories(engine, 10, Filter(as_of=before))) == [["第1报", "第2报"]]
    assert known_stories(engine, 10, Filter(as_of=START - timedelta(hours=1))) == []


def test_one_member_that_is_asked_for_is_enough(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([*copies(make_article, PROFIT, 1, 2), *copies(make_article, HARBOUR, 3, 4)])
    assert told(known_stories(engine, 10, Filter(sources=("第4报",)))) == [["第3报", "第4报"]]
    assert known_stories(engine, 10, Filter(sources=("第9报",))) == []
    assert told(list(stream_stories(engine, size=1))) == [["第1报", "第2报"], ["第3报", "第4报"]]


# --- securities -----------------------------------------------------------------------------------

OLD_BEIJING = replace(CHART, secid="0.830799", symbol="830799.BJ", mic="BJSE")
UNSURE = replace(CHART, secid="777.ABC", symbol=None, mic=None, asset_class="unknown")


def test_a_security_is_found_by_any_symbol_that_it_has_had(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(mentions=(OLD_BEIJING,))])
    found = security(engine, "830799.BJ")
    assert found is not None
    assert found == security(engine, "920799.BJ")
    assert (found.key, found.symbol, found.secid, found.mic, found.asset_class) == (
        "920799.BJ",
        "920799.BJ",
        "0.830799",
        "BJSE",
        "stock",
    )
    assert found.first_seen_at == START
    changed = date(2025, 5, 6)
    assert found.aliases == (
        Alias(symbol="920799.BJ", since=changed, until=None),
        Alias(symbol="830799.BJ", since=None, until=changed),
    )


def test_a_security_without_a_symbol_is_known_by_its_secid(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(mentions=(UNSURE,))])
    found = security(engine, "777.ABC")
    assert found is not None
    assert (found.key, found.symbol, found.aliases, found.names) == ("777.ABC", None, (), ())
    assert security(engine, "600919.SH") is None


def test_its_names_are_the_words_that_mentions_stand_on(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    short = replace(LINK, surface="江苏", end=2)
    part = replace(short, surface="江", end=1, inside_word=True)
    writer.write([make_article(1), make_article(2), make_article(3, mentions=(short, part, CHART))])
    found = security(engine, "600919.SH")
    assert found is not None
    assert found.names == ("江苏银行", "江苏")


def test_all_securities_page_by_page(engine: Engine, writer: Writer, make_article: Make) -> None:
    writer.write([make_article(mentions=(LINK, OLD_BEIJING, UNSURE))])
    first = securities(engine, 2)
    assert [row.key for row in first] == ["600919.SH", "777.ABC"]
    assert [row.key for row in securities(engine, 2, first[-1].key)] == ["920799.BJ"]
    assert first[0] == security(engine, "600919.SH")
