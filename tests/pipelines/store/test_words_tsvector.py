"""PostgreSQL's search index: what is new lies together in the tree, and nothing waits beside it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, make_url, text

from finews_crawler.items import Article
from pipelines.search.bigrams import tokens
from pipelines.store.engine import open_engine, writing
from pipelines.store.queries import search
from pipelines.store.runs import start_run
from pipelines.store.words import add_words
from pipelines.store.words_tsvector import _PART
from pipelines.store.writer import Writer
from tests.pipelines.store.conftest import START

Make = Callable[..., Article]
PART = 1 << _PART
BODY = "江苏银行公布业绩，营收增长8.6%，净利润41亿元。"
LEXEMES = text(
    "SELECT unnest(tsvector_to_array(words)) FROM revision_words WHERE revision_id = :id"
)
EMPTY_LIST = text("SELECT gin_clean_pending_list('ix_revision_words_words')")

on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@given(st.text() | st.text("ABCXYZÀİẞⅣℌΑＺ＃#'\\\\<&!", max_size=5))
def test_no_token_has_what_tells_parts_and_blocks(given_text: str) -> None:
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ#'\\").isdisjoint("".join(tokens(given_text)))


@pytest.fixture
def index(engine: Engine) -> Iterator[Connection]:
    """An empty index that takes any ids."""
    with writing(engine).connect() as connection:
        name = "fk_revision_words_revision_id_article_revision"
        connection.execute(text(f"ALTER TABLE revision_words DROP CONSTRAINT {name}"))
        yield connection


def words_of(connection: Connection, revision_id: int) -> set[str]:
    """The lexemes of a revision, without those of its blocks."""
    found = connection.scalars(LEXEMES, {"id": revision_id})
    return {lexeme for lexeme in found if not lexeme.startswith("#")}


@on_postgres
def test_what_lies_in_one_part_shares_its_words_and_no_others(index: Connection) -> None:
    ids = [1, PART - 1, PART, 15 * PART, 16 * PART, 40 * PART, 2**40]
    add_words(index, [(number, "标题", BODY) for number in ids])
    first, same, *others = (words_of(index, number) for number in ids)
    assert first == same
    assert len(first.union(*others)) == len(first) + sum(map(len, others))
    letters = [{word.removesuffix("标题") for word in found if "标题" in word} for found in others]
    assert [one.pop() for one in letters[:-1]] == ["B", "P", "BA", "CI"]


@on_postgres
def test_a_long_text_belongs_to_no_part(index: Connection) -> None:
    add_words(index, [(PART, "标题", "哈" * 300)])
    assert words_of(index, PART) == {"标", "标题", "题", "哈", "哈哈"}


@on_postgres
def test_nothing_waits_beside_the_tree(index: Connection) -> None:
    add_words(index, [(number, "标题", BODY) for number in range(50)])
    assert index.scalar(EMPTY_LIST) == 0


@pytest.fixture
def helper(engine: Engine, database_url: str) -> Iterator[Engine]:
    """The database for a role that may write, but owns nothing."""
    role = f"finews_helper_{uuid4().hex[:12]}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role}"))
        for things in ("TABLES", "SEQUENCES"):
            connection.execute(text(f"GRANT ALL ON ALL {things} IN SCHEMA public TO {role}"))
    url = make_url(database_url).update_query_dict({"options": f"-c role={role}"})
    found = open_engine(url.render_as_string(hide_password=False))
    yield found
    found.dispose()
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))


@on_postgres
def test_who_does_not_own_the_index_can_write(helper: Engine, make_article: Make) -> None:
    run = start_run(helper, "category", {}, START)
    writer = Writer(helper, run, timedelta(days=1))
    assert writer.write([make_article(1), make_article(2)]) == ["new", "new"]
    assert len(search(helper, "江苏银行", 10)) == 2
