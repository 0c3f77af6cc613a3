"""A database that can be written to, and exports of it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from finews.export.forms import form_of
from finews.export.run import Done, Order, export
from finews.export.tables import TABLES
from pipelines.store.queries import Filter
from tests.pipelines.store.conftest import clock, engine, make_article, writer

__all__ = ["clock", "engine", "make_article", "writer"]

Export = Callable[..., Done]


def exported(
    engine: Engine, out: Path | str, table: str = "articles", *, zstd: bool = False, **given: Any
) -> Done:
    """One export, in the format of the name of its file; into nothing where it is a stream."""
    form = form_of(given.pop("form", None), str(out), zstd)
    wanted = given.pop("wanted", Filter())
    order = Order(table=TABLES[table], form=form, out=str(out), wanted=wanted, **given)
    return export(engine, order, BytesIO())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """For what is exported; nothing else is in it."""
    path = tmp_path / "exports"
    path.mkdir()
    return path


@pytest.fixture
def run(engine: Engine) -> Export:
    """Exports of the test's database."""
    return lambda out, *args, **given: exported(engine, out, *args, **given)


def names(place: Path) -> list[str]:
    """Every file below a folder, also those that hide."""
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*"))
