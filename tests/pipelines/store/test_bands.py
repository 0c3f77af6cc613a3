"""The index of reprints on both engines: what it finds, in which order, and made anew."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, inspect, select, text

from finews_crawler.items import Article
from pipelines.reprints.signature import sign
from pipelines.store.bands import LIMIT, add_bands, candidates, create_statements, rebuild
from pipelines.store.engine import writing
from pipelines.store.models import ArticleRevision
from pipelines.store.writer import Writer

Store = Callable[..., list[int]]
AT = datetime(2022, 6, 14, 10, 0, tzinfo=UTC)
FORMULA = (
    "海宁纸业公告，拟投资{}万元在华东建设包装材料生产基地，资金来自自有资金与银行贷款，"
    "项目分两期实施，一期投产后年收入预计翻番，二期视市场情况再定。"
)
ONE = FORMULA.format(9000)
LONGER = f"{ONE}本报将继续关注此事的进展。"
OTHER = (
    "央行今日开展逆回购操作，中标利率与此前持平，公开市场实现净投放，"
    "资金面整体平稳，隔夜利率小幅下行，长端收益率变动不大。"
)
SHORT = "两市今日休市。"


@pytest.fixture
def connection(engine: Engine, writer: Writer) -> Iterator[Connection]:
    """A transaction on an empty index; the writer's own transactions come before it."""
    with writing(engine).connect() as connection:
        yield connection


@pytest.fixture
def store(connection: Connection, writer: Writer, make_article: Callable[..., Article]) -> Store:
    """Store texts as articles and make the index empty; gives their revisions, in this order."""

    def stored(*texts: str, at: datetime | None = AT) -> list[int]:
        timeless = {"published_precision": None, "published_quality": "missing"}
        changed = {"published_at": at, "mentions": (), **({} if at else timeless)}
        articles = [
            make_article(number, body_text=body, **changed) for number, body in enumerate(texts, 1)
        ]
        writer.write(articles)
        connection.execute(text("DROP TABLE IF EXISTS revision_bands"))
        for statement in create_statements(connection.dialect.name):
            connection.execute(text(statement))
        return list(connection.scalars(select(ArticleRevision.id).order_by(ArticleRevision.id)))

    return stored


def found(connection: Connection, body: str, at: datetime = AT, limit: int = LIMIT) -> list[int]:
    return candidates(connection, {"asked": sign(body, at)}, limit)["asked"]


def test_alike_and_equal_texts_are_found_and_others_not(
    connection: Connection, store: Store
) -> None:
    one, other, short = store(ONE, OTHER, SHORT)
    texts = [(one, sign(ONE, AT)), (other, sign(OTHER, AT)), (short, sign(SHORT, AT))]
    add_bands(connection, texts)
    asked = {
        number: sign(body, AT) for number, body in enumerate([LONGER, OTHER, SHORT, "甲" * 50])
    }
    assert candidates(connection, asked) == {0: [one], 1: [other], 2: [short], 3: []}


def test_what_shares_the_most_tokens_comes_first_then_the_newest(
    connection: Connection, store: Store
) -> None:
    texts = [ONE, LONGER, ONE, OTHER]
    ids = store(*texts)
    add_bands(connection, [(id_, sign(body, AT)) for id_, body in zip(ids, texts, strict=True)])
    assert found(connection, ONE) == [ids[2], ids[0], ids[1]]
    assert found(connection, LONGER) == [ids[1], ids[2], ids[0]]
    assert found(connection, ONE, limit=2) == [ids[2], ids[0]]


def test_a_copy_is_not_lost_among_many_texts_of_its_form(
    connection: Connection, store: Store
) -> None:
    texts = [ONE, *(FORMULA.format(number) for number in range(100, 100 + 3 * LIMIT))]
    ids = store(*texts)
    add_bands(connection, [(id_, sign(body, AT)) for id_, body in zip(ids, texts, strict=True)])
    asked = found(connection, f"财联社6月14日电，{ONE}")
    assert (asked[0], len(asked)) == (ids[0], LIMIT)


def test_only_a_long_equal_text_is_found_after_months(connection: Connection, store: Store) -> None:
    one, short = store(ONE, SHORT)
    add_bands(connection, [(one, sign(ONE, AT)), (short, sign(SHORT, AT))])
    later = AT + timedelta(days=90)
    assert found(connection, ONE, later) == [one]
    assert found(connection, LONGER, later) == []
    assert found(connection, SHORT, later) == []


def test_nothing_is_added_and_nothing_asked(connection: Connection, store: Store) -> None:
    store()
    add_bands(connection, [])
    assert candidates(connection, {}) == {}
    assert found(connection, ONE) == []


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_rebuilt_index_finds_all_that_is_stored_and_nothing_else(
    connection: Connection, store: Store, size: int
) -> None:
    one, other, short = store(ONE, OTHER, SHORT)
    add_bands(connection, [(other, sign(ONE, AT))])
    assert rebuild(connection, size) == 3
    asked = {body: sign(body, AT) for body in (ONE, OTHER, SHORT)}
    assert candidates(connection, asked) == {ONE: [one], OTHER: [other], SHORT: [short]}


def test_an_article_without_a_time_stands_where_it_was_seen(
    connection: Connection, store: Store
) -> None:
    (one,) = store(ONE, at=None)
    seen = connection.scalars(select(ArticleRevision.seen_at)).one()
    rebuild(connection)
    assert found(connection, LONGER, seen) == [one]


def test_the_tables_can_be_made_again_after_rebuilding(
    connection: Connection, store: Store
) -> None:
    store(ONE)
    rebuild(connection)
    rebuild(connection)
    indexes = inspect(connection).get_indexes("revision_bands")
    assert [one["name"] for one in indexes] == (
        ["ix_revision_bands_tokens"] if connection.dialect.name == "postgresql" else []
    )
