"""The migrations make what the models say, on both engines, and go back."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from finews_crawler.errors import StorageError
from pipelines.store.engine import alembic_config, open_engine, upgrade, writing
from pipelines.store.models import Base


def is_ours(_object: object, name: str | None, *_more: object) -> bool:
    """All but the tables of indexes, which `pipelines.store.derived` makes, in no migration."""
    return not (name or "").startswith(("revision_words", "revision_bands"))


def test_models_equal_migrations(engine: Engine) -> None:
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_the_first_migration_goes_back(engine: Engine) -> None:
    config = alembic_config()
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_opening_twice_changes_nothing(engine: Engine, database_url: str) -> None:
    before = sorted(inspect(engine).get_table_names())
    open_engine(database_url).dispose()
    upgrade(engine)
    assert sorted(inspect(engine).get_table_names()) == before


def test_a_newer_schema_is_a_clear_error(engine: Engine, database_url: str) -> None:
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="has a schema that this version of finews does not"):
        open_engine(database_url)


def test_the_folder_is_made_when_missing(tmp_path: Path) -> None:
    database = tmp_path / "a" / "b" / "finews.db"
    open_engine(f"sqlite:///{database}").dispose()
    assert database.is_file()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "FINEWS_DATABASE_URL is no database URL"),
        ("oracle://scott:tiger@127.0.0.1/x", "no driver for oracle://scott:***@127.0.0.1/x"),
        ("sqlite:////proc/nowhere/finews.db", "the database sqlite:////proc/nowhere/finews.db"),
        (
            "postgresql+psycopg://a:secret@127.0.0.1:1/x",
            "the database postgresql+psycopg://a:***@127.0.0.1:1/x cannot be opened",
        ),
    ],
)
def test_what_cannot_be_opened(url: str, message: str) -> None:
    with pytest.raises(StorageError, match=re.escape(message)) as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
