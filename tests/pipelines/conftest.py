"""The fixtures of the store, both engines, for tests that stand beside it."""

from tests.pipelines.store.conftest import (
    clock,
    engine,
    make_article,
    writer,
)

__all__ = [
    "clock",
    "engine",
    "make_article",
    "writer",
]
