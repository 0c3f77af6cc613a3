"""Figures for pages, on both engines; each is led by an index."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from finews_crawler.items import Article
from pipelines.store.queries import overview
from pipelines.store.queries.overview import NamedSecurity, Span
from pipelines.store.writer import Writer
from tests.pipelines.making import chart, link
from tests.pipelines.store.conftest import START

if TYPE_CHECKING:
    from tests.pipelines.store.conftest import Clock

Make = Callable[..., Article]
TEXT = "江苏银行与中信证券公布业绩。"
BANK = replace(link(TEXT, "江苏银行"), symbol="600919.SH", mic="XSHG", asset_class="stock")
BROKER = replace(
    link(TEXT, "中信证券"), secid="1.600030", symbol="600030.SH", mic="XSHG", asset_class="stock"
)
OLD = replace(chart("0.830799"), symbol="830799.BJ", mic="BJSE", asset_class="stock")
SPAN = Span(START - timedelta(days=10), START + timedelta(days=10))


@pytest.fixture
def write(writer: Writer, make_article: Make) -> Callable[..., Article]:
    """Writes an article of its own with a time and mentions."""
    numbers = iter(range(100))

    def write_one(published_at: datetime | None, *mentions: Any, **fields: Any) -> Article:
        code = f"2022061430000{next(numbers):05d}"
        article = make_article(
            code=code,
            identity=code,
            url=f"https://finews.withounder.com/emnews/2022/06/14/{code}.html",
            published_at=published_at,
            published_precision="second" if published_at else None,
            published_quality="stated" if published_at else "missing",
            body_text=TEXT,
            mentions=mentions,
            **fields,
        )
        writer.write([article])
        return article

    return write_one


def test_a_security_is_found_by_every_symbol_that_it_has_had(
    engine: Engine, write: Callable[..., Article]
) -> None:
    write(START, OLD)
    ids = overview.security_ids(engine, "830799.BJ")
    assert len(ids) == 1
    assert overview.security_ids(engine, "920799.BJ") == ids
    assert overview.security_ids(engine, "600919.SH") == ()


def test_days_are_those_of_china(engine: Engine, write: Callable[..., Article]) -> None:
    for hour, minute in ((15, 59), (16, 0), (16, 1)):  # midnight in China is 16:00 in UTC
        write(START.replace(hour=hour, minute=minute), BANK, replace(BANK, kind="repeat"))
    write(None, BANK)
    write(START - timedelta(days=30), BANK)
    found = overview.mentions_per_day(engine, overview.security_ids(engine, "600919.SH"), SPAN)
    assert found == {date(2022, 6, 14): 1, date(2022, 6, 15): 2}


def test_only_versions_that_can_be_read_count(
    engine: Engine, writer: Writer, write: Callable[..., Article], clock: "Clock"
) -> None:
    article = write(START, BANK)
    before = clock.now
    clock.forward(hours=1)
    writer.write([replace(article, mentions=(BROKER,))])
    bank, broker = (
        overview.security_ids(engine, "600919.SH"),
        overview.security_ids(engine, "600030.SH"),
    )
    assert overview.mentions_per_day(engine, bank, SPAN) == {}
    assert overview.mentions_per_day(engine, broker, SPAN) == {date(2022, 6, 14): 1}
    then = replace(SPAN, as_of=before)
    assert overview.mentions_per_day(engine, bank, then) == {date(2022, 6, 14): 1}
    assert overview.mentions_per_day(engine, broker, then) == {}


def test_the_newest_mention_is_none_of_the_future(
    engine: Engine, write: Callable[..., Article]
) -> None:
    for hours in (-2, -1, 5):
        write(START + timedelta(hours=hours), BANK)
    ids = overview.security_ids(engine, "600919.SH")
    assert overview.newest_mention(engine, ids, START) == START - timedelta(hours=1)
    assert overview.newest_mention(engine, ids, START - timedelta(days=1)) is None


def test_what_is_named_beside_a_security(engine: Engine, write: Callable[..., Article]) -> None:
    write(START, BANK, BROKER, replace(BROKER, kind="repeat"), OLD)
    write(START, BANK, BROKER)
    write(START, BROKER)
    write(START, BANK, replace(OLD, inside_word=True))
    assert overview.named_beside(engine, overview.security_ids(engine, "600919.SH"), SPAN) == [
        NamedSecurity(key="600030.SH", asset_class="stock", name="中信证券", articles=2),
        NamedSecurity(key="920799.BJ", asset_class="stock", name=None, articles=1),
    ]


def test_only_the_newest_of_a_span_are_asked_what_they_name(
    engine: Engine, write: Callable[..., Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "LATEST_NAMING", 2)
    write(START - timedelta(hours=1), BANK, BROKER)
    for _ in range(2):
        write(START, BANK)
    assert overview.named_beside(engine, overview.security_ids(engine, "600919.SH"), SPAN) == []


def test_what_is_often_in_the_news(engine: Engine, write: Callable[..., Article]) -> None:
    for mentions in ((BANK,), (BANK, BROKER)):
        write(START, *mentions)
    found = overview.lively_securities(engine)
    assert [(one.key, one.name, one.articles) for one in found] == [
        ("600919.SH", "江苏银行", 2),
        ("600030.SH", "中信证券", 1),
    ]


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("600919", ["600919.SH"]),
        ("830799", ["920799.BJ"]),
        ("60091", []),
        ("600919.SH", []),
        ("%", []),
        ("", []),
    ],
)
def test_a_code_without_its_exchange(
    engine: Engine, write: Callable[..., Article], code: str, keys: list[str]
) -> None:
    write(START, BANK, OLD)
    assert [one.key for one in overview.securities_by_code(engine, code, limit=3)] == keys


def test_names_for_forms(engine: Engine, write: Callable[..., Article]) -> None:
    write(START, categories=("emnews",), source="财联社")
    write(START, categories=("Wind", "emnews"), source="证券日报")
    write(START, source=None)
    assert overview.source_names(engine) == ["财联社", "证券日报"]
    assert set(overview.category_headings(engine)) >= {"emnews", "Wind"}
    assert overview.number_of_articles(engine) == 3


# --- no table is read from end to end -------------------------------------------------------------


@contextmanager
def noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan_of(engine: Engine, statement: str, values: Any) -> str:
    """How the engine would find the rows, if it could not read whole tables."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not is_sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{explain} {statement}", values).all()
    return "\n".join(str(row[-1]) for row in rows)


def test_figures_of_a_security_come_by_its_index(
    engine: Engine, write: Callable[..., Article]
) -> None:
    write(START, BANK, BROKER)
    ids = overview.security_ids(engine, "600919.SH")
    for ask in (
        lambda: overview.mentions_per_day(engine, ids, SPAN),
        lambda: overview.named_beside(engine, ids, SPAN),
        lambda: overview.newest_mention(engine, ids, datetime.now(UTC)),
    ):
        with noted(engine) as statements:
            ask()
        asked = next(one for one in statements if "FROM mention" in one[0])
        assert "ix_mention_security_id_published_at" in plan_of(engine, *asked)
