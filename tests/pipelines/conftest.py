"""The fixtures of the store, both engines, for tests that stand beside it."""

from tests.pipelines.store.conftest import (
    _postgres_template,
    _sqlite_template,
    clock,
    database_url,
    engine,
    make_article,
    writer,
)

__all__ = [
    "_postgres_template",
    "_sqlite_template",
    "clock",
    "database_url",
    "engine",
    "make_article",
    "writer",
]
