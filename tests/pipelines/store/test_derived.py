"""What is made from other tables follows the program, and securities follow their codes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select, text, update

from finews_crawler.items import Article
from pipelines.code_changes import DatedSymbol, dated_symbols
from pipelines.store import aliases, derived, lookups, words
from pipelines.store.engine import open_engine, writing
from pipelines.store.maintenance import check
from pipelines.store.models import Derived, Mention, Security, SecurityAlias
from pipelines.store.queries import Filter, articles, search
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import CHART

Make = Callable[..., Article]
CHANGED = date(2025, 5, 6)
BEIJING = replace(CHART, secid="0.830799", symbol="830799.BJ", mic="BJSE")
RENUMBERED = replace(BEIJING, secid="0.920799", symbol="920799.BJ")
SHANGHAI = replace(CHART, secid="1.600001", symbol="600001.SH")
MOVED = replace(CHART, secid="1.601001", symbol="601001.SH")
COPIES = {"body_text": "甲公司签下储能合同。", "digest": None, "mentions": ()}


def run(engine: Engine, *statements: Any) -> None:
    with writing(engine).begin() as connection:
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)


def reopen(engine: Engine) -> None:
    open_engine(engine.url.render_as_string(hide_password=False)).dispose()


def rebuild(engine: Engine, *names: str) -> None:
    with writing(engine).begin() as connection:
        derived.rebuild(connection, list(names))


def stale(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return derived.stale(connection)


def found(engine: Engine, symbol: str) -> set[int]:
    return {int(row.identity[-1]) for row in articles(engine, 10, Filter(symbols=(symbol,)))}


def dated_aliases(engine: Engine) -> set[tuple[str, str, date | None, date | None]]:
    """Each alias with the key of its security."""
    query = select(SecurityAlias.symbol, Security.key, SecurityAlias.since, SecurityAlias.until)
    query = query.join(Security, Security.id == SecurityAlias.security_id)
    with engine.connect() as connection:
        return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


# --- parts ---------------------------------------------------------------------------------------


def test_a_new_database_is_fresh(engine: Engine) -> None:
    with engine.connect() as connection:
        assert derived.is_fresh(connection)
        versions = dict(connection.execute(select(Derived.name, Derived.version)).all())
    engine_name = engine.dialect.name
    assert versions == {name: part.version(engine_name) for name, part in derived.PARTS.items()}


def test_opening_makes_anew_what_is_stale_and_nothing_else(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(1, **COPIES), make_article(2, **COPIES)])
    run(engine, "UPDATE derived SET made_at = '2022-01-01 00:00:00.000000'")
    run(engine, update(Derived).where(Derived.name != "aliases").values(version="older"))
    words = "DELETE FROM revision_words"
    if engine.dialect.name == "sqlite":
        words = "INSERT INTO revision_words (revision_words) VALUES ('delete-all')"
    run(engine, words, "DELETE FROM story_member", "DELETE FROM story")
    assert (stale(engine), search(engine, "储能", 10)) == (["stories", "words"], [])
    reopen(engine)
    assert (stale(engine), check(engine)) == ([], [])
    assert len(search(engine, "储能", 10)) == 2
    assert [len(row.reprints) for row in articles(engine, 10)] == [1, 1]
    with engine.connect() as connection:
        made = dict(connection.execute(select(Derived.name, Derived.made_at)).all())
    assert {name for name, at in made.items() if at.year == 2022} == {"aliases"}


def test_a_part_that_was_never_made(engine: Engine) -> None:
    run(engine, "DELETE FROM derived WHERE name = 'aliases'")
    assert stale(engine) == ["aliases"]
    reopen(engine)
    assert stale(engine) == []


@pytest.mark.parametrize(("part", "table"), [("words", "words"), ("stories", "bands")])
def test_an_index_without_its_table_is_made(
    engine: Engine, writer: Writer, make_article: Make, part: str, table: str
) -> None:
    writer.write([make_article(1, **COPIES)])
    run(engine, f"DROP TABLE revision_{table}")
    rebuild(engine, part)
    assert f"revision_{table}" in inspect(engine).get_table_names()
    writer.write([make_article(2, **COPIES)])
    assert len(search(engine, "储能", 10)) == 2
    assert [len(row.reprints) for row in articles(engine, 10)] == [1, 1]


def test_a_form_of_the_program_that_is_another(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(words.VERSIONS, engine.dialect.name, 1_000)
    monkeypatch.setattr("pipelines.reprints.similarity.ALIKE", 0.39)
    assert stale(engine) == ["stories", "words"]
    reopen(engine)
    assert stale(engine) == []


# --- aliases -------------------------------------------------------------------------------------


@pytest.mark.parametrize("newest_first", [True, False])
def test_both_codes_find_what_used_either(
    engine: Engine, writer: Writer, make_article: Make, newest_first: bool
) -> None:
    batches = [[make_article(1, mentions=(BEIJING,))], [make_article(2, mentions=(RENUMBERED,))]]
    for batch in reversed(batches) if newest_first else batches:
        writer.write(batch)
    assert found(engine, "830799.BJ") == found(engine, "920799.BJ") == {1, 2}
    assert {row.symbols for row in articles(engine, 10)} == {("830799.BJ",), ("920799.BJ",)}
    assert dated_aliases(engine) == {
        ("830799.BJ", "920799.BJ", None, CHANGED),
        ("920799.BJ", "920799.BJ", CHANGED, None),
    }


def renumber(patch: pytest.MonkeyPatch) -> None:
    """Let the exchange give 600001.SH the code 601001.SH, and the program learn of it."""
    chain = (
        DatedSymbol(SHANGHAI.symbol or "", None, CHANGED),
        DatedSymbol(MOVED.symbol or "", CHANGED, None),
    )

    def dated(symbol: str) -> tuple[DatedSymbol, ...]:
        return chain if symbol in {one.symbol for one in chain} else dated_symbols(symbol)

    patch.setattr(aliases, "dated_symbols", dated)
    patch.setattr(lookups, "dated_symbols", dated)


@pytest.mark.parametrize("order", [(SHANGHAI, MOVED), (MOVED, SHANGHAI)])
def test_two_securities_that_turn_out_to_be_one(
    engine: Engine,
    writer: Writer,
    make_article: Make,
    monkeypatch: pytest.MonkeyPatch,
    order: tuple[Any, Any],
) -> None:
    for number, mention in enumerate(order, 1):
        writer.write([make_article(number, mentions=(mention, BEIJING))])
    assert (found(engine, "600001.SH") | found(engine, "601001.SH")) == {1, 2}
    assert found(engine, "600001.SH") != found(engine, "601001.SH")
    renumber(monkeypatch)
    rebuild(engine, "aliases")
    assert found(engine, "600001.SH") == found(engine, "601001.SH") == {1, 2}
    assert {alias for alias in dated_aliases(engine) if alias[0].endswith(".SH")} == {
        ("600001.SH", "601001.SH", None, CHANGED),
        ("601001.SH", "601001.SH", CHANGED, None),
    }
    with engine.connect() as connection:
        keys = set(map(tuple, connection.execute(select(Security.key, Security.symbol))))
        printed = set(connection.scalars(select(Mention.symbol)))
    assert keys == {("601001.SH", "601001.SH"), ("920799.BJ", "920799.BJ")}
    assert printed == {"600001.SH", "601001.SH", "830799.BJ"}
    assert check(engine) == []


def test_a_security_that_only_its_old_code_named(
    engine: Engine, writer: Writer, make_article: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.write([make_article(1, mentions=(SHANGHAI,))])
    renumber(monkeypatch)
    rebuild(engine, "aliases")
    assert found(engine, "600001.SH") == found(engine, "601001.SH") == {1}
    writer.write([make_article(2, mentions=(MOVED,)), make_article(3, mentions=(SHANGHAI,))])
    assert found(engine, "600001.SH") == found(engine, "601001.SH") == {1, 2, 3}


def test_a_security_without_a_symbol_has_no_alias(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    unknown = replace(CHART, secid="777.ABC", symbol=None, mic=None, asset_class="unknown")
    writer.write([make_article(1, mentions=(unknown,))])
    rebuild(engine, "aliases")
    assert dated_aliases(engine) == set()
    assert found(engine, "777.ABC") == {1}


def test_making_aliases_anew_changes_nothing(
    engine: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article(1, mentions=(BEIJING, SHANGHAI)), make_article(2)])
    before = dated_aliases(engine)
    rebuild(engine, "aliases")
    assert dated_aliases(engine) == before
    assert len(before) == 4
