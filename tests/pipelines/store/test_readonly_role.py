"""The read-only role of docs/operations.md, made on PostgreSQL as the document says."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from finews_crawler.items import Article
from pipelines.store.engine import open_engine, writing
from pipelines.store.queries import Filter, articles, known_until
from pipelines.store.views import VIEWS, create_views, drop_views
from pipelines.store.writer import Writer
from tests.repository.reading import blocks, document, section

Make = Callable[..., Article]
HEADING = "## A read-only role for PostgreSQL"

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]


def recipe(role: str, database: str) -> list[str]:
    """The statements of the document, for a role and a database of the test."""
    (sql,) = blocks(section(document("docs/operations.md"), HEADING), "sql")
    named = sql.replace("DATABASE finews", f"DATABASE {database}").replace("finews_reader", role)
    return [statement for statement in named.split(";") if statement.strip()]


@pytest.fixture
def role(engine: Engine) -> Iterator[str]:
    """A role that the recipe makes; roles belong to all databases of a server."""
    name = f"finews_reader_{uuid4().hex[:12]}"
    with engine.begin() as connection:
        for statement in recipe(name, str(engine.url.database)):
            connection.execute(text(statement))
    yield name
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))


@pytest.fixture
def reader(database_url: str, role: str) -> Iterator[Engine]:
    """The database as the role sees it."""
    url = make_url(database_url).update_query_dict({"options": f"-c role={role}"})
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def test_the_role_reads_every_view(reader: Engine, writer: Writer, make_article: Make) -> None:
    writer.write([make_article()])
    with reader.connect() as connection:
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {view}")).scalar_one() for view in VIEWS
        ]
    assert dict(zip(VIEWS, counts, strict=True)) == {
        "v_article": 1,
        "v_revision": 1,
        "v_mention": 2,
        "v_security": 1,
        "v_change": 1,
        "v_story": 0,
        "v_category": 2,
    }


def test_the_role_cannot_write(reader: Engine) -> None:
    for statement in (
        "INSERT INTO source (name, slug, first_seen_at) VALUES ('a', 'a', now())",
        "UPDATE clock SET seq = 0",
        "DELETE FROM article",
        "DROP VIEW v_article",
        "CREATE TABLE own (id integer)",
    ):
        with reader.connect() as connection, pytest.raises(ProgrammingError) as caught:
            connection.execute(text(statement))
        assert re.search("permission denied|must be owner", str(caught.value))


def test_views_that_an_upgrade_makes_anew_stay_readable(engine: Engine, reader: Engine) -> None:
    with writing(engine).begin() as connection:
        drop_views(connection)
        create_views(connection)
    with reader.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM v_article")).scalar_one() == 0


def test_the_python_api_reads_now_and_the_past_as_this_role(
    reader: Engine, writer: Writer, make_article: Make
) -> None:
    writer.write([make_article()])
    rows = articles(reader, 10)
    assert [row.title for row in rows] == ["第1条"]
    # A moment after the last change: the reader waits for writers, under an advisory lock.
    later = known_until(reader) + timedelta(days=1)
    assert articles(reader, 10, Filter(as_of=later)) == rows
