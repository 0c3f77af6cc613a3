"""What `search` finds, by words and filters, now and in the past."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from finews_crawler.errors import QueryError
from finews_crawler.items import Article
from pipelines.search.snippets import marked
from pipelines.store.batch import Batch
from pipelines.store.engine import writing
from pipelines.store.queries import Filter, Hit, known_until, search
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import CHART, START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
OLD_CODE = replace(CHART, secid="0.830799", symbol="830799.BJ", mic="BJSE")
NEW_CODE = replace(OLD_CODE, secid="0.920799", symbol="920799.BJ")
FRESH = {"mentions": (), "digest": None}


@pytest.fixture
def make(make_article: Make) -> Make:
    """An article of a title and a text, with nothing else unless it is named."""

    def plain(number: int, title: str, text: str, **changed: object) -> Article:
        return make_article(number, title=title, body_text=text, **{**FRESH, **changed})

    return plain


@pytest.fixture
def filled(engine: Engine, writer: Writer, make: Make) -> Engine:
    writer.write(
        [
            make(1, "储能大单", "甲公司签下储能合同，供货两年。", mentions=(OLD_CODE,)),
            make(2, "午间综述", "储能板块走强，甲公司涨停。", source="证券日报", source_raw="日报"),
            make(3, "盘后", "供货延期，储能合同作废。", mentions=(NEW_CODE,), categories=("Wind",)),
            make(4, "旧闻", "储能合同旧事。", published_at=START - timedelta(days=40)),
        ]
    )
    return engine


def numbers(found: list[Hit]) -> list[int]:
    return [int(hit.article.identity[-1]) for hit in found]


def found(engine: Engine, words: str, **wanted: object) -> set[int]:
    return set(numbers(search(engine, words, 10, Filter(**wanted))))  # type: ignore[arg-type]


# One database for all of them: making one takes longer than to ask it everything.
WORDS: dict[str, set[int]] = {
    "储能": {1, 2, 3, 4},
    "甲": {1, 2},
    "储能合同": {1, 3, 4},
    "储能 甲公司": {1, 2},
    '"储能合同，供货"': {1},
    "“供货两年”": {1},
    "储能 -合同": {2},
    '储能 -"合同作废" -涨停': {1, 4},
    "大单": {1},
    "能储": set(),
}
FILTERS: list[tuple[dict[str, object], set[int]]] = [
    ({"symbols": ("920799.BJ",)}, {1, 3}),
    ({"symbols": ("830799.BJ",)}, {1, 3}),
    ({"symbols": ("000001.SZ",)}, set()),
    ({"sources": ("证券日报",)}, {2}),
    ({"sources": ("无此报",)}, set()),
    ({"categories": ("Wind",)}, {3}),
    ({"published_from": START - timedelta(minutes=2)}, {1, 2}),
    ({"published_to": START - timedelta(minutes=2)}, {3, 4}),
    ({"with_late": False}, {1, 2, 3}),
    ({"symbols": ("830799.BJ",), "categories": ("Wind",)}, {3}),
]


def test_words(filled: Engine) -> None:
    assert {words: found(filled, words) for words in WORDS} == WORDS


def test_filters(filled: Engine) -> None:
    assert [(wanted, found(filled, "储能", **wanted)) for wanted, _ in FILTERS] == FILTERS


def test_the_words_of_each_moment(
    engine: Engine, writer: Writer, make: Make, clock: "Clock"
) -> None:
    before = known_until(engine)
    writer.write([make(1, "题", "合同签订。")])
    first = known_until(engine)
    clock.forward(hours=1)
    writer.write([make(1, "题", "合同取消。")])
    second = known_until(engine)
    moments = (before, first, second, None)
    assert [found(engine, "签订", as_of=moment) for moment in moments] == [set(), {1}, set(), set()]
    assert [found(engine, "取消", as_of=moment) for moment in moments] == [set(), set(), {1}, {1}]
    (hit,) = search(engine, "合同", 10, Filter(as_of=first))
    assert (hit.article.revision, hit.article.body_text) == (1, "合同签订。")


def test_the_filters_of_each_moment(
    engine: Engine, writer: Writer, make: Make, clock: "Clock"
) -> None:
    writer.write([make(1, "题", "合同签订。", mentions=(OLD_CODE,), categories=("emnews",))])
    first = known_until(engine)
    clock.forward(hours=1)
    writer.write([make(1, "题", "合同取消。", source="证券日报", categories=("emnews", "Wind"))])
    for wanted, then, now in (
        ({"symbols": ("830799.BJ",)}, {1}, set()),
        ({"sources": ("证券日报",)}, set(), {1}),
        ({"categories": ("Wind",)}, set(), {1}),
    ):
        assert found(engine, "合同", as_of=first, **wanted) == then
        assert found(engine, "合同", **wanted) == now


def test_the_title_counts_for_more_than_the_body(
    engine: Engine, writer: Writer, make: Make
) -> None:
    # The newest first where the score is the same: the order of writing must not decide.
    writer.write([make(1, "储能招标", "某地公布名单。"), make(2, "某地公布名单", "储能招标。")])
    writer.write([make(3, "某地公布", "名单在此，另有储能招标。")])
    hits = search(engine, "储能招标", 10)
    assert numbers(hits)[0] == 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert numbers(search(engine, "储能招标", 1)) == [1]


def test_an_article_comes_once_and_whole(engine: Engine, writer: Writer, make: Make) -> None:
    writer.write([make(1, "储能储能", "储能，储能。", mentions=(OLD_CODE, NEW_CODE, OLD_CODE))])
    (hit,) = search(engine, "储能", 10, Filter(symbols=("830799.BJ",)))
    assert hit.article.symbols == ("830799.BJ", "920799.BJ")
    assert (hit.article.source, hit.article.categories) == ("财联社", ("cailianshe", "emnews"))


def test_pieces_mark_the_words(engine: Engine, writer: Writer, make: Make) -> None:
    text = "前言。" * 40 + "甲公司签下储能合同，供货两年。" + "后记。" * 40
    writer.write([make(1, "ＥＳＳ储能大单", text)])
    (hit,) = search(engine, "储能 供货 ess", 10)
    assert marked(hit.title) == "<mark>ＥＳＳ储能</mark>大单"
    assert "甲公司签下<mark>储能</mark>合同，<mark>供货</mark>两年。" in marked(hit.snippet)
    assert (hit.snippet[0].text, hit.snippet[-1].text) == ("…", "…")
    assert "".join(piece.text for piece in hit.snippet).strip("…") in text


def test_what_cannot_be_searched_for(engine: Engine) -> None:
    for words in ("", "，。！？", "-储能", '""', "x" * 1001):
        with pytest.raises(QueryError, match=r"^the query has "):
            search(engine, words, 10)


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(QueryError, match="has no zone"):
        search(engine, "储能", 10, Filter(as_of=START.replace(tzinfo=None)))


def test_the_index_keeps_step_with_its_transaction(
    engine: Engine, writer: Writer, make: Make, clock: "Clock"
) -> None:
    writer.write([make(1, "题", "无关。")])
    with writing(engine).connect() as connection:
        transaction = connection.begin()
        Batch(connection, 1, timedelta(days=1), clock).write([make(2, "题", "储能。")])
        transaction.rollback()
    assert found(engine, "储能") == set()
    writer.write([make(3, "题", "储能。")])  # with the number of the one that was rolled back
    assert found(engine, "储能") == {3}
    assert found(engine, "无关") == {1}
